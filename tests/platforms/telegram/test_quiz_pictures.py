"""Pictures in the group's quizzes, and what members read in its polls."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.charts.painter import SvgPainter
from bot.domain.languages import Language
from bot.domain.posts import PostKind, PostState
from bot.domain.quizzes import BREATH, GROUP_QUESTIONS, LIVE_LEAD, LIVE_SECONDS, group_questions
from bot.messages.drawings import Drawing
from tests.conversations.telegram_stage import TelegramStage
from tests.house import HOUR, library
from tests.pictures import PNG, StubPainter
from tests.platforms.telegram.home import at_home
from tests.servers.telegram import Message
from tests.servers.telegram_world import Poll

MONDAY = 2 * HOUR
EXPLAINED, ASKED = "gan", "momentum-init"
"""Papers whose picture is shown with an explanation, of the first question, and with a question, the last."""


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch) -> StubPainter:
    """What draws in the house: it needs no font and no process."""
    stub = StubPainter()

    async def png(_: SvgPainter, drawing: Drawing) -> bytes | None:
        return await stub.png(drawing)

    monkeypatch.setattr(SvgPainter, "png", png)
    return stub


@pytest.fixture
def no_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be drawn."""

    async def png(*_: object) -> None:
        return None

    monkeypatch.setattr(SvgPainter, "png", png)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[TelegramStage]:
    made = TelegramStage(tmp_path, tmp_path / "club.db")
    await made.open()
    await made.pass_time(MONDAY)
    yield made
    await made.close()


async def ask(stage: TelegramStage, line: str) -> list[Message]:
    """The messages of a quiz, without its announcement: one for each question."""
    host = stage.person("Ines", organiser=True)
    said = stage.server.say(stage.group, host.handle, line)
    await stage.server.settled()
    await stage.pass_time(60)  # a group takes twenty messages a minute
    _, *questions = [each for each in stage.server.messages(stage.group) if each.serial > said.serial]
    assert len(questions) == GROUP_QUESTIONS
    return questions


def polls(messages: list[Message]) -> list[Poll]:
    found = [message.poll for message in messages]
    assert all(found), "each question is a poll"
    return [poll for poll in found if poll]


def alt(paper_id: str, language: Language = Language.EN) -> str:
    """What the picture of a paper shows, in words."""
    paper = library().paper(paper_id)
    assert paper is not None
    assert paper.figure is not None
    return paper.figure.alt[language]


async def states(stage: TelegramStage) -> set[PostState]:
    """What the ledger says of the quiz's posts."""
    async with stage.house.tools.store.read() as records:
        found = [await records.post(number) for number in range(1, 40)]
    return {post.state for post in found if post and post.kind in (PostKind.QUIZ, PostKind.QUESTION)}


async def test_an_explanation_shows_the_papers_picture(stage: TelegramStage, painter: StubPainter) -> None:
    first, *others = polls(await ask(stage, f"/quiz {EXPLAINED}"))
    assert first.explanation_photo
    assert stage.server.api.files[first.explanation_photo] == PNG
    assert first.photo is None
    assert first.description is None, "above the question it would tell the answer"
    assert not any(other.explanation_photo or other.photo for other in others)
    assert len(painter.asked) == 1


async def test_a_question_shows_the_papers_picture_and_says_what_it_shows(
    stage: TelegramStage, painter: StubPainter
) -> None:
    *others, last = polls(await ask(stage, f"/quiz {ASKED}"))
    assert last.photo
    assert stage.server.api.files[last.photo] == PNG
    assert last.description == f"The picture in words\n{alt(ASKED)}"
    assert [entity["type"] for entity in last.description_entities] == ["expandable_blockquote", "bold"]
    assert last.explanation_photo is None
    assert not any(other.photo or other.description for other in others)


