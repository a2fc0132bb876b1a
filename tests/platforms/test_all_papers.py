"""Whatever is said about any of the 18 papers arrives whole on each platform: one message, nothing cut."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from bot.domain.cadence import Beat, BeatKind, local_day, monday_of, next_weekly
from bot.domain.clubs import Chat, ChatKind, Club, Platform
from bot.domain.languages import ClubLanguage
from bot.domain.papers import Paper, Question, Shown
from bot.domain.posts import Post, PostKind, PostState
from bot.domain.quizzes import Round
from bot.library.library import ContentLibrary
from bot.messages import cards
from bot.messages.actions import Verb, action
from bot.messages.markup import units
from bot.messages.outgoing import Button, Buttons, Facts, Fold, Message, Part, Picture, Quiz, Text
from bot.platforms.discord.limits import BUTTON_LABEL
from bot.platforms.discord.render import Address
from bot.platforms.discord.render import render as discord
from bot.platforms.telegram.limits import CAPTION_UNITS, POLL_EXPLANATION, TEXT_UNITS
from bot.platforms.telegram.render import Bubble, Photo, Poll
from bot.platforms.telegram.render import render as telegram
from bot.platforms.web import render as web
from bot.ports import Meets, Records, RoomLine, Standing, Store
from bot.use_cases.asking import Defaults, Tools
from bot.use_cases.papers import paper_page
from bot.use_cases.posts import compose
from schedules.presets import load_presets
from tests.house import PLAN, START, WEEK, FakeClock, library, read, rendered, words
from tests.pictures import PNG
from tests.platforms.discord.test_render import faults, pieces, pressable
from tests.platforms.telegram.test_render import assert_sound
from tests.platforms.web import pages
from tests.servers.telegram_checks import check_poll

PAPERS = library().papers()
GROUP, ALONE = "-1001234567890", "4100200300400017"
NAMES = [f"Somebody with a long name {n}" for n in range(20)]
ONWARD = Button("Next", action(Verb.QUESTION, 1, 1))


@dataclass(frozen=True)
class Record:
    """As much of a club's record as its posts are composed from; the hardest question is the longest."""

    club_: Club
    round_: Round
    longest: Question

    async def club(self, club_id: int) -> Club:
        return self.club_

    async def readers(self, club_id: int, paper_id: str) -> int:
        return 12_345

    async def reader_names(self, club_id: int, paper_id: str, limit: int) -> list[str]:
        return NAMES[:limit]

    async def round(self, round_id: int) -> Round:
        return self.round_

    async def latest_round(self, club_id: int, paper_id: str, owner_id: int | None) -> Round:
        return self.round_

    async def hardest(self, round_id: int) -> tuple[str, int, int]:
        return self.longest.id, 1_234, 12_345

    async def round_people(self, round_id: int) -> int:
        return 12_345

    async def question_counts(self, round_id: int) -> dict[str, tuple[int, int]]:
        return dict.fromkeys(self.round_.questions, (1_234, 12_345))

    async def perfect(self, round_id: int, limit: int) -> tuple[int, list[str]]:
        return 1_234, NAMES[:limit]

    async def beats(self, club_id: int) -> Sequence[Beat]:
        monday = next_weekly(ZoneInfo("UTC"), 0, 540, START + 12 * WEEK)
        return [Beat(BeatKind.PAPER, 540, weekday=0, next_at=monday)]

    async def standing(self, club_id: int) -> Standing:
        """All of the weeks until the next paper are weeks of rest."""
        rests = {monday_of(local_day(ZoneInfo("UTC"), START)) + timedelta(weeks=n) for n in range(1, 13)}
        return Standing(
            self.club_, Meets((1,), (1,)), tuple(await self.beats(club_id)), frozenset(rests), None, False
        )

    async def thread(self, chat_id: int, paper_id: str) -> None:
        return None


@dataclass(frozen=True)
class Saying:
    """One message, where it is said, and what it is."""

    what: str
    chat_id: str
    message: Message


def longest(paper: Paper, language: ClubLanguage) -> Question:
    """The question that takes most room in a recap."""

    def length(question: Question) -> int:
        keys = [question.options[key].text for key in question.keys]
        said = (question.ask, *keys, question.explanation)
        return sum(units(text[spoken]) for text in said for spoken in language.spoken())

    return max(paper.questions, key=length)


