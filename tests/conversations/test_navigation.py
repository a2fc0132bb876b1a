"""Going about in private: what was looked at gives way to what is looked at next, and there is a way back."""

from tests.conversations.stage import Heard, Person, Stage
from tests.conversations.telegram_stage import TelegramStage
from tests.servers.telegram import Message

TITLE = "Batch Normalization: Accelerating Deep Network Training"


async def walk(stage: Stage, who: Person, start: Heard, *labels: str) -> Heard:
    """What is shown in the end when one presses a button, and one under what comes, and so on."""
    heard = start
    for label in labels:
        heard = await stage.press(who, label, heard)
        if isinstance(stage, TelegramStage):
            assert standing(stage, who) == [heard.ref], "it takes the place of what was there"
    return heard


def standing(stage: TelegramStage, who: Person) -> list[Message]:
    """What the bot has said in private and is still there."""
    said = stage.server.messages(stage.server.private(who.handle))
    return [message for message in said if not message.deleted]


async def test_from_what_was_found_to_a_paper_and_back(stage: Stage) -> None:
    ana = stage.person("Ana")
    found = await stage.say(ana, "/paper search normalization", private=True)
    card = await walk(stage, ana, found, "3")
    assert TITLE in card.text
    assert "I’ve read it" in card.buttons
    assert (await walk(stage, ana, card, "‹ Back")).text == found.text


async def test_all_about_a_paper_and_back_to_its_card(stage: Stage) -> None:
    ana = stage.person("Ana")
    card = await stage.say(ana, "/paper show 3", private=True)
    second = await walk(stage, ana, card, "More about it", "Next ›")
    assert "(2/6)" in second.text
    assert TITLE in second.text
    again = await walk(stage, ana, second, "‹ Back", "‹ Back")
    assert (again.text, again.buttons) == (card.text, card.buttons)


async def test_the_terms_of_a_paper_and_back_to_its_card(stage: Stage) -> None:
    ana = stage.person("Ana")
    card = await stage.say(ana, "/paper show 3", private=True)
    terms = await walk(stage, ana, card, "Glossary")
    term = await walk(stage, ana, terms, terms.buttons[0])
    assert terms.buttons[0] in term.text
    again = await walk(stage, ana, term, "‹ Back", "See the paper")
    assert again.text == card.text


async def test_what_to_talk_about_and_back_to_the_card(stage: Stage) -> None:
    ana = stage.person("Ana")
    card = await stage.say(ana, "/paper show 3", private=True)
    assert (await walk(stage, ana, card, "Discuss", "See the paper")).text == card.text


async def answer(stage: Stage, who: Person, card: Heard) -> Heard:
    """Answer a question with its first option, be there one to choose or several."""
    if "A" in card.buttons:
        return await walk(stage, who, card, "A")
    return await walk(stage, who, await walk(stage, who, card, "☐ A"), "Done")


async def test_a_quiz_goes_on_in_one_message_from_the_first_question_to_the_next_round(stage: Stage) -> None:
    ana = stage.person("Ana")
    first = card = await stage.say(ana, "/quiz 3", private=True)
    while "A" in card.buttons or "☐ A" in card.buttons:
        explained = await answer(stage, ana, card)
        card = await walk(stage, ana, explained, explained.buttons[0])
    assert "Once more" in card.buttons
    again = await walk(stage, ana, card, "Once more")
    assert again.text.partition("A.")[0] == first.text.partition("A.")[0], "the first question once more"
    while "A" in again.buttons or "☐ A" in again.buttons:
        explained = await answer(stage, ana, again)
        again = await walk(stage, ana, explained, explained.buttons[0])
    progress = await walk(stage, ana, again, "My progress")
    assert "Your reading" in progress.text
    assert TITLE in (await walk(stage, ana, progress, "See the paper")).text
