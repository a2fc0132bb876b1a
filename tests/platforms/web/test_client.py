"""The web room over real sockets: the real house behind it, and pages without a browser in front."""

import asyncio
import sqlite3
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError

from bot.app import House, open_house
from bot.domain.clubs import Account, Platform
from bot.messages.outgoing import Destination, Message, OpenThread, Text
from bot.platforms.web.client import STATIC
from bot.platforms.web.hall import Persona, Viewer
from bot.platforms.web.limits import TEXT_LIMIT, UNSHOWN
from bot.platforms.web.messenger import WebMessenger
from bot.platforms.web.render import BOT
from bot.platforms.web.scene import PAGE_WORDS
from bot.ports import Refusal, Refused
from bot.storage.records import SqlRecords
from bot.use_cases import demo
from bot.use_cases.commands import COMMANDS
from tests.house import DAY, START, FakeClock
from tests.platforms.web.conftest import web_settings
from tests.platforms.web.pages import Json, Page, buttons, open_page, quiz, said, text

SECRET = "a secret of some length"


def paper_post(page: Page) -> Json:
    """The week’s post."""
    return next(line for line in page.lines.values() if "Level" in str(line.get("parts")))


def messenger_of(house: House) -> WebMessenger:
    """The room’s messenger."""
    assert house.web is not None
    return house.web.messenger


async def test_a_newcomer_joins_and_everybody_sees_it(address: str) -> None:
    """The command and its answer are shown to the others too, in the order they were said."""
    async with open_page(address, "samir") as samir, open_page(address, "yu") as yu:
        await yu.say("/join")
        shown = said(await samir.until("standing"))
        assert [line["author"] for line in shown] == ["yu", "paperclub"]
        assert shown[0]["text"] == "/join"
        assert "小雨" in text(shown[1])


async def test_while_nothing_can_be_recorded_a_page_is_told_so_and_goes_on_afterwards(
    house: House, address: str, tmp_path: Path
) -> None:
    """Another program holds the record: a press is let go of, and a line stays with its page."""
    async with house.tools.store.write() as records:
        assert isinstance(records, SqlRecords)
        await records.connection.execute_fetchall("PRAGMA busy_timeout = 10")
    line = {"persona": "samir", "private": False, "thread": None, "text": "hello", "nonce": "n"}
    async with open_page(address, "samir") as samir:
        post = paper_post(samir)
        token = next(token for label, token in buttons(post).items() if label.startswith("I’ve read it"))
        path = tmp_path / "club.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await samir.press(token, post["id"])
            await samir.send(type="say", **line)
            await samir.until("toast")
            other.execute("ROLLBACK")
        assert ["nothing was written down" in toast for toast in samir.toasts] == [True, True]
        await samir.send(type="say", **line)
        assert [each["text"] for each in said(await samir.until("taken"))] == ["hello"]
        await samir.press(token, post["id"])
        assert "nothing was written down" not in samir.toasts[-1]


async def test_what_concerns_one_member_is_shown_to_them_alone(house: House, address: str) -> None:
    """/progress and its answer reach no other page, also after a reload."""
    async with open_page(address, "samir") as samir, open_page(address, "ines") as ines:
        asked, answer = said(await samir.say("/progress"))
        assert asked["private"]
        assert answer["private"]
        await ines.say("good morning")
        assert asked["id"] not in ines.lines
        assert answer["id"] not in ines.lines
        await samir.enter("samir")
        assert {asked["id"], answer["id"]} <= set(samir.lines)
        await samir.enter("ines")
        assert not {asked["id"], answer["id"]} & set(samir.lines)


async def test_plain_words_are_shown_to_all_and_not_answered(address: str) -> None:
    """In the room, only a line that begins with a slash is for the bot."""
    async with open_page(address, "samir") as samir, open_page(address, "lin") as lin:
        (line,) = said(await samir.say("<b>Good</b> morning"))
        await lin.until("line")
        assert lin.lines[line["id"]]["text"] == "<b>Good</b> morning"


async def test_plain_words_to_the_bot_alone_are_answered(address: str) -> None:
    """In private every line is for the bot, and no one else sees it."""
    async with open_page(address, "samir", private=True) as samir, open_page(address, "ines") as ines:
        mine, answer = said(await samir.say("what now"))
        assert "/help" in text(answer)
        await ines.enter("ines", private=True)
        assert not {mine["id"], answer["id"]} & set(ines.lines)


