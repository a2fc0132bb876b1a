-- What a club uses of the server its chat is in.
--
-- mention is the role that is notified of the week's paper, reader the one that members are given; both are ids
-- on the platform, null for none. events tells that the live discussion is put in the server's calendar.

ALTER TABLE chats ADD COLUMN mention TEXT;
ALTER TABLE chats ADD COLUMN reader TEXT;
ALTER TABLE chats ADD COLUMN events INTEGER NOT NULL DEFAULT 0;

DROP VIEW ledger;
CREATE VIEW ledger AS
SELECT
    posts.id, chats.id AS chat_row, chats.club_id, chats.platform, chats.chat_id, chats.kind AS chat_kind,
    chats.topics, chats.active, chats.topic AS chat_topic, chats.linked, chats.mention, chats.reader,
    chats.events, posts.key, posts.kind, posts.paper_id,
    posts.week, posts.round_id, posts.number, posts.due_at, posts.state, posts.attempts, posts.claimed_at,
    posts.doubtful,
    CASE WHEN posts.sent_to <> chats.chat_id THEN NULL ELSE posts.message_id END AS message_id,
    posts.topic, posts.sent_at
FROM posts JOIN chats ON chats.id = posts.chat_id;
