"""A content folder: its files found and read, and made into papers and plans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from bot.domain.languages import Language
from bot.domain.papers import Equation, Option, Paper, Prompt, Question
from bot.domain.plans import Plan, Section
from bot.library.documents import SummaryFile, YamlFile, read_summary, read_yaml
from bot.library.findings import Finding
from bot.library.format import Facts, Form, PlanForm, Prompts, Quiz

T = TypeVar("T", bound=Form)


def shipped() -> Traversable:
    """The content that comes with Paperclub, in a checkout and in an installed wheel alike."""
    return files("content")


@dataclass(frozen=True, slots=True)
class PaperFiles:
    """The files in one paper's folder: where they are, and those that could be read."""

    id: str
    paths: frozenset[str]
    facts: YamlFile[Facts] | None
    quiz: YamlFile[Quiz] | None
    prompts: YamlFile[Prompts] | None
    summaries: Mapping[Language, SummaryFile]

    def paper(self) -> Paper | None:
        """The paper; None while a file is missing or has not its form."""
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
            questions=tuple(
                Question(
                    id=question.id,
                    skill=question.skill,
                    reread=question.reread.pair(),
                    ask=question.ask.pair(),
                    options=tuple(Option(o.pair(), o.why.pair(), o.right) for o in question.options),
                )
                for question in self.quiz.content.questions
            ),
            prompts=tuple(Prompt(prompt.id, prompt.pair()) for prompt in self.prompts.content.prompts),
        )


@dataclass(frozen=True, slots=True)
class Content:
    """What a content folder holds, with the faults met in reading it."""

    papers: Sequence[PaperFiles]
    plans: Sequence[YamlFile[PlanForm]]
    faults: Sequence[Finding]


def plan(form: PlanForm) -> Plan:
    """The plan that a file describes."""
    sections = tuple(Section(section.title.pair(), tuple(section.papers)) for section in form.sections)
    return Plan(form.id, form.title.pair(), sections)


def read(folder: Traversable) -> Content:
    """Read a content folder. Never fails: what cannot be read is among the faults."""
    return _Reader(folder).content()


class _Reader:
    def __init__(self, folder: Traversable) -> None:
        self._folder = folder
        self._shown = _shown(folder)
        self._faults: list[Finding] = []

    def content(self) -> Content:
        papers = [self._paper(name) for name in self._inside("papers") if self._at(f"papers/{name}").is_dir()]
        plans = [
            self._yaml(f"plans/{name}", PlanForm) for name in self._inside("plans") if name.endswith(".yaml")
        ]
        if not papers:
            self._fault("papers", 1, "there is no paper here", "Write each paper into papers/<id>/.")
        if not self._inside("plans"):
            self._fault("plans", 1, "there is no plan here", "Write each plan into plans/<id>.yaml.")
        return Content(papers, [file for file in plans if file is not None], self._faults)

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
        )

    def _yaml(self, name: str, form: type[T]) -> YamlFile[T] | None:
        text = self._text(name)
        if text is None:
            return None
        file, faults = read_yaml(f"{self._shown}/{name}", text, form)
        self._faults += faults
        return file

    def _summary(self, name: str, language: Language) -> SummaryFile | None:
        text = self._text(name)
        return read_summary(f"{self._shown}/{name}", text, language) if text is not None else None

    def _text(self, name: str) -> str | None:
        file = self._at(name)
        if not file.is_file():
            self._fault(name, 1, "this file is missing", "Write it as content/README.md explains.")
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

    def _fault(self, name: str, line: int, what: str, advice: str) -> None:
        self._faults.append(Finding(f"{self._shown}/{name}", line, what, advice, grave=True))


def _shown(folder: Traversable) -> str:
    """The folder as people should see it: short where it lies below the current one."""
    path, here = Path(str(folder)).absolute(), Path.cwd()
    return (path.relative_to(here) if here in path.parents else path).as_posix()
