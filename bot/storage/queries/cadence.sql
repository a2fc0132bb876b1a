-- name: beats(club_id)
-- A club's appointments, the next one first; those that wait for a paper at the end.
SELECT club_id, kind, minute, weekday, days_after, slot, every, next_at FROM beats
WHERE club_id = :club_id
ORDER BY next_at IS NULL, next_at, kind, slot;

-- name: put_beats(club_id, kind, slot, weekday, days_after, minute, every, next_at)*!
-- Makes or moves appointments; they are held when their club is paused.
INSERT INTO beats (club_id, kind, slot, weekday, days_after, minute, every, next_at, held)
VALUES (
    :club_id, :kind, :slot, :weekday, :days_after, :minute, :every, :next_at,
    (SELECT paused FROM clubs WHERE id = :club_id)
)
ON CONFLICT (club_id, kind, slot) DO UPDATE
SET weekday = excluded.weekday, days_after = excluded.days_after, minute = excluded.minute,
    every = excluded.every, next_at = excluded.next_at;

-- name: time_beats(club_id, kind, slot, next_at)*!
-- Moves appointments to their next time.
UPDATE beats SET next_at = :next_at WHERE club_id = :club_id AND kind = :kind AND slot = :slot;

-- name: drop_beats(club_id)!
-- Takes all of a club's appointments away.
DELETE FROM beats WHERE club_id = :club_id;

-- name: hold_beats(club_id, held)!
-- Takes a club's appointments out of the clock's sight, or puts them back.
UPDATE beats SET held = :held WHERE club_id = :club_id;

-- name: anything_due(now)$
-- Whether the time of any appointment has come.
SELECT club_id FROM beats WHERE held = 0 AND next_at <= :now LIMIT 1;

-- name: standings_due(now, limit)
-- The clubs whose appointments have come, with all that decides what they bring; reads nothing that is not
-- due.
SELECT * FROM standings
WHERE id IN (
    SELECT club_id FROM beats WHERE held = 0 AND next_at <= :now ORDER BY next_at, club_id LIMIT :limit
);

-- name: beats_due(now, limit)
-- Those appointments of the same clubs that have come, or wait for a paper.
SELECT club_id, kind, minute, weekday, days_after, slot, every, next_at FROM beats
WHERE (next_at <= :now OR weekday IS NULL) AND club_id IN (
    SELECT club_id FROM beats WHERE held = 0 AND next_at <= :now ORDER BY next_at, club_id LIMIT :limit
)
ORDER BY next_at IS NULL, next_at, kind, slot;

-- name: rests_due(now, limit)
-- The weeks of rest of the same clubs.
SELECT club_id, monday FROM rests
WHERE club_id IN (
    SELECT club_id FROM beats WHERE held = 0 AND next_at <= :now ORDER BY next_at, club_id LIMIT :limit
);

-- name: chats_due(now, limit)
-- Where the same clubs meet.
SELECT club_id, id, kind, linked FROM chats
WHERE active = 1 AND club_id IN (
    SELECT club_id FROM beats WHERE held = 0 AND next_at <= :now ORDER BY next_at, club_id LIMIT :limit
)
ORDER BY id;

-- name: standing(club_id)^
-- One club with all that decides what time brings.
SELECT * FROM standings WHERE id = :club_id;

-- name: rests(club_id)
-- A club's weeks of rest, by their Mondays.
SELECT club_id, monday FROM rests WHERE club_id = :club_id ORDER BY monday;

-- name: add_rest(club_id, monday)!
-- A week of rest.
INSERT INTO rests (club_id, monday) VALUES (:club_id, :monday) ON CONFLICT (club_id, monday) DO NOTHING;

-- name: drop_rest(club_id, monday)!
-- No week of rest any more.
DELETE FROM rests WHERE club_id = :club_id AND monday = :monday;

-- name: drop_old_rests(club_id, monday)!
-- Forgets the weeks of rest before a week.
DELETE FROM rests WHERE club_id = :club_id AND monday < :monday;

-- name: next_zone(zone)$
-- The first zone of a club, by name, after a zone.
SELECT min(zone) FROM clubs WHERE zone > :zone;

-- name: clubs_in_zone(zone, after_id, limit)
-- Some of a zone's clubs, by id.
SELECT id FROM clubs WHERE zone = :zone AND id > :after_id ORDER BY id LIMIT :limit;

-- name: open_weeks(club_id, number, paper_id, opened_at, closed_at, prompted)*!
-- New weeks; one that is there already is an error, which undoes the whole transaction.
INSERT INTO weeks (club_id, number, paper_id, opened_at, closed_at, prompted)
VALUES (:club_id, :number, :paper_id, :opened_at, :closed_at, :prompted);

-- name: change_weeks(club_id, number, closed_at, prompted)*!
-- How far weeks are.
UPDATE weeks SET closed_at = :closed_at, prompted = :prompted WHERE club_id = :club_id AND number = :number;

-- name: latest_week(club_id)^
-- The week with the highest number, open or closed.
SELECT club_id, number, paper_id, opened_at, closed_at, prompted FROM weeks
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

-- name: ballot_of(club_id, ballot, member_id)$
-- What a member has chosen.
SELECT choice FROM ballots WHERE club_id = :club_id AND ballot = :ballot AND member_id = :member_id;

-- name: put_ballot(club_id, ballot, member_id, choice)!
-- A member's choice, or another one in its place.
INSERT INTO ballots (club_id, ballot, member_id, choice) VALUES (:club_id, :ballot, :member_id, :choice)
ON CONFLICT (club_id, ballot, member_id) DO UPDATE SET choice = excluded.choice;

-- name: count_ballot(club_id, ballot, choice, change)!
-- Moves a choice's counter.
INSERT INTO ballot_counts (club_id, ballot, choice, votes) VALUES (:club_id, :ballot, :choice, :change)
ON CONFLICT (club_id, ballot, choice) DO UPDATE SET votes = ballot_counts.votes + excluded.votes;

-- name: tally(club_id, ballot)
-- What was chosen and how often, most votes first; of equals, by name.
SELECT choice, votes FROM ballot_counts
WHERE club_id = :club_id AND ballot = :ballot AND votes > 0
ORDER BY votes DESC, choice;
