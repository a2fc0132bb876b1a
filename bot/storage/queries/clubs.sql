-- name: seat(platform, chat_id, user_id)^
-- The chat someone speaks in, its club, and the member they are there, all in one row.
SELECT
    chats.id, chats.club_id, chats.platform, chats.chat_id, chats.kind, chats.topics, chats.active,
    chats.topic, chats.linked, chats.mention, chats.reader, chats.events,
    clubs.id, clubs.title, clubs.language, clubs.zone, clubs.plan_id, clubs.position, clubs.paused,
    clubs.members, clubs.starts_on, clubs.encore, clubs.ending, clubs.asked_at,
    members.id, members.club_id, members.name, members.active, members.papers_read
FROM chats
JOIN clubs ON clubs.id = chats.club_id
LEFT JOIN accounts
    ON accounts.platform = chats.platform AND accounts.user_id = :user_id
    AND accounts.club_id = chats.club_id
LEFT JOIN members ON members.id = accounts.member_id
WHERE chats.platform = :platform AND chats.chat_id = :chat_id;

-- name: home(platform, user_id)$
-- The club an account was last active in.
SELECT club_id FROM homes WHERE platform = :platform AND user_id = :user_id;

-- name: settle(platform, user_id, club_id)!
-- Remembers the club an account was last active in; what is known already is not written again.
INSERT INTO homes (platform, user_id, club_id) VALUES (:platform, :user_id, :club_id)
ON CONFLICT (platform, user_id) DO UPDATE SET club_id = excluded.club_id
WHERE homes.club_id <> excluded.club_id;

-- name: add_club(title, language, zone, plan_id, at)$
-- Founds a club at the start of its plan, without members.
INSERT INTO clubs (title, language, zone, plan_id, made_at)
VALUES (:title, :language, :zone, :plan_id, :at)
RETURNING id;

-- name: club(club_id)^
-- One club.
SELECT
    id, title, language, zone, plan_id, position, paused, members, starts_on, encore, ending, asked_at
FROM clubs WHERE id = :club_id;

-- name: clubs()
-- Every club; the one statement that costs what there is, for the times when all are wanted.
SELECT
    id, title, language, zone, plan_id, position, paused, members, starts_on, encore, ending, asked_at
FROM clubs ORDER BY id;

-- name: put_chat(club_id, platform, chat_id, kind, topics)$
-- Gives a chat to a club, whether it is new or met for another before.
INSERT INTO chats (club_id, platform, chat_id, kind, topics)
VALUES (:club_id, :platform, :chat_id, :kind, :topics)
ON CONFLICT (platform, chat_id) DO UPDATE
SET club_id = excluded.club_id, kind = excluded.kind, topics = excluded.topics, active = 1, trouble = NULL
RETURNING id;

-- name: chat(platform, chat_id)^
-- A chat by the name its platform gives it.
SELECT id, club_id, platform, chat_id, kind, topics, active, topic, linked, mention, reader, events FROM chats
WHERE platform = :platform AND chat_id = :chat_id;

-- name: chat_by_row(chat_id)^
-- A chat by its own id.
SELECT id, club_id, platform, chat_id, kind, topics, active, topic, linked, mention, reader, events FROM chats
WHERE id = :chat_id;

-- name: active_chats(club_id)
-- Where a club meets.
SELECT id, club_id, platform, chat_id, kind, topics, active, topic, linked, mention, reader, events FROM chats
WHERE club_id = :club_id AND active = 1
ORDER BY id;

-- name: set_chat_active(chat_id, active)!
-- Opens or closes a chat for posts.
UPDATE chats SET active = :active WHERE id = :chat_id;

-- name: set_keeper(chat_id, user_id, language)!
-- Notes whom to tell about a chat; who is known already is not written again.
UPDATE chats SET keeper = :user_id, keeper_language = :language
WHERE id = :chat_id
    AND (keeper IS NULL OR keeper <> :user_id OR keeper_language <> :language);

-- name: keeper(chat_id)^
-- Whom to tell about a chat, and in which language.
SELECT platform, keeper, keeper_language FROM chats WHERE id = :chat_id AND keeper IS NOT NULL;

-- name: set_trouble(chat_id, trouble)$
-- Notes why nothing can be posted in a chat; gives whether its keeper has still to be told of it.
UPDATE chats
SET trouble = :trouble, told = CASE WHEN trouble IS NULL THEN 0 ELSE told END
WHERE id = :chat_id
RETURNING 1 - told;

-- name: mark_told(chat_id)!
-- The keeper of a chat knows of its trouble.
UPDATE chats SET told = 1 WHERE id = :chat_id;

-- name: end_trouble(chat_id)!
-- Posts arrive in a chat again.
UPDATE chats SET trouble = NULL WHERE id = :chat_id AND trouble IS NOT NULL;

-- name: chats_in_trouble(platform)
-- The chats of a platform in which nothing can be posted.
SELECT id, club_id, platform, chat_id, kind, topics, active, topic, linked, mention, reader, events FROM chats
WHERE platform = :platform AND trouble IS NOT NULL
ORDER BY id;

-- name: troubles(club_id)
-- The chats of a club in which nothing can be posted, and why.
SELECT
    id, club_id, platform, chat_id, kind, topics, active, topic, linked, mention, reader, events, trouble