async def test_a_question_whose_picture_cannot_be_drawn_says_what_it_would_show(
    stage: TelegramStage, no_font: None
) -> None:
    *_, last = polls(await ask(stage, f"/quiz {ASKED}"))
    assert last.photo is None
    assert last.description == f"The picture in words\n\n{alt(ASKED)}"
    first, *_ = polls(await ask(stage, f"/quiz {EXPLAINED}"))
    assert (first.explanation_photo, first.description) == (None, None)
    assert first.explanation


@pytest.mark.parametrize("paper", [EXPLAINED, ASKED])
async def test_where_no_photos_are_allowed_polls_go_out_without(
    stage: TelegramStage, painter: StubPainter, paper: str
) -> None:
    founder = stage.person("Founder", organiser=True)
    stage.server.restrict(stage.group, founder.handle, ["can_send_messages", "can_send_polls"])
    asked = polls(await ask(stage, f"/quiz {paper}"))
    assert not any(poll.photo or poll.explanation_photo for poll in asked)
    assert [bool(poll.description) for poll in asked] == [False] * 4 + [paper == ASKED]
    assert await states(stage) == {PostState.SENT}


@pytest.mark.parametrize("photos", [True, False])
async def test_where_no_polls_are_allowed_the_picture_stands_above_the_buttons(
    stage: TelegramStage, painter: StubPainter, photos: bool
) -> None:
    ana, founder = stage.person("Ana"), stage.person("Founder", organiser=True)
    rights = ["can_send_messages", *["can_send_photos"] * photos]
    stage.server.restrict(stage.group, founder.handle, rights)
    *_, last = await ask(stage, f"/quiz {ASKED}")
    assert bool(last.photo) == photos
    assert "Question 5 of 5" in last.text
    assert alt(ASKED) in last.text
    assert last.buttons == ["A", "B", "C", "D"]
    answer = await stage.server.press(last, ana.handle, "D")
    assert answer.text.startswith("Right. Halving the scale")
    first, *_ = await ask(stage, f"/quiz {EXPLAINED}")
    assert first.photo is None
    assert alt(EXPLAINED) not in first.text
    answer = await stage.server.press(first, ana.handle, "D")
    assert answer.text.startswith("Right."), "a toast holds no picture"
    assert answer.url is None
    assert await states(stage) == {PostState.SENT}


async def test_a_poll_with_a_picture_that_may_have_arrived_is_not_sent_again(
    stage: TelegramStage, painter: StubPainter
) -> None:
    stage.server.fault("sendPoll", "drop-after", after=GROUP_QUESTIONS - 1)
    *_, last = polls(await ask(stage, f"/quiz {ASKED}"))
    assert last.photo
    assert len([call for call in stage.server.calls if call.method == "sendPoll"]) == GROUP_QUESTIONS
    assert await states(stage) == {PostState.SENT, PostState.UNKNOWN}


async def test_a_live_round_shows_its_pictures_too(stage: TelegramStage, painter: StubPainter) -> None:
    host = stage.person("Ines", organiser=True)
    await stage.say(host, f"/quiz live {ASKED}")
    await stage.pass_time(LIVE_LEAD)
    for _ in range(GROUP_QUESTIONS):
        await stage.pass_time(LIVE_SECONDS + BREATH)
    asked = polls([message for message in stage.server.messages(stage.group) if message.poll])
    assert [bool(poll.photo) for poll in asked] == [False] * 4 + [True]
    assert {poll.open_period for poll in asked} == {LIVE_SECONDS}


async def test_in_a_channel_the_picture_stands_above_the_buttons(
    tmp_path: Path, painter: StubPainter
) -> None:
    async with at_home(tmp_path) as home:
        ines = home.server.user("Ines")
        channel = home.server.channel("Papers", admins=[ines], bot=None)
        home.server.add_bot(channel, ines, ("can_post_messages", "can_edit_messages"))
        await home.settled()
        said = home.server.post(channel, ines, f"/quiz {ASKED}")
        await home.settled()
        *_, last = home.after(said)
        assert last.photo
        assert last.buttons == ["A", "B", "C", "D"]
        assert home.methods("sendPoll") == []


