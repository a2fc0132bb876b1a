-- name: reading(member_id, paper_id)^
-- A member's record of one paper.
SELECT member_id, paper_id, level, note, at FROM readings
WHERE member_id = :member_id AND paper_id = :paper_id;

-- name: readings(member_id)
-- Everything a member has on record, oldest first.
SELECT member_id, paper_id, level, note, at FROM readings WHERE member_id = :member_id ORDER BY at, paper_id;

-- name: put_reading(member_id, paper_id, club_id, level, note, at, is_read)!
-- Records or replaces a reading; it is counted when it is more than a skim, by an active member.
INSERT INTO readings (member_id, paper_id, club_id, level, note, at, counted)
VALUES (
    :member_id, :paper_id, :club_id, :level, :note, :at,
    :is_read * (SELECT active FROM members WHERE id = :member_id)
)
ON CONFLICT (member_id, paper_id) DO UPDATE
SET level = excluded.level, note = excluded.note, at = excluded.at, counted = excluded.counted;

-- name: erase_reading(member_id, paper_id)$
-- Takes a reading off the record and gives the level it had.
DELETE FROM readings WHERE member_id = :member_id AND paper_id = :paper_id RETURNING level;

-- name: count_reader(club_id, paper_id, member_id, change)!
-- Moves a paper's counter of readers, when the member is active.
INSERT INTO paper_readers (club_id, paper_id, readers)
SELECT :club_id, :paper_id, :change FROM members WHERE id = :member_id AND active = 1
ON CONFLICT (club_id, paper_id) DO UPDATE SET readers = paper_readers.readers + excluded.readers;

-- name: count_readings_of(member_id, read_level, change)!
-- Moves the counters of all papers a member has read, when the member comes back or leaves.
INSERT INTO paper_readers (club_id, paper_id, readers)
SELECT club_id, paper_id, :change FROM readings
WHERE member_id = :member_id AND level >= :read_level
ON CONFLICT (club_id, paper_id) DO UPDATE SET readers = paper_readers.readers + excluded.readers;

-- name: mark_readings_of(member_id, read_level, counted)!
-- Notes whether the papers a member has read are counted.
UPDATE readings SET counted = :counted WHERE member_id = :member_id AND level >= :read_level;

-- name: readers(club_id, paper_id)$
-- How many active members have read a paper.
SELECT readers FROM paper_readers WHERE club_id = :club_id AND paper_id = :paper_id;

-- name: reader_names(club_id, paper_id, limit)
-- Active members who have read a paper, in the order of their reading.
SELECT members.name
FROM readings JOIN members ON members.id = readings.member_id
WHERE readings.club_id = :club_id AND readings.paper_id = :paper_id AND readings.counted = 1
ORDER BY readings.at, readings.member_id LIMIT :limit;
