"""What is said stays within Discord's limits, whatever it is."""

from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.actions import Verb, action
from bot.messages.outgoing import (
    Button,
    Buttons,
    Facts,
    Field,
    Fold,
    Form,
    Menu,
    Message,
    Paging,
    Part,
    Picker,
    Picture,
    Pointer,
    Quiz,
    Style,
    Text,
    Wanted,
)
from bot.platforms.discord import limits
from bot.platforms.discord.render import Address, Rendered, modal, render
from tests.pictures import PATH, PICTURE, PNG
from tests.servers import discord_checks as checks

HERE = Address("10", "1")


def shown(*parts: Part) -> Rendered:
    return render(Message(parts), HERE)


def faults(rendered: Rendered) -> Any:
    """What the strict server's own rules say of it, new and in the place of another."""
    form = checks.Form()
    checks.message(form, rendered.fresh(), checks.NEW_MESSAGE, checks.NEW_FLAGS)
    checks.message(form, rendered.change(), checks.EDITED_MESSAGE, checks.EDIT_FLAGS)
    assert form.strays == []
    return form.errors


def shape(rendered: Rendered) -> list[Any]:
    """What stands in the box of a layout: a text as itself, anything else as the name of its kind."""
    names = {1: "row", 9: "section", 12: "gallery", 14: "line"}
    [box] = rendered.components
    return [
        each["content"] if each["type"] == checks.TEXT else names[each["type"]] for each in box["components"]
    ]


def pieces(rendered: Rendered) -> list[str]:
    """All runs of text, in reading order."""
    if rendered.embeds is not None:
        return ["\n".join(filter(None, (each.get("title"), each["description"]))) for each in rendered.embeds]
    return [each["content"] for each in checks.flatten(rendered.components) if each["type"] == checks.TEXT]


def pressable(rendered: Rendered) -> list[Any]:
    """All that can be pressed or chosen from, in reading order."""
    kinds = {checks.BUTTON, *checks.SELECTS}
    return [each for each in checks.flatten(rendered.components) if each["type"] in kinds]


def rows(rendered: Rendered) -> list[Any]:
    """Its rows of components."""
    return [each for each in checks.flatten(rendered.components) if each["type"] == checks.ROW]


def test_a_message_is_a_box_with_its_title_its_facts_and_its_text() -> None:
    rendered = shown(
        Text("*This is late.*"),
        Text("📄 This week · 5 of 18\n**Dropout**\n随机失活"),
        Facts((("Level", "●●○○○"), ("Time", "20 minutes"))),
        Text("An idea."),
        Text("**And more**"),
        Buttons(((Button("Read", action(Verb.READ, "gan")),),)),
    )
    assert shape(rendered) == [
        "*This is late.*\n\n-# 📄 This week · 5 of 18\n### Dropout\n随机失活",
        "**Level** ●●○○○\n**Time** 20 minutes",
        "line",
        "An idea.\n\n**And more**",
        "row",
    ]
    [box] = rendered.components
    assert (box["type"], box["accent_color"]) == (checks.CONTAINER, limits.ACCENT)


def test_the_accent_is_that_of_the_web_room() -> None:
    tokens = (files("bot.platforms.web") / "static" / "tokens.css").read_text()
    assert f"--accent: #{limits.ACCENT:06x};" in tokens


@pytest.mark.parametrize(
    ("markdown", "told"),
    [
        ("**Dropout**\n\nAn idea.", "### Dropout\n\nAn idea."),
        ("🏁 **The quiz on gan\\: a** ", "🏁 **The quiz on gan\\: a**"),
        ("🏁 **The quiz on gan\\: a**", "### 🏁 The quiz on gan\\: a"),
        ("**Two** words and **more**", "**Two** words and **more**"),
        ("*A question?*\n**Not a title**", "*A question?*\n**Not a title**"),
        ("\n**Not under nothing**", "**Not under nothing**"),
        ("One\nTwo\n**Too far down**", "One\nTwo\n**Too far down**"),
    ],
)
def test_a_line_in_bold_at_the_top_is_a_heading(markdown: str, told: str) -> None:
    assert shape(shown(Text(markdown))) == [told]


