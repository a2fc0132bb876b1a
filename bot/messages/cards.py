"""Domain things as parts of a message, in one language or in both."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.domain.glossary import Term
from bot.domain.languages import ClubLanguage, Language
from bot.domain.papers import Guide, Paper, Question, Shown, Summary
from bot.domain.plans import Plan
from bot.domain.quizzes import Round, order
from bot.domain.reading import Level
from bot.messages.actions import Verb, action, as_bits
from bot.messages.drawings import Mark, PaperFigure, PathMap, Signs, Stone, Stretch
from bot.messages.glossary import pressable
from bot.messages.markup import cut, escape, flat, units
from bot.messages.outgoing import (
    Button,
    Buttons,
    Facts,
    Fold,
    Message,
    Part,
    Picture,
    Quiz,
    Style,
    Text,
)
from bot.messages.texts import Marked, Texts, Words

LETTERS = "ABCD"
AUTHORS_SHOWN = 8

REMEMBERED = 128
"""Of how many papers, in a language each, what was told last is kept: it is told to many."""


def voices(texts: Texts, language: ClubLanguage) -> tuple[Words, ...]:
    """The words a club's posts are written in, the leading language first."""
    return tuple(texts[spoken] for spoken in language.spoken())


def in_voices(
    spoken: Sequence[Words], build: Callable[[Words], Sequence[Text | Facts]]
) -> tuple[Text | Facts | Fold, ...]:
    """The same parts in each language: the first in full, the next folded under it."""
    first, *others = spoken
    folds = (Fold(words.plain("language.name"), tuple(build(words))) for words in others)
    return (*build(first), *folds)


def label(spoken: Sequence[Words], key: str) -> str:
    """A button's label, in every language spoken."""
    return " · ".join(dict.fromkeys(words.plain(key) for words in spoken))


def minutes(words: Words, count: int) -> str:
    """A reading time as plain text: minutes up to an hour, then hours."""
    if count < 60:
        return words.plain_count("time.minutes", count)
    return words.plain_count("time.hours", round(count / 60))


def titles(words: Words, paper: Paper) -> Marked:
    """A paper's title in bold, with its title in the other language under it."""
    other = Language.ZH if words.language is Language.EN else Language.EN
    return Marked(f"**{escape(paper.title[words.language])}**\n{escape(paper.title[other])}")


def paper_facts(words: Words, paper: Paper, needed: Sequence[Paper]) -> Facts:
    """Authors, year, venue, level, reading time, and what to read before."""
    people = list(paper.authors[:AUTHORS_SHOWN])
    who = escape(words.listed(people))
    if len(paper.authors) > AUTHORS_SHOWN:
        who = words("paper.authors.more", names=words.plain("mark.comma").join(people))
    level = words("paper.level.value", dots="●" * paper.level + "○" * (5 - paper.level), level=paper.level)
    time = words(
        "paper.time.value",
        first=minutes(words, paper.first_minutes),
        careful=minutes(words, paper.careful_minutes),
    )
    before = escape(words.listed([p.title[words.language] for p in needed]))
    return Facts(
        (
            (words("paper.authors"), who),
            (words("paper.published"), escape(_published(words, paper))),
            (words("paper.level"), level),
            (words("paper.time"), time),
            (words("paper.needs"), before or words("paper.needs.none")),
        )
    )


def people(words: Words, paper: Paper) -> str:
    """Who wrote a paper, in few words, as plain text."""
    if len(paper.authors) > 2:
        return words.plain("paper.authors.more", names=paper.authors[0])
    return words.listed(paper.authors)


def brief_card(words: Words, paper: Paper) -> Message:
    """A paper in a few lines, for people who may know nothing of the club: what it is, its idea, and where to
    read it."""
    summary = paper.summaries[words.language]
    source = escape(f"{people(words, paper)} · {_published(words, paper)}")
    told = (f"📄 {titles(words, paper)}\n{source}", _hook(words, summary), summary.idea)
    page = Button(words.plain("button.page"), url=paper.page)
    pdf = Button(words.plain("button.pdf"), url=paper.pdf)
    look = Button(words.plain("button.open"), action(Verb.PAPER, paper.id))
    return Message((*map(Text, told), Buttons(((page, pdf), (look,)))))


def _published(words: Words, paper: Paper) -> str:
    venue = paper.venue[words.language]
    if str(paper.year) in venue:
        return venue
    return words.plain("paper.published.value", venue=venue, year=paper.year)


