-- How people come to a club: by its invitation, and by the greeting of whoever joins its chat.
--
-- code is the unguessable part of a club's invitation; null until it is first asked for, so that old clubs
-- need none now. Whoever has it is let in, so no two clubs share one.
-- greeted_at is when somebody was last greeted in a chat, in seconds since 1970, UTC.

ALTER TABLE clubs ADD COLUMN code TEXT;
CREATE UNIQUE INDEX clubs_by_code ON clubs (code);

ALTER TABLE chats ADD COLUMN greeted_at BIGINT;

-- Who has been greeted in a chat, or came while the last greeting still stood there: nobody is greeted twice,
-- however often they come. Nothing but the id is kept of people who may never become members.
CREATE TABLE greeted (
    chat_id BIGINT NOT NULL REFERENCES chats (id),
    user_id TEXT NOT NULL,
    PRIMARY KEY (chat_id, user_id)
) WITHOUT ROWID;
