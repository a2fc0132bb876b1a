"""A way into the house for another program: an address at which it hands something in."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hook:
    """Where something is handed in, and to whom.

    `paths` are served by the web room's server, whose door they pass: `knows` tells by the headers of a
    request whether it comes from who may. `take` gets the body of such a one, of at most `largest` bytes, and
    gives the HTTP status of the answer.
    """

    paths: frozenset[str]
    largest: int
    knows: Callable[[Mapping[str, str]], bool]
    take: Callable[[bytes], Awaitable[int]]
