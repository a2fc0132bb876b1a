"""Where a reply goes: in place of what it follows, as a toast or a nod, or into the private chat."""

import pytest

from tests.conversations.telegram_stage import TelegramStage

MONDAY = 2 * 3600


# Slow mode and full chats


def slow(stage: TelegramStage, seconds: int) -> None:
    """The bot, which has just said hello, is no admin in a group with slow mode."""
    stage.server.demote(stage.group, by=stage.person("Host", organiser=True).handle)
    stage.server.set_slow_mode(stage.group, seconds)


@pytest.mark.parametrize(
    ("language", "lead"),
    [
        ("en", "In Readers I cannot write just now, so here is what you asked for there:"),
        ("zh", "我暂时不能在“Readers”里发言，你要的内容先发在这里："),
    ],
)
async def test_what_a_group_cannot_be_told_now_is_told_in_private(
    stage: TelegramStage, language: str, lead: str
) -> None:
    ana = stage.person("Ana", language)
    await stage.say(ana, "/start", private=True)
    slow(stage, 3600)
    chat = stage.server.private(ana.handle)
    before = len(stage.server.messages(chat))

    heard = await stage.say(ana, "/paper search batch")

    assert heard.text == ""
    (told,) = stage.server.messages(chat)[before:]
    assert told.text.startswith(lead)
    assert "Batch Normalization" in told.text
    assert told.buttons


async def test_the_way_to_a_discussion_is_shown_from_the_private_chat_too(stage: TelegramStage) -> None:
    ana = stage.person("Ana")
    await stage.say(ana, "/start", private=True)
    await stage.pass_time(MONDAY)
    slow(stage, 3600)

    await stage.say(ana, "/discuss")

    told = stage.server.messages(stage.server.private(ana.handle))[-1]
    (topic,) = stage.group.topics.values()
    assert [told.button(label)["url"] for label in told.buttons] == [
        f"https://t.me/c/{str(stage.group.id).removeprefix('-100')}/{topic.id}"
    ]


async def test_it_is_lost_with_a_line_in_the_log_where_the_asker_never_wrote_in_private(
    stage: TelegramStage, caplog: pytest.LogCaptureFixture
) -> None:
    ana = stage.person("Ana")
    slow(stage, 3600)

    assert (await stage.say(ana, "/paper list")).text == ""

    assert stage.server.messages(stage.server.private(ana.handle)) == []
    assert "an answer could not be sent" in caplog.text


async def test_a_short_wait_is_waited_for(stage: TelegramStage) -> None:
    ana = stage.person("Ana")
    stage.server.fault("sendMessage", "429:3")

    assert "PixelCNN" in (await stage.say(ana, "/paper list")).text


# Nods and toasts


@pytest.mark.parametrize("line", ["/quiz", "/discuss 5"])
async def test_what_is_answered_by_posts_is_nodded_at_in_a_group(stage: TelegramStage, line: str) -> None:
    ana = stage.person("Ana")
    await stage.pass_time(MONDAY)

    heard = await stage.say(ana, line)

    assert heard.text
    asked = [m for m in stage.group.messages.values() if m.sender is ana.handle and m.text == line]
    assert [list(m.reactions.values()) for m in asked] == [[["👌"]]]


async def test_where_no_reaction_is_allowed_it_is_said(stage: TelegramStage) -> None:
    ana = stage.person("Ana")
    await stage.pass_time(MONDAY)
    stage.group.reactions_allowed = False
    latest = len(stage.server.messages(stage.group))

    await stage.say(ana, "/quiz")
    await stage.house.sender.settled()

    assert "The quiz is open" in stage.server.messages(stage.group)[latest].text


# Previews


async def test_no_link_shows_a_preview(stage: TelegramStage) -> None:
    ana = stage.person("Ana")
    await stage.pass_time(MONDAY)
    card = await stage.say(ana, "/paper show adam", private=True)
    await stage.press(ana, "Glossary", card)
    await stage.say(ana, "/quiz", private=True)
    await stage.press(ana, "A")

    seen = {"sendMessage": 0, "editMessageText": 0}
    for call in stage.server.calls:
        if call.method in seen:
            assert call.params["link_preview_options"] == {"is_disabled": True}
            seen[call.method] += 1
    assert all(seen.values())


# Posts stay


async def test_a_post_in_private_stays_when_more_is_asked_for_under_it(stage: TelegramStage) -> None:
    ana = stage.server.user("Ana")
    chat = stage.server.private(ana)
    await stage.server.ask(chat, ana, "/start")
    await stage.pass_time(MONDAY)
    post = next(m for m in stage.server.messages(chat) if "More about it" in m.buttons)
    said = post.text

    for label in ("More about it", "Glossary", "Discuss"):
        count = len(stage.server.messages(chat))
        await stage.server.press(post, ana, label)
        await stage.server.settled()
        assert len(stage.server.messages(chat)) == count + 1
        assert (post.text, post.deleted, post.edits) == (said, False, [])
