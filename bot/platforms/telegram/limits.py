"""Telegram's limits, and what becomes of a part that goes beyond one.

Source: the official Bot API description, sections *sendMessage*, *sendPhoto*, *MessageEntity*,
*InlineKeyboardButton*, *sendPoll*, *answerCallbackQuery*, *answerInlineQuery*, *createForumTopic* and
*Deep linking*; for the
pace its list of questions for bot developers, *My bot is hitting limits*.

| part | beyond the limit |
| --- | --- |
| Text, Facts, Fold in a reply | in pages with buttons to turn them; cut where it cannot be asked for again |
| the same in a post | split at the end of a paragraph into further messages, the buttons under the last |
| Picture | its words are folded into the caption; what does not fit is cut in a reply, in a post it follows |
| Picture without a PNG, of too many pixels, or where none may be sent | its words as text |
| Pointer | a button where messages have addresses (supergroups), else a reply to the message meant |
| Buttons | rows over 8 go on in another row; tokens are short enough by construction |
| Quiz | as text with a button for each option; a long explanation is cut |
| title of a Quiz | above the question, if that has no room for it |
| Picture beside a Quiz | in the poll, its words folded above the question; without a PNG its words alone |
| Picture of a Quiz's explanation | left out, where it cannot be drawn, may not be sent, or there is no poll |
| toast | cut |
| thread title | cut |
"""

from bot.platforms.pace import Limits

PACE = Limits(per_second=25, in_any_second=26, chat_gap=1.0, group_minute=19, kept_for_replies=4)
"""Telegram allows about 30 messages a second in all, one a second in a chat with short bursts, and 20 a
minute in a group. It counts when they arrive, which is never quite when they leave: we stay below."""

TEXT_UNITS = 4096
"""The longest text of a message, in UTF-16 units."""

CAPTION_UNITS = 1024
"""The longest caption of a picture, in UTF-16 units."""

PHOTO_SIDES = 10_000
"""Pixels of a picture's width and height together."""

PHOTO_RATIO = 20
"""How many times as long as the other one side of a picture may be."""

ENTITIES = 100
"""The most entities of a message; Telegram drops those that come after without a word."""

BUTTONS_PER_ROW = 8

BUTTONS = 100
"""The most buttons under a message."""

POLL_QUESTION = 300
"""Characters of a poll's question."""

POLL_OPTION = 100
"""Characters of a poll's option."""

POLL_EXPLANATION = 200
"""Characters of a quiz's explanation."""

POLL_EXPLANATION_LINES = 3
"""Lines of a quiz's explanation: it may have 2 line feeds."""

POLL_DESCRIPTION = 1024
"""Characters of the text that stands above a poll's question."""

TOAST_UNITS = 200
"""The longest answer to a press, in UTF-16 units."""

ALERT_UNITS = 60
"""A longer toast is shown as an alert: it would be gone before it is read. Our choice."""

FOUND_AT_ONCE = 50
"""Results of one inline query."""

FOUND_SECONDS = 300
"""How long Telegram may remember what was found for one person and the same words."""

TOPIC_TITLE = 128
"""Characters of a forum topic's name."""

START_PARAMETER = 64
"""Characters of a deep link's parameter, out of A–Z, a–z, 0–9, `_` and `-`."""
