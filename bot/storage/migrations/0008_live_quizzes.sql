-- Quizzes of a group that end, and those that are held live.
--
-- A live one is held in one chat, and each of its questions is open for some seconds. reached and until say how
-- far a group's quiz has come: the question at that position, from 0, and those before it take no answers from
-- that instant on. until is null while there is no such instant.

ALTER TABLE rounds ADD COLUMN chat_id BIGINT REFERENCES chats (id);
ALTER TABLE rounds ADD COLUMN seconds INTEGER;
ALTER TABLE rounds ADD COLUMN reached INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rounds ADD COLUMN until BIGINT;
CREATE INDEX rounds_live ON rounds (chat_id, id) WHERE chat_id IS NOT NULL;

-- A live quiz is for those who are there: the one that asks everybody still comes.
DROP VIEW standings;
CREATE VIEW standings AS
SELECT
    clubs.id, clubs.title, clubs.language, clubs.zone, clubs.plan_id, clubs.position, clubs.paused,
    clubs.members, clubs.starts_on, clubs.encore, clubs.ending, clubs.asked_at,
    weeks.number AS week, weeks.paper_id, weeks.opened_at, weeks.closed_at, weeks.prompted,
    (
        SELECT rounds.opened_at FROM rounds
        WHERE rounds.club_id = clubs.id AND rounds.paper_id = weeks.paper_id AND rounds.owner_id IS NULL
            AND rounds.chat_id IS NULL
        ORDER BY rounds.id DESC LIMIT 1
    ) AS quizzed_at
FROM clubs
LEFT JOIN weeks
    ON weeks.club_id = clubs.id
    AND weeks.number = (SELECT max(latest.number) FROM weeks AS latest WHERE latest.club_id = clubs.id);
