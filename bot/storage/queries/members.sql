-- name: member_by_account(platform, user_id, club_id)^
-- The member an account belongs to in a club, and the handle last seen on that account.
SELECT
    members.id, members.club_id, members.name, members.active, members.papers_read, accounts.username
FROM accounts JOIN members ON members.id = accounts.member_id
WHERE accounts.platform = :platform AND accounts.user_id = :user_id AND accounts.club_id = :club_id;

-- name: member_by_username(club_id, platform, folded)^
-- The active member with a handle on a platform; the earliest, should a handle have changed hands.
SELECT members.id, members.club_id, members.name, members.active, members.papers_read
FROM accounts JOIN members ON members.id = accounts.member_id
WHERE accounts.club_id = :club_id AND accounts.platform = :platform
    AND accounts.folded_username = :folded AND members.active = 1
ORDER BY members.id LIMIT 1;

-- name: member_by_name(club_id, folded)^
-- The active member with a name; the one who joined first, when several bear it.
SELECT id, club_id, name, active, papers_read FROM members
WHERE club_id = :club_id AND folded_name = :folded AND active = 1
ORDER BY id LIMIT 1;

-- name: add_member(club_id, name, folded_name, at)$
-- A new member, active and with nothing read.
INSERT INTO members (club_id, name, folded_name, joined_at) VALUES (:club_id, :name, :folded_name, :at)
RETURNING id;

-- name: put_account(platform, user_id, club_id, member_id, username, folded_username)!
-- An account of a member, or its new handle.
INSERT INTO accounts (platform, user_id, club_id, member_id, username, folded_username)
VALUES (:platform, :user_id, :club_id, :member_id, :username, :folded_username)
ON CONFLICT (platform, user_id, club_id) DO UPDATE
SET username = excluded.username, folded_username = excluded.folded_username;

-- name: rename_member(member_id, name, folded_name)!
-- A member's new name.
UPDATE members SET name = :name, folded_name = :folded_name WHERE id = :member_id;

-- name: bring_back(member_id)!
-- Makes a member who had left active again.
UPDATE members SET active = 1, left_at = NULL WHERE id = :member_id;

-- name: leave(member_id, at)$
-- Makes a member inactive and gives the club; nothing when they had left already.
UPDATE members SET active = 0, left_at = :at WHERE id = :member_id AND active = 1 RETURNING club_id;

-- name: count_paper_read(member_id, change)!
-- Moves a member's counter of papers read.
UPDATE members SET papers_read = papers_read + :change WHERE id = :member_id;