@lru_cache(REMEMBERED)
def paper_body(
    words: Words, paper: Paper, needed: tuple[Paper, ...], heading: str, terms: tuple[Term, ...] = ()
) -> tuple[Text | Facts, ...]:
    """A paper with its heading, facts and the week's summary, in which the terms can be pressed."""
    summary = paper.summaries[words.language]
    told = [_hook(words, summary)]
    for key in ("problem", "idea", "look_at", "result", "after"):
        told.append(f"**{words(f'summary.{key}')}**\n{getattr(summary, key)}")
    return (
        Text(f"{heading}\n{titles(words, paper)}"),
        paper_facts(words, paper, needed),
        Text("\n\n".join(told), pressable(words, terms)),
    )


def paper_buttons(
    spoken: Sequence[Words],
    paper: Paper,
    *,
    more: bool = False,
    terms: bool = False,
    post: int | None = None,
) -> Buttons:
    """What one can do with a paper, and where to read it."""
    do = (
        Button(label(spoken, "button.read"), action(Verb.READ, paper.id, post=post), style=Style.MAIN),
        Button(label(spoken, "button.quiz"), action(Verb.QUIZ, paper.id, post=post)),
        Button(label(spoken, "button.discuss"), action(Verb.DISCUSS, paper.id, post=post)),
    )
    look = (
        Button(label(spoken, "button.page"), url=paper.page),
        Button(label(spoken, "button.pdf"), url=paper.pdf),
    )
    # A label in two languages is too long for three in a row on a phone.
    rows: list[tuple[Button, ...]] = [do] if len(spoken) == 1 else [do[:1], do[1:]]
    rows.append(look)
    deeper = [("button.more", Verb.MORE)] * more + [("button.terms", Verb.TERMS)] * terms
    if deeper:
        told = ((label(spoken, key), verb) for key, verb in deeper)
        rows.append(tuple(Button(text, action(verb, paper.id, post=post)) for text, verb in told))
    return Buttons(tuple(rows))


def _hook(words: Words, summary: Summary) -> str:
    return f"*{summary.hook}*" if words.language is Language.EN else summary.hook


def paper_picture(words: Words, paper: Paper) -> Picture | None:
    """The picture of a paper's idea, if it has one."""
    figure = paper.figure
    if figure is None:
        return None
    labels = {name: said[words.language] for name, said in figure.labels.items()}
    drawing = PaperFigure(words.language, figure.template, figure.height, labels)
    return Picture(drawing, f"{words.plain('summary.picture.shows')}\n\n{figure.alt[words.language]}")


@dataclass(frozen=True, slots=True)
class Page:
    """A page about a paper: its heading and its text, both Markdown, and a picture under them."""

    heading: str
    text: str
    picture: Picture | None = None


@lru_cache(REMEMBERED)
def detail_pages(words: Words, paper: Paper) -> tuple[Page, ...]:
    """What there is to know about a paper beyond the week's post, page by page: its picture, the longer
    summary, how to read it. What it lacks has no page."""
    summary = paper.summaries[words.language]
    equations = "\n\n".join(f"`{e.plain}`\n{escape(e.says[words.language])}" for e in paper.equations)
    picture = paper_picture(words, paper)
    pages = (
        Page(words("summary.picture"), _hook(words, summary) if picture else "", picture),
        Page(words("summary.key_points"), summary.key_points),
        Page(words("summary.equations"), equations),
        Page(words("summary.misconceptions"), summary.misconceptions),
        Page(words("summary.today"), summary.today),
        Page(words("summary.guide"), _guide_text(words, paper.guide) if paper.guide else ""),
    )
    return tuple(page for page in pages if page.text)


def _guide_text(words: Words, guide: Guide) -> str:
    told = []
    for number, each in enumerate(guide.passes, start=1):
        whole_hours, rest = divmod(each.minutes, 60)
        time = words.plain_count("time.minutes", each.minutes)
        if rest == 0:
            time = words.plain_count("time.hours", whole_hours)
        heading = words("guide.pass", number=number, time=time)
        told.append(f"**{heading}**\n{escape(each.does[words.language])}")
    told.append(f"**{words('guide.ten_minutes')}**\n{escape(guide.ten_minutes[words.language])}")
    return "\n\n".join(told)


def question_picture(words: Words, paper: Paper, question: Question, shown: Shown) -> Picture | None:
    """The paper's picture, if that is what a question shows with itself or with its explanation."""
    return paper_picture(words, paper) if question.picture is shown else None


