"""What a member says and hears, the same on the web, on Telegram and on Discord."""

import pytest

from bot.domain.clubs import Account
from bot.domain.languages import Language
from bot.domain.quizzes import GROUP_QUESTIONS
from bot.domain.reading import Level
from tests.conversations.stage import Stage

MONDAY = 2 * 3600
"""From the stage's start to the first paper, in seconds."""

ENGLISH = "Improving neural networks by preventing co-adaptation of feature detectors"
CHINESE = "通过阻止特征检测器的共适应来改进神经网络"


@pytest.mark.parametrize(
    ("language", "title", "read", "quiz", "noted", "yours", "result"),
    [
        ("en", ENGLISH, "I’ve read it", "Quiz me", "Noted", "Your reading", "right"),
        ("zh", CHINESE, "我读过了", "考考我", "记下了", "你的阅读", "答对"),
    ],
)
async def test_a_member_joins_reads_is_quizzed_and_sees_their_progress(
    stage: Stage, language: str, title: str, read: str, quiz: str, noted: str, yours: str, result: str
) -> None:
    """The whole first visit, and the same record underneath on every platform."""
    host = stage.person("Ines", organiser=True)
    ana = stage.person("Ana", language)
    await stage.say(host, f"/settings language {language}")
    await stage.pass_time(MONDAY)

    joined = await stage.say(ana, "/join")
    assert "Ana" in joined.text
    paper = await stage.say(ana, "/paper today")
    assert ENGLISH in paper.text
    assert CHINESE in paper.text
    assert {read, quiz} <= set(paper.buttons)

    card = await stage.press(ana, quiz, paper)
    questions = 0
    while "A" in card.buttons:
        questions += 1
        explained = await stage.press(ana, "A", card)
        onward = explained.buttons[0]
        card = await stage.press(ana, onward, explained)
    assert questions == asked_alone(stage)
    assert title in card.text
    assert result in card.text

    first = await stage.press(ana, read, paper)
    assert noted in first.toast
    again = await stage.press(ana, read, paper)
    assert noted not in again.toast
    progress = await stage.say(ana, "/progress")
    assert yours in progress.text
    assert title in progress.text

    account = Account(stage.platform, stage_id(stage, ana))
    async with stage.house.tools.store.read() as records:
        club_id = await records.home(account)
        assert club_id is not None
        member = await records.member_by_account(club_id, account)
        assert member is not None
        reading = await records.reading(member.id, "dropout-2012")
        scores = await records.scores(member.id)
    assert reading is not None
    assert (reading.level, reading.at) == (Level.READ, stage.clock.now())
    assert member.papers_read == 1
    (score,) = scores
    assert (score.paper_id, score.answered, score.asked) == ("dropout-2012", questions, questions)


def asked_alone(stage: Stage) -> int:
    """How many questions the first paper asks somebody who takes its quiz alone."""
    paper = stage.house.tools.library.paper("dropout-2012")
    assert paper is not None
    return len(paper.questions)


def stage_id(stage: Stage, who: object) -> str:
    """A person's user id on the stage's platform."""
    handle = getattr(who, "handle", who)
    return str(getattr(handle, "id", handle))


async def test_the_group_answers_its_quiz_and_every_answer_is_counted(stage: Stage) -> None:
    """Two members answer, as their platform lets them, and the same stands on record."""
    host, ana = stage.person("Ines", organiser=True), stage.person("Ana")
    await stage.pass_time(MONDAY)
    await stage.say(host, "/quiz")
    await stage.pass_time(0)
    assert len(stage.questions()) == GROUP_QUESTIONS
    for who, question, choice in ((host, 0, 0), (ana, 0, 1), (ana, 1, 2)):
        await stage.answer(who, question, choice)
    async with stage.house.tools.store.read() as records:
        home = await records.home(Account(stage.platform, stage_id(stage, ana)))
        assert home is not None
        round_ = await records.latest_round(home, "dropout-2012", None)
        member = await records.member_by_account(home, Account(stage.platform, stage_id(stage, ana)))
        assert round_ is not None
        assert member is not None
        assert await records.round_people(round_.id) == 2
        answers = await records.answers(round_.id, member.id)
    assert sorted((round_.questions.index(a.question_id), a.choices) for a in answers) == [
        (0, (1,)),
        (1, (2,)),
    ]