async def test_a_button_gives_a_toast_to_whoever_pressed_it(house: House, address: str) -> None:
    """*I’ve read it* is recorded for the presser, and said to them alone."""
    async with open_page(address, "samir") as samir, open_page(address, "ines") as ines:
        post = paper_post(samir)
        token = next(token for label, token in buttons(post).items() if label.startswith("I’ve read it"))
        await samir.press(token, post["id"])
        assert len(samir.toasts) == 1
        await ines.say("hello")
        assert ines.toasts == []
    async with house.tools.store.read() as records:
        club = await records.home(Account(Platform.WEB, "samir"))
        assert club is not None
        assert await records.readers(club, "dropout-2012") == 1


async def test_my_own_quiz_goes_on_in_one_card(address: str) -> None:
    """Each answer and each next question takes the place of what was there."""
    async with open_page(address, "samir") as samir:
        post = paper_post(samir)
        token = next(token for label, token in buttons(post).items() if label.startswith("Quiz me"))
        (card,) = said(await samir.press(token, post["id"]))
        assert card["private"]
        assert list(buttons(card)) == ["A", "B", "C", "D"]
        (explained,) = said(await samir.press(buttons(card)["A"], card["id"]))
        assert explained["id"] == card["id"]
        (label,) = buttons(explained)
        (second,) = said(await samir.press(buttons(explained)[label], card["id"]))
        assert second["id"] == card["id"]
        assert "2" in text(second)


async def test_a_groups_question_shows_each_member_their_own_answer(house: House, address: str) -> None:
    """One has answered and sees right or wrong and why, also after coming back; the other sees neither."""
    async with open_page(address, "samir") as samir, open_page(address, "lin") as lin:
        await samir.say("/quiz")
        await house.sender.settled()
        await samir.enter("samir")
        await lin.enter("lin")
        asked = [line for line in samir.lines.values() if quiz(line)]
        assert len(asked) == 5
        question = quiz(asked[0])
        assert question is not None
        (mine,) = said(await samir.press(question["options"][0]["token"], asked[0]["id"]))
        answered = quiz(mine)
        assert answered is not None
        assert answered["answered"]["choices"] == [0]
        assert answered["answered"]["why"]
        theirs = quiz(lin.lines[asked[0]["id"]])
        assert theirs is not None
        assert "answered" not in theirs
        await samir.press(question["options"][1]["token"], asked[0]["id"])
        await samir.enter("samir")
        again = quiz(samir.lines[asked[0]["id"]])
        assert again is not None
        assert again["answered"] == answered["answered"]


async def test_a_discussion_holds_what_is_said_in_it(address: str) -> None:
    """Its lines stay out of the main flow, and its opener counts them for everybody."""
    async with open_page(address, "samir") as samir, open_page(address, "ines") as ines:
        (opener,) = samir.scene["threads"]
        thread = str(opener["id"])
        (starter,) = await samir.open(thread)
        assert starter["author"] == "paperclub"
        await samir.say("I doubt it.", thread)
        shown = said(await ines.until("line")) + said(await ines.until("line"))
        assert [line["thread"] for line in shown] == [thread, None]
        assert "2" in shown[1]["replies"]
        assert [line.get("text") for line in await ines.open(thread)] == [None, "I doubt it."]
        await ines.enter("ines")
        assert all(line["thread"] is None for line in ines.scene["lines"])


async def test_a_line_for_a_thread_that_is_not_there_is_said_in_the_room(address: str) -> None:
    """Nothing typed is lost."""
    async with open_page(address, "samir") as samir:
        for thread in ("9999", "x", "1", "²"):
            (line,) = said(await samir.say("hello", thread))
            assert line["thread"] is None


async def test_a_line_sent_twice_is_said_once(address: str) -> None:
    """A page that lost the connection sends again what it had no answer for."""
    async with open_page(address, "samir") as samir:
        assert len(said(await samir.say("hello", nonce="same"))) == 1
        assert said(await samir.say("hello", nonce="same")) == []


async def test_a_line_that_is_too_long_is_not_said(address: str) -> None:
    """The page stops before; whoever goes past it is told the limit."""
    async with open_page(address, "samir") as samir:
        assert said(await samir.say("x" * (TEXT_LIMIT + 1))) == []
        assert str(TEXT_LIMIT) in samir.toasts[0].replace(",", "")
        assert len(said(await samir.say("字" * TEXT_LIMIT))) == 1


async def test_a_mention_of_somebody_names_their_record(address: str) -> None:
    """`/progress @name` works for every name, also with a space or in Chinese."""
    async with open_page(address, "samir") as samir:
        _, answer = said(await samir.say("/progress @林晓"))
        assert "林晓" in text(answer)