async def posts(paper: Paper, language: ClubLanguage) -> AsyncIterator[Saying]:
    """Everything that is posted about a paper; each of its prompts both opens a discussion and goes on
    with one."""
    number = next(plan for plan in library().plans() if plan.id == PLAN).number(paper.id)
    assert number
    club = Club(1, "Readers", language, "UTC", PLAN, number, False, 12_345)
    round_ = Round(5, 1, paper.id, None, tuple(question.id for question in paper.questions))
    record = cast(Records, Record(club, round_, longest(paper, language)))
    chat = Chat(1, 1, Platform.TELEGRAM, GROUP, ChatKind.GROUP, False, True)

    async def composed(kind: PostKind, place: int = 0, shelf: ContentLibrary | None = None) -> Saying:
        post = Post(
            999_999_999, chat, "key", kind, paper.id, 1, 5, place, START, PostState.PENDING, 0, 0, False, None
        )
        tools = Tools(
            FakeClock(),
            cast(Store, None),
            shelf or library(),
            words(),
            Defaults(None, "UTC", PLAN),
            load_presets(),
        )
        # Three hours late, so that it says so too; before a poll that would be a message of its own.
        late = 0 if kind is PostKind.QUESTION else 3 * 3600
        _, message = await compose(tools, record, post, START + late)
        assert isinstance(message, Message)
        return Saying(f"{kind} {place}", GROUP, message)

    for kind in (PostKind.PAPER, PostKind.OPENER, PostKind.QUIZ, PostKind.RESULT, PostKind.RECAP):
        yield await composed(kind)
    for place in range(len(paper.questions)):
        yield await composed(PostKind.QUESTION, place)
    for place, prompt in enumerate(paper.prompts):
        others = [other for other in library().papers() if other.id != paper.id]
        shelf = ContentLibrary([replace(paper, prompts=(prompt,)), *others], library().plans())
        for kind in (PostKind.STARTER, PostKind.PROMPT):
            yield replace(await composed(kind, place, shelf), what=f"{kind} {prompt.id}")


def private(paper: Paper, language: ClubLanguage) -> Iterator[Saying]:
    """Everything that one member is shown about a paper."""
    if language is ClubLanguage.BOTH:
        return
    (spoken,) = cards.voices(words(), language)
    for number in range(1, len(cards.detail_pages(spoken, paper)) + 1):
        yield Saying(f"page {number}", ALONE, paper_page(spoken, paper, number))
    round_ = Round(999_999, 1, paper.id, 1, tuple(question.id for question in paper.questions))
    for number, question in enumerate(paper.questions):
        card = cards.question_card(spoken, paper, question, round_, number)
        yield Saying(f"card {question.id}", ALONE, card)
        for choice in range(len(question.options)):
            answered = cards.answered_card(spoken, paper, question, round_, number, (choice,), ONWARD)
            yield Saying(f"answered {question.id} {choice}", ALONE, answered)


_SAID: dict[tuple[str, ClubLanguage], list[Saying]] = {}


async def sayings(paper: Paper, language: ClubLanguage) -> list[Saying]:
    """All that is said about a paper, composed once."""
    key = paper.id, language
    if key not in _SAID:
        _SAID[key] = [saying async for saying in posts(paper, language)] + list(private(paper, language))
    return _SAID[key]


def bare(text: str) -> str:
    """A text without white space, bullets and the invisible characters that keep names from linking."""
    return re.sub(r"[\s•\u2060]", "", text)


@cache
def shown(markdown: str) -> str:
    """Markdown as it is read, bare."""
    return bare(rendered(markdown))


def told(part: Part) -> list[str]:
    """The runs of words in a part that must arrive in one piece, bare."""
    match part:
        case Text(markdown):
            return [shown(markdown)]
        case Facts(rows):
            return [shown(label) + shown(value) for label, value in rows]
        case Fold(title, parts):
            return [bare(title), *(run for inner in parts for run in told(inner))]
        case Quiz(question, options):
            return [bare(question), *map(bare, options)]
    return []


every_paper = pytest.mark.parametrize("paper", [pytest.param(paper, id=paper.id) for paper in PAPERS])
every_language = pytest.mark.parametrize("language", ClubLanguage)


def test_the_guard_saw_all_that_there_is() -> None:
    assert len(PAPERS) == 18
    assert sum(len(paper.questions) for paper in PAPERS) == 182
    assert sum(len(paper.prompts) for paper in PAPERS) == 90
    assert all(paper.figure and paper.guide for paper in PAPERS)


@every_language
@every_paper
async def test_all_is_said_in_the_language_asked_for(paper: Paper, language: ClubLanguage) -> None:
    said = await sayings(paper, language)
    personal = 0 if language is ClubLanguage.BOTH else 6 + 5 * len(paper.questions)
    assert len(said) == 5 + len(paper.questions) + 2 * len(paper.prompts) + personal
    for saying in said:
        assert read(saying.message).strip(), saying.what
    starters = [saying.message for saying in said if saying.what.startswith("starter")]
    assert all(message.picture for message in starters)
    assert all(
        message.picture.drawing.language is language.spoken()[0] for message in starters if message.picture
    )
    pictured = [saying for saying in said if saying.message.picture]
    assert len(pictured) == len(starters) + bool(personal) + with_questions(paper, alone=bool(personal))
    assert [saying.what for saying in said if saying.message.illustration] == [
        f"{PostKind.QUESTION} {place}"
        for place, question in enumerate(paper.questions)
        if question.picture is Shown.EXPLANATION
    ]


