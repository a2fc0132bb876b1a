"""The content format: every field of every file, and what an author writes there.

A field's title is what a finding calls it; its description completes the sentence "Write <field>: …".
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from bot.domain.languages import Bilingual, Language

HEADINGS = {
    Language.EN: (
        "Problem",
        "Idea",
        "What to look at",
        "Result",
        "What came of it",
        "Key points",
        "Misconceptions",
        "Today",
    ),
    Language.ZH: ("问题", "思路", "看什么", "结果", "后来", "要点", "常见误解", "今天怎么看"),
}
"""The headings of a summary, in order."""

POST_HEADINGS = 5
"""How many of them, after the hook, make the week's post. A short summary ends there; a long one has all."""

ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
"""What an id looks like."""

PAPER_ID_LIMIT = 32
"""The longest id of a paper: it stands in the tokens of buttons, with an answer and a post."""

_ID_SHAPE = "small letters, digits and single hyphens, such as first-step"

Text = Annotated[str, Meta(pattern=r"\S")]
Link = Annotated[
    str,
    Meta(pattern=r"^https://[^\s/]+\.[^\s/]+(/\S*)?$", description="an address that starts with https://"),
]


class Form(Struct, forbid_unknown_fields=True):
    """A mapping with exactly these fields."""


class Both(Form):
    """The same thing said in both languages."""

    en: Text
    zh: Text

    def __getitem__(self, language: Language) -> str:
        return self.zh if language is Language.ZH else self.en

    def pair(self) -> Bilingual:
        """The two as the domain knows them."""
        return Bilingual(en=self.en, zh=self.zh)


class Links(Form):
    page: Link
    pdf: Link


class Minutes(Form):
    first: Annotated[int, Meta(ge=5, le=120, description="the minutes of a first look, 5 to 120")]
    careful: Annotated[int, Meta(ge=15, le=900, description="the minutes of a careful reading, 15 to 900")]


class Term(Both):
    en: Annotated[Text, Meta(title="wording", description="the term as English papers write it")]
    zh: Annotated[Text, Meta(title="wording", description="the term as Chinese textbooks write it")]


class EquationForm(Form):
    latex: Annotated[Text, Meta(description="the formula in LaTeX, in single quotes")]
    plain: Annotated[Text, Meta(description="the formula in plain Unicode, as a chat can show it")]
    says: Annotated[Both, Meta(title="sentence", description="one sentence that says what the formula does")]


class Facts(Form):
    """`paper.yaml`"""

    id: Annotated[
        str,
        Meta(
            pattern=ID,
            max_length=PAPER_ID_LIMIT,
            description=f"the name of the folder, {_ID_SHAPE}, {PAPER_ID_LIMIT} characters at most",
        ),
    ]
    title: Annotated[Both, Meta(title="title", description="the title of the paper, without 《》")]
    authors: Annotated[
        list[Text], Meta(min_length=1, description="a list of every author, in the paper's order")
    ]
    year: Annotated[int, Meta(ge=1900, le=2100, description="the year it appeared, such as 2015")]
    venue: Annotated[Both, Meta(title="venue", description="where it appeared, such as ICML 2015")]
    links: Annotated[Links, Meta(description="page and pdf, two addresses that start with https://")]
    level: Annotated[int, Meta(ge=1, le=5, description="a whole number from 1 (easy) to 5 (hard)")]
    minutes: Annotated[Minutes, Meta(description="first and careful, two whole numbers of minutes")]
    needs: Annotated[list[str], Meta(description="a list of the papers to read before, or [] for none")]
    terms: Annotated[
        list[Term], Meta(description="a list of the 2 to 5 terms it introduces, each as {en: …, zh: …}")
    ]
    equations: Annotated[list[EquationForm], Meta(description="a list of its core equations, or [] for none")]


class OptionForm(Both):
    en: Annotated[Text, Meta(title="wording", description="the answer on offer, in plain text")]
    zh: Annotated[Text, Meta(title="wording", description="the answer on offer, in plain text")]
    why: Annotated[
        Both, Meta(title="explanation", description="what thought leads there and why it is wrong")
    ]
    right: Annotated[bool, Meta(description="true for a right option; leave it out of the others")] = False