def quiz_poll(
    spoken: Sequence[Words],
    paper: Paper,
    question: Question,
    round_: Round,
    number: int,
    post: int | None,
    *,
    gathered: bool = False,
) -> Quiz:
    """A question for a group. In two languages only where both fit a poll; else in the first. The same holds
    for its explanation. Where it is `gathered` into one message with others, it is no poll."""
    first = spoken[0]
    both = _both(spoken, question, poll=not gathered)
    choose = action(Verb.PICK, round_.id, number, 0, post=post)
    return Quiz(
        question=both[0] if both else question.ask[first.language],
        options=both[1] if both else tuple(o.text[first.language] for o in question.options),
        keys=question.keys,
        explanation=_explained(spoken if both else spoken[:1], question),
        answers=tuple(
            action(Verb.ANSWER, round_.id, number, choice, post=post)
            for choice in range(len(question.options))
        ),
        title=flat(_heading(first, question, round_, number)),
        seconds=round_.seconds,
        illustration=None if gathered else question_picture(first, paper, question, Shown.EXPLANATION),
        pick=Button(label(spoken, "button.quiz.choose"), choose) if gathered and question.several else None,
    )


def _heading(words: Words, question: Question, round_: Round, number: int) -> str:
    """Where a question stands in its round, how long it is open, and whether several options are right."""
    asked = len(round_.questions)
    heading = words("quiz.question", number=number + 1, asked=asked)
    if round_.seconds:
        heading = words("quiz.live.question", number=number + 1, asked=asked, seconds=round_.seconds)
    return f"{heading} · {words('quiz.several')}" if question.several else heading


QUESTION_LIMIT = 300
OPTION_LIMIT = 100
EXPLANATION_LIMIT = 200


def _explained(spoken: Sequence[Words], question: Question) -> str:
    """Why the answer is right, a line for each language if there is room for both."""
    told = [question.explanation[words.language] for words in spoken]
    lines = "\n".join(" ".join(each.split()) for each in told)
    return lines if units(lines) <= EXPLANATION_LIMIT else told[0]


def _both(spoken: Sequence[Words], question: Question, *, poll: bool) -> tuple[str, tuple[str, ...]] | None:
    if len(spoken) < 2:
        return None
    ask = "\n".join(question.ask[words.language] for words in spoken)
    options = tuple(
        " / ".join(dict.fromkeys(option.text[words.language] for words in spoken))
        for option in question.options
    )
    if poll and (len(ask) > QUESTION_LIMIT or any(len(option) > OPTION_LIMIT for option in options)):
        return None
    return ask, options


def question_card(
    words: Words,
    paper: Paper,
    question: Question,
    round_: Round,
    number: int,
    picked: Collection[int] = (),
) -> Message:
    """A question at one's own pace: the options as text, a button for each letter. Where several are right,
    the letters are picked one by one until one says that one is done."""
    shown = tuple(zip(LETTERS, order(round_, question), strict=False))
    picture = question_picture(words, paper, question, Shown.QUESTION)
    asked = Text(question_text(words, question, round_, number))
    told: tuple[Part, ...] = (picture, asked) if picture else (asked,)
    if not question.several:
        row = tuple(Button(letter, action(Verb.ANSWER, round_.id, number, i)) for letter, i in shown)
        return Message((*told, Buttons((row,))))

    def toggle(letter: str, i: int) -> Button:
        label = f"☑ {letter}" if i in picked else f"☐ {letter}"
        return Button(label, action(Verb.PICK, round_.id, number, as_bits(set(picked) ^ {i})))

    done = action(Verb.DONE, round_.id, number, as_bits(picked))
    row = tuple(toggle(letter, i) for letter, i in shown)
    return Message((*told, Buttons((row, (Button(words.plain("button.done"), done, style=Style.MAIN),)))))


def answered_card(
    words: Words,
    paper: Paper,
    question: Question,
    round_: Round,
    number: int,
    choices: Collection[int],
    go_on: Button | None = None,
) -> Message:
    """A question after its answer: what was chosen, what is right, why, and the picture that shows it."""
    right = question.is_right(choices)
    verdict = (
        words("quiz.right") if right else words("quiz.wrong", letter=answer_letters(words, question, round_))
    )
    why = [escape(question.explanation[words.language])] if right or question.several else []
    for letter, i in zip(LETTERS, order(round_, question), strict=False):
        option = question.options[i]
        if i in choices and not option.right:
            why.append(f"**{letter}.** {escape(option.why[words.language])}")
    if not right and not question.several:
        letter = answer_letters(words, question, round_)
        why.append(f"**{letter}.** {escape(question.explanation[words.language])}")
    parts: list[Part] = [
        Text(question_text(words, question, round_, number, choices)),
        Text("\n\n".join([f"**{verdict}**", *why])),
    ]
    picture = paper_picture(words, paper) if question.picture else None
    if picture:
        parts.append(replace(picture, extra=True))
    if go_on:
        parts.append(Buttons(((go_on,),)))
    return Message(tuple(parts))


