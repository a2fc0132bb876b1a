"""The week's live discussion in the server's calendar, for clubs that want it there."""

from datetime import datetime

from bot.domain.posts import PostKind, PostState
from tests.platforms.discord.home import DAY, HOUR, MINUTE, WEEK, Home
from tests.servers.discord import BOT_PERMISSIONS, Channel, Event, Guild, Message, Permission, User

EVENTS = BOT_PERMISSIONS | Permission.CREATE_EVENTS


async def club(home: Home, ines: User, *, may: bool = True) -> Channel:
    """A channel in which a club has begun; the bot may put events in the calendar."""
    if may:
        home.guild.grant("Paperclub", EVENTS)
    await home.say(home.general, ines, "start")
    return home.general


async def switch(home: Home, ines: User, on: str, channel: Channel | None = None) -> Message:
    return await home.say(channel or home.general, ines, "settings events", switch=on)


def calendar(guild: Guild) -> list[Event]:
    return list(guild.events.values())


def starts(event: Event) -> int:
    return int(datetime.fromisoformat(event.starts_at).timestamp())


async def quiz_at(home: Home, kind: str = "quiz") -> int:
    """When the club's next quiz comes."""
    async with home.house.tools.store.read() as records:
        [club] = await records.clubs()
        return next(b.next_at for b in await records.beats(club.id) if b.kind.value == kind and b.next_at)


async def events(home: Home) -> list[PostState]:
    return [post.state for post in await home.posts(PostKind.EVENT)]


async def test_nothing_is_put_in_the_calendar_unasked(home: Home, ines: User) -> None:
    await club(home, ines)
    await home.pass_time(2 * HOUR)
    assert calendar(home.guild) == []
    assert await events(home) == []


async def test_a_week_is_in_the_calendar_at_the_time_of_its_quiz_with_the_way_to_its_thread(
    home: Home, ines: User
) -> None:
    general = await club(home, ines)
    told = await switch(home, ines, "on")
    assert "in the server’s calendar" in told.text
    await home.pass_time(2 * HOUR)
    [event] = calendar(home.guild)
    assert event.name.startswith("Live discussion · Improving neural networks")
    assert starts(event) == await quiz_at(home)
    assert datetime.fromisoformat(event.ends_at).timestamp() == starts(event) + HOUR
    [thread] = home.server.threads(general)
    assert event.location == f"https://discord.com/channels/{home.guild.id}/{thread.id}"
    await home.pass_days(7)
    assert len(calendar(home.guild)) == 2
    assert await events(home) == [PostState.SENT] * 2


async def test_switched_on_within_a_week_it_is_put_in_at_once_and_switched_off_taken_out(
    home: Home, ines: User
) -> None:
    await club(home, ines)
    await home.pass_time(2 * HOUR)
    await switch(home, ines, "on")
    assert len(calendar(home.guild)) == 1
    shown = await home.say(home.general, ines, "settings show")
    assert "/settings events off" in shown.text
    await switch(home, ines, "off")
    assert calendar(home.guild) == []
    shown = await home.say(home.general, ines, "settings show")
    assert "calendar" not in shown.text


async def test_what_is_switched_on_twice_is_there_once(home: Home, ines: User) -> None:
    await club(home, ines)
    await home.pass_time(2 * HOUR)
    await switch(home, ines, "on")
    await switch(home, ines, "on")
    assert len(calendar(home.guild)) == 1


async def test_without_a_quiz_it_is_the_recap(home: Home, ines: User) -> None:
    await club(home, ines)
    await switch(home, ines, "on")
    await home.say(home.general, ines, "schedule beat", beat="quiz", when="off")
    await home.pass_time(2 * HOUR)
    [event] = calendar(home.guild)
    assert starts(event) == await quiz_at(home, "recap")


async def test_without_a_quiz_and_a_recap_there_is_none(home: Home, ines: User) -> None:
    await club(home, ines)
    await switch(home, ines, "on")
    for beat in ("quiz", "recap"):
        await home.say(home.general, ines, "schedule beat", beat=beat, when="off")
    await home.pass_time(2 * HOUR)
    assert calendar(home.guild) == []


async def test_the_calendar_follows_the_quiz(home: Home, ines: User) -> None:
    await club(home, ines)
    await switch(home, ines, "on")
    await home.pass_time(2 * HOUR)
    before = starts(calendar(home.guild)[0])
    await home.say(home.general, ines, "schedule beat", beat="quiz", when="thursday", time="18:00")
    [event] = calendar(home.guild)
    assert starts(event) == await quiz_at(home) != before
    await home.say(home.general, ines, "settings timezone", zone="Asia/Shanghai")
    [event] = calendar(home.guild)
    assert starts(event) == await quiz_at(home)


async def test_a_change_while_the_week_is_still_arriving_makes_no_second(home: Home, ines: User) -> None:
    await club(home, ines)
    await switch(home, ines, "on")
    home.server.fault("POST /channels/*/messages/*/threads", "503", times=4)
    await home.pass_time(2 * HOUR)
    assert home.server.threads(home.general) == []
    await home.say(home.general, ines, "schedule beat", beat="quiz", when="thursday", time="18:00")
    await home.pass_time(HOUR)
    assert len(home.server.threads(home.general)) == 1
    await home.say(home.general, ines, "schedule beat", beat="quiz", when="friday", time="18:00")
    assert [starts(event) for event in calendar(home.guild)] == [await quiz_at(home)]