async def test_a_quiz_goes_on_where_it_was_after_a_restart(stage: Stage) -> None:
    """One question answered, the bot restarts, and the old button leads to the second question."""
    ana = stage.person("Ana")
    await stage.pass_time(MONDAY)
    card = await stage.say(ana, "/quiz", private=True)
    assert f"Question 1 of {asked_alone(stage)}" in card.text
    explained = await stage.press(ana, "B", card)
    await stage.restart()
    card = await stage.press(ana, "Next question", explained)
    assert f"Question 2 of {asked_alone(stage)}" in card.text


async def test_the_discussion_is_where_the_bot_says(stage: Stage) -> None:
    """The week's post has opened a thread with a first question in it, and `/discuss` leads there."""
    ana = stage.person("Ana")
    await stage.pass_time(MONDAY)
    (title,) = stage.threads()
    assert "1" in title or ENGLISH in title
    (starter,) = stage.threads()[title]
    assert "One question to start with" in starter
    found = await stage.say(ana, "/discuss")
    assert "discussion" in found.text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/paper show 3", "Batch Normalization"),
        ("/paper search 归一化", "Layer Normalization"),
        ("/paper list", "PixelCNN"),
        ("/paper next", "Dropout: A Simple Way"),
        ("/schedule", "the recap"),
        ("/settings", "Time zone"),
        ("/help", "/paper search"),
        ("/read skimmed 3 not sure about the gradients", "skimmed"),
        ("/progress", "Your reading"),
        ("/discuss 3", "Batch Normalization"),
        ("/glossary attention", "注意力"),
        ("/start", "reading club"),
        ("/unread", "nothing to take back"),
    ],
)
async def test_every_command_answers(stage: Stage, line: str, said: str) -> None:
    """Each command, typed by a member in the group after the first paper."""
    ana = stage.person("Ana")
    await stage.pass_time(MONDAY)
    await stage.say(ana, "/join")
    heard = await stage.say(ana, line)
    assert said in heard.text


@pytest.mark.parametrize(
    ("language", "section", "read", "here", "unread"),
    [
        ("en", "Deep learning models", "neural networks", "read, this week", "2. Dropout (after 1)"),
        ("zh", "深度学习模型", "改进神经网络", "读过、本周", "2. Dropout（先读 1）"),
    ],
)
async def test_the_path_is_a_picture_that_says_in_words_what_it_shows(
    stage: Stage, language: str, section: str, read: str, here: str, unread: str
) -> None:
    """In the group for the asker alone where the platform can; where no font will do, the words come."""
    ana = stage.person("Ana", language)
    await stage.pass_time(MONDAY)
    await stage.say(ana, "/read 1")
    in_group = await stage.say(ana, "/path")
    alone = await stage.say(ana, "/path", private=True)
    for heard in (in_group, alone):
        told = heard.picture or heard.text
        assert section in told
        first = next(line for line in told.splitlines() if line.startswith("1."))
        assert read in first
        assert first.endswith(here)
        assert unread in told.splitlines()
        assert "1" in heard.text
        assert len(heard.buttons) == 1
    assert "1" in (await stage.press(ana, alone.buttons[0], alone)).text


@pytest.mark.parametrize("private", [True, False], ids=["alone", "in the group"])
@pytest.mark.parametrize(
    ("language", "more", "onward", "to_card", "back", "points", "guide"),
    [
        ("en", "More about it", "Next ›", "‹ Back", "‹ Back", "Key points", "Reading guide"),
        ("zh", "再深入一点", "下一页 ›", "‹ 返回", "‹ 上一页", "要点", "阅读指南"),
    ],
)
async def test_the_pages_about_a_paper_are_turned_from_the_picture_to_the_guide_and_back(
    stage: Stage,
    private: bool,
    language: str,
    more: str,
    onward: str,
    to_card: str,
    back: str,
    points: str,
    guide: str,
) -> None:
    """Each press brings one page, whether the picture could be drawn or its words came."""
    host, ana = stage.person("Ines", organiser=True), stage.person("Ana", language)
    await stage.say(host, f"/settings language {language}")
    await stage.pass_time(MONDAY)
    card = await stage.say(ana, "/paper 8", private=private)
    page = first = await stage.press(ana, more, card)
    adam = stage.house.tools.library.paper("adam")
    assert adam is not None
    assert adam.figure is not None
    assert adam.figure.alt[Language(language)][:40] in (page.picture or page.text)
    assert "(1/6)" in page.text
    assert page.buttons == (to_card, onward)
    page = await stage.press(ana, onward, page)
    assert points in page.text
    assert not page.picture
    assert page.buttons == (back, onward)
    page = await stage.press(ana, back, page)
    assert (page.picture, page.text) == (first.picture, first.text)
    for number in range(2, 7):
        page = await stage.press(ana, onward, page)
        assert f"({number}/6)" in page.text
    assert guide in page.text
    assert page.buttons == (back,)


