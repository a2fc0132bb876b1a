"""Whatever Paperclub says, Telegram takes it: within the limits, with sound entities and buttons."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import MessageEntity

from bot.messages.actions import Verb, action
from bot.messages.markup import escape, shown
from bot.messages.outgoing import (
    Button,
    Buttons,
    Facts,
    Fold,
    Message,
    Paging,
    Part,
    Picture,
    Pointer,
    Quiz,
    Style,
    Text,
)
from bot.platforms.telegram import links
from bot.platforms.telegram.render import Bubble, Photo, Piece, Poll, Rich, as_toast, render, rich, split
from tests.pictures import PATH, PICTURE, PNG
from tests.servers.telegram_checks import check_caption, check_poll, check_reply_markup, check_text, is_blank

GROUP, BASIC_GROUP, PRIVATE = "-1001234567890", "-4100300", "4100200300400017"

PROSE = st.text(max_size=300)
MARKS = (
    "**",
    "*",
    "_",
    "`",
    "```",
    "[",
    "](https://a.example)",
    "\\",
    "- ",
    "1. ",
    "> ",
    "---",
    "||",
    "$",
    "#",
)
WORDS = (
    "word",
    "读",
    "：",
    "📄",
    "@ana",
    "<b>",
    "&lt;",
    "https://b.example",
    "\u2068",
    " ",
    "\t",
    "\n",
    "\n\n",
)
MARKDOWNISH = st.lists(st.sampled_from(MARKS + WORDS), max_size=60).map("".join)


def bubble(*parts: Part, chat_id: str = GROUP) -> Bubble:
    (piece,) = render(Message(parts), chat_id)
    assert isinstance(piece, Bubble)
    return piece


def marked(text: Rich) -> list[tuple[str, str]]:
    """Each entity with the words under it."""
    units = text.text.encode("utf-16-le")
    return [
        (e.type, units[2 * e.offset : 2 * (e.offset + e.length)].decode("utf-16-le")) for e in text.entities
    ]


def assert_sound(pieces: tuple[Piece, ...]) -> None:
    """What the strict server asks of every message."""
    assert pieces
    for piece in pieces:
        if isinstance(piece, Bubble):
            check_text(piece.rich.text, [entity.to_dict() for entity in piece.rich.entities])
        if isinstance(piece, Photo):
            check_caption(piece.rich.text, [entity.to_dict() for entity in piece.rich.entities])
        if piece.keyboard:
            check_reply_markup(piece.keyboard.to_dict())


# Text


def test_markdown_becomes_text_and_entities() -> None:
    text = rich("**Dropout**, *2012*\n\n- `p`\n- [page](https://arxiv.org/abs/1207.0580)")
    assert text.text == "Dropout, 2012\n\n• p\n• page"
    assert marked(text) == [("bold", "Dropout"), ("italic", "2012"), ("code", "p"), ("text_link", "page")]
    assert text.entities[-1].url == "https://arxiv.org/abs/1207.0580"


@pytest.mark.parametrize(
    "name",
    [
        "<b>*_x_*</b>",
        "[a](http://x.y)",
        "a`b`c",
        "\\(x\\) $y$",
        "||s||",
        "* not a list",
        "1. no",
        "# no",
        "مريم",
    ],
)
def test_a_name_is_shown_as_it_is(name: str) -> None:
    text = rich(f"**Welcome**, {shown(name)}!")
    assert text.text.replace("\u2060", "").replace("\u2068", "").replace("\u2069", "") == f"Welcome, {name}!"
    assert marked(text) == [("bold", "Welcome")]


@pytest.mark.parametrize(
    ("name", "linked"),
    [
        ("@everyone", "@everyone"),
        ("#tag", "#tag"),
        ("evil.example", "evil.example"),
        ("http://1.2.3.4", "://1"),
    ],
)
def test_a_name_mentions_nobody_and_links_nowhere(name: str, linked: str) -> None:
    assert linked not in rich(escape(name)).text


def test_commands_in_our_words_can_be_tapped() -> None:
    assert (
        rich(f"- **{escape('/paper [today]')}** the week’s paper").text == "• /paper [today] the week’s paper"
    )


@pytest.mark.parametrize(
    ("markdown", "shown_as", "bold"),
    [
        ("**注意：**内容", "注意：内容", "注意："),
        ("这是**《论文》**的讨论", "这是《论文》的讨论", "《论文》"),
        (f"**{escape('学习(一)')}**的讨论", "学习(一)的讨论", "学习(一)"),
        ("**Note:** text", "Note: text", "Note:"),
    ],
)
def test_emphasis_beside_chinese_punctuation_is_seen(markdown: str, shown_as: str, bold: str) -> None:
    text = rich(markdown)
    assert text.text.replace("\u2060", "") == shown_as
    assert [(kind, words.replace("\u2060", "")) for kind, words in marked(text)] == [("bold", bold)]


def test_a_dollar_begins_no_formula() -> None:
    text = rich("from $5 to $6, and `$x$`")
    assert text.text == "from $5 to $6, and $x$"
    assert marked(text) == [("code", "$x$")]


def test_facts_are_lines_with_bold_labels() -> None:
    piece = bubble(Facts((("Authors", "Hinton"), ("Level", "●●○○○"))))
    assert piece.rich.text == "Authors Hinton\nLevel ●●○○○"
    assert marked(piece.rich) == [("bold", "Authors"), ("bold", "Level")]


def test_a_fold_is_an_expandable_quotation_under_the_rest() -> None:
    piece = bubble(Text("**Dropout**"), Fold("中文", (Text("**退出**"), Facts((("作者", "Hinton"),)))))
    assert piece.rich.text == "Dropout\n\n中文\n退出\n\n作者 Hinton"
    assert marked(piece.rich) == [
        ("bold", "Dropout"),
        ("expandable_blockquote", "中文\n退出\n\n作者 Hinton"),
        ("bold", "中文"),
        ("bold", "退出"),
        ("bold", "作者"),
    ]


def test_a_long_text_is_split_at_the_ends_of_paragraphs_with_the_buttons_last() -> None:
    paragraph = "**读** " + "📄" * 500
    long = Message((Text("\n\n".join([paragraph] * 9)), Buttons(((Button("Go", action(Verb.JOIN)),),))))
    pieces = render(long, GROUP)
    assert_sound(pieces)
    assert [piece.rich.text.count("读") for piece in pieces if isinstance(piece, Bubble)] == [4, 4, 1]
    assert [piece.keyboard is not None for piece in pieces] == [False, False, True]


def test_a_text_of_many_entities_is_split_before_telegram_drops_one() -> None:
    pieces = split(rich("\n\n".join(["**a** b"] * 150)))
    assert [len(piece.entities) for piece in pieces] == [100, 50]


def test_one_word_beyond_the_limit_is_cut_between_characters() -> None:
    pieces = split(Rich("x" + "📄" * 3000))
    assert [piece.units for piece in pieces] == [4095, 1906]
    assert "".join(piece.text for piece in pieces) == "x" + "📄" * 3000


@given(st.lists(PROSE | MARKDOWNISH, min_size=1, max_size=4), st.integers(1, 40))
def test_any_markdown_makes_sound_messages(texts: list[str], times: int) -> None:
    parts: list[Part] = [Text(text * times) for text in texts]
    parts.append(Facts(tuple((text, text) for text in texts)))
    parts.append(Fold("中文", tuple(Text(text) for text in texts)))
    assert_sound(render(Message(tuple(parts)), GROUP))


@given(PROSE | MARKDOWNISH)
def test_any_name_is_shown_whole_and_unmarked(name: str) -> None:
    text = rich(f"x {shown(name)} x")
    assert not text.entities


def test_a_message_of_nothing_is_still_a_message() -> None:
    assert bubble(Text("\\\n")).rich.text


# Buttons and pointers


def test_buttons_carry_their_tokens_and_links() -> None:
    row = (
        Button("I’ve read it", action(Verb.READ, "gan", post=7), style=Style.MAIN),
        Button("PDF", url="https://arxiv.org/pdf/1406.2661"),
    )
    keyboard = bubble(Text("x"), Buttons((row,))).keyboard
    assert keyboard
    assert keyboard.to_dict() == {
        "inline_keyboard": [
            [
                {"text": "I’ve read it", "callback_data": "p1:read:gan@7", "style": "primary"},
                {"text": "PDF", "url": "https://arxiv.org/pdf/1406.2661"},
            ]
        ]
    }


def test_a_wide_row_goes_on_in_the_next() -> None:
    row = tuple(Button(str(i), action(Verb.LIST)) for i in range(11))
    keyboard = bubble(Text("x"), Buttons((row,))).keyboard
    assert keyboard
    assert [len(row) for row in keyboard.inline_keyboard] == [8, 3]


def test_a_pointer_is_a_link_where_messages_have_addresses() -> None:
    piece = bubble(Text("Over there."), Pointer("Go", "12", "34"))
    assert piece.keyboard
    assert piece.keyboard.inline_keyboard[0][0].url == "https://t.me/c/1234567890/12"
    assert piece.reply_to is None


def test_a_pointer_is_a_reply_in_a_basic_group() -> None:
    piece = bubble(Text("Over there."), Pointer("Go", None, "34"), chat_id=BASIC_GROUP)
    assert (piece.keyboard, piece.reply_to) == (None, "34")


# Quizzes


def quiz(
    question: str = "What is dropped?", option: str = "Units", explanation: str = "Half of them."
) -> Quiz:
    answers = tuple(action(Verb.ANSWER, 1, 0, choice) for choice in range(4))
    return Quiz(question, (option, "Layers", "Data", "Labels"), (0,), explanation, answers, "Question 1 of 5")


def test_a_quiz_is_a_poll_in_a_group() -> None:
    (poll,) = render(Message((quiz(),)), GROUP)
    assert poll == Poll(
        "Question 1 of 5\nWhat is dropped?",
        ("Units", "Layers", "Data", "Labels"),
        (0,),
        "Half of them.",
        instead=bubble(quiz(), chat_id=PRIVATE),
    )


def test_a_picture_beside_a_quiz_goes_into_the_poll_with_its_words() -> None:
    (poll,) = render(Message((PICTURE, quiz())), GROUP, PNG)
    assert isinstance(poll, Poll)
    assert (poll.png, poll.illustration) == (PNG, None)
    assert poll.description.text == PICTURE.alt.replace("\n\nKites", "\nKites")
    assert isinstance(poll.instead, Photo)
    assert poll.instead.rich.text.endswith(poll.description.text)
    (plain,) = render(Message((PICTURE, quiz())), GROUP)
    assert isinstance(plain, Poll)
    assert (plain.png, plain.description.text) == (None, PICTURE.alt)
    assert isinstance(plain.instead, Bubble)
    assert plain.instead.rich.text.startswith(PICTURE.alt)


def test_the_picture_of_an_explanation_is_only_there() -> None:
    explained = replace(quiz(), illustration=PICTURE)
    (poll,) = render(Message((explained,)), GROUP, PNG)
    assert isinstance(poll, Poll)
    assert (poll.png, poll.illustration, poll.description) == (None, PNG, Rich())
    assert poll.instead == bubble(quiz(), chat_id=PRIVATE)
    assert render(Message((explained,)), GROUP) == render(Message((quiz(),)), GROUP)
    assert render(Message((explained,)), PRIVATE, PNG) == (bubble(quiz(), chat_id=PRIVATE),)


def test_an_extra_picture_that_is_not_drawn_has_its_words_folded() -> None:
    extra = bubble(Text("So."), replace(PICTURE, extra=True))
    folded = next(words for kind, words in marked(extra.rich) if kind == "expandable_blockquote")
    assert folded == PICTURE.alt.replace("\n\nKites", "\nKites")


@pytest.mark.parametrize("length", [300 - len("Question 1 of 5\n"), 300])
def test_a_title_without_room_in_the_question_stands_above_it(length: int) -> None:
    (poll,) = render(Message((quiz(question="?" * length),)), GROUP)
    assert isinstance(poll, Poll)
    assert poll.question.endswith("?" * length)
    assert poll.question.startswith("Question 1 of 5") == (length < 300)
    assert poll.description.text == ("Question 1 of 5" if length == 300 else "")


@pytest.mark.parametrize(
    ("explanation", "shown"),
    [
        ("It is  half.\n是一半。", "It is half.\n是一半。"),
        ("a\n\nb\nc\n", "a\nb\nc"),
        ("a\nb\nc\nd", "a b c d"),
    ],
)
def test_an_explanation_keeps_its_lines_while_it_may(explanation: str, shown: str) -> None:
    (poll,) = render(Message((quiz(explanation=explanation),)), GROUP)
    assert isinstance(poll, Poll)
    assert poll.explanation == shown


def is_seen(text: str) -> bool:
    return not is_blank(text)


def test_a_quiz_is_text_with_a_button_for_each_option_in_private() -> None:
    piece = bubble(quiz(), chat_id=PRIVATE)
    assert piece.rich.text == (
        "Question 1 of 5\n\nWhat is dropped?\n\n• A. Units\n• B. Layers\n• C. Data\n• D. Labels"
    )
    assert piece.keyboard
    assert [button.callback_data for button in piece.keyboard.inline_keyboard[0]] == [
        f"p1:answer:1:0:{choice}" for choice in range(4)
    ]


@pytest.mark.parametrize("too_long", [quiz(question="?" * 301), quiz(option="x" * 101)])
def test_a_quiz_too_long_for_a_poll_is_text(too_long: Quiz) -> None:
    assert bubble(too_long).keyboard


@given(PROSE.filter(is_seen), st.text(min_size=1, max_size=100).filter(is_seen), PROSE)
def test_any_quiz_within_its_limits_is_a_sound_poll(question: str, option: str, explanation: str) -> None:
    (poll,) = render(Message((quiz(question, option, explanation),)), GROUP)
    assert isinstance(poll, Poll)
    check_poll(
        {
            "question": poll.question,
            "options": [{"text": text} for text in poll.options],
            "type": "quiz",
            "is_anonymous": False,
            "correct_option_ids": list(poll.keys),
            "allows_multiple_answers": len(poll.keys) > 1,
            "explanation": poll.explanation,
            "description": poll.description.text,
        }
    )


# What is meant for one


def test_a_short_plain_message_may_be_a_toast() -> None:
    assert as_toast(render(Message((Text("You are **in**."),)), GROUP)) == "You are in."


@pytest.mark.parametrize(
    "message",
    [
        Message((Text("x" * 201),)),
        Message((Text("x"), Buttons(((Button("Go", action(Verb.JOIN)),),)))),
        Message((quiz(),)),
    ],
)
def test_anything_more_is_no_toast(message: Message) -> None:
    assert as_toast(render(message, GROUP)) is None


@pytest.mark.parametrize(
    "token",
    ["p1:quiz:learning-to-learn@12345", "p1:answer:123:4:3", "p1:join", "p1:paper:" + "a" * 55, "p1:X_A:读"],
)
def test_a_token_survives_a_deep_link(token: str) -> None:
    link = links.start_link("paperclub_bot", token)
    assert link
    assert links.from_parameter(link.partition("start=")[2]) == token


@given(st.text(max_size=70))
def test_a_deep_link_holds_what_it_is_given_or_is_not_made(token: str) -> None:
    link = links.start_link("paperclub_bot", token)
    parameter = links.to_parameter(token)
    assert (link is None) == (len(parameter) > 64)
    assert parameter.replace("_", "").replace("-", "").isalnum() or not parameter.strip("_-")
    assert links.from_parameter(parameter) == token


@given(st.text(alphabet="pX0A_-f9: ", max_size=20))
def test_any_parameter_is_read_or_turned_down(parameter: str) -> None:
    token = links.from_parameter(parameter)
    assert token is None or links.to_parameter(token) == parameter


def test_messages_have_addresses_in_supergroups_only() -> None:
    assert links.message_link(GROUP, "5") == "https://t.me/c/1234567890/5"
    assert links.message_link(BASIC_GROUP, "5") is None
    assert links.message_link(PRIVATE, "5") is None


def test_entities_are_those_of_the_library() -> None:
    assert all(isinstance(entity, MessageEntity) for entity in rich("**a**").entities)


# Pictures


def test_a_picture_carries_the_text_its_own_words_folded_and_the_buttons() -> None:
    button = Button("Go", action(Verb.LIST))
    (photo,) = render(Message((Text("**Path**"), PICTURE, Buttons(((button,),)))), GROUP, PNG)
    assert isinstance(photo, Photo)
    assert photo.png == PNG
    assert marked(photo.rich)[0] == ("bold", "Path")
    folded = next(words for kind, words in marked(photo.rich) if kind == "expandable_blockquote")
    assert folded == PICTURE.alt.replace("\n\nKites", "\nKites")
    assert photo.keyboard
    assert_sound((photo,))


@pytest.mark.parametrize(("length", "captioned"), [(1024 - 5, True), (1024 - 4, False)])
def test_what_fits_no_caption_follows_the_picture(length: int, captioned: bool) -> None:
    button = Button("Go", action(Verb.LIST))
    pieces = render(Message((Text("读" * length), Picture(PATH, "alt"), Buttons(((button,),)))), GROUP, PNG)
    assert_sound(pieces)
    photo, *further = pieces
    assert isinstance(photo, Photo)
    assert bool(photo.rich.text) is captioned
    assert bool(photo.keyboard) is captioned
    assert [bool(piece.keyboard) for piece in further] == ([] if captioned else [True])


def test_a_picture_that_was_not_drawn_is_told_in_its_words() -> None:
    assert bubble(PICTURE).rich.text == PICTURE.alt


def test_what_cannot_be_seen_is_not_sent() -> None:
    assert bubble(Text("\u200b\x08\u2800")).rich.text == "…"


@given(PROSE | MARKDOWNISH, PROSE, st.integers(1, 5))
def test_any_picture_is_sound(said: str, alt: str, times: int) -> None:
    message = Message((Text(said * times), Picture(PATH, alt * times)))
    assert_sound(render(message, GROUP, PNG))
    assert_sound(render(message, GROUP))


# Pages

LONG = Text("\n".join(f"**{number}.** {'a line of the list ' * 3}" for number in range(300)))


def pages_of(message: Message) -> list[Bubble]:
    """Every page of a message, in order."""
    shown: list[Bubble] = []
    paging = Paging("paper list", ("7",))
    while not shown or "▶" in labels_of(shown[-1]):
        (piece,) = render(
            Message(message.parts, paging=Paging(paging.path, paging.options, len(shown) + 1)),
            PRIVATE,
            single=True,
        )
        assert isinstance(piece, Bubble)
        shown.append(piece)
    return shown


def labels_of(piece: Bubble) -> list[str]:
    """What is written on the buttons."""
    return [button.text for row in piece.keyboard.inline_keyboard for button in row] if piece.keyboard else []


def test_a_long_text_is_one_message_with_buttons_to_turn_it() -> None:
    pages = pages_of(Message((LONG,)))
    assert len(pages) > 3
    for page in pages:
        check_text(page.rich.text, [entity.to_dict() for entity in page.rich.entities])
    assert "\n".join(page.rich.text for page in pages).split() == rich(LONG.markdown).text.split()
    assert labels_of(pages[0]) == [f"1/{len(pages)}", "▶"]
    assert labels_of(pages[1]) == ["◀", f"2/{len(pages)}", "▶"]
    assert labels_of(pages[-1]) == ["◀", f"{len(pages)}/{len(pages)}"]
    assert pages[1].keyboard
    tokens = [button.callback_data for row in pages[1].keyboard.inline_keyboard for button in row]
    assert tokens == ["p1:turn:1:paper list:7", "p1:turn:2:paper list:7", "p1:turn:3:paper list:7"]


def test_a_page_that_is_no_more_shows_the_last_one() -> None:
    (piece,) = render(Message((LONG,), paging=Paging("help", page=99)), PRIVATE, single=True)
    assert isinstance(piece, Bubble)
    last = pages_of(Message((LONG,)))[-1]
    assert piece.rich == last.rich
    assert labels_of(piece) == labels_of(last)


def test_a_short_text_has_no_pages() -> None:
    (piece,) = render(Message((Text("short"),), paging=Paging("help")), PRIVATE, single=True)
    assert piece == Bubble(Rich("short"))


def test_what_cannot_be_asked_for_again_is_cut_at_the_end_of_a_line() -> None:
    (piece,) = render(Message((LONG,)), PRIVATE, single=True)
    assert isinstance(piece, Bubble)
    check_text(piece.rich.text, [entity.to_dict() for entity in piece.rich.entities])
    assert piece.rich.text.endswith("list…")
    assert piece.keyboard is None


def test_the_words_under_a_picture_are_cut_in_a_reply_and_follow_in_a_post() -> None:
    message = Message((LONG, PICTURE))
    (photo,) = render(message, PRIVATE, PNG, single=True)
    assert isinstance(photo, Photo)
    check_caption(photo.rich.text, [entity.to_dict() for entity in photo.rich.entities])
    assert photo.rich.text.endswith("…")
    assert len(render(message, PRIVATE, PNG)) > 2


def test_buttons_beyond_the_most_are_left_out_and_those_to_turn_stay() -> None:
    rows = ((Button("Go", action(Verb.LIST)),) * 4,) * 40
    (piece,) = render(Message((LONG, Buttons(rows)), paging=Paging("help", page=2)), PRIVATE, single=True)
    assert isinstance(piece, Bubble)
    assert piece.keyboard
    check_reply_markup(piece.keyboard.to_dict())
    assert labels_of(piece)[-3] == "◀"


@pytest.mark.parametrize("options", [("x" * 60,), ("a:b",), ("a@b",)])
def test_options_that_no_token_holds_make_no_pages(options: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="button"):
        Paging("paper search", options)