async def test_only_an_organiser_changes_the_schedule(address: str) -> None:
    """Who one speaks as decides."""
    async with open_page(address, "samir") as page:
        _, refused = said(await page.say("/schedule pause"))
        assert refused["private"]
        await page.enter("ines")
        events = await page.say("/schedule pause")
        assert "Paused" in text(said(events)[-1])
        standing = [event for event in events if event["type"] == "standing"]
        assert standing[-1]["next"] == "The club is resting."


async def test_the_next_beat_can_be_jumped_to(house: House, address: str) -> None:
    """The page is told what comes next; after the jump that has been said, and something else comes next."""
    async with open_page(address, "samir") as samir:
        before = samir.scene["standing"]["next"]
        await samir.send(type="jump")
        (after,) = [event for event in await samir.until("standing") if event["type"] == "standing"]
        assert after["next"] != before
        count = len(samir.lines)
        await house.sender.settled()
        await samir.enter("samir")
        assert len(samir.lines) > count or "2" in samir.scene["threads"][0]["replies"]


async def test_what_time_brings_changes_what_comes_next(house: House, address: str) -> None:
    """A page that is open hears of it with the post."""
    clock = house.tools.clock
    assert isinstance(clock, FakeClock)
    async with open_page(address, "samir") as samir:
        coming = samir.scene["standing"]["next"]
        clock.advance(3 * DAY)
        await house.tick()
        assert (await samir.until("standing"))[-1]["next"] != coming


async def test_a_page_is_told_all_commands_with_their_gaps(address: str) -> None:
    """From the one table; those of organisers only to organisers, and to everybody in private."""
    async with open_page(address, "ines") as page:
        menu = page.scene["menu"]
        assert [command["path"] for command in menu["commands"]] == [command.path for command in COMMANDS]
        assert [value["value"] for value in menu["values"]["paper"]] == [str(n) for n in range(1, 19)]
        terms = {value["value"]: value["also"] for value in menu["values"]["term"]}
        assert "随机失活" in terms["dropout"]
        samir = await page.enter("samir")
        assert "schedule set" not in {command["path"] for command in samir["menu"]["commands"]}
        private = await page.enter("samir", private=True)
        assert "schedule set" in {command["path"] for command in private["menu"]["commands"]}


async def test_the_page_speaks_the_language_of_whoever_one_speaks_as(address: str) -> None:
    """Its words, the commands, the club’s standing."""
    async with open_page(address, "lin") as page:
        assert page.scene["words"]["web.send"] == "发送"
        assert "篇" in page.scene["standing"]["progress"]
        assert (await page.enter("samir"))["words"]["web.send"] == "Send"


def test_the_page_uses_the_words_it_is_given_and_no_others() -> None:
    """Every key in the page’s files is sent, and every key sent is used."""
    files = [*STATIC.glob("*.js"), STATIC / "index.html"]
    source = "".join(file.read_text("utf-8") for file in files)
    assert len(files) >= 7
    assert {key for key in PAGE_WORDS if f'"{key}"' not in source} == set()
    used = {f"web.{rest.partition(chr(34))[0]}" for rest in source.split('"web.')[1:]}
    assert used == set(PAGE_WORDS)


async def test_the_room_is_as_it_was_after_a_restart(tmp_path: Path) -> None:
    """What was said, to all and to one, and the discussions."""
    clock = FakeClock(START)
    seen: list[list[Json]] = []
    for _ in range(2):
        async with open_house(web_settings(tmp_path), clock, ticking=False) as house:
            await house.tick()
            await house.sender.settled()
            assert house.web is not None
            async with open_page(house.web.address, "samir") as samir:
                if not seen:
                    await samir.say("/progress")
                    await samir.say("hello")
                    await samir.say("indeed", str(samir.scene["threads"][0]["id"]))
                scene = await samir.enter("samir")
                seen.append([*scene["lines"], *scene["threads"], *await samir.open("2")])
    assert seen[0] == seen[1]


async def test_a_post_is_said_once_however_often_it_is_sent(house: House, address: str) -> None:
    """The ledger’s id is the key; the second attempt finds the first one’s line."""
    messenger = messenger_of(house)
    to, message = Destination("room"), Message((Text("once"),))
    first = await messenger.send(to, message, 900)
    assert await messenger.send(to, Message((Text("twice"),)), 900) == first
    thread = await messenger.open_thread(to, OpenThread("title", first.message_id), 901)
    assert await messenger.open_thread(to, OpenThread("title", first.message_id), 901) == thread
    assert thread.thread_id == thread.message_id
    inside = await messenger.send(Destination("room", thread_id=thread.thread_id), message, 902)
    async with open_page(address, "samir") as page:
        assert text(page.lines[int(first.message_id)]) == "once"
        assert [str(line["id"]) for line in await page.open(thread.thread_id or "")] == [inside.message_id]