FROM chats
WHERE club_id = :club_id AND trouble IS NOT NULL
ORDER BY id;

-- name: set_chat_topics(chat_id, topics)!
-- Notes whether threads are forum topics in a chat; where they are not, none takes the week's posts.
UPDATE chats SET topics = :topics, topic = CASE WHEN :topics = 1 THEN topic END WHERE id = :chat_id;

-- name: set_topic(chat_id, topic)!
-- The forum topic to which the week's posts go; null for the chat at large.
UPDATE chats SET topic = :topic WHERE id = :chat_id;

-- name: set_mention(chat_id, role_id)!
-- The role that is notified of the week's paper in a chat, null for none.
UPDATE chats SET mention = :role_id WHERE id = :chat_id;

-- name: set_reader(chat_id, role_id)!
-- The role that members of a chat are given, null for none.
UPDATE chats SET reader = :role_id WHERE id = :chat_id;

-- name: set_events(chat_id, events)!
-- Whether the live discussion is put in the calendar of a chat's server.
UPDATE chats SET events = :events WHERE id = :chat_id;

-- name: unlink_partner(chat_id)!
-- Parts the chat that belongs together with a chat from it.
UPDATE chats SET linked = NULL WHERE id = (SELECT linked FROM chats AS chat WHERE chat.id = :chat_id);

-- name: unlink(chat_id)!
-- Parts a chat from the one that belongs together with it.
UPDATE chats SET linked = NULL WHERE id = :chat_id AND linked IS NOT NULL;

-- name: link_chats(chat_id, other_id)!
-- Joins a channel and its discussion group, whichever is named first.
UPDATE chats SET linked = CASE WHEN id = :chat_id THEN :other_id ELSE :chat_id END
WHERE id IN (:chat_id, :other_id);

-- name: retire_namesake(chat_id, new_chat_id)$
-- Takes a name from the other chat that bears it on the same platform, which then can be met no more.
UPDATE chats SET active = 0, trouble = NULL, chat_id = 'moved:' || CAST(id AS TEXT)
WHERE chat_id = :new_chat_id AND id <> :chat_id
    AND platform = (SELECT moving.platform FROM chats AS moving WHERE moving.id = :chat_id)
RETURNING id;

-- name: move_chat(chat_id, new_chat_id)$
-- Follows a chat to the new name its platform gave it; gives nothing when it bears that already.
UPDATE chats SET chat_id = :new_chat_id WHERE id = :chat_id AND chat_id <> :new_chat_id RETURNING id;

-- name: set_language(club_id, language)!
-- What a club posts in.
UPDATE clubs SET language = :language WHERE id = :club_id;

-- name: set_zone(club_id, zone)!
-- Whose clock a club lives by.
UPDATE clubs SET zone = :zone WHERE id = :club_id;

-- name: set_plan(club_id, plan_id, position)!
-- Puts a club at a place of a plan, with no question open about what to read.
UPDATE clubs SET plan_id = :plan_id, position = :position, encore = NULL, ending = 0,
    asked_at = NULL
WHERE id = :club_id;

-- name: move_along(club_id, position, encore, ending, asked_at)*!
-- Moves clubs along their plans.
UPDATE clubs SET position = :position, encore = :encore, ending = :ending, asked_at = :asked_at
WHERE id = :club_id;

-- name: set_encore(club_id, paper_id)!
-- The paper that comes next although its place in the plan is another; null for none.
UPDATE clubs SET encore = :paper_id WHERE id = :club_id;

-- name: set_start(club_id, day)!
-- The local day before which no paper comes; null for none.
UPDATE clubs SET starts_on = :day WHERE id = :club_id;

-- name: set_paused(club_id, paused)!
-- Pauses or resumes a club.
UPDATE clubs SET paused = :paused WHERE id = :club_id;

-- name: count_members(club_id, change)!
-- Moves a club's counter of active members.
UPDATE clubs SET members = members + :change WHERE id = :club_id;

-- name: code(club_id)$
-- The code of a club's invitation; null before there is one.
SELECT code FROM clubs WHERE id = :club_id;

-- name: set_code(club_id, code)!
-- Gives a club's invitation a code; one it had lets nobody in any more.
UPDATE clubs SET code = :code WHERE id = :club_id;

-- name: club_by_code(code)^
-- The club that a code invites to.
SELECT
    id, title, language, zone, plan_id, position, paused, members, starts_on, encore, ending, asked_at
FROM clubs WHERE code = :code;

-- name: mark_greeted(chat_id, user_id)$
-- Notes that somebody has been greeted in a chat; gives nothing when they had been before.
INSERT INTO greeted (chat_id, user_id) VALUES (:chat_id, :user_id)
ON CONFLICT (chat_id, user_id) DO NOTHING
RETURNING 1;

-- name: take_greeting(chat_id, now, apart)$
-- Claims the greeting of a chat; gives nothing where one was said less than some seconds ago. One that lies
-- ahead was said by a clock that has been set back.
UPDATE chats SET greeted_at = :now
WHERE id = :chat_id AND (greeted_at IS NULL OR greeted_at + :apart <= :now OR greeted_at > :now)
RETURNING 1;
