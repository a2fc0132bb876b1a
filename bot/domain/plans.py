"""A plan: the ordered papers a club reads, in sections."""

from dataclasses import dataclass, field

from bot.domain.languages import Bilingual


@dataclass(frozen=True, slots=True)
class Section:
    """A titled run of papers inside a plan."""

    title: Bilingual
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A curriculum. Papers are counted from 1, across sections; `papers` holds the id of each, in reading
    order."""

    id: str
    title: Bilingual
    sections: tuple[Section, ...]
    papers: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        papers = tuple(paper for section in self.sections for paper in section.papers)
        object.__setattr__(self, "papers", papers)

    def paper(self, number: int) -> str | None:
        """The paper id at a number counted from 1; None outside the plan."""
        papers = self.papers
        return papers[number - 1] if 1 <= number <= len(papers) else None

    def shelf(self, paper_id: str) -> int:
        """The number of the section a paper is in, counted from 0; 0 also for a paper of no section."""
        holding = (n for n, section in enumerate(self.sections) if paper_id in section.papers)
        return next(holding, 0)

    def number(self, paper_id: str) -> int | None:
        """The number of a paper, counted from 1; None when it is not in the plan."""
        papers = self.papers
        return papers.index(paper_id) + 1 if paper_id in papers else None