@pytest.mark.parametrize(
    ("language", "button", "named", "means", "other"),
    [
        ("en", "Glossary", "dropout", "no unit can count on particular partners", "overfitting"),
        ("zh", "术语", "随机失活", "谁也不能指望固定的搭档", "过拟合"),
    ],
)
async def test_a_word_is_explained_from_a_command_and_from_a_papers_card(
    stage: Stage, language: str, button: str, named: str, means: str, other: str
) -> None:
    """In the asker's language, wherever it is asked for; from there on to the papers where it matters."""
    host = stage.person("Ines", organiser=True)
    ana = stage.person("Ana", language)
    await stage.say(host, f"/settings language {language}")
    await stage.pass_time(MONDAY)
    await stage.say(ana, "/join")
    for private in (False, True):
        asked = await stage.say(ana, "/glossary 暂退法", private=private)
        assert means in asked.text
        assert {"dropout", "随机失活"} <= set(asked.text.splitlines()[0].split(" · "))
        assert asked.buttons[:3] == ("1", "2", "3")
    near = await stage.say(ana, "/glossary drpout")
    assert means in (await stage.press(ana, named, near)).text
    assert "zzzz" in (await stage.say(ana, "/glossary zzzz")).text

    card = await stage.say(ana, "/paper today")
    words = await stage.press(ana, button, card)
    assert means in words.text
    assert means in (await stage.say(ana, "/glossary")).text
    explained = await stage.press(ana, other, words)
    assert other in explained.text
    opened = await stage.press(ana, "2", explained)
    assert "Dropout: A Simple Way" in opened.text


async def test_only_organisers_change_the_schedule(stage: Stage) -> None:
    """A member is told who may; an organiser sees the new dates, and pausing holds the posts back."""
    host, ana = stage.person("Ines", organiser=True), stage.person("Ana")
    refused = await stage.say(ana, "/schedule pause")
    assert "Only organisers" in refused.text
    moved = await stage.say(host, "/schedule set friday 18:30 Europe/Berlin")
    assert "Fri 4 Sep, 18:30" in moved.text
    paused = await stage.say(host, "/schedule pause")
    assert "Paused" in paused.text
    before = len(stage.posts())
    await stage.pass_time(7 * 86_400)
    assert len(stage.posts()) == before
    await stage.say(host, "/schedule resume")
    await stage.pass_time(7 * 86_400)
    assert any(ENGLISH in post for post in stage.posts())


async def test_an_unknown_paper_gets_the_nearest_one_suggested(stage: Stage) -> None:
    """A typing error is answered with what would have worked."""
    heard = await stage.say(stage.person("Ana"), "/paper show drpout")
    assert "Dropout" in heard.text


@pytest.mark.parametrize("name", ["**Bold** _x_ <b>`y`", "مريم", "x" * 64])
async def test_names_are_shown_safely(stage: Stage, name: str) -> None:
    """Markup, right-to-left letters and length in a name do no harm."""
    ana = stage.person(name[:32] if stage.platform == "discord" else name)
    heard = await stage.say(ana, "/join")
    shown = name[:32] if stage.platform == "discord" else name
    assert shown[:20] in heard.text


async def test_both_languages_come_in_one_post(stage: Stage) -> None:
    """A club that reads in both gets one post with the second language folded in."""
    host = stage.person("Ines", organiser=True)
    await stage.say(host, "/settings language both")
    await stage.pass_time(MONDAY)
    post = next(post for post in stage.posts() if "The problem" in post)
    assert "问题" in post
