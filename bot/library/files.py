"""A content folder: its files found and read, and made into papers and plans."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from bot.domain.glossary import Term
from bot.domain.languages import Bilingual, Language
from bot.domain.papers import Equation, Figure, Guide, Option, Paper, Pass, Prompt, Question, Shown
from bot.domain.plans import Plan, Section
from bot.library.documents import SummaryFile, YamlFile, read_summary, read_yaml
from bot.library.findings import Finding
from bot.library.format import (
    Facts,
    Form,
    GlossaryForm,
    GlossaryTerm,
    GuideForm,
    PictureWords,
    PlanForm,
    Prompts,
    PublishedForm,
    QuestionForm,
    Quiz,
)
from bot.library.pictures import PictureFile, read_picture

T = TypeVar("T", bound=Form)

GLOSSARY = "glossary.yaml"
"""The glossary of a content folder; there may be none."""

PUBLISHED = "published.yaml"
"""The list of published ids in a content folder; there may be none."""


def shipped() -> Traversable:
    """The content that comes with Paperclub, in a checkout and in an installed wheel alike."""
    return files("content")


@dataclass(frozen=True, slots=True)
class PaperFiles:
    """The files in one paper's folder: where those are that it cannot do without, and all that could be
    read."""

    id: str
    paths: frozenset[str]
    facts: YamlFile[Facts] | None
    quiz: YamlFile[Quiz] | None
    prompts: YamlFile[Prompts] | None
    summaries: Mapping[Language, SummaryFile]
    picture: PictureFile | None
    words: YamlFile[PictureWords] | None
    guide: YamlFile[GuideForm] | None

    def paper(self, broken: Set[str] = frozenset()) -> Paper | None:
        """The paper; None while a file is missing, has not its form, or is one of those broken. It does
        without a picture or a guide that is."""
        if not broken.isdisjoint(self.paths):
            return None
        summaries = {language: file.summary() for language, file in self.summaries.items()}
        told = {language: summary for language, summary in summaries.items() if summary is not None}
        if self.facts is None or self.quiz is None or self.prompts is None or len(told) < len(Language):
            return None
        facts = self.facts.content
        return Paper(
            id=facts.id,
            title=facts.title.pair(),
            authors=tuple(facts.authors),
            year=facts.year,
            venue=facts.venue.pair(),
            page=facts.links.page,
            pdf=facts.links.pdf,
            level=facts.level,
            first_minutes=facts.minutes.first,
            careful_minutes=facts.minutes.careful,
            needs=tuple(facts.needs),
            terms=tuple(term.pair() for term in facts.terms),
            equations=tuple(Equation(e.latex, e.plain, e.says.pair()) for e in facts.equations),
            summaries=told,
            questions=tuple(map(question, self.quiz.content.asked)),
            retired=tuple(map(question, self.quiz.content.retired)),
            prompts=tuple(Prompt(prompt.id, prompt.pair()) for prompt in self.prompts.content.prompts),
            figure=self._figure(broken),
            guide=self._guide(broken),
        )

    def _figure(self, broken: Set[str]) -> Figure | None:
        picture, words = self.picture, self.words
        if picture is None or words is None or not broken.isdisjoint({picture.path, words.path}):
            return None
        labels = {name: label.pair() for name, label in words.content.labels.items()}
        return Figure(picture.template, picture.height, words.content.alt.pair(), labels)

    def _guide(self, broken: Set[str]) -> Guide | None:
        if self.guide is None or self.guide.path in broken:
            return None
        first, second, third = (Pass(each.minutes, each.does.pair()) for each in self.guide.content.passes)
        return Guide((first, second, third), self.guide.content.ten_minutes.pair())


@dataclass(frozen=True, slots=True)
class Content:
    """What a content folder holds, or two of them together, with the faults met in reading."""

    papers: Sequence[PaperFiles]
    plans: Sequence[YamlFile[PlanForm]]
    glossaries: Sequence[YamlFile[GlossaryForm]]
    published: Sequence[YamlFile[PublishedForm]]
    faults: Sequence[Finding]


def question(form: QuestionForm) -> Question:
    """The question that a file describes."""
    return Question(
        id=form.id,
        skill=form.skill,
        reread=form.reread.pair(),
        ask=form.ask.pair(),
        options=tuple(Option(o.pair(), o.why.pair(), o.right) for o in form.options),
        why=form.why.pair() if form.why else None,
        picture=Shown(form.picture) if form.picture else None,
    )


def term(form: GlossaryTerm) -> Term:
    """The term that a glossary describes."""
    return Term(
        id=form.id,
        name=Bilingual(form.en.term, form.zh.term),
        also={language: tuple(form[language].also) for language in Language},
        means=Bilingual(form.en.means, form.zh.means),
        papers=tuple(form.papers),
    )


def plan(form: PlanForm) -> Plan:
    """The plan that a file describes."""
    sections = tuple(Section(section.title.pair(), tuple(section.papers)) for section in form.sections)
    return Plan(form.id, form.title.pair(), sections)


def read(folder: Traversable, own: Traversable | None = None) -> Content:
    """Read a content folder, and the host's own beside it. Never fails: what cannot be read is among the
    faults, and so is an id in the host's folder that the other one has already."""
    content = _Reader(folder).content()
    return _beside(content, _Reader(own, beside=True).content()) if own else content


