"""What comes from Telegram as JSON, and what is made of it."""

import json
from typing import Any

import pytest

from bot.messages.incoming import Pressed, Said
from bot.platforms.telegram.parsing import Unreadable, Update, parse_update
from bot.platforms.telegram.updates import incoming

MESSAGE: dict[str, Any] = {
    "message_id": 7,
    "date": 1_788_159_600,
    "chat": {"id": -1_002_100_400_500, "type": "supergroup", "title": "Readers", "is_forum": True},
    "from": {"id": 4_100_200_300_400_017, "is_bot": False, "first_name": "Ana", "language_code": "zh-hans"},
    "text": "/paper today",
}
ANA = MESSAGE["from"]


def parsed(**kinds: Any) -> Update:
    return parse_update(json.dumps({"update_id": 1, **kinds}).encode())


def test_a_message_is_read() -> None:
    message = parsed(message=MESSAGE).message
    assert message
    assert (message.text, message.chat.id) == ("/paper today", MESSAGE["chat"]["id"])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"message": {**MESSAGE, "text": ["/paper"]}}, r"`\$\.message\.text`"),
        ({"message": {**MESSAGE, "from": {**ANA, "id": 2**63}}}, r"`\$\.message\.from\.id`"),
        ({"message": {**MESSAGE, "message_id": "7"}}, r"`\$\.message\.message_id`"),
        ({"message": {**MESSAGE, "chat": {"type": "private"}}}, r"`\$\.message\.chat`"),
        ({"callback_query": {"id": None, "from": ANA, "data": "x"}}, r"`\$\.callback_query\.id`"),
        ({"callback_query": {"id": "", "from": ANA, "data": "x"}}, r"`\$\.callback_query\.id`"),
        ({"poll_answer": {"poll_id": "1", "user": ANA, "option_ids": [-1]}}, r"option_ids\[0\]`"),
        ({"poll_answer": {"poll_id": "1", "user": ANA, "option_ids": [63]}}, r"option_ids\[0\]`"),
        ({"my_chat_member": []}, r"`\$\.my_chat_member`"),
    ],
)
def test_what_is_not_of_the_kind_it_should_be_is_refused_with_its_place(wrong: Any, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        parsed(**wrong)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b'{"update_id": NaN}', b'{"update_id": 1, "x": ' + b"[" * 99_999]
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_update(body)


def test_a_kind_of_update_that_nobody_knows_yet_is_no_trouble() -> None:
    assert incoming(parsed(telepathy={"thought": "x"}), "paperclub_bot") is None


def test_what_is_not_looked_at_may_be_anything() -> None:
    """Least of all is it looked at what a pressed message of our own says."""
    card = {**MESSAGE, "text": 7, "entities": "bold", "reply_markup": []}
    press = {"id": "1", "from": ANA, "message": card, "data": "p1:read:x"}
    pressed = incoming(parsed(callback_query=press, chat_boost={}), "paperclub_bot")
    assert pressed
    assert pressed.event == Pressed("p1:read:x", "7")


def test_half_a_surrogate_pair_does_not_cost_the_message() -> None:
    update = parse_update(json.dumps({"update_id": 1, "message": MESSAGE}).encode()[:-3] + b' \\ud83d"}}')
    assert update.message
    assert update.message.text == "/paper today ?"


def test_an_error_quotes_nothing_that_was_said() -> None:
    with pytest.raises(Unreadable) as refused:
        parsed(message={**MESSAGE, "text": {"secret": "plans"}})
    assert "plans" not in str(refused.value)


def heard(**fields: Any) -> Any:
    return incoming(parsed(message={**MESSAGE, **fields}), "paperclub_bot")


def test_the_general_topic_is_never_named() -> None:
    """A message that names topic 1 is refused."""
    assert heard(is_topic_message=True, message_thread_id=1).place.thread_id is None
    assert heard(is_topic_message=True, message_thread_id=2).place.thread_id == "2"


@pytest.mark.parametrize(("offset", "length"), [(10, 1), (999, 5), (0, 0), (11, 1)])
def test_a_mention_that_marks_no_words_mentions_nobody(offset: int, length: int) -> None:
    mention = {"type": "text_mention", "offset": offset, "length": length, "user": ANA}
    event = heard(text="/progress 😀", entities=[mention]).event
    assert event == Said("/progress 😀")


def test_a_mention_is_known_by_the_words_it_marks() -> None:
    mention = {"type": "text_mention", "offset": 13, "length": 3, "user": ANA}
    event = heard(text="/progress 😀 Ana", entities=[mention]).event
    assert event == Said("/progress 😀 Ana", {"Ana": str(ANA["id"])})


def test_an_account_without_a_name_has_an_empty_one() -> None:
    """That of somebody who has deleted it, say."""
    nameless = incoming(parsed(message={**MESSAGE, "from": {**ANA, "first_name": ""}}), "paperclub_bot")
    assert nameless
    assert nameless.sender.name == ""