async def test_two_clubs_of_a_server_have_an_event_each(home: Home, ines: User) -> None:
    await club(home, ines)
    other = home.guild.channel("other")
    await home.say(other, ines, "start")
    for channel in (home.general, other):
        await switch(home, ines, "on", channel)
    await home.pass_time(2 * HOUR)
    assert len({event.location for event in calendar(home.guild)}) == 2


async def test_a_club_that_pauses_has_nothing_in_the_calendar_until_it_goes_on(
    home: Home, ines: User
) -> None:
    await club(home, ines)
    await switch(home, ines, "on")
    await home.pass_time(2 * HOUR)
    await home.say(home.general, ines, "schedule pause")
    assert calendar(home.guild) == []
    await home.say(home.general, ines, "schedule resume")
    assert [starts(event) for event in calendar(home.guild)] == [await quiz_at(home)]


async def test_an_event_that_has_begun_is_left_as_it_is(home: Home, ines: User) -> None:
    await club(home, ines)
    await switch(home, ines, "on")
    await home.pass_time(2 * HOUR)
    [event] = calendar(home.guild)
    home.clock.set(starts(event) + MINUTE)
    await home.pass_time(MINUTE)
    before = starts(event)
    await home.say(home.general, ines, "schedule beat", beat="quiz", when="sunday", time="08:00")
    assert [starts(each) for each in calendar(home.guild)] == [before]
    assert await events(home) == [PostState.SENT]


async def test_what_others_have_in_the_calendar_is_left_alone(home: Home, ines: User) -> None:
    general = await club(home, ines)
    await switch(home, ines, "on")
    await home.pass_time(HOUR)
    new_id = home.server.world.new_id
    place = f"https://discord.com/channels/{home.guild.id}/{general.id}"
    times = ("2026-09-05T10:00:00+00:00", "2026-09-05T11:00:00+00:00")
    party = Event(home.guild, new_id(), ines, "Party", None, place, *times)
    home.guild.events[party.id] = party
    await home.pass_time(HOUR)
    await switch(home, ines, "off")
    assert calendar(home.guild) == [party]


async def test_an_event_whose_making_was_not_answered_is_there_once(home: Home, ines: User) -> None:
    await club(home, ines)
    await switch(home, ines, "on")
    kinds = ("500-after", "drop-after", "503-after", "500", "drop-before")
    for number, kind in enumerate(kinds):
        fault = home.server.fault("POST /guilds/*/scheduled-events", kind)
        await home.pass_time(WEEK if number else 2 * HOUR)
        await home.pass_time(HOUR)
        assert fault.times == 0
        assert len(calendar(home.guild)) == number + 1
    assert await events(home) == [PostState.SENT] * len(kinds)


async def test_trouble_with_the_calendar_holds_up_nothing_that_people_read(home: Home, ines: User) -> None:
    await club(home, ines)
    await switch(home, ines, "on")
    home.server.fault("GET /guilds/*/scheduled-events", "503", times=100)
    await home.pass_time(2 * HOUR)
    await home.pass_time(DAY)
    assert await events(home) == [PostState.PENDING]
    await home.pass_time(DAY + 10 * HOUR)
    assert [post.state for post in await home.posts(PostKind.PROMPT)] == [PostState.SENT]


async def test_without_the_right_the_organiser_finds_it_in_the_settings(home: Home, ines: User) -> None:
    await club(home, ines, may=False)
    await switch(home, ines, "on")
    await home.pass_time(2 * HOUR)
    assert calendar(home.guild) == []
    assert await events(home) == [PostState.FAILED]
    shown = await home.say(home.general, ines, "settings show")
    assert "permission “Create Events”" in shown.text
    home.guild.grant("Paperclub", EVENTS)
    await switch(home, ines, "on")
    assert len(calendar(home.guild)) == 1
    assert await events(home) == [PostState.SENT]


async def test_a_calendar_that_is_full_is_no_harm(home: Home, ines: User) -> None:
    await club(home, ines)
    await switch(home, ines, "on")
    times = ("2026-10-05T10:00:00+00:00", "2026-10-05T11:00:00+00:00")
    for number in range(100):
        party = Event(home.guild, home.server.world.new_id(), ines, f"Party {number}", None, "here", *times)
        home.guild.events[party.id] = party
    await home.pass_time(2 * HOUR)
    await home.pass_time(MINUTE)
    assert await events(home) == [PostState.FAILED]
    assert [post.state for post in await home.posts(PostKind.STARTER)] == [PostState.SENT]


async def test_in_a_direct_conversation_there_is_no_calendar(home: Home, ines: User) -> None:
    alone = home.server.dm(ines)
    await home.say(alone, ines, "start")
    answer = await switch(home, ines, "on", alone)
    assert "There is no calendar here" in answer.text


async def test_only_organisers_are_offered_the_switch(home: Home, ines: User) -> None:
    await club(home, ines)
    ana = home.guild.member("Ana")
    answer = await switch(home, ana, "on")
    assert "Only organisers" in answer.text


async def test_a_forums_week_is_in_the_calendar_with_the_way_to_its_post(home: Home, ines: User) -> None:
    home.guild.grant("Paperclub", EVENTS)
    forum = home.guild.forum("papers")
    corner = home.server.world.open_thread(forum, "Hello", ines, None, None)
    await home.say(corner, ines, "start")
    await switch(home, ines, "on", corner)
    await home.pass_time(2 * HOUR)
    [event] = calendar(home.guild)
    [_, week] = home.server.threads(forum)
    assert event.location.endswith(f"/{week.id}")
