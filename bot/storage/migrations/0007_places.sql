-- Where in a chat posts go, and chats that belong together.
--
-- chats.topic is the forum topic to which the week's posts go, null for the chat at large. chats.linked joins
-- a channel and its discussion group, each naming the other, and is null unless both are active; no
-- REFERENCES, as rows that refer to each other cannot be copied one after the other.
-- posts.topic is where a post was asked for by people. posts.sent_to is the chat's id on its platform when the
-- post was sent: where a chat has another id since, message ids from before mean nothing in it or, worse,
-- other messages, so what the program reads leaves them out.

ALTER TABLE chats ADD COLUMN topic TEXT;
ALTER TABLE chats ADD COLUMN linked BIGINT;
ALTER TABLE posts ADD COLUMN topic TEXT;
ALTER TABLE posts ADD COLUMN sent_to TEXT;

DROP VIEW ledger;
CREATE VIEW ledger AS
SELECT
    posts.id, chats.id AS chat_row, chats.club_id, chats.platform, chats.chat_id, chats.kind AS chat_kind,
    chats.topics, chats.active, chats.topic AS chat_topic, chats.linked, posts.key, posts.kind, posts.paper_id,
    posts.week, posts.round_id, posts.number, posts.due_at, posts.state, posts.attempts, posts.claimed_at,
    posts.doubtful,
    CASE WHEN posts.sent_to <> chats.chat_id THEN NULL ELSE posts.message_id END AS message_id,
    posts.topic, posts.sent_at
FROM posts JOIN chats ON chats.id = posts.chat_id;
