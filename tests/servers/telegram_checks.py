"""What the Bot API refuses by looking at a request alone, before it looks at any chat.

The table `telegram_api.json` lists the methods and objects this server knows, taken from the official
Bot API description: `Integer|String!` is a required value of either type, `='emoji'` a fixed one, and
`Object` an object of a feature Paperclub has no use for, which is not looked into.
"""

import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]

_API = json.loads(Path(__file__).with_name("telegram_api.json").read_text(encoding="utf-8"))
METHODS: Mapping[str, Mapping[str, str]] = _API["methods"]
_TYPES: Mapping[str, Mapping[str, str] | Sequence[str]] = _API["types"]
UPDATE_TYPES: Sequence[str] = _API["updates"]

TEXT_LIMIT = 4096  # UTF-16 units, as for every length here that is not said to be otherwise
CAPTION_LIMIT = 1024
ENTITIES_LIMIT = 100  # more are dropped without a word, so a request with more has lost its formatting
CALLBACK_DATA_BYTES = 64
CALLBACK_ANSWER_LIMIT = 200
BUTTONS_LIMIT = 100
BUTTONS_PER_ROW = 8  # wider rows are cut by the official server
POLL_QUESTION_LIMIT = 300
POLL_OPTIONS_LIMIT = 12
POLL_OPTION_LIMIT = 100
POLL_EXPLANATION_LIMIT = 200
POLL_EXPLANATION_LINE_FEEDS = 2
POLL_PERIODS = range(5, 2_628_001)  # seconds
INLINE_RESULTS_LIMIT = 50
INLINE_ID_BYTES = 64
INLINE_OFFSET_BYTES = 64
INLINE_QUERY_LIMIT = 256  # characters
START_PARAMETER_LIMIT = 64
PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_SIDES = 10_000  # pixels, width and height together
PHOTO_RATIO = 20
POLL_DESCRIPTION_LIMIT = 1024
COPY_TEXT_LIMIT = 256
INTEGERS = range(-(2**63), 2**63)
MESSAGE_IDS = range(2**31)

_STYLES = {"bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote"}
_CODE = {"code", "pre"}
_LINKS = {"url", "email", "phone_number", "hashtag", "cashtag", "text_link"}
_PEOPLE = {"mention", "text_mention", "bot_command"}
_ENTITY_TYPES = _STYLES | _CODE | _LINKS | _PEOPLE | {"custom_emoji", "date_time"}
_BUTTON_STYLES = {"primary", "success", "danger"}
_START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")
# What Telegram takes for empty, alone or together: white space of all kinds, and characters that do not show.
_BLANK = re.compile(
    "[\\s\x00-\x1f\u180e\u200b-\u200f\u202e\u2800\ufeff\ufffc\U000e0020-\U000e007f]*",
)
_IMAGE_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class Refused(Exception):
    """The official server's refusal of one request.

    `avoidable` refusals are those a bot could have foreseen from the request alone; the server keeps
    them as violations. The others depend on what people did meanwhile.
    """

    def __init__(
        self, code: int, text: str, parameters: Json | None = None, *, avoidable: bool = False
    ) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.parameters = parameters
        self.avoidable = avoidable


def bad_request(text: str, parameters: Json | None = None) -> Refused:
    """A refusal that depends on the state of the chat."""
    return Refused(400, f"Bad Request: {text}", parameters)


def forbidden(text: str) -> Refused:
    """A refusal because the bot may not speak there."""
    return Refused(403, f"Forbidden: {text}")


def violation(text: str) -> Refused:
    """A refusal the request itself asked for."""
    return Refused(400, f"Bad Request: {text}", avoidable=True)


def utf16_length(text: str) -> int:
    """The length of a text in UTF-16 code units, as Telegram counts offsets."""
    return len(text.encode("utf-16-le")) // 2


def is_blank(text: str) -> bool:
    """Whether nothing of a text would be seen."""
    return _BLANK.fullmatch(text) is not None


