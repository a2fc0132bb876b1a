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

_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
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

    id: Annotated[str, Meta(pattern=_ID, description=f"the name of the folder, {_ID_SHAPE}")]
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
    right: Annotated[bool, Meta(description="true for the one right option; leave it out of the others")] = (
        False
    )


class QuestionForm(Form):
    id: Annotated[str, Meta(pattern=_ID, description=_ID_SHAPE)]
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


class Quiz(Form):
    """`quiz.yaml`"""

    questions: Annotated[list[QuestionForm], Meta(min_length=1, description="a list of questions")]


class PromptForm(Both):
    id: Annotated[str, Meta(pattern=_ID, description=_ID_SHAPE)]
    en: Annotated[Text, Meta(title="wording", description="an open question without a single answer")]
    zh: Annotated[Text, Meta(title="wording", description="an open question without a single answer")]


class Prompts(Form):
    """`prompts.yaml`"""

    prompts: Annotated[list[PromptForm], Meta(min_length=1, description="a list of open questions")]


class SectionForm(Form):
    title: Annotated[Both, Meta(title="title", description="the title of the section")]
    papers: Annotated[list[str], Meta(min_length=1, description="a list of paper ids, in reading order")]


class PlanForm(Form):
    """`plans/<id>.yaml`"""

    id: Annotated[str, Meta(pattern=_ID, description=f"the name of the file without .yaml, {_ID_SHAPE}")]
    title: Annotated[Both, Meta(title="title", description="the title of the plan")]
    sections: Annotated[
        list[SectionForm], Meta(min_length=1, description="a list of sections, each a title and papers")
    ]
