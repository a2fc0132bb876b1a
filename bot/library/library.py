"""The library in memory: every paper and plan that could be read, ready to be asked for."""

from collections.abc import Iterable, Sequence
from importlib.resources.abc import Traversable

from bot.domain.glossary import Term
from bot.domain.papers import Paper
from bot.domain.plans import Plan
from bot.library.checks import examine
from bot.library.files import plan, read, term
from bot.library.findings import Finding
from bot.library.search import Index
from bot.library.terms import Terms


class ContentLibrary:
    """Papers, plans and terms as the port `Library` describes them.

    A plan may name a paper that the library does not hold, because its files are broken: so the weeks keep
    their numbers.
    """

    def __init__(
        self,
        papers: Iterable[Paper],
        plans: Iterable[Plan],
        findings: Sequence[Finding] = (),
        terms: Iterable[Term] = (),
    ) -> None:
        self._papers = {paper.id: paper for paper in papers}
        self._plans = {plan.id: plan for plan in plans}
        self._held: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._index = Index(self._papers.values())
        self._terms = Terms(terms, self._papers.values())
        self.findings = findings
        """What the authors should mend, by file and line."""

    @classmethod
    def load(cls, folder: Traversable, own: Traversable | None = None) -> "ContentLibrary":
        """Read a content folder, and the host's own beside it. Never fails: what has a grave finding is
        left out, the rest is served."""
        content = read(folder, own)
        findings = examine(content)
        broken = {finding.path for finding in findings if finding.grave}
        papers = (files.paper(broken) for files in content.papers)
        plans = (plan(file.content) for file in content.plans if file.path not in broken)
        terms = (term(form) for file in content.glossaries for form in file.content.terms)
        return cls((paper for paper in papers if paper is not None), plans, findings, terms)

    def paper(self, paper_id: str) -> Paper | None:
        """The paper with this id."""
        return self._papers.get(paper_id)

    def held(self, papers: tuple[str, ...]) -> tuple[str, ...]:
        """Those of some papers, by id, that are here, in their order."""
        # Ten thousand clubs at the same place of a plan ask the same in one tick.
        if papers not in self._held:
            self._held[papers] = tuple(paper for paper in papers if paper in self._papers)
        return self._held[papers]

    def plan(self, plan_id: str) -> Plan | None:
        """The plan with this id."""
        return self._plans.get(plan_id)

    def papers(self) -> Sequence[Paper]:
        """Every paper, by id."""
        return tuple(self._papers.values())

    def plans(self) -> Sequence[Plan]:
        """Every plan."""
        return tuple(self._plans.values())

    def find(self, words: str, plan: Plan) -> Sequence[Paper]:
        """Papers of a plan that match a number, an id or words in either language, best first."""
        return self._index.find(words, plan)

    def nearest(self, words: str, plan: Plan) -> Paper | None:
        """The paper someone most likely meant; None when nothing is near."""
        return self._index.nearest(words, plan)

    def term(self, words: str) -> Term | None:
        """The term with this id, or called just this in either language."""
        return self._terms.find(words)

    def terms(self) -> Sequence[Term]:
        """Every term, by its English name."""
        return self._terms.all

    def terms_like(self, words: str) -> Sequence[Term]:
        """Terms called something like this, best first."""
        return self._terms.like(words)
