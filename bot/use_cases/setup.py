"""The one message that a club begins with: what it is, how things stand, the way in for everyone, and the
settings for the organiser, whose presses turn this very message to the choices and back.

What is chosen goes through the same use cases as `/settings …` and `/schedule set`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.domain.cadence import Beat, BeatKind
from bot.domain.clubs import Club
from bot.domain.errors import Problem
from bot.domain.languages import ClubLanguage, Language
from bot.messages import cards
from bot.messages.actions import Action, Verb, action, read_number
from bot.messages.markup import cut
from bot.messages.outgoing import Button, Buttons, Message, Reply, Style, Text
from bot.messages.texts import Words
from bot.use_cases import clubs, schedule
from bot.use_cases.asking import Ask
from bot.use_cases.command import CHOICES, Kind
from bot.use_cases.papers import next_paper_time
from bot.use_cases.zones import REGIONS, UTC, City, likely

HOURS = (7, 8, 9, 10, 12, 14, 17, 18, 19, 20, 21, 22)
"""The hours offered for the paper."""

# Discord takes five rows of five buttons, one row of which leads back.
PLANS_SHOWN, CITIES_SHOWN, A_ROW = 4, 12, 3
LABEL = 60
"""The longest title on a button, in UTF-16 units: all that a phone shows of it, and less than any limit."""

_T = TypeVar("_T")

_NOTHING = "-"
"""Stands in a token for an argument that its page does not have."""


async def start(ask: Ask) -> Reply:
    """Meet the bot. In private this enrols; in a group it shows the way in."""
    if ask.private:
        await ask.enrol()
    return Reply(await panel(ask, organiser=ask.organiser))


async def arrived(ask: Ask) -> Reply:
    """What is said where the bot is added: whoever did so is likely to set it up."""
    return Reply(await panel(ask, organiser=True))


async def press_page(ask: Ask) -> Reply:
    """Turn the message to one of its pages."""
    return Reply(await _page(ask, ask.options["page"], ask.options["about"]), edit=True)


async def press_choice(ask: Ask) -> Reply:
    """Change a setting, and show it. Raises Problem as the setting's own command does."""
    setting, value = ask.options["setting"], ask.options["value"]
    page = "home"
    match setting:
        case "language":
            await clubs.set_language(_told(ask, language=value))
        case "zone":
            await clubs.set_zone(_told(ask, zone=value))
        case "day":
            minute = (await _paper_beat(ask)).minute
            await schedule.move(_told(ask, day=value, time=_typed(minute)))
            page = "time"
        case "time":
            weekday = (await _paper_beat(ask)).weekday or 0
            await schedule.move(_told(ask, day=CHOICES[Kind.DAY][weekday], time=value))
        case "plan":
            await clubs.set_plan(_told(ask, plan=value))
        case _:
            raise Problem("error.button.old")
    return Reply(await _page(await _as_it_is(ask), page, _NOTHING), edit=True)


async def panel(ask: Ask, *, organiser: bool) -> Message:
    """The message with its first page; the settings are offered to an `organiser` alone. A channel whose
    group has the club leaves that to the group."""
    if ask.chat and ask.chat.talk != ask.chat.id:
        return Message((Text(ask.words("welcome.channel")),))
    first = await _paper_beat(ask)
    begun = await ask.records.latest_week(ask.club.id) is not None

    async def lines(words: Words) -> str:
        return "\n".join(
            (
                words(
                    "setup.now.plan",
                    plan=ask.plan.title[words.language],
                    total=len(ask.plan.papers),
                ),
                words(
                    "setup.now.time", day=_day(words, first), time=_clock(first.minute), zone=ask.club.zone
                ),
                words(
                    "setup.now.next" if begun else "setup.now.first",
                    when=await next_paper_time(ask.records, ask.club, words),
                ),
                words("setup.now.language", language=words.plain(f"choice.language.{ask.club.language}")),
            )
        )

    spoken = ask.spoken
    hello = "welcome.private" if ask.private else "welcome.group"
    told = {w.language: (await lines(w)) for w in spoken}
    body = cards.in_voices(
        spoken, lambda w: [Text("\n\n".join((w(hello), told[w.language], w("welcome.help"))))]
    )
    look = Button(cards.label(spoken, "button.week"), action(Verb.TODAY))
    rows: list[tuple[Button, ...]] = [(look,) if ask.private else (_join(ask), look)]
    if organiser:
        pages = ("language", "zone", "day", "plan")
        turn = [Button(cards.label(spoken, f"button.setup.{page}"), _turn_to(page, 1)) for page in pages]
        rows += [(turn[0], turn[1]), (turn[2], turn[3])]
    return Message((*body, Buttons(tuple(rows))))


async def _page(ask: Ask, page: str, about: str) -> Message:
    match page:
        case "home":
            return await panel(ask, organiser=True)
        case "language":
            return _languages(ask)
        case "zone":
            return _zones(ask)
        case "day":
            return _days(ask, await _paper_beat(ask))
        case "time":
            return _times(ask, await _paper_beat(ask))
        case "plan":
            return _plans(ask, read_number(about))
        case "sure":
            return _sure(ask, about)
    region, _, number = page.partition(".")
    if region not in REGIONS or number:
        raise Problem("error.button.old")
    return _cities(ask, region, read_number(about))


def _languages(ask: Ask) -> Message:
    words = ask.words
    buttons = [
        _choice(
            words.plain(f"choice.language.{language}"),
            "language",
            language.value,
            chosen=language is ask.club.language,
        )
        for language in ClubLanguage
    ]
    return _asked(ask, words("setup.language"), [buttons])