async def test_a_post_to_a_chat_or_thread_that_is_not_here_is_refused(house: House) -> None:
    """It would be shown to nobody."""
    messenger, message = messenger_of(house), Message((Text("x"),))
    with pytest.raises(Refused) as gone:
        await messenger.send(Destination("private:nobody"), message, 1_000)
    assert gone.value.refusal is Refusal.GONE
    for thread in ("1", "77", "x"):
        with pytest.raises(Refused) as no_thread:
            await messenger.send(Destination("room", thread_id=thread), message, 1_001)
        assert no_thread.value.refusal is Refusal.CONTENT
    with pytest.raises(Refused):
        await messenger.open_thread(Destination("elsewhere"), OpenThread("x", None), 1_002)
    with pytest.raises(Refused):
        await messenger.tell("nobody", message)


async def test_one_persona_can_be_told_something_alone(house: House, address: str) -> None:
    await messenger_of(house).tell("ines", Message((Text("for Ines alone"),)))
    async with (
        open_page(address, "ines", private=True) as ines,
        open_page(address, "samir", private=True) as samir,
    ):
        assert "for Ines alone" in map(text, ines.lines.values())
        assert "for Ines alone" not in map(text, samir.lines.values())


async def test_organisers_are_those_the_room_calls_so(house: House) -> None:
    """And everybody is, alone with the bot."""
    messenger = messenger_of(house)
    assert await messenger.may_organise("room", "ines")
    assert not await messenger.may_organise("room", "samir")
    assert await messenger.may_organise("private:samir", "samir")
    assert not await messenger.may_organise("private:ines", "samir")
    assert not await messenger.may_organise("room", "nobody")


@pytest.mark.parametrize(
    "frame", ["", "[]", "{", '{"type":"dance"}', '{"type":"press","token":1,"line":"x"}']
)
async def test_a_frame_that_makes_no_sense_is_passed_over(address: str, frame: str) -> None:
    """The connection goes on."""
    async with open_page(address, "samir") as page:
        await page.socket.send_str(frame)
        assert len(said(await page.say("hello"))) == 1


@pytest.mark.parametrize("token", ["", "p1:read:nothing", "x" * 500, "p1:answer:1:1:9"])
async def test_a_forged_button_does_nothing_and_says_so(address: str, token: str) -> None:
    """Also one under a line that the presser does not see."""
    async with open_page(address, "samir") as page, open_page(address, "ines") as ines:
        assert said(await page.press(token, paper_post(page)["id"])) == []
        assert len(page.toasts) == 1
        hidden = said(await ines.say("/progress"))[-1]
        assert said(await page.press(token, hidden["id"])) == []
        assert len(page.toasts) == 1


def test_a_page_that_does_not_read_is_sent_away() -> None:
    """It holds up nobody, and what waits for it does not grow without end."""
    viewer = Viewer(Persona("samir", "Samir", demo.PEOPLE[1].language))
    for _ in range(UNSHOWN + 1):
        viewer.show({"type": "taken"})
    assert viewer.unshown.qsize() == 1
    assert viewer.unshown.get_nowait() is None


async def test_what_happens_while_a_view_is_read_comes_after_it() -> None:
    """Else a line said in that moment would be missing until the next reload."""
    viewer = Viewer(Persona("samir", "Samir", demo.PEOPLE[1].language))
    viewer.hold()
    viewer.show({"type": "line"})
    viewer.release({"type": "scene"})
    assert [viewer.unshown.get_nowait() for _ in range(2)] == ['{"type": "scene"}', '{"type": "line"}']


async def test_closing_says_goodbye_to_pages(tmp_path: Path) -> None:
    """A page hears that the server goes, and the address is free again."""
    async with AsyncExitStack() as parts:
        house = await parts.enter_async_context(
            open_house(web_settings(tmp_path), FakeClock(START), ticking=False)
        )
        assert house.web is not None
        session = await parts.enter_async_context(ClientSession())
        address = house.web.address
        socket = await session.ws_connect(f"{address}ws", origin=address.rstrip("/"))
        closing = asyncio.create_task(house.web.close())
        message = await socket.receive(timeout=5)
        assert message.type is WSMsgType.CLOSE
        assert message.data == 1001
        await socket.close()
        await closing
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*web_address(address))


