"""What a page has to know before it can show anything: its words, the commands, and how the club stands."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from bot.domain.clubs import Club
from bot.domain.course import Happening
from bot.domain.glossary import Term
from bot.domain.languages import Language
from bot.domain.plans import Plan
from bot.messages.texts import Words
from bot.platforms.web.hall import Persona
from bot.platforms.web.limits import TEXT_LIMIT
from bot.platforms.web.render import BOT, Json
from bot.ports import Library
from bot.use_cases.command import CHOICES, Command, Kind, Option, Who
from bot.use_cases.commands import COMMANDS

PAGE_WORDS = (
    "web.close",
    "web.discussion",
    "web.discussions",
    "web.discussions.none",
    "web.dismiss",
    "web.empty.text",
    "web.empty.title",
    "web.jump",
    "web.log",
    "web.lost",
    "web.menu",
    "web.message",
    "web.message.private",
    "web.message.thread",
    "web.new",
    "web.new_tab",
    "web.next",
    "web.only_you",
    "web.pick",
    "web.private",
    "web.right",
    "web.room",
    "web.send",
    "web.skip",
    "web.speak_as",
    "web.suggestions",
    "web.thread.empty",
    "web.waiting",
    "web.yours",
)
"""The page’s own words."""


def page(words: Words) -> Json:
    """The page’s words in one language, by their keys."""
    return {key: words.plain(key) for key in PAGE_WORDS}


def people(personas: Iterable[Persona], words: Words) -> list[Json]:
    """Everybody who speaks here; the bot is one of them."""
    bot = {"id": BOT, "name": "Paperclub"}
    return [bot, *(_person(persona, words) for persona in personas)]


def _person(persona: Persona, words: Words) -> Json:
    role = words.plain("web.organiser") if persona.organiser else ""
    return {"id": persona.id, "name": persona.name, "language": persona.language.value, "role": role}


def menu(
    words: Words, library: Library, plan: Plan | None, personas: Iterable[Persona], *, organiser: bool
) -> Json:
    """The commands one may type, and what can fill their gaps. A kind that has no `values` takes free text;
    the page knows the time zones itself."""
    commands = [c for c in COMMANDS if organiser or c.who is Who.EVERYONE]
    values = {kind.value: [_choice(words, kind, value) for value in CHOICES[kind]] for kind in CHOICES}
    values[Kind.PAPER.value] = _papers(words.language, library, plan) if plan else []
    values[Kind.TERM.value] = [_term(words.language, term) for term in library.terms()]
    values[Kind.PLAN.value] = [
        {"value": plan.id, "label": plan.title[words.language], "also": ""} for plan in library.plans()
    ]
    values[Kind.MEMBER.value] = [{"value": f"@{p.name}", "label": p.name, "also": p.id} for p in personas]
    return {"commands": [_command(words, command) for command in commands], "values": values}


def _command(words: Words, command: Command) -> Json:
    return {
        "path": command.path,
        "bare": command.bare,
        "usage": command.usage,
        "says": words.plain(command.key),
        "options": [_option(words, option) for option in command.options],
    }


def _option(words: Words, option: Option) -> Json:
    says = words.plain(f"option.{option.name}")
    return {"name": option.name, "kind": option.kind.value, "required": option.required, "says": says}


def _choice(words: Words, kind: Kind, value: str) -> Json:
    return {"value": value, "label": words.plain(f"choice.{kind}.{value}"), "also": ""}


def _papers(language: Language, library: Library, plan: Plan) -> list[Json]:
    """The plan’s papers by number; they are also found by id and by either title."""
    found = []
    for number, paper_id in enumerate(plan.papers, start=1):
        paper = library.paper(paper_id)
        if paper:
            also = f"{paper.id} {paper.title.en} {paper.title.zh}"
            found.append({"value": str(number), "label": f"{number} · {paper.title[language]}", "also": also})
    return found


def _term(language: Language, term: Term) -> Json:
    """A term by its name in one language; it is also found by its names in both."""
    also = " ".join(name for either in Language for name in term.names(either))
    return {"value": term.name[language], "label": term.name[language], "also": also}


def standing(words: Words, club: Club | None, plan: Plan | None, upcoming: Happening | None) -> Json:
    """The club in a few words: its name, where it is in its plan, and what comes next and when."""
    told: Json = {"limit": TEXT_LIMIT, "jump": upcoming is not None, "next": words.plain("web.next.none")}
    told |= {"club": "Paperclub", "plan": "", "progress": "", "share": 0}
    if club is None:
        return told
    told["club"] = club.title
    if plan:
        total = len(plan.papers)
        told["plan"] = plan.title[words.language]
        told["progress"] = words.plain("web.progress", position=club.position, total=total)
        told["share"] = round(club.position / total, 3)
    if club.paused:
        told["next"] = words.plain("web.next.paused")
    elif upcoming:
        when = words.when(upcoming.due_at, ZoneInfo(club.zone))
        told["next"] = words.plain("web.next.when", what=words.plain(f"beat.{upcoming.kind}"), when=when)
    return told