def parse_parameters(method: str, raw: Mapping[str, Any], files: Mapping[str, bytes]) -> Json:
    """The request's parameters with their official types; raises Refused for anything not in the table."""
    table = METHODS[method]
    for name in raw:
        if name not in table:
            raise violation(f"{method} has no parameter {name!r}")
        if "parse_mode" in name:
            raise violation(f"{method} uses {name}: send entities instead")
    values: Json = {}
    for name, kind in table.items():
        if name in files:
            values[name] = files[name]
        elif name in raw:
            values[name] = _parse(kind.rstrip("!"), raw[name], files, where=f"{method}.{name}")
        elif kind.endswith("!"):
            raise violation(_missing(method, name))
    unknown = set(values.get("allowed_updates", [])) - set(UPDATE_TYPES)
    if unknown:
        raise violation(f"there are no updates of the kind {', '.join(sorted(unknown))}")
    return values


def _missing(method: str, name: str) -> str:
    if name == "chat_id":
        return "chat_id is empty"
    if name == "text":
        return "message text is empty"
    return f"parameter {name!r} of {method} is required"


def _parse(kind: str, value: Any, files: Mapping[str, bytes], where: str) -> Any:
    """A form field is text; what it should be is only in the table."""
    if not isinstance(value, str):
        parsed = value
    elif kind == "Integer|String":
        parsed = int(value) if re.fullmatch(r"-?\d+", value) else value
    elif kind == "InputFile|String" and value.startswith("attach://"):
        return _attached(value, files, where)
    elif "String" in kind.split("|") or kind == "InputFile":
        parsed = value
    else:
        try:
            parsed = json.loads(value)
        except ValueError:
            raise violation(f"can't parse {where}: {kind} expected, got {value!r}") from None
    complaint = _complaint(kind, parsed, where)
    if complaint:
        raise violation(complaint)
    if kind == "InputPollMedia" and parsed["media"].startswith("attach://"):
        return parsed | {"media": _attached(parsed["media"], files, f"{where}.media")}
    return parsed


def _attached(value: str, files: Mapping[str, bytes], where: str) -> bytes:
    name = value.removeprefix("attach://")
    if name not in files:
        raise violation(f"{where} refers to the missing file {name!r}")
    return files[name]


def _complaint(kind: str, value: Any, where: str) -> str | None:
    """Why a value does not fit the official type, or None when it does."""
    if "|" in kind:
        complaints = [_complaint(each, value, where) for each in kind.split("|")]
        return None if None in complaints else complaints[0]
    if kind.startswith("="):
        return None if value == kind[1:] else f"{where} must be {kind[1:]!r}"
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            return f"{where} must be an array"
        return _first(_complaint(kind[9:], item, f"{where}[{i}]") for i, item in enumerate(value))
    primitive = {
        "Integer": isinstance(value, int) and not isinstance(value, bool) and value in _range_of(where),
        "Float": isinstance(value, int | float) and not isinstance(value, bool),
        "String": isinstance(value, str),
        "InputFile": isinstance(value, str),
        "Boolean": isinstance(value, bool),
        "True": value is True,
        "Object": isinstance(value, dict),
    }.get(kind)
    if kind == "String" and primitive and not _is_unicode(value):
        return "strings must be encoded in UTF-8"
    if primitive is not None:
        return None if primitive else f"{where} must be of type {kind}, got {value!r}"
    definition = _TYPES[kind]
    if isinstance(definition, Mapping):
        return _object_complaint(definition, value, where)
    complaints = [_complaint(each, value, where) for each in definition]
    return None if None in complaints else complaints[0]


def _range_of(where: str) -> range:
    return MESSAGE_IDS if where.endswith((".message_id", ".message_thread_id")) else INTEGERS


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _object_complaint(definition: Mapping[str, str], value: Any, where: str) -> str | None:
    if not isinstance(value, dict):
        return f"{where} must be an object"
    for name in value:
        if name not in definition:
            return f"{where} has no field {name!r}"
        if "parse_mode" in name:
            return f"{where} uses {name}: send entities instead"
    for name, kind in definition.items():
        if name in value:
            complaint = _complaint(kind.rstrip("!"), value[name], f"{where}.{name}")
            if complaint:
                return complaint
        elif kind.endswith("!"):
            return f"can't parse {where}: can't find field \"{name}\""
    return None


def _first(complaints: Any) -> str | None:
    return next((complaint for complaint in complaints if complaint), None)


