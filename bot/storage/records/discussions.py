"""Where papers are discussed."""

from bot.domain.clubs import Thread
from bot.storage.records.base import Family
from bot.storage.statements import statements as sql


class DiscussionRecords(Family):
    """Where papers are discussed. What each method means stands at the port."""

    async def thread(self, chat_id: int, paper_id: str) -> Thread | None:
        row = await sql.thread(self.connection, chat_id=chat_id, paper_id=paper_id)
        return Thread(*row) if row else None

    async def paper_of_thread(self, chat_id: int, thread_id: str) -> str | None:
        paper_id: str | None = await sql.paper_of_thread(
            self.connection, chat_id=chat_id, thread_id=thread_id
        )
        return paper_id

    async def set_thread(self, thread: Thread) -> None:
        await sql.put_thread(
            self.connection,
            chat_id=thread.chat_id,
            paper_id=thread.paper_id,
            thread_id=thread.thread_id,
            root_message_id=thread.root_message_id,
        )