def _beside(content: Content, own: Content) -> Content:
    """Two folders as one. An id that both hold means what it meant before."""
    papers, plans = {paper.id for paper in content.papers}, {file.content.id for file in content.plans}
    clashes = [
        *(_clash("paper", paper.facts) for paper in own.papers if paper.facts and paper.id in papers),
        *(_clash("plan", file) for file in own.plans if file.content.id in plans),
    ]
    return Content(
        papers=[*content.papers, *(paper for paper in own.papers if paper.id not in papers)],
        plans=[*content.plans, *(file for file in own.plans if file.content.id not in plans)],
        glossaries=[*content.glossaries, *own.glossaries],
        published=[*content.published, *own.published],
        faults=[*content.faults, *own.faults, *clashes],
    )


def _clash(kind: str, file: YamlFile[Facts] | YamlFile[PlanForm]) -> Finding:
    what = f"a built-in {kind} has the id {file.content.id} too"
    return file.finding(
        ["id"], what, "Give yours another; until then the built-in one is served.", grave=True
    )


class _Reader:
    """Reads one folder. One that stands beside another may leave papers or plans to that."""

    def __init__(self, folder: Traversable, *, beside: bool = False) -> None:
        self._folder = folder
        self._beside = beside
        self._shown = _shown(folder)
        self._faults: list[Finding] = []

    def content(self) -> Content:
        papers = [self._paper(name) for name in self._inside("papers") if self._at(f"papers/{name}").is_dir()]
        plans = [
            self._yaml(f"plans/{name}", PlanForm) for name in self._inside("plans") if name.endswith(".yaml")
        ]
        names = self._inside("plans")
        if not papers and not (self._beside and names):
            self._fault("papers", 1, "there is no paper here", "Write each paper into papers/<id>/.")
        if not names and not (self._beside and papers):
            self._fault("plans", 1, "there is no plan here", "Write each plan into plans/<id>.yaml.")
        glossary = self._yaml(GLOSSARY, GlossaryForm) if self._at(GLOSSARY).is_file() else None
        published = self._yaml(PUBLISHED, PublishedForm) if self._at(PUBLISHED).is_file() else None
        return Content(
            papers=papers,
            plans=[file for file in plans if file is not None],
            glossaries=[glossary] if glossary else [],
            published=[published] if published else [],
            faults=self._faults,
        )

    def _paper(self, name: str) -> PaperFiles:
        at = f"papers/{name}"
        facts, quiz, prompts = f"{at}/paper.yaml", f"{at}/quiz.yaml", f"{at}/prompts.yaml"
        summaries = {language: f"{at}/summary.{language}.md" for language in Language}
        told = {language: self._summary(file, language) for language, file in summaries.items()}
        return PaperFiles(
            id=name,
            paths=frozenset(f"{self._shown}/{file}" for file in (facts, quiz, prompts, *summaries.values())),
            facts=self._yaml(facts, Facts),
            quiz=self._yaml(quiz, Quiz),
            prompts=self._yaml(prompts, Prompts),
            summaries={language: file for language, file in told.items() if file is not None},
            picture=self._picture(f"{at}/picture.svg"),
            words=self._yaml(f"{at}/picture.yaml", PictureWords, needed=False),
            guide=self._yaml(f"{at}/guide.yaml", GuideForm, needed=False),
        )

    def _picture(self, name: str) -> PictureFile | None:
        text = self._text(name, needed=False)
        if text is None:
            return None
        file, faults = read_picture(f"{self._shown}/{name}", text)
        self._faults += faults
        return file

    def _yaml(self, name: str, form: type[T], *, needed: bool = True) -> YamlFile[T] | None:
        text = self._text(name, needed=needed)
        if text is None:
            return None
        file, faults = read_yaml(f"{self._shown}/{name}", text, form)
        self._faults += faults
        return file

    def _summary(self, name: str, language: Language) -> SummaryFile | None:
        text = self._text(name)
        return read_summary(f"{self._shown}/{name}", text, language) if text is not None else None

    def _text(self, name: str, *, needed: bool = True) -> str | None:
        file = self._at(name)
        if not file.is_file():
            advice = "Write it as content/README.md explains."
            self._fault(name, 1, "this file is missing", advice, grave=needed)
            return None
        raw = file.read_bytes()
        try:
            return raw.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self._fault(name, line, "this is not text in UTF-8", "Save the file with the encoding UTF-8.")
            return None

    def _inside(self, name: str) -> list[str]:
        folder = self._at(name)
        names = (entry.name for entry in folder.iterdir()) if folder.is_dir() else ()
        return sorted(name for name in names if not name.startswith((".", "_")))

    def _at(self, name: str) -> Traversable:
        return self._folder.joinpath(*name.split("/"))

    def _fault(self, name: str, line: int, what: str, advice: str, *, grave: bool = True) -> None:
        self._faults.append(Finding(f"{self._shown}/{name}", line, what, advice, grave))


def _shown(folder: Traversable) -> str:
    """The folder as people should see it: short where it lies below the current one."""
    path, here = Path(str(folder)).absolute(), Path.cwd()
    return (path.relative_to(here) if here in path.parents else path).as_posix()
