"""The rules that content keeps beyond its form, each phrased for the author who broke it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from importlib.resources.abc import Traversable

from bot.domain.languages import Language
from bot.library.documents import T, YamlFile
from bot.library.explain import LANGUAGE_NAMES
from bot.library.files import Content, PaperFiles, read
from bot.library.findings import Finding
from bot.library.format import (
    Both,
    Facts,
    GuideForm,
    PictureWords,
    PlanForm,
    Prompts,
    QuestionForm,
    Quiz,
)
from bot.library.glossary import glossary_findings
from bot.library.pictures import PictureFile
from bot.library.prose import PAGE_LIMIT, post_length, summary_findings
from bot.library.published import published_findings
from bot.messages.cards import AUTHORS_SHOWN
from bot.messages.markup import units

# Telegram's quiz polls, in UTF-16 units: Bot API, sendPoll and InputPollOption.
ASK_LIMIT = 300
OPTION_LIMIT = 100
WHY_LIMIT = 200
WHY_LINE_FEEDS = 2

# Ours.
PROMPT_LIMIT = 280
"""The longest prompt, in UTF-16 units: it is read at a glance."""

ALT_FLOORS = {Language.EN: 80, Language.ZH: 40}
ALT_LIMIT = 300
"""The shortest and the longest description of a picture, in UTF-16 units: with a question under it, it stays
within a caption on Telegram."""

LABEL_LIMITS = {Language.EN: 56, Language.ZH: 36}
"""The longest label of a picture: what fits from margin to margin in its smallest letters."""

DOES_LIMITS = {Language.EN: 320, Language.ZH: 160}
TEN_MINUTES_LIMITS = {Language.EN: 200, Language.ZH: 100}

TERMS = range(2, 6)
"""How many terms a paper introduces."""

BALANCED_FROM = 4
"""With how many questions the positions of the right options must be balanced."""

MESSAGE_LIMIT = 4096
"""The longest message on Telegram, in UTF-16 units, and the longest embed on Discord."""

MESSAGE_WORDS = 450
"""What a week's post says besides the paper's own words, in both languages and at the most."""

SKIMMED = "skimmed"
"""The id of the prompt for people who only skimmed the paper."""


def check(folder: Traversable, own: Traversable | None = None) -> list[Finding]:
    """Everything an author should mend in a content folder and in the host's own, by file and line."""
    return examine(read(folder, own))


def examine(content: Content) -> list[Finding]:
    """The faults met in reading, and the rules that what was read breaks, by file and line."""
    findings = [
        *content.faults,
        *_plans(content),
        *_needs(content),
        *_messages(content),
        *glossary_findings(content),
        *published_findings(content),
    ]
    for paper in content.papers:
        if paper.facts is not None:
            findings += _facts(paper.id, paper.facts)
        if paper.quiz is not None:
            findings += _quiz(paper.quiz)
            findings += _shown(paper.quiz, paper)
        if paper.prompts is not None:
            findings += _prompts(paper.prompts)
        findings += summary_findings(tuple(paper.summaries.values()))
        if paper.words is not None:
            findings += _picture(paper.picture, paper.words)
        if paper.guide is not None:
            findings += _guide(paper.guide, paper)
    return sorted(findings)


# Plans


def _plans(content: Content) -> Iterator[Finding]:
    known = {paper.id for paper in content.papers}
    needs = {paper.id: paper.facts.content.needs for paper in content.papers if paper.facts is not None}
    planned = {
        paper for plan in content.plans for section in plan.content.sections for paper in section.papers
    }
    for plan in content.plans:
        yield from _plan(plan, known, needs)
    if not planned:
        return  # without a readable plan this would be said of every paper
    for files in content.papers:
        if files.facts is not None and files.id not in planned:
            what, advice = (
                f"{files.id} is in no plan",
                "Name it in a file in plans/, or no club will read it.",
            )
            yield files.facts.finding(["id"], what, advice)


