"""The ids that members have met: listed once published, and checked to mean the same ever after."""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256

import msgspec
import yaml

from bot.library.files import Content, PaperFiles
from bot.library.findings import Finding
from bot.library.format import PublishedPaper, QuestionForm

_HEAD = "# What members have met, written by `paperclub publish`. Do not edit it by hand.\n"
_MENDABLE = re.compile(r"[\s,;:!?'\"‘’“”]")


def mark(question: QuestionForm) -> str:
    """What a published question keeps: its right options, and what it and its options say, in order.

    The English text stands for both languages. Its capitals, spaces, commas and quotation marks may still
    be mended.
    """
    key = "".join(letter for letter, option in zip("abcd", question.options, strict=False) if option.right)
    said = [question.ask.en, *(option.en for option in question.options)]
    kept = "|".join(_MENDABLE.sub("", text.casefold()) for text in said)
    return f"{key or '-'}-{sha256(kept.encode()).hexdigest()[:12]}"


def published_findings(content: Content) -> Iterator[Finding]:
    """Published ids that are gone, or stand for something else."""
    papers = {paper.id: paper for paper in content.papers}
    for file in content.published:
        for paper_id, published in file.content.papers.items():
            paper = papers.get(paper_id)
            if paper is None:
                what = f"the published paper {paper_id} is gone"
                yield file.finding(["papers", paper_id], what, f"Bring papers/{paper_id}/ back.")
            else:
                yield from _questions(paper, published.questions)
                yield from _prompts(paper, published.prompts)


def _questions(paper: PaperFiles, published: Mapping[str, str]) -> Iterator[Finding]:
    if paper.quiz is None:
        return
    met: dict[str, str] = {}
    for index, question in enumerate(paper.quiz.content.questions):
        now = met[question.id] = mark(question)
        before = published.get(question.id, now)
        if before != now:
            same_key = before.partition("-")[0] == now.partition("-")[0]
            fault = "says something else" if same_key else "has another right option"
            yield paper.quiz.finding(
                ["questions", index, "id"],
                f"the published question {question.id} {fault} than before",
                f"Bring the old text back, and write below it a new question with supersedes: {question.id}.",
            )
    for gone in published.keys() - met.keys():
        what = f"the published question {gone} is gone"
        advice = f"Bring it back; to retire it, write supersedes: {gone} in a new question below it."
        yield paper.quiz.finding(["questions"], what, advice)


def _prompts(paper: PaperFiles, published: list[str]) -> Iterator[Finding]:
    if paper.prompts is None:
        return
    met = {prompt.id for prompt in paper.prompts.content.prompts}
    for gone in published:
        if gone not in met:
            what = f"the published prompt {gone} is gone"
            yield paper.prompts.finding(["prompts"], what, "Bring its id back; its text may change.")


def published(content: Content) -> tuple[str, int]:
    """The text of `published.yaml` for a content folder as it is now, and how many ids are new in it.
    Nothing is ever taken out."""
    listed = {paper: entry for file in content.published for paper, entry in file.content.papers.items()}
    new = 0
    for paper in content.papers:
        known = listed.get(paper.id, PublishedPaper({}, []))
        questions = paper.quiz.content.questions if paper.quiz else []
        prompts = paper.prompts.content.prompts if paper.prompts else []
        asked = {question.id: mark(question) for question in questions} | known.questions
        invited = list(dict.fromkeys((*known.prompts, *(prompt.id for prompt in prompts))))
        new += len(asked) + len(invited) - len(known.questions) - len(known.prompts)
        listed[paper.id] = PublishedPaper(asked, invited)
    papers = {paper: msgspec.to_builtins(listed[paper]) for paper in sorted(listed)}
    return _HEAD + yaml.safe_dump({"papers": papers}, sort_keys=False), new