def test_what_is_folded_stands_apart_under_its_title() -> None:
    rendered = shown(Text("One"), Fold("中文", (Text("一"), Text("二"))), Text("Two"))
    assert shape(rendered) == ["One", "line", "### 中文\n一\n\n二", "line", "Two"]


def test_a_quiz_is_text_with_a_letter_for_each_option() -> None:
    rendered = shown(question(7))
    assert shape(rendered) == [
        "### Question 7\n\nWhat is \\*p\\*?\n\n- **A.** a rate\n- **B.** a\\_name\n- **C.** none",
        "row",
    ]
    assert [(button["label"], button["custom_id"]) for button in pressable(rendered)] == [
        (letter, f"p1:answer:7:0:{n}") for n, letter in enumerate("ABC")
    ]


def question(number: int, *options: str, note: str = "", closed: bool = False) -> Quiz:
    named = options or ("a rate", "a_name", "none")
    answers = tuple(action(Verb.ANSWER, number, 0, choice) for choice in range(len(named)))
    title = f"Question {number}"
    return Quiz("What is *p*?", named, (0,), "why", answers, title=title, note=note, closed=closed)


def test_several_questions_stand_one_under_another_each_over_its_buttons() -> None:
    rendered = shown(Text("**The quiz**"), *(question(n, *"abcd", note="3 have answered") for n in range(5)))
    assert faults(rendered) == {}
    kinds = [part if part in ("row", "line") else "text" for part in shape(rendered)]
    assert kinds == ["text", *["line", "text", "row"] * 5]
    assert len(pressable(rendered)) == 20
    assert pieces(rendered)[1].endswith("- **D.** d\n\n3 have answered")


def test_questions_with_many_options_give_up_the_lines_between_them_for_their_buttons() -> None:
    rendered = shown(Text("**The quiz**"), *(question(n, *"abcde") for n in range(5)))
    assert faults(rendered) == {}
    assert "line" not in shape(rendered)
    assert len(pieces(rendered)) == 6
    assert [len(row["components"]) for row in rows(rendered)] == [5] * 5


def test_a_closed_question_offers_nothing() -> None:
    rendered = shown(question(1, note="**B** was right.", closed=True))
    assert pressable(rendered) == []
    assert pieces(rendered)[0].endswith("**B** was right.")


def test_a_way_stands_beside_a_short_text_and_under_a_long_one() -> None:
    assert shape(shown(Text("The discussion"), Pointer("Go there", "55", "44"))) == ["section"]
    assert shape(shown(Text("x" * 500), Pointer("Go there", "55", "44"))) == ["x" * 500, "row"]


def test_a_pointer_leads_to_a_thread_or_to_a_message() -> None:
    rendered = shown(Pointer("Go there", "55", "44"), Pointer("Go there", None, "44"))
    links = [button["url"] for button in pressable(rendered)]
    assert links == ["https://discord.com/channels/1/55", "https://discord.com/channels/1/10/44"]
    [alone] = pressable(render(Message((Pointer("Go", None, "44"),)), Address("10")))
    assert alone["url"] == "https://discord.com/channels/@me/10/44"


async def test_the_main_button_is_primary_and_links_are_links() -> None:
    main = Button("Read", action(Verb.READ, "gan"), style=Style.MAIN)
    rendered = shown(
        Buttons(((main, Button("Quiz", action(Verb.QUIZ, "gan")), Button("PDF", url="https://x.org")),))
    )
    assert [(part["style"], part.get("custom_id"), part.get("url")) for part in pressable(rendered)] == [
        (1, "p1:read:gan", None),
        (2, "p1:quiz:gan", None),
        (5, None, "https://x.org"),
    ]


