-- name: add_line(chat_id, thread_id, seen_by, author, body, at, replies, post_key)$
-- Adds a line to the web room; gives nothing when its post is there.
INSERT INTO room_messages (chat_id, thread_id, seen_by, author, body, at, replies, post_key)
VALUES (:chat_id, :thread_id, :seen_by, :author, :body, :at, :replies, :post_key)
ON CONFLICT (post_key) DO NOTHING
RETURNING id;

-- name: line_of_post(post_key)$
-- The line that a scheduled post became.
SELECT id FROM room_messages WHERE post_key = :post_key;

-- name: count_reply(opener_id)!
-- Moves the counter of a thread's lines.
UPDATE room_messages SET replies = replies + 1 WHERE id = :opener_id;

-- name: edit_line(line_id, body, at)!
-- Puts another body in place of a line's.
UPDATE room_messages SET body = :body, edited_at = :at WHERE id = :line_id;

-- name: line(line_id)^
-- One line.
SELECT id, chat_id, thread_id, seen_by, author, body, at, edited_at, replies FROM room_messages
WHERE id = :line_id;

-- name: main_flow(chat_id, viewer, after_id, limit)
-- The newest lines of a chat that a viewer may see, newest first, without its threads.
SELECT id, chat_id, thread_id, seen_by, author, body, at, edited_at, replies FROM room_messages
WHERE chat_id = :chat_id AND thread_id IS NULL AND id > :after_id
    AND (seen_by IS NULL OR seen_by = :viewer)
ORDER BY id DESC LIMIT :limit;

-- name: thread_flow(chat_id, thread_id, viewer, after_id, limit)
-- The newest lines of a thread that a viewer may see, newest first.
SELECT id, chat_id, thread_id, seen_by, author, body, at, edited_at, replies FROM room_messages
WHERE chat_id = :chat_id AND thread_id = :thread_id AND id > :after_id
    AND (seen_by IS NULL OR seen_by = :viewer)
ORDER BY id DESC LIMIT :limit;

-- name: openers(chat_id)
-- The lines that opened a chat's threads, newest first.
SELECT id, chat_id, thread_id, seen_by, author, body, at, edited_at, replies FROM room_messages
WHERE chat_id = :chat_id AND replies IS NOT NULL
ORDER BY id DESC;
