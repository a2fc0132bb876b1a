-- A club's time in full: beats that are counted from the paper, several of a kind, every so many weeks;
-- weeks of rest, a first day, a paper once more, and the choice of what comes after the plan.
--
-- Local days are TEXT, as in 2027-01-31: they are no instants, and sort as they are.

-- Exactly one of weekday and days_after is set. next_at is null until the next paper comes.
ALTER TABLE beats RENAME TO former_beats;
CREATE TABLE beats (
    club_id BIGINT NOT NULL REFERENCES clubs (id),
    kind TEXT NOT NULL,
    slot INTEGER NOT NULL,
    weekday INTEGER,
    days_after INTEGER,
    minute INTEGER NOT NULL,
    every INTEGER NOT NULL,
    next_at BIGINT,
    held INTEGER NOT NULL,
    PRIMARY KEY (club_id, kind, slot)
) WITHOUT ROWID;
INSERT INTO beats (club_id, kind, slot, weekday, days_after, minute, every, next_at, held)
SELECT club_id, kind, 0, weekday, NULL, minute, 1, next_at, held FROM former_beats;
DROP TABLE former_beats;
CREATE INDEX beats_by_time ON beats (next_at, club_id) WHERE held = 0;

-- A bit for each prompt of the week that has come.
ALTER TABLE weeks ADD COLUMN prompted INTEGER NOT NULL DEFAULT 0;

ALTER TABLE clubs ADD COLUMN starts_on TEXT;
ALTER TABLE clubs ADD COLUMN encore TEXT;
ALTER TABLE clubs ADD COLUMN ending INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clubs ADD COLUMN asked_at BIGINT;
-- For the start, which asks whose rules have changed.
CREATE INDEX clubs_by_zone ON clubs (zone, id);

CREATE TABLE rests (
    club_id BIGINT NOT NULL REFERENCES clubs (id),
    monday TEXT NOT NULL,
    PRIMARY KEY (club_id, monday)
) WITHOUT ROWID;

-- ballot is when the club was asked.
CREATE TABLE ballots (
    club_id BIGINT NOT NULL REFERENCES clubs (id),
    ballot BIGINT NOT NULL,
    member_id BIGINT NOT NULL REFERENCES members (id),
    choice TEXT NOT NULL,
    PRIMARY KEY (club_id, ballot, member_id)
) WITHOUT ROWID;

CREATE TABLE ballot_counts (
    club_id BIGINT NOT NULL REFERENCES clubs (id),
    ballot BIGINT NOT NULL,
    choice TEXT NOT NULL,
    votes INTEGER NOT NULL, -- counter
    PRIMARY KEY (club_id, ballot, choice)
) WITHOUT ROWID;

-- Everything of a club that decides what time brings: the club, its latest week, and when the group was last
-- asked about that week's paper.
CREATE VIEW standings AS
SELECT
    clubs.id, clubs.title, clubs.language, clubs.zone, clubs.plan_id, clubs.position, clubs.paused,
    clubs.members, clubs.starts_on, clubs.encore, clubs.ending, clubs.asked_at,
    weeks.number AS week, weeks.paper_id, weeks.opened_at, weeks.closed_at, weeks.prompted,
    (
        SELECT rounds.opened_at FROM rounds
        WHERE rounds.club_id = clubs.id AND rounds.paper_id = weeks.paper_id AND rounds.owner_id IS NULL
        ORDER BY rounds.id DESC LIMIT 1
    ) AS quizzed_at
FROM clubs
LEFT JOIN weeks
    ON weeks.club_id = clubs.id
    AND weeks.number = (SELECT max(latest.number) FROM weeks AS latest WHERE latest.club_id = clubs.id);
