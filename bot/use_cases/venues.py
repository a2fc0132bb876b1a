"""What a club uses of the server its channel is in: the channel itself, a role that is notified, one that
readers are given, and the server's calendar."""

from dataclasses import replace

from bot.domain.clubs import ChatKind
from bot.domain.errors import Problem
from bot.messages.markup import cut
from bot.messages.outgoing import RoleChange
from bot.messages.texts import Words
from bot.ports import ServerRole, Servers, Venue
from bot.use_cases import elsewhere
from bot.use_cases.asking import Ask


def is_in_server(ask: Ask) -> bool:
    """Whether the club's chat is a channel of a server."""
    return not ask.private and ask.chat is not None and has_forms(ask)


def has_forms(ask: Ask) -> bool:
    """Whether the platform has servers, and with them lists that open and forms to be filled in."""
    return _servers(ask) is not None


def line(ask: Ask, words: Words) -> tuple[str, ...]:
    """Where the club meets, in a line; none where the chat needs no naming."""
    venue = _venue(ask)
    if venue is None:
        return ()
    key = "setup.now.forum" if venue.kind is ChatKind.FORUM else "setup.now.channel"
    return (words(key, place=venue.name),)


def wished(ask: Ask) -> str:
    """What we lack in the club's channel, in a sentence for the asker: what it cannot do without, or else
    what it can; nothing where we lack nothing."""
    venue = _venue(ask)
    if venue is None or not venue.lacking:
        return ""
    words = ask.tools.texts[ask.sender.language]
    needed = elsewhere.wanting(venue)
    key = "setup.rights.needed" if needed else "setup.rights.useful"
    rights = elsewhere.named(words, needed or list(venue.lacking))
    return words.plain(key, place=cut(venue.name, elsewhere.NAME), rights=rights)


async def move(ask: Ask, chat_id: str) -> Ask:
    """Let the club meet in another channel of the server; the question as it stands then. Raises Problem
    where we may say nothing there, and where another club meets."""
    if ask.chat is None:
        raise Problem("error.button.old")
    place = elsewhere.chosen(ask.tools, ask.sender, replace(ask.place, chat_id=ask.chat.chat_id), chat_id)
    platform = ask.sender.account.platform
    there = await ask.records.chat(platform, chat_id)
    if there and there.club_id != ask.club.id:
        raise Problem("error.setup.taken", club=cut(place.title, 2 * elsewhere.NAME))
    await ask.records.move_chat(ask.chat.id, chat_id)
    # It may be of another kind than the one before.
    await ask.records.add_chat(ask.club.id, platform, chat_id, place.kind, place.topics)
    # What could not be posted there can be posted here.
    await ask.records.set_chat_active(ask.chat.id, True)
    await ask.records.hasten(ask.chat.id, ask.now)
    return replace(ask, chat=await ask.records.chat_by_row(ask.chat.id))


async def set_role(ask: Ask, thing: str, role_id: str | None) -> None:
    """The role that is notified of each paper (*mention*) or given to whoever joins (*reader*); None for
    none. Raises Problem, with what helps, for one that cannot be used so."""
    chat, servers = ask.chat, _servers(ask)
    if chat is None or servers is None:
        raise Problem("error.button.old")
    if role_id is not None:
        role, venue = servers.role(chat.chat_id, role_id), servers.venue(chat.chat_id)
        if role is None or venue is None:
            raise Problem("error.role.unknown")
        _refuse(thing, role, venue)
    if thing == "mention":
        await ask.records.set_mention(chat.id, role_id)
    else:
        await ask.records.set_reader(chat.id, role_id)


def _refuse(thing: str, role: ServerRole, venue: Venue) -> None:
    name = cut(role.name, elsewhere.NAME)
    if role.everyone:
        raise Problem("error.role.everyone")
    if thing == "mention":
        if not role.notifies:
            raise Problem("error.role.silent", role=name)
        return
    if role.managed:
        raise Problem("error.role.managed", role=name)
    if role.powerful:
        # Whoever may choose it here need not be somebody who may give it; and everybody may join.
        raise Problem("error.role.powerful", role=name)
    if not venue.gives_roles:
        raise Problem("error.role.right", role=name)
    if not role.below:
        raise Problem("error.role.above", role=name)


def check_events(ask: Ask) -> None:
    """Raises Problem, with what helps, where we may not put anything in the server's calendar."""
    venue = _venue(ask)
    if venue and not venue.makes_events:
        raise Problem("error.events.right")


async def role_of(ask: Ask, *, given: bool) -> RoleChange | None:
    """The role that the asker is given as a reader of the club, or loses; None where none is set. Said in
    private, it is about the club's first channel that has one."""
    platform = ask.sender.account.platform
    chats = [ask.chat] if ask.chat else await ask.records.chats(ask.club.id)
    for chat in chats:
        if chat.platform is platform and chat.reader:
            words = ask.tools.texts[ask.sender.language]
            return RoleChange(chat.chat_id, chat.reader, given, words.plain("join.role") if given else "")
    return None


def _servers(ask: Ask) -> Servers | None:
    return elsewhere.servers_of(ask.tools, ask.sender.account.platform)


def _venue(ask: Ask) -> Venue | None:
    servers = _servers(ask)
    return servers.venue(ask.chat.chat_id) if servers and ask.chat else None
