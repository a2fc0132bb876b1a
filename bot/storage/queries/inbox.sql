-- The inbox: updates of a bot that are to be handled once.

-- name: latest_update(bot_id)$
-- The highest id on record.
SELECT max(update_id) FROM inbox WHERE bot_id = :bot_id;

-- name: updates_left(bot_id)
-- Those that are not done, in order.
SELECT update_id, state, body FROM inbox WHERE bot_id = :bot_id AND state <> 'done' ORDER BY update_id;

-- name: update_state(bot_id, update_id, since)$
-- How far an update has come, if it is known. What is done and came before `since` is as good as forgotten.
SELECT state FROM inbox
WHERE bot_id = :bot_id AND update_id = :update_id AND (state <> 'done' OR came_at >= :since);

-- name: keep_updates(bot_id, update_id, body, at, since)*!
-- Keeps updates; one that is known stays as it is, unless it is as good as forgotten: ids begin anew at
-- random after a quiet week.
INSERT INTO inbox (bot_id, update_id, state, body, came_at) VALUES (:bot_id, :update_id, 'new', :body, :at)
ON CONFLICT (bot_id, update_id) DO UPDATE SET state = 'new', body = excluded.body, came_at = excluded.came_at
WHERE inbox.state = 'done' AND inbox.came_at < :since;

-- name: mark_recorded(bot_id, update_id, at)$
-- Marks that an update has its effects, which gives its id; nothing when it had them, or its answer, before.
-- One that could not be kept is put down now.
INSERT INTO inbox (bot_id, update_id, state, came_at) VALUES (:bot_id, :update_id, 'recorded', :at)
ON CONFLICT (bot_id, update_id) DO UPDATE SET state = 'recorded' WHERE inbox.state = 'new'
RETURNING update_id;

-- name: mark_answering(bot_id, update_id)*!
-- Marks that the answers of updates which changed nothing may be under way.
UPDATE inbox SET state = 'answering' WHERE bot_id = :bot_id AND update_id = :update_id AND state = 'new';

-- name: mark_done(bot_id, update_id)*!
-- Marks updates as done with, and drops what they said.
UPDATE inbox SET state = 'done', body = NULL WHERE bot_id = :bot_id AND update_id = :update_id;

-- name: forget_updates(bot_id, before, limit)!
-- Forgets of a bot's first updates those that are done and came before an instant.
DELETE FROM inbox
WHERE bot_id = :bot_id AND state = 'done' AND came_at < :before AND update_id IN (
    SELECT first.update_id FROM inbox AS first WHERE first.bot_id = :bot_id ORDER BY first.update_id LIMIT :limit
);