class QuestionForm(Form):
    id: Annotated[str, Meta(pattern=ID, description=_ID_SHAPE)]
    skill: Annotated[
        Literal["remember", "understand", "apply", "analyse", "evaluate"],
        Meta(description="one of remember, understand, apply, analyse, evaluate"),
    ]
    reread: Annotated[
        Both, Meta(title="place to reread", description="where the paper answers it, such as Section 3.2")
    ]
    ask: Annotated[Both, Meta(title="wording", description="a full question, clear without its options")]
    options: Annotated[
        list[OptionForm], Meta(min_length=4, max_length=4, description="a list of exactly four options")
    ]
    why: Annotated[
        Both | None,
        Meta(
            title="explanation",
            description="only where several options are right: why those are, and no others",
        ),
    ] = None
    picture: Annotated[
        Literal["question", "explanation"] | None,
        Meta(description="explanation or question: with which of the two the paper's picture is shown"),
    ] = None
    supersedes: Annotated[str, Meta(description="the id of the older question whose place it takes")] = ""


class Quiz(Form):
    """`quiz.yaml`"""

    questions: Annotated[list[QuestionForm], Meta(min_length=1, description="a list of questions")]

    @property
    def asked(self) -> list[QuestionForm]:
        """The questions whose place no other has taken."""
        superseded = {question.supersedes for question in self.questions}
        return [question for question in self.questions if question.id not in superseded]

    @property
    def retired(self) -> list[QuestionForm]:
        """The superseded ones, kept for whoever was asked them."""
        superseded = {question.supersedes for question in self.questions}
        return [question for question in self.questions if question.id in superseded]


class PromptForm(Both):
    id: Annotated[str, Meta(pattern=ID, description=_ID_SHAPE)]
    en: Annotated[Text, Meta(title="wording", description="an open question without a single answer")]
    zh: Annotated[Text, Meta(title="wording", description="an open question without a single answer")]


class Prompts(Form):
    """`prompts.yaml`"""

    prompts: Annotated[list[PromptForm], Meta(min_length=1, description="a list of open questions")]


class PictureWords(Form):
    """`picture.yaml`"""

    alt: Annotated[
        Both, Meta(title="description", description="what the picture shows, for those who do not see it")
    ]
    labels: Annotated[
        dict[str, Both],
        Meta(min_length=1, title="label", description="what stands where picture.svg has the name in braces"),
    ]


class PassForm(Form):
    minutes: Annotated[int, Meta(ge=1, le=900, description="how long this pass takes, in whole minutes")]
    does: Annotated[
        Both, Meta(title="wording", description="what to read on this pass, and which question to answer")
    ]


class GuideForm(Form, rename="kebab"):
    """`guide.yaml`"""

    passes: Annotated[
        list[PassForm], Meta(min_length=3, max_length=3, description="a list of exactly three passes")
    ]
    ten_minutes: Annotated[
        Both, Meta(title="wording", description="what to do for whoever has only ten minutes")
    ]


TERM_ID_LIMIT = 48
"""The longest id of a term: it stands in the tokens of buttons."""


class GlossaryWord(Form):
    term: Annotated[Text, Meta(description="what it is usually called")]
    means: Annotated[Text, Meta(description="what it means, in one or two plain sentences")]
    also: Annotated[list[Text], Meta(description="a list of its other names")] = []


class GlossaryTerm(Form):
    id: Annotated[
        str,
        Meta(
            pattern=ID,
            max_length=TERM_ID_LIMIT,
            description=f"{_ID_SHAPE}, {TERM_ID_LIMIT} characters at most",
        ),
    ]
    en: Annotated[GlossaryWord, Meta(title="wording", description="term and means in English, and also")]
    zh: Annotated[GlossaryWord, Meta(title="wording", description="term and means in Chinese, and also")]
    papers: Annotated[list[str], Meta(description="a list of the papers where it matters, or [] for none")]

    def __getitem__(self, language: Language) -> GlossaryWord:
        return self.zh if language is Language.ZH else self.en


class GlossaryForm(Form):
    """`glossary.yaml`"""

    terms: Annotated[list[GlossaryTerm], Meta(min_length=1, description="a list of terms")]


class SectionForm(Form):
    title: Annotated[Both, Meta(title="title", description="the title of the section")]
    papers: Annotated[list[str], Meta(min_length=1, description="a list of paper ids, in reading order")]


class PlanForm(Form):
    """`plans/<id>.yaml`"""

    id: Annotated[str, Meta(pattern=ID, description=f"the name of the file without .yaml, {_ID_SHAPE}")]
    title: Annotated[Both, Meta(title="title", description="the title of the plan")]
    sections: Annotated[
        list[SectionForm], Meta(min_length=1, description="a list of sections, each a title and papers")
    ]


class PublishedPaper(Form):
    questions: Annotated[
        dict[str, str], Meta(description="the ids of the published questions, each with its mark")
    ]
    prompts: Annotated[list[str], Meta(description="a list of the ids of the published prompts")]


class PublishedForm(Form):
    """`published.yaml`, which `paperclub publish` writes"""

    papers: Annotated[
        dict[str, PublishedPaper], Meta(description="the published ids of each paper, by the paper's id")
    ]
