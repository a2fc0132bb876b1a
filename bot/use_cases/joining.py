"""How people come to a club: by its invitation, and by joining a chat in which it meets."""

from collections.abc import Sequence

from bot.domain.clubs import Account, Chat
from bot.domain.errors import Problem
from bot.messages import cards
from bot.messages.actions import Verb, action
from bot.messages.markup import plain
from bot.messages.outgoing import Button, Buttons, Message, Reply, Style, Text
from bot.messages.texts import Words
from bot.use_cases.asking import Ask
from bot.use_cases.papers import next_paper_time

GREETINGS_APART = 60
"""Seconds between two greetings in a chat. Whoever comes meanwhile finds the last one just above."""


async def invite(ask: Ask) -> Reply:
    """The club's invitation, for everybody to pass on."""
    return Reply(_invitation(ask, "invite.link", await ask.records.code(ask.club.id)))


async def renew(ask: Ask) -> Reply:
    """Another invitation, after which the former lets nobody in any more."""
    return Reply(_invitation(ask, "invite.renewed", await ask.records.renew_code(ask.club.id)))


def _invitation(ask: Ask, key: str, code: str) -> Message:
    """The link that enrols whoever opens it; without such links, how people get in here."""
    platform, words = ask.sender.account.platform, ask.words
    messenger = ask.tools.messengers.get(platform)
    link = messenger.link(action(Verb.ENTER, code)) if messenger else None
    doors = messenger.servers.doors() if messenger and messenger.servers else None
    if link:
        text = f"{words(key, club=plain(ask.club.title))}\n\n[{link}]({link})"
    elif doors:
        how = f"invite.alone.{platform}" if ask.private else f"invite.here.{platform}"
        server = f"[{words('invite.door.server')}]({doors.server})"
        account = f"[{words('invite.door.account')}]({doors.account})"
        text = f"{words(how, club=plain(ask.club.title))}\n\n{server}\n{account}"
    else:
        text = words(f"invite.here.{platform}", club=plain(ask.club.title))
    return Message((Text(text),))


async def enter(ask: Ask) -> Reply:
    """Join by an invitation, which has led to its club: where that stands, and where to begin."""
    if not ask.private:
        raise Problem("error.invite.group")
    _, new = await ask.enrol()
    words = ask.words
    paper = await ask.this_paper()
    lead = words(
        "invite.done" if new else "invite.already", club=plain(ask.club.title), name=plain(ask.sender.name)
    )
    text = Text("\n\n".join((lead, await _standing(ask, words), words("invite.begin"))))
    week = Button(words.plain("button.week"), action(Verb.TODAY), style=Style.MAIN)
    quiz = Button(words.plain("button.quiz"), action(Verb.QUIZ, paper.id))
    progress = Button(words.plain("button.progress"), action(Verb.PROGRESS))
    return Reply(Message((text, Buttons(((week,), (quiz, progress))))))


async def greet(ask: Ask, chat: Chat, accounts: Sequence[Account]) -> Reply | None:
    """Greet those who have come into a chat, quietly and once ever; None where there is nothing to say.

    The greeting names nobody: one is for all who come within `GREETINGS_APART` seconds.
    """
    strangers = False
    for account in accounts:
        member = await ask.records.member_by_account(ask.club.id, account)
        if member is None and await ask.records.mark_greeted(chat.id, account.user_id):
            strangers = True
    if not strangers or not await ask.records.take_greeting(chat.id, ask.now, GREETINGS_APART):
        return None
    spoken = ask.spoken
    told = {words.language: await _greeting(ask, words) for words in spoken}
    body = cards.in_voices(spoken, lambda words: [Text(told[words.language])])
    join = Button(cards.label(spoken, "button.join"), action(Verb.JOIN), style=Style.MAIN)
    look = Button(cards.label(spoken, "button.week"), action(Verb.TODAY))
    return Reply(Message((*body, Buttons(((join, look),))), silent=True))


async def _greeting(ask: Ask, words: Words) -> str:
    week = await ask.records.latest_week(ask.club.id)
    how = "greet.paused" if ask.club.paused else "greet.now" if week else "greet.waiting"
    return f"{words('greet.hello')} {await _standing(ask, words)} {words(how)}"


async def _standing(ask: Ask, words: Words) -> str:
    """Where a club is in its plan, in a sentence."""
    week = await ask.records.latest_week(ask.club.id)
    paper = await ask.this_paper()
    number = ask.plan.number(paper.id) or ask.club.position
    title, total = paper.title[words.language], len(ask.plan.papers)
    if week is None:
        when = await next_paper_time(ask.records, ask.club, words)
        return words("standing.waiting", title=title, total=total, when=when)
    key = "standing.paused" if ask.club.paused else "standing.now"
    return words(key, title=title, number=number, total=total)