def test_a_row_of_more_than_five_goes_on_in_the_next() -> None:
    many = tuple(Button(str(n), action(Verb.PAPER, f"p{n}")) for n in range(12))
    assert [len(row["components"]) for row in rows(shown(Buttons((many,))))] == [5, 5, 2]


def test_an_action_stands_once_in_a_message() -> None:
    twice = Button("Read", action(Verb.READ, "gan"))
    assert len(pressable(shown(Buttons(((twice,), (twice,)))))) == 1


def test_a_text_too_long_for_a_layout_is_embeds_and_cut_at_a_paragraph() -> None:
    paragraphs = [f"{number} " + "x" * 990 for number in range(8)]
    rendered = shown(Text("\n\n".join(paragraphs)), Buttons(((Button("Go", action(Verb.LIST)),),)))
    assert faults(rendered) == {}
    assert not rendered.modern
    told = "\n\n".join(pieces(rendered))
    assert told.endswith("…")
    assert told.removesuffix("…") == "\n\n".join(paragraphs[:6])[: len(told) - 1]
    assert [each["label"] for each in pressable(rendered)] == ["Go"]


def test_what_takes_the_place_of_a_layout_is_one_and_cut() -> None:
    message = Message((Text("\n\n".join("x" * 990 for _ in range(8))),))
    rendered = render(message, HERE, layout=True)
    assert faults(rendered) == {}
    assert rendered.modern
    assert pieces(rendered)[-1].endswith("…")


def test_what_is_cut_never_ends_in_half_an_escape() -> None:
    rendered = shown(Text("\\*" * 4000))
    assert all(piece.removesuffix("…")[-1] == "*" for piece in pieces(rendered))


def test_nothing_to_say_has_no_text() -> None:
    assert shown(Text(" "), Fold("x", (Text(""),))).components == []


def test_a_role_is_called_above_the_box_and_nobody_else() -> None:
    for text in ("The week", "x" * 5000):
        rendered = render(Message((Text(text),), mention="77"), HERE)
        assert faults(rendered) == {}
        body = rendered.fresh()
        called = body["components"][0]["content"] if rendered.modern else body["content"]
        assert called == "<@&77>"
        assert body["allowed_mentions"] == {"parse": [], "roles": ["77"]}


def test_everyone_is_never_called() -> None:
    body = render(Message((Text("The week"),), mention="1"), HERE).fresh()
    assert body["allowed_mentions"] == {"parse": []}
    assert "<@&" not in str(body)


def test_an_edit_leaves_nothing_of_what_stood_there() -> None:
    changed = shown(Text("One")).change()
    assert changed["content"] is changed["embeds"] is None
    assert (changed["attachments"], changed["flags"]) == ([], 1 << 15)
    assert "flags" not in shown(Text("x" * 5000)).change()


def test_the_same_is_laid_out_once() -> None:
    parts = (Text("Said again and again"),)
    first = render(Message(parts), HERE)
    assert render(Message(parts, silent=True), Address("11", "2")).components is first.components


def days(*names: str, chosen: int | None = None) -> Menu:
    choices = tuple(Button(name, action(Verb.SETUP, name.lower())) for name in names)
    return Menu("Which day?", choices, chosen)


def test_a_menu_is_a_list_whose_values_are_what_its_choices_do() -> None:
    [menu] = pressable(shown(days("Monday", "Friday", chosen=1)))
    assert menu == {
        "type": 3,
        "custom_id": "menu:0",
        "placeholder": "Which day?",
        "options": [
            {"label": "Monday", "value": "p1:setup:monday"},
            {"label": "Friday", "value": "p1:setup:friday", "default": True},
        ],
    }


def test_menus_stand_one_in_a_row_with_ids_of_their_own() -> None:
    rendered = shown(days("Monday"), Buttons(((Button("Go", action(Verb.LIST)),),)), days("Friday"))
    assert [part["custom_id"] for part in pressable(rendered)] == ["menu:0", "p1:list", "menu:1"]
    assert len(rows(rendered)) == 3
    assert faults(rendered) == {}


