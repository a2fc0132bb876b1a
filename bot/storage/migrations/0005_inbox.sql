-- What Telegram told, kept before it is confirmed, so that a crash loses nothing and doubles nothing.
--
-- state is 'new'; 'recorded' once its effects are on record, in the transaction of the first of them;
-- 'answering' when there was nothing to record and the answer may be under way; 'done'.
-- body is the update in JSON as it came. What is done loses it and stays for some days, so that an update
-- which comes again is recognised.

CREATE TABLE inbox (
    bot_id BIGINT NOT NULL,
    update_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    body TEXT,
    came_at BIGINT NOT NULL,
    PRIMARY KEY (bot_id, update_id)
) WITHOUT ROWID;
-- For the start after a crash, which asks what was left; the past weighs nothing.
CREATE INDEX inbox_left ON inbox (bot_id, update_id) WHERE state <> 'done';