def letters(words: Words, question: Question, round_: Round, choices: Collection[int]) -> str:
    """The letters of some options as they are shown, plain text: “A and C”."""
    shown = zip(LETTERS, order(round_, question), strict=False)
    return words.listed([letter for letter, i in shown if i in choices])


def answer_letters(words: Words, question: Question, round_: Round) -> str:
    """The letters of the right options."""
    return letters(words, question, round_, question.keys)


def answer_texts(words: Words, question: Question) -> Marked:
    """What the right options say, between the quotation marks of a sentence."""
    texts = (escape(question.options[i].text[words.language]) for i in question.keys)
    return Marked(words.plain("mark.between").join(texts))


def question_text(
    words: Words, question: Question, round_: Round, number: int, choices: Collection[int] | None = None
) -> str:
    """A question with its options; with what was chosen, also which are right."""
    lines = []
    for letter, i in zip(LETTERS, order(round_, question), strict=False):
        option, mark = question.options[i], ""
        if choices is not None:
            mark = "✅ " if option.right else "❌ " if i in choices else ""
        lines.append(f"- {mark}**{letter}.** {escape(option.text[words.language])}")
    heading = _heading(words, question, round_, number)
    return "\n\n".join([f"**{heading}**", escape(question.ask[words.language]), "\n".join(lines)])


MARKS = {
    Level.SKIMMED: Mark.SKIMMED,
    Level.READ: Mark.READ,
    Level.PRESENTED: Mark.TAUGHT,
    Level.REPRODUCED: Mark.TAUGHT,
}

PATH_WORDS = 820
"""The longest text version of the path, in UTF-16 units: as a caption it leaves room for a heading."""


def path_picture(
    words: Words, plan: Plan, papers: Mapping[str, Paper], levels: Mapping[str, Level], here: str | None
) -> Picture:
    """How the papers of a plan build on each other, and how closely somebody has read each. `here` is
    this week's paper; one that `papers` lacks is named by its id."""

    def stone(paper_id: str) -> Stone:
        level, paper = levels.get(paper_id), papers.get(paper_id)
        needs = sorted(number for need in (paper.needs if paper else ()) if (number := plan.number(need)))
        return Stone(
            plan.number(paper_id) or 0,
            short_title(paper.title[words.language]) if paper else paper_id,
            MARKS[level] if level else Mark.NOT_YET,
            tuple(needs),
            paper_id == here,
        )

    stretches = tuple(
        Stretch(section.title[words.language], tuple(map(stone, section.papers))) for section in plan.sections
    )
    drawing = PathMap(
        words.language,
        plan.title[words.language],
        path_standing(words, plan, levels),
        stretches,
        Signs(
            tuple((mark, words.plain(f"path.mark.{mark}")) for mark in Mark),
            words.plain("path.here"),
            words.plain("path.arrow"),
        ),
    )
    told = {plan.number(paper_id): level for paper_id, level in levels.items()}
    return Picture(drawing, _path_words(words, drawing, told))


def path_standing(words: Words, plan: Plan, levels: Mapping[str, Level]) -> str:
    """How much of a plan somebody has read, as plain text."""
    done = sum(levels.get(paper_id, 0) >= Level.READ for paper_id in plan.papers)
    return words.plain_count("progress.papers", done, total=len(plan.papers))


def short_title(title: str) -> str:
    """A title without its subtitle."""
    return title.replace("：", ": ").partition(": ")[0]


def _path_words(words: Words, path: PathMap, levels: Mapping[int | None, Level]) -> str:
    """The path as plain text: what it says of each paper, in its order. Long titles are cut as far as
    needed; of a plan that is too long even so, the end is left out."""
    told = ""
    for longest in range(80, 12, -4):
        lines = [path.title]
        for stretch in path.stretches:
            lines += ["", stretch.title]
            for stone in stretch.stones:
                lines.append(_stone_words(words, stone, levels.get(stone.number), longest))
        told = "\n".join(lines)
        if units(told) <= PATH_WORDS:
            break
    return cut(told, PATH_WORDS)


def _stone_words(words: Words, stone: Stone, level: Level | None, longest: int) -> str:
    """One paper, such as “8. Adam (after 7), read, this week”. That one is not read yet goes unsaid."""
    comma = words.plain("mark.comma")
    line = f"{stone.number}. {cut(stone.title, longest)}"
    if stone.needs:
        line += words.plain("path.after", numbers=comma.join(map(str, stone.needs)))
    if level:
        line += comma + words.plain(f"choice.level.{level.name.lower()}")
    if stone.here:
        line += comma + words.plain("path.here")
    return line
