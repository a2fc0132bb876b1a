"""The answer to one interaction."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import discord

from bot.messages.markup import escape
from bot.messages.outgoing import Message, Reply, Text
from bot.platforms.discord import calls
from bot.platforms.discord.calls import Hook
from bot.platforms.discord.completion import Choice
from bot.platforms.discord.errors import EXPIRED, FAILURES
from bot.platforms.discord.places import is_alone, is_among_others
from bot.platforms.discord.render import EPHEMERAL, MODERN, Address, Json, Rendered, modal, render
from bot.ports import Timer

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Answer:
    """The answer to one interaction. The first thing said must be said within three seconds and once; an
    announcement ("thinking…") is filled by what comes after it and decides who sees that.

    Nothing would recognise a follow-up that is sent twice, so there is one only where nothing else serves:
    what is announced is filled, which may be done again, and so may changing what was pressed.
    """

    interaction: discord.Interaction
    timer: Timer
    acknowledged: bool = False
    announced_to: bool | None = None
    """Whether the announcement was private; None when nothing was announced that has to be filled."""

    _hook: Hook = field(init=False)

    def __post_init__(self) -> None:
        self._hook = Hook(self.interaction, self.timer)

    @property
    def _pressed(self) -> bool:
        """Whether it came from under a message: a press, a choice, or a form that one of them opened."""
        return self.interaction.message is not None

    @property
    def _may_open(self) -> bool:
        """Whether a form may be the answer."""
        sent = self.interaction.type is discord.InteractionType.modal_submit
        return not (self.acknowledged or sent)

    @property
    def _under_private(self) -> bool:
        """Whether the message whose button was pressed is seen by the presser alone."""
        return bool(self.interaction.message and self.interaction.message.flags.ephemeral)

    @property
    def _seen_by_others(self) -> bool:
        """Whether others see the message whose button was pressed."""
        return not (self._alone or self._under_private)

    @property
    def _alone(self) -> bool:
        return is_alone(self.interaction)

    @property
    def _hidden(self) -> bool:
        """Whether nothing may be seen here but by whom it is for."""
        return is_among_others(self.interaction)

    @property
    def _address(self) -> Address:
        """Where links lead that are shown here."""
        channel = self.interaction.channel
        parent_id = channel.parent_id if isinstance(channel, discord.Thread) else self.interaction.channel_id
        if self.interaction.guild_id is None:
            return Address(str(parent_id))
        return Address(str(parent_id), str(self.interaction.guild_id))

    async def announce(self, *, private: bool) -> None:
        """Acknowledge now, answer later. A press under what one person sees alone is acknowledged without a
        word, as its answer mostly stands in that place; under what all see it mostly concerns the presser."""
        if self._pressed and not self._seen_by_others:
            await self._first(calls.DEFER_UPDATE)
            return
        private = (private or self._pressed or self._hidden) and not self._alone
        await self._first(calls.DEFER_REPLY, {"flags": EPHEMERAL if private else 0})
        self.announced_to = private

    async def suggest(self, choices: Iterable[Choice]) -> None:
        """Offer what may complete what is typed, which is all that can be said to whoever types."""
        offered: list[Json] = [{"name": name, "value": value} for name, value in choices]
        await self._first(calls.SUGGEST, {"choices": offered})

    async def give(self, reply: Reply | None, png: bytes | None = None) -> None:
        """Give a reply: the message, then the toast; where there is neither, acknowledge. A form is opened
        instead while it still can be: nothing was said yet, and no form was just sent."""
        if reply and reply.form and self._may_open:
            await self._first(calls.MODAL, modal(reply.form))
            return
        message, toast = (reply.message, reply.toast) if reply else (None, "")
        picture = png if self._alone or self.interaction.app_permissions.attach_files else None
        if reply and message:
            rendered = render(message, self._address, picture)
            source = self._replaceable(reply, rendered)
            if not (source and await self._replace(source, rendered)):
                private = (reply.private or self._under_private or self._hidden) and not self._alone
                if private and toast:
                    # Both are for the same person: one message is not followed by another.
                    told = replace(message, parts=(Text(escape(toast)), *message.parts))
                    rendered, toast = render(told, self._address, picture), ""
                await self._say(rendered, private=private)
        if reply and toast:
            shown = reply.illustration if picture and not message else None
            parts = (Text(escape(toast)), shown) if shown else (Text(escape(toast)),)
            rendered = render(Message(parts), self._address, picture if shown else None)
            await self._say(rendered, private=not self._alone)
        await self._finish()

    def _replaceable(self, reply: Reply, rendered: Rendered) -> discord.Message | None:
        """What was pressed, if a reply stands in its place. What concerns one replaces nothing that everybody
        sees, and nothing but a layout replaces a layout."""
        source = self.interaction.message
        if source is None or not reply.edit or (reply.private and self._seen_by_others):
            return None
        return source if rendered.modern or not source.flags.value & MODERN else None

    async def _say(self, rendered: Rendered, *, private: bool) -> None:
        """Say something new."""
        body, announced = rendered.fresh(private=private), self.announced_to
        self.announced_to = None
        if not self.acknowledged:
            await self._first(calls.REPLY, body, rendered.png)
        elif announced is None:
            await self._hook.follow(body, rendered.png)
        elif announced is private:
            await self._fill(rendered)
        elif announced:
            # It has been said to one person before it is said to all: so it is not lost with the follow-up.
            await self._fill(rendered)
            await self._hook.follow(body, rendered.png)
            await self._hook.withdraw()
        else:
            # What follows an announcement is seen by whom it was announced to, so it has to go first.
            await self._hook.withdraw()
            await self._hook.follow(body, rendered.png)

    async def _fill(self, rendered: Rendered) -> None:
        await self._hook.fill(rendered.change(), rendered.png)

    async def _replace(self, source: discord.Message, rendered: Rendered) -> bool:
        """Put an answer in place of the message whose button was pressed; False when it cannot be."""
        body = rendered.change()
        try:
            if not self.acknowledged:
                await self._first(calls.UPDATE, body, rendered.png)
            elif self.announced_to is None:
                await self._hook.fill(body, rendered.png)
            else:
                await self._change(source, rendered)
        except discord.HTTPException as error:
            if calls.is_doubtful(error) or error.code in EXPIRED:
                raise
            log.info("a message could not be changed, a new one is sent: %s", error)
            return False
        return True

    async def _change(self, source: discord.Message, rendered: Rendered) -> None:
        """Change the pressed message as any of the bot's own."""
        http, where = self.interaction.client.http, (str(source.channel.id), str(source.id))
        await calls.edit(http, *where, rendered.change(), rendered.png, self.timer)

    async def _finish(self) -> None:
        """Acknowledge without a word if nothing was said, and take back what was announced for nothing."""
        if not self.acknowledged and self._pressed:
            await self._first(calls.DEFER_UPDATE)
        elif not self.acknowledged:
            await self.announce(private=True)
        if self.announced_to is not None:
            self.announced_to = None
            await self._hook.withdraw()

    async def _first(self, kind: int, data: Json | None = None, png: bytes | None = None) -> None:
        await self._hook.first(kind, data, png)
        self.acknowledged = True


def tell_failure(error: Exception) -> None:
    """Log why an answer was not given. What was asked for has been done all the same."""
    if isinstance(error, discord.HTTPException) and error.code in EXPIRED:
        log.info("an answer came too late: Discord takes none to what was asked (code %s)", error.code)
    elif isinstance(error, FAILURES):
        log.warning("an answer did not reach Discord: %s", error)
