"""Buttons' tokens: short, readable by us alone, and no more than a name."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.errors import Problem
from bot.messages.actions import TOKEN_LIMIT, Action, Verb, action, read_token, there
from bot.storage.records.clubs import CODE_BYTES
from bot.use_cases.commands import BUTTON_OPTIONS, BUTTONS
from bot.use_cases.zones import REGIONS
from tests.house import library

ARGUMENT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=":@"), max_size=12)
LARGEST_ID = 2**31 - 1
LATEST_POST = 2**40


@given(
    st.sampled_from(Verb),
    st.lists(ARGUMENT, max_size=3),
    st.none() | st.integers(0, LATEST_POST),
)
def test_a_token_is_read_as_it_was_written(verb: Verb, args: list[str], post: int | None) -> None:
    try:
        written = Action(verb, tuple(args), post)
    except ValueError:
        assert len(f"p1:{verb}:{':'.join(args)}@{post}".encode()) > TOKEN_LIMIT
        return
    assert read_token(written.token) == written
    assert len(written.token.encode()) <= TOKEN_LIMIT


def test_every_button_of_the_library_fits() -> None:
    """The longest paper id with the longest numbers we may ever have."""
    longest = max((paper.id for paper in library().papers()), key=len)
    zones = [city.zone for cities in REGIONS.values() for city in cities]
    values = {
        "about": max((plan.id for plan in library().plans()), key=len),
        "setting": "language",
        "value": max(zones, key=len),
        "code": "0" * 2 * CODE_BYTES,
        "paper": longest,
        "level": "reproduced",
        "page": "9",
        "choice": "3",
        "number": "99",
    }
    seen = 0
    for verb, names in BUTTON_OPTIONS.items():
        args = [values.get(name, LARGEST_ID) for name in names]
        assert len(action(verb, *args, post=LATEST_POST).token.encode()) <= TOKEN_LIMIT
        seen += 1
    assert seen == len(Verb) - 2


def test_every_verb_has_a_use_case() -> None:
    """All but the one that asks a command once more."""
    assert set(BUTTONS) == set(BUTTON_OPTIONS) == set(Verb) - {Verb.TURN, Verb.THERE}


@pytest.mark.parametrize(
    "token",
    [
        "",
        ":",
        "p1",
        "p1:",
        "p1:fly:adam",
        "p0:read:adam",
        "p2:read:adam",
        "read:adam",
        "P1:read:adam",
        "p1:read:adam@",
        "p1:read:adam@x",
        "p1:read:adam@-1",
        "p1:read:adam@007",
        "p1:read:adam@٣",
        "p1:read:adam@1@2",
        "p1:read:" + "a" * 60,
        "p1:join@" + "9" * 50,
        "\0",
    ],
)
def test_a_token_we_never_wrote_is_refused(token: str) -> None:
    with pytest.raises(Problem) as refusal:
        read_token(token)
    assert refusal.value.key == "error.button.old"


@given(st.text() | st.from_regex(r"p1:(read|answer|resend)(:[^@]{0,9}){0,3}(@.{0,30})?", fullmatch=True))
@example("p1:resend:9999999999999999999@99999999999999999999")
def test_a_forged_token_is_read_as_it_stands_or_refused(token: str) -> None:
    try:
        pressed = read_token(token)
    except Problem:
        return
    assert pressed.token == token
    assert pressed.post is None or pressed.post < 2**63


@pytest.mark.parametrize("argument", ["a:b", "a@b", ":", "@"])
def test_an_argument_cannot_hold_a_separator(argument: str) -> None:
    with pytest.raises(ValueError, match="separator"):
        action(Verb.READ, argument)


def test_every_setting_can_be_pressed_about_another_chat() -> None:
    """In the millionth chat, with the longest zone and the longest plan."""
    zones = [city.zone for cities in REGIONS.values() for city in cities]
    plans = [plan.id for plan in library().plans()]
    for about in (
        action(Verb.CHOOSE, "zone", max(zones, key=len)),
        action(Verb.CHOOSE, "plan", max(plans, key=len)),
        action(Verb.SETUP, "sure", max(plans, key=len)),
        action(Verb.USE, "channel", 2**63),
        action(Verb.JOIN),
    ):
        led = there(1_000_000, about)
        assert read_token(led.token) == led
        assert led.args == ("1000000", about.verb, *about.args)
