"""The one message that a club begins with: what it is, how things stand, the way in for everyone, and the
settings for the organiser, whose presses turn this very message to the choices and back.

What is chosen goes through the same use cases as `/settings …` and `/schedule set`. What a club uses of a
server is on a page of its own (`use_cases/venues.py`). In a server the message may stand in another channel
than the club's: it then is about that channel (`use_cases/elsewhere.py`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.domain.cadence import Beat, BeatKind
from bot.domain.clubs import ChatKind, Club
from bot.domain.errors import Problem
from bot.domain.languages import ClubLanguage, Language
from bot.messages import cards
from bot.messages.actions import Action, Verb, action, read_number
from bot.messages.incoming import Sender
from bot.messages.markup import cut
from bot.messages.outgoing import (
    Button,
    Buttons,
    Destination,
    Field,
    Form,
    Menu,
    Message,
    Notice,
    Part,
    Picker,
    Reply,
    Style,
    Text,
    Wanted,
)
from bot.messages.texts import Words
from bot.use_cases import clubs, elsewhere, events, schedule, venues
from bot.use_cases.asking import Ask, Tools
from bot.use_cases.command import CHOICES, Kind
from bot.use_cases.joining import GREETINGS_APART
from bot.use_cases.papers import next_paper_time
from bot.use_cases.zones import REGIONS, UTC, City, likely

HOURS = (7, 8, 9, 10, 12, 14, 17, 18, 19, 20, 21, 22)
"""The hours offered for the paper."""

# Five rows of five buttons fit every platform, one row of which leads back; a list that opens holds 25.
PLANS_SHOWN, CITIES_SHOWN, A_ROW, A_LIST = 4, 12, 3, 25
LABEL = 60
"""The longest title on a button, in UTF-16 units: all that a phone shows of it, and less than any limit."""

_T = TypeVar("_T")

_NOTHING = "-"
"""Stands in a token for an argument that its page does not have."""


async def start(ask: Ask) -> Reply:
    """Meet the bot. In private this enrols; in a group it shows the way in."""
    if ask.private:
        await ask.enrol()
    lacks = venues.wished(ask) if ask.organiser else ""
    return Reply(await panel(ask, organiser=ask.organiser), toast=lacks)


async def arrived(ask: Ask) -> Reply:
    """What is said where the bot is added: whoever did so is likely to set it up."""
    return Reply(await panel(ask, organiser=True))


def choose_place(tools: Tools, sender: Sender) -> Message:
    """What is said where the bot is added to a server: whoever manages it chooses where the club meets."""
    words = tools.texts[sender.language]
    picker = Picker(words.plain("setup.meet"), Wanted.CHANNEL, action(Verb.MEET))
    return Message((Text(words("welcome.server")), picker))


async def meet(ask: Ask) -> Reply:
    """The club of the channel that was chosen, founded now where there was none: it is set up here, and those
    who are there are told of it."""
    return await moved(ask, await panel(ask, organiser=True))


async def moved(ask: Ask, message: Message) -> Reply:
    """The answer after a channel was chosen. It says which rights would make more of the club there."""
    lacks = venues.wished(ask)
    return Reply(elsewhere.about(ask, message), edit=True, toast=lacks, notice=await _notice(ask))


async def _notice(ask: Ask) -> Notice | None:
    """The way in, said where the club meets. A forum takes nothing but posts, which the weeks begin."""
    chat = ask.chat
    if chat is None or chat.kind is ChatKind.FORUM or not elsewhere.is_apart(ask):
        return None
    if not await ask.records.take_greeting(chat.id, ask.now, GREETINGS_APART):
        return None
    inside = replace(ask, place=replace(ask.place, chat_id=chat.chat_id, thread_id=None))
    return Notice(Destination(chat.chat_id), await panel(inside, organiser=False))


async def press_page(ask: Ask) -> Reply:
    """Turn the message to one of its pages."""
    page = await _page(ask, ask.options["page"], ask.options["about"])
    return Reply(elsewhere.about(ask, page), edit=True)


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
        case "events":
            if value == "on":
                venues.check_events(ask)
            await events.switch(_told(ask, switch=value))
            page = "server"
        case _:
            raise Problem("error.button.old")
    return await _changed(ask, page)


async def press_use(ask: Ask) -> Reply:
    """Let the club use something that was picked from the server, or nothing any more. What cannot be used
    is said, and the page shows what holds."""
    picked = ask.options.get("picked") or None
    match ask.options["thing"]:
        case "channel" if picked:
            now = await venues.move(ask, picked)
            return await moved(now, await _page(now, "server", _NOTHING))
        case "mention" | "reader" as thing:
            try:
                await venues.set_role(ask, thing, picked)
            except Problem as problem:
                told = ask.tools.texts[ask.sender.language].plain(problem.key, **problem.values)
                return replace(await _changed(ask, "server"), toast=told)
            return await _changed(ask, "server")
    raise Problem("error.button.old")


async def press_type(ask: Ask) -> Reply:
    """Open the form in which a zone or a time is typed that no list holds, or take what was typed."""
    setting, typed = ask.options["setting"], ask.options.get("typed")
    if setting not in ("zone", "time"):
        raise Problem("error.button.old")
    if typed is not None:
        return await press_choice(_told(ask, setting=setting, value=typed))
    words = ask.tools.texts[ask.sender.language]
    now = ask.club.zone if setting == "zone" else _clock((await _paper_beat(ask)).minute)
    label, hint = words.plain(f"form.{setting}.label"), words.plain(f"form.{setting}.hint")
    form = Form(
        words.plain(f"form.{setting}.title"),
        elsewhere.lead(ask, action(Verb.TYPE, setting)),
        (Field("typed", label, hint, now),),
    )
    # Where there are no such windows, the page says what to type instead.
    page = await _page(ask, "zone" if setting == "zone" else "time", _NOTHING)
    return Reply(elsewhere.about(ask, page), edit=True, form=form)


async def _changed(ask: Ask, page: str) -> Reply:
    """A page after something was changed."""
    now = await _as_it_is(ask)
    return Reply(elsewhere.about(now, await _page(now, page, _NOTHING)), edit=True)


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
                *venues.line(ask, words),
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
        if venues.is_in_server(ask):
            rows.append((Button(cards.label(spoken, "button.setup.server"), _turn_to("server")),))
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
        case "server":
            return _server(ask)
        case "sure":
            return _sure(ask, about)
    region, _, number = page.partition(".")
    if region not in REGIONS or number:
        raise Problem("error.button.old")
    return _cities(ask, region, read_number(about))


def _languages(ask: Ask) -> Message:
    words = ask.words
    choices = [
        _choice(words.plain(f"choice.language.{language}"), "language", language.value)
        for language in ClubLanguage
    ]
    chosen = list(ClubLanguage).index(ask.club.language)
    menu = Menu(words.plain("setup.language.hint"), tuple(choices), chosen)
    return _asked(ask, words("setup.language"), [menu])


def _zones(ask: Ask) -> Message:
    """The likeliest cities, then the parts of the world. Who reads Chinese is offered Chinese cities."""
    words = ask.words
    chinese = Language.ZH in (ask.sender.language, words.language)
    regions = [Button(words.plain(f"region.{region}"), _turn_to(region, 1)) for region in REGIONS]
    everywhere = (*regions, _city(ask, UTC))
    at_utc = len(regions) if ask.club.zone == UTC.zone else None
    menus = [
        _cities_menu(ask, likely(Language.ZH if chinese else Language.EN)),
        Menu(words.plain("setup.region.hint"), everywhere, at_utc, A_ROW),
    ]
    return _asked(ask, words("setup.zone", zone=ask.club.zone), menus, typed="zone")


def _cities(ask: Ask, region: str, number: int) -> Message:
    shown, further = _cut(REGIONS[region], number, _page_length(ask, CITIES_SHOWN))
    back = _turn_to(region, number - 1) if number > 1 else _turn_to("zone")
    onward = _turn_to(region, number + 1) if further else None
    text = ask.words("setup.zone", zone=ask.club.zone)
    return _asked(ask, text, [_cities_menu(ask, shown)], back, onward, typed="zone")


def _cities_menu(ask: Ask, cities: Sequence[City]) -> Menu:
    chosen = next((place for place, city in enumerate(cities) if city.zone == ask.club.zone), None)
    choices = tuple(_city(ask, city) for city in cities)
    return Menu(ask.words.plain("setup.zone.hint"), choices, chosen, A_ROW)


def _city(ask: Ask, city: City) -> Button:
    return _choice(city.name[ask.words.language], "zone", city.zone)


def _days(ask: Ask, first: Beat) -> Message:
    words = ask.words
    days = tuple(_choice(words.plain(f"choice.day.{day}"), "day", day) for day in CHOICES[Kind.DAY])
    return _asked(ask, words("setup.day"), [Menu(words.plain("setup.day.hint"), days, first.weekday, A_ROW)])


def _times(ask: Ask, first: Beat) -> Message:
    words = ask.words
    times = tuple(_choice(_clock(60 * hour), "time", _typed(60 * hour)) for hour in HOURS)
    chosen = next((place for place, hour in enumerate(HOURS) if 60 * hour == first.minute), None)
    text = words("setup.time", day=_day(words, first), time=_clock(first.minute), zone=ask.club.zone)
    menu = Menu(words.plain("setup.time.hint"), times, chosen, across=4)
    return _asked(ask, text, [menu], _turn_to("day"), typed="time")


def _plans(ask: Ask, number: int) -> Message:
    """Plans by their titles. A club that has begun is asked once more before it leaves its place."""
    shown, further = _cut(ask.tools.library.plans(), number, _page_length(ask, PLANS_SHOWN))
    choices, chosen = [], None
    for place, plan in enumerate(shown):
        title = cut(plan.title[ask.words.language], LABEL)
        if plan.id == ask.club.plan_id:
            chosen = place
        if ask.club.position and plan.id != ask.club.plan_id:
            choices.append(Button(title, _turn_to("sure", plan.id)))
        else:
            choices.append(_choice(title, "plan", plan.id))
    back = _turn_to("plan", number - 1) if number > 1 else _turn_to("home")
    onward = _turn_to("plan", number + 1) if further else None
    menu = Menu(ask.words.plain("setup.plan.hint"), tuple(choices), chosen, across=1)
    return _asked(ask, ask.words("setup.plan"), [menu], back, onward)


def _server(ask: Ask) -> Message:
    """What the club uses of the server: the channel it meets in, its roles, its calendar."""
    chat, words = ask.chat, ask.words
    if chat is None or not venues.is_in_server(ask):
        raise Problem("error.button.old")

    def picker(thing: str, wanted: Wanted, chosen: str | None, *, optional: bool) -> Picker:
        return Picker(words.plain(f"setup.use.{thing}"), wanted, action(Verb.USE, thing), chosen, optional)

    pickers = (
        picker("channel", Wanted.CHANNEL, chat.chat_id, optional=False),
        picker("mention", Wanted.ROLE, chat.mention, optional=True),
        picker("reader", Wanted.ROLE, chat.reader, optional=True),
    )
    switch = "off" if chat.events else "on"
    events = _choice(words.plain(f"button.setup.events.{switch}"), "events", switch)
    return _asked(ask, words("setup.server"), pickers, further=(events,))


def _sure(ask: Ask, plan_id: str) -> Message:
    plan = ask.tools.library.plan(plan_id)
    if plan is None:
        raise Problem("error.button.old")
    title = plan.title[ask.words.language]
    text = ask.words("setup.plan.sure", plan=title, position=ask.club.position)
    yes = _choice(ask.words.plain("button.setup.sure"), "plan", plan.id)
    return _asked(ask, text, (), _turn_to("plan", 1), further=(yes,))


# What the pages are made of


def _asked(
    ask: Ask,
    text: str,
    choices: Iterable[Part],
    back: Action | None = None,
    onward: Action | None = None,
    *,
    typed: str | None = None,
    further: tuple[Button, ...] = (),
) -> Message:
    """A page: what is asked, the choices, and a row with the way back, on every one the way in too. `typed`
    is the setting for which anything else can be typed, where there is a window for that."""
    words = ask.words
    last = [Button(words.plain("button.setup.back"), back or _turn_to("home"))]
    if onward:
        last.append(Button(words.plain("button.forward"), onward))
    if typed and venues.has_forms(ask):
        last.append(Button(words.plain("button.setup.type"), action(Verb.TYPE, typed)))
    if not ask.private:
        last.append(_join(ask))
    rows = [further, tuple(last)] if further else [tuple(last)]
    return Message((Text(text), *choices, Buttons(tuple(rows))))


def _page_length(ask: Ask, in_rows: int) -> int:
    """How many choices stand on a page: as buttons, or where there are lists that open."""
    return A_LIST if venues.has_forms(ask) else in_rows


def _join(ask: Ask) -> Button:
    return Button(cards.label(ask.spoken, "button.join"), action(Verb.JOIN), style=Style.MAIN)


def _choice(label: str, setting: str, value: str) -> Button:
    return Button(label, action(Verb.CHOOSE, setting, value))


def _turn_to(page: str, about: str | int = _NOTHING) -> Action:
    return action(Verb.SETUP, page, about)


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
    chat = await ask.records.chat_by_row(ask.chat.id) if ask.chat else None
    own = ask.private or club.language is ClubLanguage.BOTH
    language = ask.sender.language if own else Language(club.language.value)
    return replace(ask, club=club, chat=chat, words=ask.tools.texts[language])


def _told(ask: Ask, **options: str) -> Ask:
    return replace(ask, options=options)


def _day(words: Words, beat: Beat) -> str:
    return words.plain(f"choice.day.{CHOICES[Kind.DAY][beat.weekday or 0]}")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _typed(minute: int) -> str:
    """A time as `/schedule set` reads it, without the colon that a button cannot carry."""
    return _clock(minute).replace(":", ".")