def _zones(ask: Ask) -> Message:
    """The likeliest cities, then the parts of the world. Who reads Chinese is offered Chinese cities."""
    words = ask.words
    chinese = Language.ZH in (ask.sender.language, words.language)
    first = [_city(ask, city) for city in likely(Language.ZH if chinese else Language.EN)]
    regions = [Button(words.plain(f"region.{region}"), _turn_to(region, 1)) for region in REGIONS]
    text = words("setup.zone", zone=ask.club.zone)
    return _asked(ask, text, [first, *_in_rows([*regions, _city(ask, UTC)], A_ROW)])


def _cities(ask: Ask, region: str, number: int) -> Message:
    shown, further = _cut(REGIONS[region], number, CITIES_SHOWN)
    rows = _in_rows([_city(ask, city) for city in shown], A_ROW)
    back = _turn_to(region, number - 1) if number > 1 else _turn_to("zone")
    onward = _turn_to(region, number + 1) if further else None
    return _asked(ask, ask.words("setup.zone", zone=ask.club.zone), rows, back, onward)


def _city(ask: Ask, city: City) -> Button:
    return _choice(city.name[ask.words.language], "zone", city.zone, chosen=city.zone == ask.club.zone)


def _days(ask: Ask, first: Beat) -> Message:
    days = [
        _choice(ask.words.plain(f"choice.day.{day}"), "day", day, chosen=number == first.weekday)
        for number, day in enumerate(CHOICES[Kind.DAY])
    ]
    return _asked(ask, ask.words("setup.day"), _in_rows(days, A_ROW))


def _times(ask: Ask, first: Beat) -> Message:
    times = [
        _choice(_clock(60 * hour), "time", _typed(60 * hour), chosen=60 * hour == first.minute)
        for hour in HOURS
    ]
    text = ask.words("setup.time", day=_day(ask.words, first), time=_clock(first.minute), zone=ask.club.zone)
    return _asked(ask, text, _in_rows(times, 4), _turn_to("day"))


def _plans(ask: Ask, number: int) -> Message:
    """Plans by their titles. A club that has begun is asked once more before it leaves its place."""
    shown, further = _cut(ask.tools.library.plans(), number, PLANS_SHOWN)
    rows = []
    for plan in shown:
        title = cut(plan.title[ask.words.language], LABEL)
        chosen = plan.id == ask.club.plan_id
        if ask.club.position and not chosen:
            rows.append([Button(title, _turn_to("sure", plan.id))])
        else:
            rows.append([_choice(title, "plan", plan.id, chosen=chosen)])
    back = _turn_to("plan", number - 1) if number > 1 else _turn_to("home")
    return _asked(ask, ask.words("setup.plan"), rows, back, _turn_to("plan", number + 1) if further else None)


def _sure(ask: Ask, plan_id: str) -> Message:
    plan = ask.tools.library.plan(plan_id)
    if plan is None:
        raise Problem("error.button.old")
    title = plan.title[ask.words.language]
    text = ask.words("setup.plan.sure", plan=title, position=ask.club.position)
    yes = _choice(ask.words.plain("button.setup.sure"), "plan", plan.id)
    return _asked(ask, text, [[yes]], _turn_to("plan", 1))


# What the pages are made of


def _asked(
    ask: Ask,
    text: str,
    rows: Iterable[Sequence[Button]],
    back: Action | None = None,
    onward: Action | None = None,
) -> Message:
    """A page: what is asked, the choices, and a row with the way back, on every one the way in too."""
    words = ask.words
    last = [Button(words.plain("button.setup.back"), back or _turn_to("home"))]
    if onward:
        last.append(Button(words.plain("button.forward"), onward))
    if not ask.private:
        last.append(_join(ask))
    return Message((Text(text), Buttons((*map(tuple, rows), tuple(last)))))


def _join(ask: Ask) -> Button:
    return Button(cards.label(ask.spoken, "button.join"), action(Verb.JOIN), style=Style.MAIN)


def _choice(label: str, setting: str, value: str, *, chosen: bool = False) -> Button:
    return Button(f"✓ {label}" if chosen else label, action(Verb.CHOOSE, setting, value))


def _turn_to(page: str, about: str | int = _NOTHING) -> Action:
    return action(Verb.SETUP, page, about)


def _in_rows(buttons: Sequence[Button], length: int) -> list[Sequence[Button]]:
    return [buttons[i : i + length] for i in range(0, len(buttons), length)]


def _cut(everything: Sequence[_T], number: int, length: int) -> tuple[Sequence[_T], bool]:
    """One page of several, counted from 1, and whether there is another. Raises Problem where it is none."""
    start = (number - 1) * length
    if not 0 <= start < len(everything):
        raise Problem("error.button.old")
    return everything[start : start + length], start + length < len(everything)


# The club as it is


async def _paper_beat(ask: Ask) -> Beat:
    """The beat whose day and time `/schedule set` moves: that of the paper which comes next."""
    beats = await ask.records.beats(ask.club.id)
    return next(beat for beat in beats if beat.kind is BeatKind.PAPER)


async def _as_it_is(ask: Ask) -> Ask:
    """The question after a change: about the club as it is now, in its words."""
    club: Club = await ask.records.club(ask.club.id) or ask.club
    own = ask.private or club.language is ClubLanguage.BOTH
    language = ask.sender.language if own else Language(club.language.value)
    return replace(ask, club=club, words=ask.tools.texts[language])


def _told(ask: Ask, **options: str) -> Ask:
    return replace(ask, options=options)


def _day(words: Words, beat: Beat) -> str:
    return words.plain(f"choice.day.{CHOICES[Kind.DAY][beat.weekday or 0]}")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _typed(minute: int) -> str:
    """A time as `/schedule set` reads it, without the colon that a button cannot carry."""
    return _clock(minute).replace(":", ".")
