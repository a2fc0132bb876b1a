"""What is pressed in one channel of a server, and is about another of its channels: where a club is founded
by choosing its channel from a list, and what is set under a message that stands where the club does not meet.
"""

from dataclasses import replace

from bot.domain.clubs import ChatKind, Platform
from bot.domain.errors import Problem
from bot.messages.actions import Action, Verb, read_number, there
from bot.messages.incoming import Place, Sender
from bot.messages.markup import cut
from bot.messages.outgoing import Button, Buttons, Menu, Message, Part, Picker
from bot.messages.texts import Words
from bot.ports import Right, Servers, Venue
from bot.use_cases.asking import Ask, Tools

CARRIED = frozenset({Verb.JOIN, Verb.SETUP, Verb.CHOOSE, Verb.USE, Verb.TYPE})
"""What can be pressed about another channel. Other buttons are left out of a message that is about one."""

NEEDED = (Right.SEE, Right.WRITE, Right.EMBED)
"""Without these nothing at all can be said in a channel."""

FORUM_NEEDS = (*NEEDED, Right.ANSWER)
"""In a forum everything but the first words of a post is said in a thread."""


NAME = 30
"""The longest name of a channel or a role in a sentence that has to fit a toast, in UTF-16 units."""


async def meant(tools: Tools, sender: Sender, place: Place, pressed: Action) -> tuple[Place, Action]:
    """The channel that something pressed is about, and what is pressed. Raises Problem for what we never
    wrote, and where the channel is gone."""
    number, verb, *args = pressed.args if len(pressed.args) > 1 else ("", "")
    if verb not in CARRIED:
        raise Problem("error.button.old")
    async with tools.store.read() as records:
        chat = await records.chat_by_row(read_number(number))
    platform = sender.account.platform
    if chat is None or chat.platform is not platform:
        raise Problem("error.button.old")
    venue = beside(tools, platform, place, chat.chat_id)
    if venue is None:
        raise Problem("error.setup.gone")
    about = Place(chat.chat_id, chat.kind, venue.title, topics=chat.topics)
    return about, Action(Verb(verb), tuple(args), pressed.post)


def chosen(tools: Tools, sender: Sender, place: Place, chat_id: str) -> Place:
    """The channel that somebody has chosen for a club. Raises Problem where we can say nothing in it, with
    the rights that we need."""
    venue = beside(tools, sender.account.platform, place, chat_id)
    if venue is None:
        raise Problem("error.setup.gone")
    words = tools.texts[sender.language]
    if lacks := wanting(venue):
        raise Problem("error.setup.rights", place=cut(venue.name, NAME), rights=named(words, lacks))
    return Place(chat_id, venue.kind, venue.title)


def beside(tools: Tools, platform: Platform, place: Place, chat_id: str) -> Venue | None:
    """A channel of the same server as a place; None where it is of another, or of none."""
    servers = servers_of(tools, platform)
    if servers is None or place.kind is ChatKind.PRIVATE:
        return None
    here, venue = servers.venue(place.chat_id), servers.venue(chat_id)
    return venue if here and venue and here.server_id == venue.server_id else None


def servers_of(tools: Tools, platform: Platform) -> Servers | None:
    """What is known of a platform's servers; None where there are none."""
    messenger = tools.messengers.get(platform)
    return messenger.servers if messenger else None


def wanting(venue: Venue) -> list[Right]:
    """The rights without which a club cannot meet in a channel, as far as we lack them."""
    needed = FORUM_NEEDS if venue.kind is ChatKind.FORUM else NEEDED
    return [right for right in venue.lacking if right in needed]


def named(words: Words, rights: list[Right]) -> str:
    """Rights by the names that the platform's own settings have for them."""
    return words.listed([words.plain(f"right.{right}") for right in rights])


def is_apart(ask: Ask) -> bool:
    """Whether something is asked in another channel than the club's own."""
    return not ask.private and ask.chat is not None and ask.chat.chat_id != ask.place.chat_id


def about(ask: Ask, message: Message) -> Message:
    """A message about a club, to stand where it was asked for: what is pressed under it, there too, is about
    the club's own channel."""
    chat = ask.chat
    if chat is None or not is_apart(ask):
        return message
    return replace(message, parts=tuple(_about(chat.id, part) for part in message.parts))


def lead(ask: Ask, pressed: Action) -> Action:
    """An action as it is pressed where something was asked."""
    return there(ask.chat.id, pressed) if ask.chat and is_apart(ask) else pressed


def _about(chat: int, part: Part) -> Part:
    match part:
        case Buttons(rows):
            led = (tuple(_led(chat, button) for button in row if _is_carried(button)) for row in rows)
            return Buttons(tuple(row for row in led if row))
        case Menu():
            return replace(part, choices=tuple(_led(chat, choice) for choice in part.choices))
        case Picker():
            return replace(part, action=there(chat, part.action))
        case _:
            return part


def _is_carried(button: Button) -> bool:
    return button.action is None or button.action.verb in CARRIED


def _led(chat: int, button: Button) -> Button:
    return replace(button, action=there(chat, button.action)) if button.action else button
