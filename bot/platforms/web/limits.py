"""The web room’s limits. They are our own: the platform is this server and a browser.

How each part of a message is kept: Text and Facts become HTML, Fold becomes `<details>`, Picture becomes
an SVG with an address of its own, Pointer and Buttons become buttons and links, Quiz becomes a card whose
options are its buttons. Nothing is cut or split. A reply to a message is said without its thread: here
every discussion has a thread of its own.
"""

TEXT_LIMIT = 4_000
"""The longest line a person may say, in characters: about two printed pages. The page stops there too."""

FRAME_LIMIT = 64 * 1024
"""The largest frame a page may send, in bytes: the longest line in four-byte characters, escaped."""

HISTORY = 200
"""How many of a chat’s newest lines a page is given."""

UNSHOWN = 500
"""How many events may wait for a page that does not read them before it is let go, to come back for
a fresh view."""

REMEMBERED = 2_000
"""How many lines said are remembered, so that one repeated after a broken connection is not said twice."""

KEY_LIMIT = 256
"""The longest key a visitor may hand in at the door, in characters."""
