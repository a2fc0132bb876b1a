-- name: beats(club_id)
-- A club's weekly appointments.
SELECT club_id, kind, weekday, minute, next_at FROM beats WHERE club_id = :club_id ORDER BY next_at, kind;

-- name: put_beat(club_id, kind, weekday, minute, next_at)!
-- Makes or moves an appointment; it is held when its club is paused.
INSERT INTO beats (club_id, kind, weekday, minute, next_at, held)
VALUES (:club_id, :kind, :weekday, :minute, :next_at, (SELECT paused FROM clubs WHERE id = :club_id))
ON CONFLICT (club_id, kind) DO UPDATE
SET weekday = excluded.weekday, minute = excluded.minute, next_at = excluded.next_at;

-- name: hold_beats(club_id, held)!
-- Takes a club's appointments out of the clock's sight, or puts them back.
UPDATE beats SET held = :held WHERE club_id = :club_id;

-- name: due_beats(now, limit)
-- Appointments whose time has come, oldest first; reads nothing that is not due.
SELECT club_id, kind, weekday, minute, next_at FROM beats
WHERE held = 0 AND next_at <= :now
ORDER BY next_at, club_id, kind LIMIT :limit;

-- name: open_week(club_id, number, paper_id, opened_at, closed_at)!
-- A new week; one that is there already is an error, which undoes the whole transaction.
INSERT INTO weeks (club_id, number, paper_id, opened_at, closed_at)
VALUES (:club_id, :number, :paper_id, :opened_at, :closed_at);

-- name: close_week(club_id, number, at)!
-- The end of a week.
UPDATE weeks SET closed_at = :at WHERE club_id = :club_id AND number = :number;

-- name: latest_week(club_id)^
-- The week with the highest number, open or closed.
SELECT club_id, number, paper_id, opened_at, closed_at FROM weeks
WHERE club_id = :club_id
ORDER BY number DESC LIMIT 1;

-- name: weeks_read(club_id, member_id, read_level)
-- A club's weeks, newest first, and whether a member has read each one's paper.
SELECT weeks.number, readings.member_id IS NOT NULL
FROM weeks
LEFT JOIN readings
    ON readings.member_id = :member_id AND readings.paper_id = weeks.paper_id
    AND readings.level >= :read_level
WHERE weeks.club_id = :club_id
ORDER BY weeks.number DESC;
