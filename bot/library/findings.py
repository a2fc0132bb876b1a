"""What is wrong in a content file, said to the person who writes it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault: the file, the line counted from 1, what is wrong, and what to write instead.

    A grave fault keeps what the file holds out of the library; any other is only reported.
    """

    path: str
    line: int
    what: str
    advice: str
    grave: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}. {self.advice}"
