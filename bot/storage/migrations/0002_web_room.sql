-- What is said in the web room. Other platforms keep their own messages; this one is ours to keep.
--
-- thread_id is null in the main flow, seen_by null when everybody may see the line.
-- replies is null unless the line opens a thread, and then counts that thread's lines.
-- post_key is the ledger id of a scheduled post: sending it again finds the same line.

CREATE TABLE room_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id TEXT NOT NULL,
    thread_id TEXT,
    seen_by TEXT,
    author TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    edited_at BIGINT,
    replies INTEGER,
    post_key BIGINT UNIQUE
);
CREATE INDEX room_main_flow ON room_messages (chat_id, id) WHERE thread_id IS NULL;
CREATE INDEX room_thread_flow ON room_messages (chat_id, thread_id, id) WHERE thread_id IS NOT NULL;
CREATE INDEX room_openers ON room_messages (chat_id, id) WHERE replies IS NOT NULL;