async def test_alone_the_explained_answer_stays_one_message_and_says_what_the_picture_shows(
    stage: TelegramStage, painter: StubPainter
) -> None:
    """Telegram never makes a text of a picture again, and a new message for each would be noise."""
    ana = stage.person("Ana")
    card = await stage.say(ana, f"/quiz {EXPLAINED}", private=True)
    assert alt(EXPLAINED) not in card.text
    explained = await stage.press(ana, "A", card)
    assert explained.ref is card.ref
    assert explained.ref.photo is None
    assert explained.text.endswith(f"The picture in words\n{alt(EXPLAINED)}")
    assert "expandable_blockquote" in [entity["type"] for entity in explained.ref.entities]
    onward = await stage.press(ana, "Next question", explained)
    assert onward.ref is card.ref
    assert alt(EXPLAINED) not in onward.text
    assert painter.asked == []


async def test_alone_a_question_under_a_picture_takes_the_place_of_the_one_before(
    stage: TelegramStage, painter: StubPainter
) -> None:
    ana = stage.person("Ana")

    def standing() -> list[Message]:
        said = stage.server.messages(stage.server.private(ana.handle))
        return [message for message in said if not message.deleted]

    card = await stage.say(ana, f"/quiz {ASKED}", private=True)
    while not card.ref.photo:
        explained = await stage.press(ana, "A", card)
        card = await stage.press(ana, "Next question", explained)
    assert "On Curves" in card.text
    assert standing() == [card.ref]
    explained = await stage.press(ana, "A", card)
    assert explained.ref.photo
    assert "On Curves" in explained.text
    assert standing() == [explained.ref]
    onward = await stage.press(ana, "Next question", explained)
    assert onward.ref.photo is None
    assert standing() == [onward.ref]


LETTER = re.compile(
    r"\b(?:option|answer|choice) [A-D]\b|\b(?:first|second|third|last) (?:option|answer)\b|^[A-D]\. "
    r"|选项 ?[A-D]|第[一二三四]个?(?:选项|答案)",
    re.IGNORECASE,
)
"""What names an option by its letter or place: in a poll each member has an order of their own."""


@pytest.mark.parametrize("language", ["en", "zh", "both"])
async def test_what_members_read_in_a_poll_is_whole(
    stage: TelegramStage, painter: StubPainter, language: str
) -> None:
    host = stage.person("Ines", organiser=True)
    await stage.say(host, f"/settings language {language}")
    titles = {"en": "Question {} of 5", "zh": "第 {} 题，共 5 题", "both": "Question {} of 5"}
    spoken = [Language.EN, Language.ZH] if language == "both" else [Language(language)]
    for paper_id in (EXPLAINED, ASKED):
        paper = library().paper(paper_id)
        assert paper is not None
        questions = [paper.question(each) for each in group_questions(paper)]
        asked = polls(await ask(stage, f"/quiz {paper_id}"))
        for number, (poll, question) in enumerate(zip(asked, questions, strict=True), start=1):
            assert question is not None
            above = f"{poll.description or ''}\n{poll.question}"
            assert titles[language].format(number) in above
            assert ("several answers" in above or "多选" in above) == question.several
            assert all(question.ask[each] in poll.question for each in spoken)
            assert all(
                each in text
                for text, option in zip(poll.options, question.options, strict=True)
                for each in (option.text[tongue] for tongue in spoken)
            )
            assert list(poll.correct_option_ids) == list(question.keys)
            assert poll.explanation is not None
            assert len(poll.explanation) <= 200
            assert "…" not in poll.explanation
            assert poll.explanation.startswith(" ".join(question.explanation[spoken[0]].split()))
            assert not LETTER.search(poll.explanation)
    drawn = {drawing.language for drawing in painter.asked}
    assert drawn == {spoken[0]}


def test_no_question_names_an_option_by_a_letter() -> None:
    named = [
        text[language]
        for paper in library().papers()
        for question in paper.questions
        for text in (question.explanation, *(option.why for option in question.options))
        for language in Language
        if LETTER.search(text[language])
    ]
    assert named == []
