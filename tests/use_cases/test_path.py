"""`/path`: the picture says what the record says, in the asker's language, and in words too."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.languages import Language
from bot.domain.reading import Level
from bot.messages import cards
from bot.messages.drawings import Mark, PathMap
from bot.messages.markup import units
from bot.messages.outgoing import ALT_LIMIT, Message, Picture
from bot.platforms.telegram.render import Photo, render
from tests.house import ANN, GROUP, HOUR, LIN, PLAN, Desk, Heard, library, open_desk, private, words
from tests.pictures import PNG


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A club in its first week."""
    async with open_desk(tmp_path) as opened:
        await opened.found()
        await opened.pass_time(2 * HOUR)
        yield opened


def picture(heard: Heard) -> Picture:
    """The picture in an answer."""
    assert heard.reply.message
    assert heard.reply.message.picture
    return heard.reply.message.picture


def path(heard: Heard) -> PathMap:
    """The path in an answer."""
    drawing = picture(heard).drawing
    assert isinstance(drawing, PathMap)
    return drawing


async def test_each_stone_bears_the_mark_of_the_record(desk: Desk) -> None:
    for line in ("/read skimmed 2", "/read 3", "/read presented 4", "/read reproduced 5"):
        await desk.say(ANN, line)
    heard = await desk.say(ANN, "/path")
    stones = {stone.number: stone for stone in path(heard).stones}
    assert [stones[number].mark for number in range(1, 6)] == [
        Mark.NOT_YET,
        Mark.SKIMMED,
        Mark.READ,
        Mark.TAUGHT,
        Mark.TAUGHT,
    ]
    assert [number for number, stone in stones.items() if stone.here] == [1]
    assert "3 of 18 papers read" in heard.text
    assert path(heard).standing == "3 of 18 papers read"
    alt = picture(heard).alt
    assert "2. Dropout (after 1), skimmed" in alt
    assert "4. Layer Normalization (after 3), presented" in alt
    assert "5. Binarized Neural Networks (after 3), reproduced" in alt
    assert alt.splitlines()[0] == path(heard).title


async def test_it_is_for_the_asker_alone_in_their_language(desk: Desk) -> None:
    await desk.say(ANN, "/read 1")
    heard = await desk.say(LIN, "/path")
    assert heard.reply.private
    assert path(heard).language is Language.ZH
    assert "18 篇里读了 0 篇" in heard.text
    assert all(stone.mark is Mark.NOT_YET for stone in path(heard).stones)


async def test_in_private_it_is_the_same_path(desk: Desk) -> None:
    await desk.say(ANN, "/read 1")
    in_group, alone = await desk.say(ANN, "/path"), await desk.say(ANN, "/path", private(ANN))
    assert picture(in_group) == picture(alone)


async def test_before_the_club_begins_no_stone_is_ringed(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.found()
        heard = await desk.say(ANN, "/path")
    assert not any(stone.here for stone in path(heard).stones)


async def test_the_words_go_on_where_the_path_does(desk: Desk) -> None:
    await desk.say(ANN, "/join")
    heard = await desk.say(ANN, "/path")
    assert "Next for you" in heard.text
    assert "Your reading" in (await desk.press(ANN, heard.token("My progress"))).text


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("level", [None, *Level])
def test_the_words_fit_a_caption_whatever_has_been_read(language: Language, level: Level | None) -> None:
    plan = library().plan(PLAN)
    assert plan is not None
    papers = {paper_id: paper for paper_id in plan.papers if (paper := library().paper(paper_id))}
    levels = {paper_id: level for paper_id in plan.papers if level}
    made = cards.path_picture(words()[language], plan, papers, levels, "dcgan")
    assert units(made.alt) <= cards.PATH_WORDS < ALT_LIMIT
    assert isinstance(made.drawing, PathMap)
    for stone in made.drawing.stones:
        assert f"\n{stone.number}. " in made.alt


async def test_on_telegram_it_is_one_photo_with_a_caption(desk: Desk) -> None:
    for number in range(1, 19):
        await desk.say(ANN, f"/read presented {number}")
    heard = await desk.say(ANN, "/path")
    assert isinstance(heard.reply.message, Message)
    (piece,) = render(heard.reply.message, GROUP.chat_id, PNG)
    assert isinstance(piece, Photo)
    assert piece.rich.text
