-- name: queue_post(key, chat_id, kind, paper_id, week, round_id, number, due_at, topic)$
-- Puts a post in the ledger; gives nothing when its key is there. A chat that is unknown is an error.
INSERT INTO posts (key, chat_id, platform, held, kind, paper_id, week, round_id, number, due_at, not_before, topic)
VALUES (
    :key, :chat_id,
    (SELECT platform FROM chats WHERE id = :chat_id), (SELECT 1 - active FROM chats WHERE id = :chat_id),
    :kind, :paper_id, :week, :round_id, :number, :due_at, :due_at, :topic
)
ON CONFLICT (key) DO NOTHING
RETURNING id;

-- name: queue_posts(key, chat_id, kind, paper_id, week, round_id, number, due_at, topic)*!
-- The same for many; those whose key is there, or whose chat is not, are passed over. It looks for the chat
-- once instead of twice, which of ten thousand is felt.
INSERT INTO posts (key, chat_id, platform, held, kind, paper_id, week, round_id, number, due_at, not_before, topic)
SELECT
    CAST(:key AS TEXT), chats.id, chats.platform, 1 - chats.active, CAST(:kind AS TEXT),
    CAST(:paper_id AS TEXT), CAST(:week AS INTEGER), CAST(:round_id AS BIGINT), CAST(:number AS INTEGER),
    CAST(:due_at AS BIGINT), CAST(:due_at AS BIGINT), CAST(:topic AS TEXT)
FROM chats WHERE chats.id = :chat_id
ON CONFLICT (key) DO NOTHING;

-- name: queue_tally(key, at, gap)$
-- Makes the tally of a post that stands in its chat due, so many seconds after the last one at the soonest;
-- gives nothing when it is due anyway. While one is being made, its row remembers by a later time that another
-- is wanted. A row that waits is locked all the same: whoever takes it sees what was counted with this.
INSERT INTO posts (key, chat_id, platform, held, kind, paper_id, week, round_id, number, due_at, not_before, topic)
SELECT
    posts.key || ':tally', chats.id, chats.platform, 1 - chats.active, 'tally', posts.paper_id, posts.week,
    posts.round_id, posts.number, CAST(:at AS BIGINT), CAST(:at AS BIGINT), posts.topic
FROM posts JOIN chats ON chats.id = posts.chat_id
WHERE posts.key = :key AND posts.message_id IS NOT NULL
ON CONFLICT (key) DO UPDATE SET
    state = CASE WHEN posts.state = 'sending' THEN 'sending' ELSE 'pending' END,
    due_at = CASE
        WHEN posts.state = 'sending' THEN excluded.due_at + :gap
        WHEN posts.sent_at + :gap > excluded.due_at THEN posts.sent_at + :gap
        ELSE excluded.due_at
    END,
    not_before = CASE
        WHEN posts.state = 'sending' THEN excluded.due_at + :gap
        WHEN posts.sent_at + :gap > excluded.due_at THEN posts.sent_at + :gap
        ELSE excluded.due_at
    END,
    attempts = CASE WHEN posts.state = 'sending' THEN posts.attempts ELSE 0 END,
    held = excluded.held
WHERE posts.state <> 'pending' AND NOT (posts.state = 'sending' AND posts.due_at > excluded.due_at)
RETURNING id;

-- name: due_posts(platform, now, limit)
-- The first post in the line of each chat that has none under way, where that post is due. Reads only
-- what is due; an older post that waits for its time keeps the younger ones of its chat waiting, unless it is
-- upkeep that was tried in vain. A tally stands in no line: it waits for none, and none waits for it.
SELECT * FROM ledger
WHERE id IN (
    SELECT due.id FROM posts AS due
    WHERE due.state = 'pending' AND due.held = 0 AND due.platform = :platform AND due.not_before <= :now
        AND (due.kind = 'tally' OR NOT EXISTS (
            SELECT 1 FROM posts AS older
            WHERE older.chat_id = due.chat_id AND older.state = 'pending' AND older.id < due.id
                AND older.kind <> 'tally'
                AND (older.attempts = 0 OR older.kind NOT IN ('pin', 'lock', 'stop', 'event'))
        ))
        AND NOT EXISTS (
            SELECT 1 FROM posts AS under_way
            WHERE under_way.chat_id = due.chat_id AND under_way.state = 'sending'
        )
    ORDER BY due.not_before, due.id LIMIT :limit
)
ORDER BY due_at, id;

-- name: take_post(post_id, now, lease_until)^
-- Puts the intent to send a post on record; gives nothing when it is no longer to be had.
UPDATE posts
SET state = 'sending', lease_until = :lease_until, attempts = attempts + 1,
    claimed_at = CASE WHEN attempts = 0 THEN :now ELSE claimed_at END