def test_a_picker_is_a_list_that_discord_fills_and_shows_what_holds() -> None:
    channel = Picker("Where?", Wanted.CHANNEL, action(Verb.SETUP, "channel"), chosen="10")
    role = Picker("Who?", Wanted.ROLE, action(Verb.SETUP, "role"), optional=True)
    rendered = shown(channel, role)
    first, second = pressable(rendered)
    assert (first["type"], first["channel_types"], first["min_values"]) == (8, [0, 5, 15], 1)
    assert first["default_values"] == [{"id": "10", "type": "channel"}]
    assert (second["type"], second["custom_id"], second["min_values"]) == (6, "p1:setup:role", 0)
    assert faults(rendered) == {}


def test_a_form_is_a_window_with_a_label_for_each_field() -> None:
    form = Form(
        "Your week",
        action(Verb.SETUP, "form"),
        (
            Field("time", "Time", hint="24 hours", value="09:00", longest=5),
            Field("note", "Note", required=False, longest=1000),
            Field("day", "Day", value="fri", choices=(("mon", "Monday"), ("fri", "Friday"))),
            Field("on", "On", value="a b", choices=(("a", "A"), ("b", "B"), ("c", "C")), several=True),
            Field("only", "Only", choices=(("a", "A"),), required=False),
        ),
    )
    written = modal(form)
    assert form_faults(written) == {}
    assert (written["custom_id"], written["title"]) == ("p1:setup:form", "Your week")
    inner = [part["component"] for part in written["components"]]
    assert [(part["type"], part["custom_id"], part["required"]) for part in inner] == [
        (4, "time", True),
        (4, "note", False),
        (21, "day", True),
        (22, "on", True),
        (22, "only", False),
    ]
    assert [part.get("style") for part in inner[:2]] == [1, 2]
    chosen = [[each["value"] for each in part["options"] if each["default"]] for part in inner[2:]]
    assert chosen == [["fri"], ["a", "b"], []]


def form_faults(written: Any) -> Any:
    """What the strict server's own rules say of a form."""
    form = checks.Form()
    checks.modal(form, written)
    return form.errors


texts = st.text(max_size=300) | st.text(min_size=1, max_size=40).map(lambda word: word * 200)
plain_parts = texts.map(Text) | st.lists(st.tuples(texts, texts), max_size=5).map(
    lambda rows: Facts(tuple(rows))
)
buttons = st.builds(
    lambda label, number, link: (
        Button(label, url="https://x.org/" + "y" * number)
        if link
        else Button(label, action(Verb.PAPER, f"p{number}"))
    ),
    texts,
    st.integers(0, 600),
    st.booleans(),
)
parts = (
    plain_parts
    | st.builds(lambda title, inside: Fold(title, tuple(inside)), texts, st.lists(plain_parts, max_size=3))
    | st.lists(st.lists(buttons, max_size=8).map(tuple), max_size=8).map(lambda rows: Buttons(tuple(rows)))
    | st.builds(
        lambda hint, labels, chosen: Menu(
            hint, tuple(Button(label, action(Verb.PAPER, f"m{n}")) for n, label in enumerate(labels)), chosen
        ),
        texts,
        st.lists(texts, max_size=30),
        st.none() | st.integers(0, 30),
    )
    | st.builds(
        lambda hint, wanted, n, chosen, optional: Picker(
            hint, wanted, action(Verb.CHOOSE, n), chosen, optional=optional
        ),
        texts,
        st.sampled_from(Wanted),
        st.integers(0, 9),
        st.none() | st.just("77"),
        st.booleans(),
    )
    | st.builds(Pointer, texts, st.none() | st.just("5"), st.none() | st.just("6"))
    | st.builds(
        lambda question, options: Quiz(
            question,
            tuple(options),
            (0,),
            "",
            tuple(action(Verb.ANSWER, 1, 0, n) for n in range(len(options))),
        ),
        texts,
        st.lists(texts, min_size=2, max_size=10),
    )
)


