"""Every command and every button, once. Menus, help, slash commands and the README's table are made
from this."""

from bot.domain.clubs import Platform
from bot.domain.reading import NOTE_LIMIT
from bot.messages.actions import Verb
from bot.use_cases import (
    clubs,
    discussions,
    endings,
    events,
    glossary,
    guide,
    joining,
    papers,
    path,
    posts,
    progress,
    quizzes,
    reading,
    rehearsal,
    schedule,
    setup,
)
from bot.use_cases.command import Command, Kind, Option, Run, Who

_PAPER = Option("paper", Kind.PAPER)
_DATE = Option("date", Kind.DATE, required=True)
_NOTE = Option("note", Kind.TEXT, most=NOTE_LIMIT)


def _organisers(path: str, run: Run, *options: Option) -> Command:
    """A command by which organisers change the club."""
    return Command(path, run, options, who=Who.ORGANISERS, writes=True)


COMMANDS: tuple[Command, ...] = (
    Command("start", setup.start, writes=True, by_role=True),
    Command("join", clubs.join, writes=True),
    Command("leave", clubs.leave, writes=True, personal=True),
    Command("paper today", papers.today, bare=True),
    Command("paper next", papers.upcoming),
    Command("paper list", papers.listing),
    Command("paper show", papers.show, (Option("paper", Kind.PAPER, required=True),)),
    Command("paper search", papers.search, (Option("words", Kind.TEXT, required=True),)),
    Command(
        "read",
        reading.read,
        (Option("level", Kind.LEVEL), _PAPER, _NOTE),
        writes=True,
        personal=True,
    ),
    Command("unread", reading.unread, (_PAPER,), writes=True, personal=True),
    Command("quiz", quizzes.quiz, (Option("mode", Kind.MODE), _PAPER), writes=True),
    Command("path", path.path, personal=True),
    Command("progress", progress.progress, (Option("member", Kind.MEMBER),), personal=True),
    Command("discuss", discussions.discuss, (_PAPER,), writes=True),
    Command("glossary", glossary.glossary, (Option("term", Kind.TERM),), personal=True),
    Command("schedule show", schedule.show, bare=True, by_role=True),
    _organisers(
        "schedule set",
        schedule.move,
        Option("day", Kind.DAY, required=True),
        Option("time", Kind.TIME, required=True),
        Option("zone", Kind.ZONE),
    ),
    _organisers("schedule preset", schedule.preset, Option("preset", Kind.PRESET, required=True)),
    _organisers(
        "schedule beat",
        schedule.beat,
        Option("beat", Kind.BEAT, required=True),
        Option("when", Kind.WHEN, required=True),
        Option("time", Kind.TIME),
        Option("number", Kind.NUMBER, least=1, most=schedule.MOST_OF_A_KIND),
    ),
    _organisers("schedule pause", schedule.pause),
    _organisers("schedule resume", schedule.resume),
    _organisers("schedule skip", schedule.skip),
    _organisers(
        "schedule rest",
        schedule.rest,
        _DATE,
        Option("weeks", Kind.NUMBER, least=0, most=schedule.LONGEST_REST),
    ),
    _organisers(
        "schedule shift",
        schedule.shift,
        Option(
            "days",
            Kind.NUMBER,
            required=True,
            least=schedule.EARLIEST_SHIFT,
            most=schedule.LATEST_SHIFT,
        ),
    ),
    _organisers("schedule start", schedule.start, _DATE),
    _organisers("schedule repeat", schedule.repeat, _PAPER),
    Command(
        "schedule rehearse",
        rehearsal.rehearsal,
        (Option("weeks", Kind.NUMBER, least=1, most=rehearsal.MOST_WEEKS),),
        personal=True,
    ),
    Command("settings show", clubs.settings, bare=True),
    _organisers("settings language", clubs.set_language, Option("language", Kind.LANGUAGE, required=True)),
    _organisers("settings timezone", clubs.set_zone, Option("zone", Kind.ZONE, required=True)),
    _organisers("settings plan", clubs.set_plan, Option("plan", Kind.PLAN, required=True)),
    _organisers("settings here", clubs.set_topic),
    _organisers("settings events", events.switch, Option("switch", Kind.SWITCH, required=True)),
    Command("invite show", joining.invite, writes=True, bare=True),
    _organisers("invite renew", joining.renew),
    Command("help", guide.over(lambda: COMMANDS, lambda on: on_messages(on)), personal=True, by_role=True),
)

_ABOUT = (_PAPER, Option("post", Kind.NUMBER))