def with_questions(paper: Paper, *, alone: bool) -> int:
    """How many messages show the picture with a question or, where one is alone, with one of its answers."""
    shown = [question.picture for question in paper.questions if question.picture]
    asked = shown.count(Shown.QUESTION)
    return asked + (asked + 4 * len(shown) if alone else 0)


@every_language
@every_paper
async def test_on_telegram_all_of_it_is_one_message_within_its_limits(
    paper: Paper, language: ClubLanguage
) -> None:
    for saying in await sayings(paper, language):
        for png in (PNG, None) if saying.message.picture or saying.message.illustration else (None,):
            pieces = telegram(saying.message, saying.chat_id, png)
            assert len(pieces) == 1, saying.what
            (piece,) = pieces
            if isinstance(piece, Poll):
                assert_whole_poll(piece, saying, drawn=png is not None)
                continue
            assert_sound(pieces)
            assert isinstance(piece, Photo if png else Bubble), saying.what
            assert piece.rich.units <= (CAPTION_UNITS if png else TEXT_UNITS)
            text = bare(piece.rich.text)
            for part in saying.message.parts:
                for run in told(part) if not isinstance(part, Picture) else [bare(part.alt)]:
                    assert run in text, saying.what
            assert "**" not in text, saying.what


def assert_whole_poll(poll: Poll, saying: Saying, *, drawn: bool) -> None:
    """A poll says its question, all of its options, all of its explanation, and what its picture shows."""
    [quiz] = [part for part in saying.message.parts if isinstance(part, Quiz)]
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
            "description_entities": [entity.to_dict() for entity in poll.description.entities],
        }
    )
    picture = saying.message.picture
    titled = poll.question.startswith(quiz.title)
    above = ([] if titled else [quiz.title]) + ([picture.alt] if picture else [])
    assert bare(poll.description.text) == bare("".join(above))
    assert (poll.png is not None) == (drawn and picture is not None)
    assert (poll.illustration is not None) == (drawn and quiz.illustration is not None)
    assert isinstance(poll.instead, Photo if poll.png else Bubble)
    assert picture is None or bare(picture.alt) in bare(poll.instead.rich.text)
    assert poll.question.endswith(quiz.question)
    assert poll.options == quiz.options
    assert bare(poll.explanation) == bare(quiz.explanation)
    assert units(poll.explanation) <= POLL_EXPLANATION


@every_language
@every_paper
async def test_on_discord_all_of_it_is_one_message_within_its_limits(
    paper: Paper, language: ClubLanguage
) -> None:
    for saying in await sayings(paper, language):
        for png in (PNG, None) if saying.message.picture else (None,):
            rendered_ = discord(saying.message, Address("10", "1"), png)
            assert faults(rendered_) == {}, saying.what
            assert rendered_.modern or saying.what.startswith(PostKind.RESULT), "most fits a layout"
            texts = list(map(shown, pieces(rendered_)))
            for part in saying.message.parts:
                runs = told(part)
                if isinstance(part, Picture):
                    runs = [] if png else [bare(part.alt)]
                    described = [each["description"] for each in rendered_.fresh().get("attachments", ())]
                    assert described == [part.alt] * bool(png)
                for run in runs:
                    assert any(run in text for text in texts), (saying.what, run)
            labels = [button["label"] for button in pressable(rendered_)]
            assert len(labels) == sum(
                len(row) for part in saying.message.parts if isinstance(part, Buttons) for row in part.rows
            ) + sum(len(part.options) for part in saying.message.parts if isinstance(part, Quiz))
            assert all(len(label) <= BUTTON_LABEL for label in labels)


@every_language
@every_paper
async def test_in_the_web_room_all_of_it_is_one_line(paper: Paper, language: ClubLanguage) -> None:
    (spoken, *_) = cards.voices(words(), language)
    for saying in await sayings(paper, language):
        body = web.message_body(saying.message)
        line = RoomLine(7, "room", None, None, web.BOT, body, START, None, None)
        seen = web.shown(line, spoken)
        text = bare(pages.text(seen))
        for part in saying.message.parts:
            for run in told(part):
                assert run in text, saying.what
        picture = saying.message.picture
        kept = picture or saying.message.illustration
        assert web.drawing_of(line) == (kept.drawing if kept else None)
        assert pages.picture(seen) == (picture.alt if picture else "")