def check_text(text: str, entities: Sequence[Json]) -> None:
    """A message's text and its entities."""
    if not text:
        raise violation("message text is empty")
    if is_blank(text):
        raise violation("text must be non-empty")
    if utf16_length(text) > TEXT_LIMIT:
        raise violation("message is too long")
    check_entities(text, entities)


def check_caption(caption: str, entities: Sequence[Json]) -> None:
    """A picture's caption and its entities."""
    if utf16_length(caption) > CAPTION_LIMIT:
        raise violation("message caption is too long")
    check_entities(caption, entities)


def check_entities(text: str, entities: Sequence[Json]) -> None:
    """Entities lie within the text, between whole characters, and carry what their type needs."""
    if len(entities) > ENTITIES_LIMIT:
        raise violation(f"{len(entities)} entities: those after the first {ENTITIES_LIMIT} would be dropped")
    boundaries = _character_boundaries(text)
    end = utf16_length(text)
    for entity in entities:
        kind, start, length = entity["type"], entity["offset"], entity["length"]
        if kind not in _ENTITY_TYPES:
            raise violation(f"can't parse MessageEntity: unsupported type {kind!r} specified")
        if start < 0:
            raise violation(f"receive an entity with incorrect offset {start}")
        if length <= 0:
            raise violation(f"receive an entity with incorrect length {length}")
        if start >= end:
            raise violation(f"entity begins after the end of the text at UTF-16 offset {start}")
        if start + length > end:
            raise violation(
                f"entity beginning at UTF-16 offset {start} ends after the end of the text "
                f"at UTF-16 offset {start + length}"
            )
        if start not in boundaries:
            raise violation(
                f"entity begins in a middle of a UTF-16 symbol at byte offset {_byte_offset(text, start)}"
            )
        if start + length not in boundaries:
            raise violation(
                f"entity beginning at UTF-16 offset {start} ends in a middle of a UTF-16 symbol "
                f"at byte offset {_byte_offset(text, start + length)}"
            )
        if kind == "text_link" and not is_web_address(entity.get("url", "")):
            raise violation("text_link entity has no valid url")
        if kind == "text_mention" and "user" not in entity:
            raise violation("text_mention entity has no user")
        if kind == "custom_emoji" and "custom_emoji_id" not in entity:
            raise violation("custom_emoji entity has no custom_emoji_id")


def _character_boundaries(text: str) -> set[int]:
    boundaries, position = {0}, 0
    for character in text:
        position += 2 if ord(character) > 0xFFFF else 1
        boundaries.add(position)
    return boundaries


def _byte_offset(text: str, units: int) -> int:
    whole = text.encode("utf-16-le")[: 2 * (units + 1)].decode("utf-16-le", errors="ignore")
    return len(whole.encode())


def is_web_address(address: str) -> bool:
    """Whether Telegram takes an address for a link: http, https or tg, with a public-looking host."""
    parts = urlsplit(address)
    if parts.scheme == "tg":
        return bool(parts.netloc)
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"\s", address):
        return False
    try:
        ipaddress.ip_address(parts.hostname)
    except ValueError:
        return "." in parts.hostname.strip(".")
    return True


def check_reply_markup(markup: Json) -> None:
    """An inline keyboard's buttons; other keyboards are checked by the table alone."""
    rows = markup.get("inline_keyboard")
    if rows is None:
        return
    if sum(map(len, rows)) > BUTTONS_LIMIT or any(len(row) > BUTTONS_PER_ROW for row in rows):
        raise violation("reply markup is too long")
    for row in rows:
        for button in row:
            _check_button(button)