@given(st.lists(parts, max_size=8))
async def test_any_message_is_one_that_discord_takes(these: list[Part]) -> None:
    rendered = shown(*these)
    assert faults(rendered) == {}


fields = st.builds(
    lambda label, hint, value, choices, several, required, longest: Field(
        "f", label, hint, value, tuple(choices), several, required, longest
    ),
    texts,
    texts,
    texts,
    st.dictionaries(st.text("abc", min_size=1, max_size=9), texts, max_size=12).map(dict.items),
    st.booleans(),
    st.booleans(),
    st.integers(1, 9000),
)


@given(texts, st.lists(fields, min_size=1, max_size=7))
def test_any_form_is_one_that_discord_takes(title: str, these: list[Field]) -> None:
    named = tuple(replace(field, name=f"f{n}") for n, field in enumerate(these))
    assert form_faults(modal(Form(title, action(Verb.SETUP), named))) == {}


def test_a_picture_stands_where_it_is_said_with_its_words_for_who_cannot_see_it() -> None:
    rendered = render(Message((Text("Your path"), PICTURE, Text("And on"))), HERE, PNG)
    assert shape(rendered) == ["Your path", "gallery", "And on"]
    [gallery] = [each for each in rendered.components[0]["components"] if each["type"] == checks.GALLERY]
    shown_ = {"media": {"url": "attachment://picture.png"}, "description": PICTURE.alt}
    assert gallery["items"] == [shown_]
    [kept] = rendered.fresh()["attachments"]
    assert (kept["filename"], kept["description"]) == ("picture.png", PICTURE.alt)
    assert rendered.png == PNG


def test_a_picture_that_was_not_drawn_is_told_in_its_words() -> None:
    rendered = shown(PICTURE)
    assert rendered.png is None
    [text] = pieces(rendered)
    assert "2\\. Tails \\(after 1\\)" in text


@given(st.text(max_size=3000))
def test_the_description_of_any_picture_fits(alt: str) -> None:
    rendered = render(Message((Picture(PATH, alt),)), HERE, PNG)
    assert faults(rendered) == {}
    assert not faults(shown(Text("x"), Picture(PATH, alt)))


# Pages

LINES = [f"**{number}.** {'a line of the list ' * 4}" for number in range(300)]


def page(number: int, *parts: Part) -> Rendered:
    """A page of a long list."""
    long = Text("\n".join(LINES))
    return render(Message((long, *parts), paging=Paging("paper list", page=number)), HERE)


def test_a_long_text_is_turned_page_by_page() -> None:
    pages = [page(1)]
    while "▶" in turns(pages[-1]):
        pages.append(page(len(pages) + 1))
    seen = "\n".join(piece for each in pages for piece in pieces(each)).split("\n")
    assert [line.strip() for line in seen if line] == [line.strip() for line in LINES]
    assert not any(map(faults, pages))
    assert len(pages) > 2
    assert turns(pages[0]) == [f"1/{len(pages)}", "▶"]
    assert turns(pages[-1]) == ["◀", f"{len(pages)}/{len(pages)}"]


def turns(rendered: Rendered) -> list[str]:
    """What is written on the last row of buttons."""
    return [button["label"] for button in rows(rendered)[-1]["components"]]


def test_the_buttons_to_turn_stay_where_there_are_too_many_others() -> None:
    others = tuple((Button(f"{n}", action(Verb.QUIZ, f"p{n}")),) for n in range(29))
    rendered = page(2, Buttons(others))
    assert faults(rendered) == {}
    assert turns(rendered)[0] == "◀"


def test_what_cannot_be_asked_for_again_shows_that_it_goes_on() -> None:
    rendered = shown(Text("\n".join(LINES)))
    assert faults(rendered) == {}
    assert pieces(rendered)[-1].endswith("…")
    assert pressable(rendered) == []
