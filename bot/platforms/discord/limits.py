"""Discord's limits, and what becomes of a part that goes beyond one.

Source: Discord's public API description, version 10, and the sections *Create Message*, *Embed Limits*,
*Message Components*, *Application Commands*, *Receiving and Responding* and *Start Thread from Message*
of its developer documentation; for the pace its section *Rate Limits*.

A message is a layout of components. One with more text than that holds is embeds; one that has pages is a
layout a page.

| part | beyond the limit |
| --- | --- |
| Text, Facts | go on in a further embed; what does not fit a message is cut at the end of a paragraph |
| Fold | text under its title, after a line; in embeds one of its own; cut like text |
| Picture | an image with its words as description, which are cut; without a PNG, its words as text |
| Pointer | a link button, beside the text before it if that is short |
| Buttons | rows over 5 go on in another row; the last rows that do not fit are dropped; a label is cut |
| Menu | a list of the first 25; a choice or the hint is cut |
| Picker | a list that Discord fills with its channels or roles |
| Form | the first 5 fields, and of each the first 10 choices; labels and hints are cut |
| Quiz | there is no native quiz: text with a button for each option |
| toast | a message seen by the presser alone |
| thread title, event's title and text, name of a tag | cut |
| menu of choices | the first 25; a name is cut |
"""

from typing import Final

from bot.platforms.pace import Limits

PACE = Limits(per_second=45, in_any_second=46, chat_gap=1.0)
"""Discord allows a bot 50 calls a second in all, answers to interactions aside. Its limits for each channel
(at present 5 messages in 5 seconds) are kept by discord.py; the gap keeps posts from waiting there."""

ACCENT = 0x17566B
"""The accent of the tokens that the web room and the pictures share."""

COMPONENTS = 40
"""The most components of a layout, those inside others too."""

LAYOUT_TEXT = 4000
"""All text of a layout together."""

EMBEDS = 10
EMBED_TEXT = 4096
"""The longest description of an embed. We count UTF-16 units, which are never fewer than Discord counts."""

EMBED_TITLE = 256

EMBEDS_TOGETHER = 6000
"""The texts of all embeds of a message together."""

ATTACHMENT_TEXT = 1024
"""The longest description of a file."""

ROWS = 5
BUTTONS_PER_ROW = 5
BUTTON_LABEL = 80
BUTTON_URL = 512

MENU_CHOICES = 25
MENU_CHOICE = 100
MENU_HINT = 150

FIELDS = 5
"""We count on no more fields in a form than its older kind had; the description allows 40."""

FORM_TITLE = 45
FIELD_LABEL = 45
FIELD_HINT = 100
FIELD_TEXT = 4000
FIELD_CHOICES = 10
FIELD_CHOICE = 100

THREAD_TITLE = 100

TAG_NAME = 50
FORUM_TAGS = 20
"""The longest name of a forum's tag, and how many tags it has at most."""

EVENT_TITLE = 100
EVENT_ABOUT = 1000

THREAD_MINUTES: Final = 10_080
"""How long a thread rests before it is archived: the longest there is, a week. Writing opens it again."""

CHOICES = 25
"""The most choices an option offers, fixed or completed."""

CHOICE_NAME = 100

ANSWER_WITHIN = 2.0
"""Seconds until an answer is announced instead of given. Discord waits 3; the way there takes some."""

SESSION_GAP = 5.0
"""Seconds between two sessions that shards of one lane begin on the gateway."""

CLUB_WITHIN = 1.0
"""Seconds that the record has to tell of the club in which somebody types; then they are helped without."""

NONCE_SECONDS = 110
"""How long a nonce surely finds the earlier message. Discord says “the past few minutes”; we count on
less than two."""