def _check_button(button: Json) -> None:
    if is_blank(button["text"]):
        raise violation("inline keyboard button text must be non-empty")
    actions = button.keys() - {"text", "icon_custom_emoji_id", "style"}
    if not actions:
        raise violation(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        raise violation(f"inline keyboard button has more than one action: {', '.join(sorted(actions))}")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= CALLBACK_DATA_BYTES:
        raise violation("BUTTON_DATA_INVALID")
    if "url" in button and not is_web_address(button["url"]):
        raise violation(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    if "url" in button and not _starts_well(button["url"]):
        raise violation(f"the start parameter of '{button['url']}' would be lost")
    if button.get("style", "primary") not in _BUTTON_STYLES:
        raise violation("BUTTON_STYLE_INVALID")
    if "copy_text" in button and not 1 <= len(button["copy_text"]["text"]) <= COPY_TEXT_LIMIT:
        raise violation("BUTTON_COPY_TEXT_INVALID")


def _starts_well(address: str) -> bool:
    """Whether a link that starts a bot, if it is one, has a parameter that arrives."""
    parts = urlsplit(address)
    query = parse_qs(parts.query, keep_blank_values=True)
    given = [value for name in ("start", "startgroup", "startchannel") for value in query.get(name, [])]
    to_a_bot = parts.scheme == "tg" or parts.netloc in {"t.me", "telegram.me"}
    # Without a parameter, startgroup and startchannel only let a chat be chosen.
    return not to_a_bot or all(_START_PARAMETER.fullmatch(value) for value in given if value)


def check_poll(parameters: Json) -> None:
    """A poll's question, options and, for a quiz, its answer and explanation.

    Telegram would accept an anonymous poll; a club cannot count one, so it is a violation here.
    """
    question, options = parameters["question"], parameters["options"]
    if is_blank(question):
        raise violation("poll question must be non-empty")
    if len(question) > POLL_QUESTION_LIMIT:
        raise violation(f"poll question length must not exceed {POLL_QUESTION_LIMIT}")
    if len(options) < 2:
        raise violation("poll must have at least 2 option")
    if len(options) > POLL_OPTIONS_LIMIT:
        raise violation(f"poll can't have more than {POLL_OPTIONS_LIMIT} options")
    for option in options:
        if is_blank(option["text"]):
            raise violation("poll options must be non-empty")
        if len(option["text"]) > POLL_OPTION_LIMIT:
            raise violation(f"poll options length must not exceed {POLL_OPTION_LIMIT}")
    if parameters.get("is_anonymous", True):
        raise violation("the poll is anonymous, so nobody's answer would be counted")
    _check_poll_closing(parameters)
    _check_quiz(parameters)


def _check_poll_closing(parameters: Json) -> None:
    description = parameters.get("description", "")
    if len(description) > POLL_DESCRIPTION_LIMIT:
        raise violation(f"poll description length must not exceed {POLL_DESCRIPTION_LIMIT}")
    check_entities(description, parameters.get("description_entities", []))
    if "open_period" in parameters and "close_date" in parameters:
        raise violation("open_period and close_date can't be specified simultaneously")
    if "open_period" in parameters and parameters["open_period"] not in POLL_PERIODS:
        raise violation("poll open period must be between 5 and 2628000 seconds")


def check_close_date(parameters: Json, now: int) -> None:
    """When a poll is to close by itself."""
    if "close_date" in parameters and parameters["close_date"] - now not in POLL_PERIODS:
        raise violation("poll close date must be between 5 and 2628000 seconds in the future")


def _check_quiz(parameters: Json) -> None:
    kind = parameters.get("type", "regular")
    if kind not in {"quiz", "regular"}:
        raise violation("unsupported poll type specified")
    correct = parameters.get("correct_option_ids", [])
    explanation = parameters.get("explanation", "")
    if kind == "regular":
        if correct or explanation or "explanation_media" in parameters:
            raise violation("correct_option_ids and explanation are for quizzes only")
        return
    if not correct:
        raise violation("correct quiz option list must be non-empty")
    if sorted(set(correct)) != correct:
        raise violation("correct quiz option list must be increasing")
    if not 0 <= correct[0] <= correct[-1] < len(parameters["options"]):
        raise violation("wrong correct option ID specified")
    if len(correct) > 1 and not parameters.get("allows_multiple_answers", False):
        raise violation("the quiz has several correct answers but allows one")
    if len(explanation) > POLL_EXPLANATION_LIMIT:
        raise violation(f"explanation length must not exceed {POLL_EXPLANATION_LIMIT}")
    if explanation.strip().count("\n") > POLL_EXPLANATION_LINE_FEEDS:
        raise violation(f"explanation must have at most {POLL_EXPLANATION_LINE_FEEDS} line feeds")
    check_entities(explanation, parameters.get("explanation_entities", []))


def check_callback_answer(parameters: Json, bot_username: str) -> None:
    """A toast, an alert, or a link that opens the bot."""
    if utf16_length(parameters.get("text", "")) > CALLBACK_ANSWER_LIMIT:
        raise violation("MESSAGE_TOO_LONG")
    address = parameters.get("url")
    if address and not _opens_bot(address, bot_username):
        raise violation("URL_INVALID")


def check_found(parameters: Json) -> None:
    """The answer to an inline query: its results, the offset of more, and the button above them."""
    results = parameters["results"]
    if len(results) > INLINE_RESULTS_LIMIT:
        raise violation("RESULTS_TOO_MUCH")
    for result in results:
        if not 1 <= len(result["id"].encode()) <= INLINE_ID_BYTES:
            raise violation("RESULT_ID_INVALID")
        if not result["title"].strip():
            raise violation("ARTICLE_TITLE_EMPTY")
        content = result["input_message_content"]
        if not content["message_text"].strip():
            raise violation("MESSAGE_EMPTY")
        check_text(content["message_text"], content.get("entities", []))
        check_reply_markup(result.get("reply_markup", {}))
    if len({result["id"] for result in results}) < len(results):
        raise violation("RESULT_ID_DUPLICATE")
    if len(parameters.get("next_offset", "").encode()) > INLINE_OFFSET_BYTES:
        raise violation("NEXT_OFFSET_INVALID")
    if "button" in parameters:
        _check_results_button(parameters["button"])


def _check_results_button(button: Json) -> None:
    if not button["text"].strip():
        raise violation("SWITCH_PM_TEXT_EMPTY")
    parameter = button.get("start_parameter", "")
    if not parameter:
        raise violation("Can't use empty start_parameter")
    if len(parameter) > START_PARAMETER_LIMIT:
        raise violation("Too long start_parameter specified")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", parameter):
        raise violation("Unallowed characters in start_parameter are used")


def _opens_bot(address: str, bot_username: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme == "tg":
        query = parse_qs(parts.query)
        return query.get("domain") == [bot_username] and _starts_well(address) and "start" in query
    return (
        parts.scheme in {"http", "https"}
        and parts.netloc in {"t.me", "telegram.me"}
        and parts.path.strip("/").lower() == bot_username.lower()
        and _START_PARAMETER.fullmatch(parts.query.removeprefix("start=")) is not None
        and parts.query.startswith("start=")
    )


def check_commands(commands: Sequence[Json]) -> None:
    """A command menu."""
    if len(commands) > 100:
        raise violation("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise violation("BOT_COMMAND_INVALID")
        if is_blank(command["description"]) or len(command["description"]) > 256:
            raise violation("BOT_COMMAND_DESCRIPTION_INVALID")


def check_webhook(parameters: Json) -> None:
    """A webhook's address, secret and number of connections; an empty address removes it."""
    url = urlsplit(parameters["url"])
    if parameters["url"] and url.scheme != "https":
        raise violation("bad webhook: An HTTPS URL must be provided for webhook")
    if url.port not in {None, 80, 88, 443, 8443}:
        raise violation("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    secret = parameters.get("secret_token", "")
    if len(secret) > 256:
        raise violation("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise violation("secret token contains unallowed characters")
    if not 1 <= parameters.get("max_connections", 40) <= 100:
        raise violation("max_connections must be between 1 and 100")


def check_language_code(code: str) -> None:
    """Menus and descriptions know two-letter languages only; empty means everyone else."""
    if not re.fullmatch(r"([a-z]{2})?", code):
        raise violation("LANG_CODE_INVALID")


def check_photo(picture: bytes) -> None:
    """An uploaded picture: a PNG or JPEG of at most 10 MB."""
    if not picture:
        raise violation("file must be non-empty")
    if len(picture) > PHOTO_BYTES:
        raise violation(f"file of size {len(picture)} bytes is too big for a photo")
    if not picture.startswith(_IMAGE_SIGNATURES):
        raise violation("IMAGE_PROCESS_FAILED")
    if picture[12:16] == b"IHDR":
        sides = [int.from_bytes(picture[start : start + 4], "big") for start in (16, 20)]
        if sum(sides) > PHOTO_SIDES or max(sides) > PHOTO_RATIO * min(sides):
            raise violation("PHOTO_INVALID_DIMENSIONS")
