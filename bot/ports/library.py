"""The papers, the plans and the glossary."""

from collections.abc import Sequence
from typing import Protocol

from bot.domain.glossary import Term
from bot.domain.papers import Paper
from bot.domain.plans import Plan


class Library(Protocol):
    """The papers, the plans and the glossary."""

    def paper(self, paper_id: str) -> Paper | None:
        """The paper with this id."""
        ...

    def held(self, papers: tuple[str, ...]) -> tuple[str, ...]:
        """Those of some papers, by id, that are here, in their order."""
        ...

    def plan(self, plan_id: str) -> Plan | None:
        """The plan with this id."""
        ...

    def plans(self) -> Sequence[Plan]:
        """Every plan."""
        ...

    def find(self, words: str, plan: Plan) -> Sequence[Paper]:
        """Papers of a plan that match a number, an id or words in either language, best first.

        A number or an exact id gives that paper alone. Nothing alike gives nothing.
        """
        ...

    def nearest(self, words: str, plan: Plan) -> Paper | None:
        """The paper someone most likely meant; None when nothing is near."""
        ...

    def term(self, words: str) -> Term | None:
        """The term with this id, or called just this in either language: capitals, spaces, hyphens and a
        remark in brackets at the end make no difference."""
        ...

    def terms(self) -> Sequence[Term]:
        """Every term, by its English name."""
        ...

    def terms_like(self, words: str) -> Sequence[Term]:
        """Terms called something like this in either language, best first. Nothing alike gives nothing."""
        ...