def web_address(address: str) -> tuple[str, int]:
    """Host and port."""
    host, _, port = address.removeprefix("http://").rstrip("/").partition(":")
    return host, int(port)


async def test_the_page_its_files_and_its_health_are_served(address: str) -> None:
    """With headers that forbid scripts from anywhere else, and without any script in the page itself."""
    async with ClientSession() as session:
        async with session.get(address) as answer:
            page = await answer.text()
            policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert page.count("<script") == page.count('<script type="module" src="/static/') == 1
        assert " style=" not in page
        for file in STATIC.iterdir():
            async with session.get(f"{address}static/{file.name}") as answer:
                assert answer.status == 200
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
        async with session.get(f"{address}health") as answer:
            assert await answer.json() == {"ok": True}


async def test_a_picture_has_an_address_and_may_run_nothing(house: House, address: str) -> None:
    """It is drawn anew whenever it is asked for, so it is there after a restart as well."""
    async with open_page(address, "samir") as page:
        (line,) = [line for line in said(await page.say("/path")) if line["author"] == BOT]
    assert line["private"]
    [part] = [part for part in line["parts"] if part["kind"] == "picture"]
    async with ClientSession() as session:
        async with session.get(address.rstrip("/") + part["address"]) as answer:
            assert answer.content_type == "image/svg+xml"
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            svg = await answer.text()
        for missing in (line["id"] + 999, line["id"] - 1, "x", "9" * 16):
            async with session.get(f"{address}pictures/{missing}.svg") as answer:
                assert answer.status == 404
    assert "prefers-color-scheme:dark" in svg
    assert "Batch Normalization" in svg


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "10.0.0.1", "127.0.0.1.evil.example"])
async def test_a_foreign_name_for_this_machine_is_turned_away(address: str, host: str) -> None:
    """A website that makes its name point here (DNS rebinding) must not read the room."""
    async with ClientSession() as session:
        for path in ("", "health", "static/room.js"):
            async with session.get(address + path, headers={"Host": host}) as answer:
                assert answer.status == 403


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "localhost:1234"])
async def test_this_machines_own_names_are_let_in(address: str, name: str) -> None:
    """Whatever the port: it may have been forwarded."""
    async with ClientSession() as session, session.get(address, headers={"Host": name}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1:1"])
async def test_another_websites_page_may_not_open_a_socket(address: str, origin: str) -> None:
    """A browser says where a page comes from; only our own page may speak here."""
    async with ClientSession() as session:
        with pytest.raises(WSServerHandshakeError) as refused:
            await session.ws_connect(f"{address}ws", headers={"Origin": origin})
        assert refused.value.status == 403


async def test_a_room_with_a_secret_asks_for_it_at_the_door(tmp_path: Path) -> None:
    """No page and no socket without it; a wrong one is refused; the right one is remembered as a cookie
    that does not hold it."""
    async with (
        open_house(web_settings(tmp_path, SECRET), FakeClock(START), ticking=False) as house,
        ClientSession() as session,
    ):
        assert house.web is not None
        address = house.web.address
        origin = address.rstrip("/")
        async with session.get(address) as answer:
            assert 'name="key"' in await answer.text()
        with pytest.raises(WSServerHandshakeError):
            await session.ws_connect(f"{address}ws", origin=origin)
        for key in ("", "wrong", SECRET + "x"):
            async with session.post(
                f"{address}enter", data={"key": key}, headers={"Origin": origin}
            ) as answer:
                assert 'name="key"' in await answer.text()
        async with session.post(
            f"{address}enter", data={"key": SECRET}, headers={"Origin": origin}, allow_redirects=False
        ) as answer:
            cookie = answer.cookies["paperclub"]
        assert SECRET not in cookie.value
        assert cookie["httponly"]
        assert cookie["samesite"] == "Strict"
        jar = {"Cookie": f"paperclub={cookie.value}"}
        async with session.get(address, headers=jar) as answer:
            assert 'id="flow"' in await answer.text()
        async with session.ws_connect(f"{address}ws", origin=origin, headers=jar) as socket:
            page = Page(socket)
            assert (await page.enter("samir"))["persona"] == "samir"
        async with session.get(f"{address}health") as answer:
            assert await answer.json() == {"ok": True}
        async with session.get(address, headers={"Host": "club.example", **jar}) as answer:
            assert answer.status == 200