def _plan(file: YamlFile[PlanForm], known: set[str], needs: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    name = file.path.rpartition("/")[2].removesuffix(".yaml")
    if file.content.id != name:
        what = f"the id {file.content.id} is not the name of the file"
        yield file.finding(["id"], what, f"Write id: {name}, or rename the file.", grave=True)
    met = set[str]()
    papers = {paper for section in file.content.sections for paper in section.papers}
    for number, section in enumerate(file.content.sections):
        for index, paper in enumerate(section.papers):
            place = ("sections", number, "papers", index)
            if paper not in known:
                yield file.finding(place, f"no paper has the id {paper}", "Write a folder's name in papers/.")
            if late := [need for need in needs.get(paper, ()) if need in papers and need not in met]:
                what = f"{paper} comes before {late[0]}, which it needs"
                yield file.finding(place, what, "Put it after that one.")
            if paper in met:
                yield file.finding(
                    place, f"{paper} is in this plan twice", "Keep the place where it belongs."
                )
            met.add(paper)


# Facts


def _facts(folder: str, file: YamlFile[Facts]) -> Iterator[Finding]:
    facts = file.content
    if facts.id != folder:
        what = f"the id {facts.id} is not the name of the folder"
        yield file.finding(["id"], what, f"Write id: {folder}, or rename the folder.", grave=True)
    if facts.minutes.first > facts.minutes.careful:
        yield file.finding(
            ["minutes"],
            f"a first look of {facts.minutes.first} minutes is longer than the careful reading",
            "Write the shorter time as first, the longer as careful.",
        )
    if len(facts.terms) not in TERMS:
        advice = f"Keep the {TERMS[0]} to {TERMS[-1]} that the paper introduces."
        yield file.finding(["terms"], f"the number of terms is {len(facts.terms)}", advice)


def _messages(content: Content) -> Iterator[Finding]:
    """Posts, in a club of both languages, and pages of equations that would not be one message."""
    titles = {paper.id: paper.facts.content.title for paper in content.papers if paper.facts is not None}
    for paper in content.papers:
        if paper.facts is None:
            continue
        facts, length = paper.facts.content, MESSAGE_WORDS
        for language in Language:
            equations = sum(units(each.plain + each.says[language]) + 5 for each in facts.equations)
            if equations > PAGE_LIMIT:
                what = f"the equations have {equations} characters in {LANGUAGE_NAMES[language]}"
                advice = f"Shorten them to {PAGE_LIMIT} at most, which is one message."
                yield paper.facts.finding(["equations"], what, advice)
            before = [titles[need] for need in facts.needs if need in titles]
            said = [facts.title.en, facts.title.zh, facts.venue[language], *facts.authors[:AUTHORS_SHOWN]]
            length += sum(units(text) + 5 for text in (*said, *(title[language] for title in before)))
        length += sum(map(post_length, paper.summaries.values()))
        if length > MESSAGE_LIMIT:
            what = f"the week's post comes to {length} characters in both languages, over one message"
            advice = f"Shorten the title, the venue or the names: {MESSAGE_LIMIT} is the most."
            yield paper.facts.finding(["title"], what, advice)


def _needs(content: Content) -> Iterator[Finding]:
    known = {paper.id for paper in content.papers}
    files = {paper.id: paper.facts for paper in content.papers if paper.facts is not None}
    for file in files.values():
        for index, need in enumerate(file.content.needs):
            if need not in known:
                what = f"needs names {need}, and no paper has this id"
                yield file.finding(["needs", index], what, "Write a folder's name in papers/.")
    try:
        TopologicalSorter({paper: file.content.needs for paper, file in files.items()}).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        what = f"needs goes round in a circle: {' → '.join(reversed(cycle))}"
        yield files[cycle[-1]].finding(["needs"], what, "Take out the need that a reader can do without.")


# Quizzes


def _quiz(file: YamlFile[Quiz]) -> Iterator[Finding]:
    questions = file.content.questions
    yield from _ids(file, "questions", [question.id for question in questions])
    for index, question in enumerate(questions):
        yield from _question(file, index, question)
    yield from _succession(file, questions)
    yield from _giveaways(file, [question for question in file.content.asked if len(_keys(question)) == 1])


def _question(file: YamlFile[Quiz], index: int, question: QuestionForm) -> Iterator[Finding]:
    at = ("questions", index)
    keys = _keys(question)
    if not 0 < len(keys) < len(question.options):
        what = f"question {question.id} has {len(keys) or 'no'} right options"
        advice = "Write right: true under one, or under several, but not under all."
        yield file.finding((*at, "options"), what, advice, grave=True)
    elif len(keys) > 1 and question.why is None:
        what = f"question {question.id} has several right options and no why of its own"
        yield file.finding(at, what, "Write why: what makes those right, and no others.", grave=True)
    elif len(keys) == 1 and question.why:
        what = f"question {question.id} has one right option and a why of its own"
        yield file.finding((*at, "why"), what, "Write it as the why of the right option.")
    if question.why:
        yield from _why(file, (*at, "why"), question.why, f"the explanation of question {question.id}")
    yield from _long(file, (*at, "ask"), question.ask, f"question {question.id}", ASK_LIMIT, grave=True)
    for n, option in enumerate(question.options):
        place, name = (*at, "options", n), f"option {_letter(n)}"
        yield from _long(file, place, option, name, OPTION_LIMIT, grave=True)
        yield from _why(file, (*place, "why"), option.why, f"the explanation of {name}")
    for language in Language:
        met: dict[str, int] = {}
        for n, option in enumerate(question.options):
            first = met.setdefault(" ".join(option[language].casefold().split()), n)
            if first != n:
                what = f"options {_letter(first)} and {_letter(n)} are the same in {LANGUAGE_NAMES[language]}"
                twin = (*at, "options", n, language.value)
                yield file.finding(twin, what, "Write four different answers.")


def _why(file: YamlFile[Quiz], at: tuple[str | int, ...], why: Both, name: str) -> Iterator[Finding]:
    """An explanation that has to fit a poll's."""
    yield from _long(file, at, why, name, WHY_LIMIT, grave=True)
    for language in Language:
        feeds = why[language].strip().count("\n")
        if feeds > WHY_LINE_FEEDS:
            what = f"{name} has {feeds} line breaks in {LANGUAGE_NAMES[language]}"
            advice = f"Keep to {WHY_LINE_FEEDS} at most; one line is best."
            yield file.finding((*at, language.value), what, advice, grave=True)


def _shown(file: YamlFile[Quiz], paper: PaperFiles) -> Iterator[Finding]:
    """A question may show the paper's picture, where there is one and where it can be answered under it."""
    for index, question in enumerate(file.content.questions):
        if question.picture is None:
            continue
        at = ("questions", index, "picture")
        if paper.picture is None or paper.words is None:
            what = f"question {question.id} shows the paper's picture, and there is none to show"
            yield file.finding(at, what, "Draw it as picture.svg and picture.yaml, or take this line out.")
        elif question.picture == "question" and len(_keys(question)) > 1:
            what = f"question {question.id} has several right options and the picture above them"
            yield file.finding(at, what, "Write picture: explanation; picking would send it again each time.")


def _succession(file: YamlFile[Quiz], questions: Sequence[QuestionForm]) -> Iterator[Finding]:
    """A question may take the place of an earlier one, so that something is left to be asked."""
    for index, question in enumerate(questions):
        if question.supersedes and question.supersedes not in {older.id for older in questions[:index]}:
            what = f"supersedes names {question.supersedes}, and no earlier question has this id"
            advice = "Write the id of the question whose place this one takes; it stays in the file above."
            yield file.finding(["questions", index, "supersedes"], what, advice)


def _giveaways(file: YamlFile[Quiz], questions: Sequence[QuestionForm]) -> Iterator[Finding]:
    """What would let a member guess right without having read the paper."""
    count = len(questions)
    for language in Language:
        longest = [question.id for question in questions if _key_is_longest(question, language)]
        if len(longest) * 3 > count:
            yield file.finding(
                ["questions"],
                f"the right option is the longest in {len(longest)} of {count} questions"
                f" in {LANGUAGE_NAMES[language]}",
                f"Keep to a third: shorten it, or lengthen another, in some of {', '.join(longest)}.",
            )
    positions = Counter(_keys(question)[0] for question in questions)
    for position, times in positions.items():
        if count >= BALANCED_FROM and times * 2 > count:
            yield file.finding(
                ["questions"],
                f"the right option is option {_letter(position)} in {times} of {count} questions",
                "Change the order of some options: no position may be right in more than half of them.",
            )


def _key_is_longest(question: QuestionForm, language: Language) -> bool:
    key = _keys(question)[0]
    lengths = [units(option[language]) for option in question.options]
    return all(lengths[key] > length for n, length in enumerate(lengths) if n != key)


def _keys(question: QuestionForm) -> list[int]:
    return [n for n, option in enumerate(question.options) if option.right]


def _letter(n: int) -> str:
    return "abcd"[n]


# Prompts


def _prompts(file: YamlFile[Prompts]) -> Iterator[Finding]:
    prompts = file.content.prompts
    yield from _ids(file, "prompts", [prompt.id for prompt in prompts])
    for index, prompt in enumerate(prompts):
        yield from _long(file, ("prompts", index), prompt, f"prompt {prompt.id}", PROMPT_LIMIT)
    if not any(prompt.id == SKIMMED for prompt in prompts):
        what = "no prompt is for people who only skimmed the paper"
        yield file.finding(["prompts"], what, f"Write one with the id {SKIMMED} that they can answer too.")


# Pictures and guides


def _picture(picture: PictureFile | None, words: YamlFile[PictureWords]) -> Iterator[Finding]:
    alt, labels = words.content.alt, words.content.labels
    yield from _long(words, ["alt"], alt, "the description", ALT_LIMIT)
    for language in Language:
        length, floor = units(alt[language].strip()), ALT_FLOORS[language]
        if length < floor:
            what = f"the description has {length} characters in {LANGUAGE_NAMES[language]}"
            advice = f"Say in {floor} or more what the picture shows and what one sees by it."
            yield words.finding(["alt", language.value], what, advice)
    for name, label in labels.items():
        yield from _long(words, ["labels", name], label, f"the label {name}", LABEL_LIMITS)
    if picture is None:
        return
    for name, line in picture.names.items():
        if name not in labels:
            what = f"the label {name} has no words"
            advice = f"Write {name}: {{en: …, zh: …}} under labels in picture.yaml."
            yield Finding(picture.path, line, what, advice, grave=True)
    for name in labels:
        if name not in picture.names:
            what = f"the label {name} stands nowhere in picture.svg"
            yield words.finding(["labels", name], what, f"Write {{{name}}} into a <text>, or take it out.")


def _guide(file: YamlFile[GuideForm], paper: PaperFiles) -> Iterator[Finding]:
    passes = file.content.passes
    for index, each in enumerate(passes):
        at = ("passes", index)
        yield from _long(file, (*at, "does"), each.does, f"pass {index + 1}", DOES_LIMITS)
        if index and each.minutes <= passes[index - 1].minutes:
            what = f"pass {index + 1} takes {each.minutes} minutes, no longer than the one before it"
            yield file.finding((*at, "minutes"), what, "Give each pass more time than the one before.")
    name = "the text for ten minutes"
    yield from _long(file, ["ten-minutes"], file.content.ten_minutes, name, TEN_MINUTES_LIMITS)
    together = sum(each.minutes for each in passes)
    careful = paper.facts.content.minutes.careful if paper.facts else together
    if not careful <= 2 * together <= 4 * careful:
        what = f"the three passes take {together} minutes, and a careful reading {careful}"
        yield file.finding(["passes"], what, "Let them take about as long together.")


# What the files of questions and texts share


def _ids(file: YamlFile[Quiz] | YamlFile[Prompts], key: str, ids: Sequence[str]) -> Iterator[Finding]:
    for index, own in enumerate(ids):
        if own in ids[:index]:
            what = f"the id {own} is taken by an earlier {key.removesuffix('s')}"
            advice = "Give this one an id of its own; the earlier may be published, and keeps it."
            yield file.finding([key, index, "id"], what, advice, grave=True)


def _long(
    file: YamlFile[T],
    place: Sequence[str | int],
    text: Both,
    name: str,
    limit: int | Mapping[Language, int],
    *,
    grave: bool = False,
) -> Iterator[Finding]:
    for language in Language:
        most = limit if isinstance(limit, int) else limit[language]
        length = units(text[language])
        if length > most:
            what = f"{name} has {length} characters in {LANGUAGE_NAMES[language]}"
            yield file.finding((*place, language.value), what, f"Shorten it to {most} at most.", grave=grave)
