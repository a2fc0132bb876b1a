-- name: thread(chat_id, paper_id)^
-- Where a paper is discussed in a chat.
SELECT chat_id, paper_id, thread_id, root_message_id FROM threads
WHERE chat_id = :chat_id AND paper_id = :paper_id;

-- name: paper_of_thread(chat_id, thread_id)$
-- The paper that is discussed in a thread of a chat. A chat has a thread for each paper at most, so what the
-- primary key leaves to look through is as short as a plan.
SELECT paper_id FROM threads WHERE chat_id = :chat_id AND thread_id = :thread_id;

-- name: drop_chains(chat_id)!
-- Forgets the chains of replies of a chat; threads of their own stay.
DELETE FROM threads WHERE chat_id = :chat_id AND thread_id IS NULL;

-- name: put_thread(chat_id, paper_id, thread_id, root_message_id)!
-- Notes where a paper is discussed in a chat from now on.
INSERT INTO threads (chat_id, paper_id, thread_id, root_message_id)
VALUES (:chat_id, :paper_id, :thread_id, :root_message_id)
ON CONFLICT (chat_id, paper_id) DO UPDATE
SET thread_id = excluded.thread_id, root_message_id = excluded.root_message_id;