MESSAGE_COMMANDS: tuple[Command, ...] = (
    Command("message read", reading.mark, _ABOUT, writes=True, personal=True),
    Command(
        "message note", reading.keep_note, (*_ABOUT, Option("text", Kind.TEXT)), writes=True, personal=True
    ),
)
"""What can be done with a message, where one chooses the message first and never types the command. The
platform fills in the options: the paper that the message is about or the post that it is, if it tells of one,
and its text."""

_CHOOSING = frozenset({Platform.DISCORD})


def on_messages(platform: Platform) -> tuple[Command, ...]:
    """The commands that a platform offers on messages."""
    return MESSAGE_COMMANDS if platform in _CHOOSING else ()


BUTTONS: dict[Verb, Run] = {
    Verb.JOIN: clubs.join,
    Verb.READ: reading.press_read,
    Verb.LEVEL: reading.press_level,
    Verb.UNREAD: reading.press_unread,
    Verb.PAPER: papers.show,
    Verb.BACK: papers.back,
    Verb.MORE: papers.more,
    Verb.PAGE: papers.page,
    Verb.LIST: papers.listing,
    Verb.QUIZ: quizzes.press_quiz,
    Verb.AGAIN: quizzes.press_again,
    Verb.QUESTION: quizzes.press_question,
    Verb.ANSWER: quizzes.press_answer,
    Verb.PICK: quizzes.press_pick,
    Verb.DONE: quizzes.press_done,
    Verb.DISCUSS: discussions.press_discuss,
    Verb.TERMS: glossary.terms,
    Verb.TERM: glossary.glossary,
    Verb.PROGRESS: progress.progress,
    Verb.RESEND: posts.resend,
    Verb.VOTE: endings.vote,
    Verb.TODAY: papers.today,
    Verb.SETUP: setup.press_page,
    Verb.CHOOSE: setup.press_choice,
    Verb.MEET: setup.meet,
    Verb.USE: setup.press_use,
    Verb.TYPE: setup.press_type,
    Verb.ENTER: joining.enter,
}
"""What each button does. Its arguments arrive as the options named in `BUTTON_OPTIONS`. Turning a page asks
a command once more, and what is about another chat is pressed there, which the dispatcher does."""

BUTTON_OPTIONS: dict[Verb, tuple[str, ...]] = {
    Verb.JOIN: (),
    Verb.READ: ("paper",),
    Verb.LEVEL: ("paper", "level"),
    Verb.UNREAD: ("paper",),
    Verb.PAPER: ("paper",),
    Verb.BACK: ("paper",),
    Verb.MORE: ("paper",),
    Verb.PAGE: ("paper", "page"),
    Verb.LIST: (),
    Verb.QUIZ: ("paper",),
    Verb.AGAIN: ("paper",),
    Verb.QUESTION: ("round", "number"),
    Verb.ANSWER: ("round", "number", "choice"),
    Verb.PICK: ("round", "number", "picked"),
    Verb.DONE: ("round", "number", "picked"),
    Verb.DISCUSS: ("paper",),
    Verb.TERMS: ("paper",),
    Verb.TERM: ("term",),
    Verb.PROGRESS: (),
    Verb.RESEND: ("post",),
    Verb.VOTE: ("choice",),
    Verb.TODAY: (),
    Verb.SETUP: ("page", "about"),
    Verb.CHOOSE: ("setting", "value"),
    Verb.MEET: ("channel",),
    Verb.USE: ("thing",),
    Verb.TYPE: ("setting",),
    Verb.ENTER: ("code",),
}

BUTTON_ORIGINS: dict[Verb, str] = {
    Verb.PAPER: "words",
    Verb.TERM: "paper",
    Verb.PROGRESS: "paper",
    Verb.USE: "picked",
}
"""An option more that some buttons have: what they stood under, to which the answer shows the way back; or
what was picked, where picking nothing is a choice too."""

_SETTING_UP = frozenset({Verb.SETUP, Verb.CHOOSE, Verb.MEET, Verb.USE, Verb.TYPE})

PUBLIC_BUTTONS = frozenset({Verb.JOIN, Verb.PAPER, Verb.LIST, Verb.TODAY}) | _SETTING_UP
"""Buttons that are answered to the whole chat, and so in the club's language."""

ORGANISER_BUTTONS = frozenset({Verb.RESEND}) | _SETTING_UP
"""Buttons that only organisers may press."""

ASIDE_BUTTONS = frozenset({Verb.MORE, Verb.TERMS, Verb.TERM, Verb.PROGRESS, Verb.DISCUSS})
"""Buttons whose answer may wait in the presser's private chat, and which enrol nobody: that chat has to know
all the same which club is meant."""
