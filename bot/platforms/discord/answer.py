"""The answer to one interaction."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import discord

from bot.messages.markup import escape
from bot.messages.outgoing import Form, Message, Reply, Text
from bot.platforms.discord.errors import FAILURES
from bot.platforms.discord.messenger import SILENT_MENTIONS
from bot.platforms.discord.places import is_alone, is_among_others
from bot.platforms.discord.render import Address, Rendered, modal, render

log = logging.getLogger(__name__)

_ALREADY_ACKNOWLEDGED = 40060


@dataclass(slots=True)
class Answer:
    """The answer to one interaction. The first thing said must be said within three seconds and once; an
    announcement ("thinking…") is filled by what comes after it and decides who sees that."""

    interaction: discord.Interaction
    acknowledged: bool = False
    announced_to: bool | None = None
    """Whether the announcement was private; None when nothing was announced that has to be filled."""

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
        """Acknowledge now, answer later. A press is acknowledged without a word."""
        if self._pressed:
            await self._first(self.interaction.response.defer)
            return
        private = (private or self._hidden) and not self._alone
        await self._first(lambda: self.interaction.response.defer(ephemeral=private, thinking=True))
        self.announced_to = private

    async def give(self, reply: Reply | None, png: bytes | None = None) -> None:
        """Give a reply: the message, then the toast; where there is neither, acknowledge. A form is opened
        instead while it still can be: nothing was said yet, and no form was just sent."""
        if reply and reply.form and self._may_open:
            await self._open(reply.form)
            return
        message, toast = (reply.message, reply.toast) if reply else (None, "")
        picture = png if self._alone or self.interaction.app_permissions.attach_files else None
        if reply and message:
            rendered = render(message, self._address, picture)
            if not (self._may_replace(reply) and await self._edit(rendered)):
                private = (reply.private or self._under_private or self._hidden) and not self._alone
                await self._say(rendered, private=private, silent=message.silent)
        if reply and toast:
            shown = reply.illustration if picture and not message else None
            parts = (Text(escape(toast)), shown) if shown else (Text(escape(toast)),)
            told = render(Message(parts), self._address, picture if shown else None)
            await self._say(told, private=True, silent=False)
        if not message and not toast:
            await self._pass_over()

    async def _open(self, form: Form) -> None:
        await self._first(lambda: self.interaction.response.send_modal(_Window(form)))

    def _may_replace(self, reply: Reply) -> bool:
        """Whether a reply stands in place of what was pressed. What concerns one replaces nothing that
        everybody sees."""
        seen_by_others = not self._alone and not self._under_private
        return reply.edit and self._pressed and not (reply.private and seen_by_others)

    async def _say(self, rendered: Rendered, *, private: bool, silent: bool) -> None:
        view = rendered.view() or discord.utils.MISSING
        if not self.acknowledged:
            await self._first(
                lambda: self.interaction.response.send_message(
                    embeds=rendered.embeds,
                    files=rendered.files(),
                    view=view,
                    ephemeral=private,
                    silent=silent,
                    allowed_mentions=SILENT_MENTIONS,
                )
            )
        elif self.announced_to is private:
            self.announced_to = None
            await self.interaction.edit_original_response(
                embeds=rendered.embeds,
                attachments=rendered.files(),
                view=rendered.view(),
                allowed_mentions=SILENT_MENTIONS,
            )
        else:
            if self.announced_to is not None:
                # What follows an announcement is seen by whom it was announced to, so it has to go first.
                self.announced_to = None
                await self.interaction.delete_original_response()
            await self.interaction.followup.send(
                embeds=rendered.embeds,
                files=rendered.files(),
                view=view,
                ephemeral=private,
                silent=silent,
                allowed_mentions=SILENT_MENTIONS,
            )

    async def _edit(self, rendered: Rendered) -> bool:
        """Put an answer in place of the message whose button was pressed; False when it cannot be."""
        try:
            if self.acknowledged:
                await self.interaction.edit_original_response(
                    content=None,
                    embeds=rendered.embeds,
                    attachments=rendered.files(),
                    view=rendered.view(),
                    allowed_mentions=SILENT_MENTIONS,
                )
            else:
                await self._first(
                    lambda: self.interaction.response.edit_message(
                        content=None,
                        embeds=rendered.embeds,
                        attachments=rendered.files(),
                        view=rendered.view(),
                        allowed_mentions=SILENT_MENTIONS,
                    )
                )
        except discord.HTTPException as error:
            log.info("a message could not be edited, a new one is sent: %s", error)
            return False
        return True

    async def _pass_over(self) -> None:
        """Acknowledge without a word."""
        if self._pressed:
            if not self.acknowledged:
                await self._first(self.interaction.response.defer)
            return
        if not self.acknowledged:
            await self.announce(private=True)
        await self.interaction.delete_original_response()

    async def _first(self, respond: Callable[[], Awaitable[object]]) -> None:
        """Acknowledge. Where the line broke the same is said again: Discord takes it once."""
        try:
            await respond()
        except discord.HTTPException:
            raise
        except FAILURES:
            try:
                await respond()
            except discord.HTTPException as error:
                if error.code != _ALREADY_ACKNOWLEDGED:
                    raise
        self.acknowledged = True


class _Window(discord.ui.Modal):
    """A form that is written out already, and not listened to: it is told by its custom id."""

    def __init__(self, form: Form) -> None:
        super().__init__(title=form.title, timeout=None)
        self._written = modal(form)
        self.stop()

    def to_dict(self) -> dict[str, Any]:
        """The window in Discord's words."""
        return self._written