WHERE id = :post_id AND state = 'pending' AND held = 0
    AND NOT EXISTS (
        SELECT 1 FROM posts AS under_way
        WHERE under_way.chat_id = posts.chat_id AND under_way.state = 'sending'
    )
RETURNING attempts, claimed_at;

-- name: postpone_post(post_id, not_before)!
-- Lets a post in line wait for longer.
UPDATE posts SET not_before = :not_before WHERE id = :post_id AND state = 'pending';

-- name: under_way(platform)
-- Posts that are being sent, or were when their sender died.
SELECT * FROM ledger
WHERE id IN (SELECT id FROM posts WHERE state = 'sending' AND platform = :platform)
ORDER BY id;

-- name: expired(platform, now)
-- Posts under way whose sender must have died.
SELECT * FROM ledger
WHERE id IN (
    SELECT id FROM posts WHERE state = 'sending' AND platform = :platform AND lease_until <= :now
)
ORDER BY id;

-- name: mark_sent(post_id, message_id, poll_id, at)!
-- The platform took the post.
UPDATE posts
SET state = 'sent', lease_until = NULL, message_id = :message_id, poll_id = :poll_id, sent_at = :at,
    sent_to = (SELECT chats.chat_id FROM chats WHERE chats.id = posts.chat_id)
WHERE id = :post_id;

-- name: mark_again(post_id, not_before)!
-- Puts a post back in line at its old place, unless it has arrived after all; it is held when its chat has
-- closed meanwhile.
UPDATE posts
SET state = 'pending', lease_until = NULL, not_before = :not_before,
    held = (SELECT 1 - chats.active FROM chats WHERE chats.id = posts.chat_id)
WHERE id = :post_id AND state <> 'sent';

-- name: mark_doubtful(post_id)!
-- Remembers that an attempt may have arrived.
UPDATE posts SET doubtful = 1 WHERE id = :post_id;

-- name: renew_post(post_id, at)!
-- Makes a post due anew, as if it had never been tried.
UPDATE posts
SET state = 'pending', lease_until = NULL, due_at = :at, not_before = :at, attempts = 0, doubtful = 0,
    held = (SELECT 1 - chats.active FROM chats WHERE chats.id = posts.chat_id)
WHERE id = :post_id;

-- name: mark_unknown(post_id)!
-- The post may or may not have arrived, and has not been seen since.
UPDATE posts SET state = 'unknown', lease_until = NULL WHERE id = :post_id AND state <> 'sent';

-- name: mark_failed(post_id, reason)!
-- The platform will not take the post, and has not taken it before.
UPDATE posts SET state = 'failed', lease_until = NULL, reason = :reason
WHERE id = :post_id AND state <> 'sent';

-- name: call_off(key)!
-- A post that waits is not needed any more.
UPDATE posts SET state = 'failed', reason = 'not needed' WHERE key = :key AND state = 'pending';

-- name: end_trouble_of(post_id)!
-- A post arrived, so its chat takes posts.
UPDATE chats SET trouble = NULL
WHERE id = (SELECT chat_id FROM posts WHERE id = :post_id) AND trouble IS NOT NULL;

-- name: hasten_posts(chat_id, at)!
-- Lets a chat's waiting posts be tried at an instant, and not later.
UPDATE posts SET not_before = :at WHERE chat_id = :chat_id AND state = 'pending' AND not_before > :at;

-- name: hold_posts(chat_id, held)!
-- Takes a chat's waiting posts out of the sender's sight, or puts them back.
UPDATE posts SET held = :held WHERE chat_id = :chat_id AND state = 'pending';

-- name: drop_posts(chat_id, reason)!
-- Gives up a chat's waiting posts.
UPDATE posts SET state = 'failed', reason = :reason WHERE chat_id = :chat_id AND state = 'pending';

-- name: post(post_id)^
-- One row of the ledger.
SELECT * FROM ledger WHERE id = :post_id;

-- name: post_by_key(key)^
-- The row with a key.
SELECT * FROM ledger WHERE key = :key;

-- name: post_by_poll(poll_id)^
-- The row whose message is a poll.
SELECT * FROM ledger WHERE id IN (SELECT id FROM posts WHERE poll_id = :poll_id) ORDER BY id DESC LIMIT 1;

-- name: poll_message(key)$
-- The message of a post that went out as a poll, where its chat still has the id it had then.
SELECT posts.message_id FROM posts JOIN chats ON chats.id = posts.chat_id
WHERE posts.key = :key AND posts.poll_id IS NOT NULL AND coalesce(posts.sent_to, chats.chat_id) = chats.chat_id;

-- name: unknown_posts(club_id, limit)
-- A club's posts that may or may not have arrived, oldest first.
SELECT * FROM ledger
WHERE id IN (
    SELECT posts.id FROM chats JOIN posts ON posts.chat_id = chats.id
    WHERE chats.club_id = :club_id AND posts.state = 'unknown'
    ORDER BY posts.id LIMIT :limit
)
ORDER BY id;
