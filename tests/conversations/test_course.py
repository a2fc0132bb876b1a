"""The whole course on a fake clock: 18 weeks, with a restart in the middle of each."""

from bot.domain.plans import Plan
from bot.domain.quizzes import group_questions
from tests.conversations.stage import Stage

BEATS = (2 * 3600, 2 * 86_400 + 10 * 3600, 2 * 86_400, 2 * 86_400 + 3600)
"""From one beat to the next, in seconds: Monday 09:00, Wednesday 19:00, Friday 19:00, Sunday 20:00."""

OVER_NIGHT = 11 * 3600
"""From Sunday 20:00 to Monday 07:00, in seconds."""


async def test_eighteen_weeks_bring_eighteen_papers_quizzes_and_threads(stage: Stage) -> None:
    """Every paper, quiz, thread, prompt and recap once, in order, with a restart in every week."""
    plan: Plan = stage.house.tools.library.plans()[0]
    papers = [stage.house.tools.library.paper(paper_id) for paper_id in plan.papers]
    titles = [paper.title.en for paper in papers if paper]
    assert len(titles) == 18
    for _ in titles:
        for step, seconds in enumerate(BEATS):
            await stage.pass_time(seconds)
            if step == 1:
                await stage.restart()
        await stage.pass_time(OVER_NIGHT)
    posts = stage.posts()
    begun = [post for post in posts if "📄 This week" in post]
    assert [title for title, post in zip(titles, begun, strict=True) if title not in post] == []
    assert sum("📝" in post for post in posts) == 18
    assert sum("🗓" in post for post in posts) == 18
    asked = [paper.question(number) for paper in papers if paper for number in group_questions(paper)]
    told = zip(asked, stage.questions(), strict=True)
    assert [shown for question, shown in told if not question or question.ask.en not in shown] == []
    assert len(asked) >= 18 * 3
    threads = stage.threads()
    assert len(threads) == 18
    assert all(len(said) == 2 for said in threads.values())
    assert "the last paper of the plan" in posts[-1]
    await stage.pass_time(2 * 3600)
    assert "all 18 papers are read" in stage.posts()[-1]
    heard = await stage.press(stage.person("Ann"), "The same plan again")
    assert "Your choice: Deep learning from zero, part 2." in heard.toast + heard.text
    await stage.pass_time(7 * 86_400)
    again = stage.posts()[len(posts) + 1 :]
    assert len(again) == 1
    assert "This week · 1 of 18" in again[0]
