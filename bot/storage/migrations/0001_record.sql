-- The record of clubs that meet: who is in them, what was read and answered, what is to be posted.
--
-- Times are BIGINT seconds since 1970 in UTC, truth values INTEGER 0 or 1, lists TEXT in JSON.
-- A counter stands beside what it counts and moves in the transaction that records, so that no
-- answer to a member ever has to count rows.

CREATE TABLE clubs (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    language TEXT NOT NULL,
    zone TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    position INTEGER NOT NULL DEFAULT 0,
    paused INTEGER NOT NULL DEFAULT 0,
    members INTEGER NOT NULL DEFAULT 0, -- counter: the active ones
    made_at BIGINT NOT NULL
);

CREATE TABLE chats (
    id INTEGER PRIMARY KEY,
    club_id BIGINT NOT NULL REFERENCES clubs (id),
    platform TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    topics INTEGER NOT NULL,
    active INTEGER NOT NULL DEFAULT 1,
    UNIQUE (platform, chat_id)
);
CREATE INDEX chats_of_club ON chats (club_id);

CREATE TABLE members (
    id INTEGER PRIMARY KEY,
    club_id BIGINT NOT NULL REFERENCES clubs (id),
    name TEXT NOT NULL,
    folded_name TEXT NOT NULL, -- for look-up; folded by the program, as databases fold ASCII only
    active INTEGER NOT NULL DEFAULT 1,
    papers_read INTEGER NOT NULL DEFAULT 0, -- counter: readings of level 2 (read) and above
    joined_at BIGINT NOT NULL,
    left_at BIGINT
);
CREATE INDEX members_by_name ON members (club_id, folded_name) WHERE active = 1;

CREATE TABLE accounts (
    platform TEXT NOT NULL,
    user_id TEXT NOT NULL,
    club_id BIGINT NOT NULL REFERENCES clubs (id),
    member_id BIGINT NOT NULL REFERENCES members (id),
    username TEXT NOT NULL,
    folded_username TEXT NOT NULL,
    PRIMARY KEY (platform, user_id, club_id)
) WITHOUT ROWID;
CREATE INDEX accounts_by_username ON accounts (club_id, platform, folded_username);
CREATE INDEX accounts_of_member ON accounts (member_id);

CREATE TABLE homes (
    platform TEXT NOT NULL,
    user_id TEXT NOT NULL,
    club_id BIGINT NOT NULL REFERENCES clubs (id),
    PRIMARY KEY (platform, user_id)
) WITHOUT ROWID;

-- held: the club is paused. Kept here so that the clock's look for due beats passes paused clubs by.
CREATE TABLE beats (
    club_id BIGINT NOT NULL REFERENCES clubs (id),
    kind TEXT NOT NULL,
    weekday INTEGER NOT NULL,
    minute INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    held INTEGER NOT NULL,
    PRIMARY KEY (club_id, kind)
) WITHOUT ROWID;
CREATE INDEX beats_by_time ON beats (next_at) WHERE held = 0;

CREATE TABLE weeks (
    club_id BIGINT NOT NULL REFERENCES clubs (id),
    number INTEGER NOT NULL,
    paper_id TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    PRIMARY KEY (club_id, number)
) WITHOUT ROWID;

-- counted: the level is 2 (read) or above and the member is active, which is what paper_readers counts.
CREATE TABLE readings (
    member_id BIGINT NOT NULL REFERENCES members (id),
    paper_id TEXT NOT NULL,
    club_id BIGINT NOT NULL REFERENCES clubs (id),
    level INTEGER NOT NULL,
    note TEXT NOT NULL,
    at BIGINT NOT NULL,
    counted INTEGER NOT NULL,
    PRIMARY KEY (member_id, paper_id)
) WITHOUT ROWID;
CREATE INDEX readings_of_paper ON readings (club_id, paper_id, at) WHERE counted = 1;

CREATE TABLE paper_readers (
    club_id BIGINT NOT NULL REFERENCES clubs (id),
    paper_id TEXT NOT NULL,
    readers INTEGER NOT NULL, -- counter: readings that are counted
    PRIMARY KEY (club_id, paper_id)
) WITHOUT ROWID;

-- owner_id is null for a group's round.
CREATE TABLE rounds (
    id INTEGER PRIMARY KEY,
    club_id BIGINT NOT NULL REFERENCES clubs (id),
    paper_id TEXT NOT NULL,
    owner_id BIGINT REFERENCES members (id),
    questions TEXT NOT NULL,
    people INTEGER NOT NULL DEFAULT 0, -- counter: members with at least one answer
    opened_at BIGINT NOT NULL
);
CREATE INDEX rounds_of_group ON rounds (club_id, paper_id, id) WHERE owner_id IS NULL;
CREATE INDEX rounds_of_member ON rounds (owner_id, paper_id, id) WHERE owner_id IS NOT NULL;

-- The member leads the key before the question, so that one member's answers lie together.
CREATE TABLE answers (
    round_id BIGINT NOT NULL REFERENCES rounds (id),
    member_id BIGINT NOT NULL REFERENCES members (id),
    question_id TEXT NOT NULL,
    choice INTEGER NOT NULL,
    was_right INTEGER NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (round_id, member_id, question_id)
) WITHOUT ROWID;

CREATE TABLE question_counts (
    round_id BIGINT NOT NULL REFERENCES rounds (id),
    question_id TEXT NOT NULL,
    answered INTEGER NOT NULL, -- counters
    was_right INTEGER NOT NULL,
    PRIMARY KEY (round_id, question_id)
) WITHOUT ROWID;

-- The newest round a member has answered on each paper, and how it stands.
CREATE TABLE scores (
    member_id BIGINT NOT NULL REFERENCES members (id),
    paper_id TEXT NOT NULL,
    round_id BIGINT NOT NULL REFERENCES rounds (id),
    was_right INTEGER NOT NULL, -- counters
    answered INTEGER NOT NULL,
    asked INTEGER NOT NULL,
    PRIMARY KEY (member_id, paper_id)
) WITHOUT ROWID;

CREATE TABLE threads (
    chat_id BIGINT NOT NULL REFERENCES chats (id),
    paper_id TEXT NOT NULL,
    thread_id TEXT,
    root_message_id TEXT,
    PRIMARY KEY (chat_id, paper_id)
) WITHOUT ROWID;

-- The delivery ledger. Ids go to the platforms as keys, so one is never used again.
-- held: the chat is not active. It and platform are kept here so that the sender's look for due
-- posts passes closed chats and platforms of other senders by.
CREATE TABLE posts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    chat_id BIGINT NOT NULL REFERENCES chats (id),
    platform TEXT NOT NULL,
    held INTEGER NOT NULL,
    kind TEXT NOT NULL,
    paper_id TEXT NOT NULL,
    week INTEGER,
    round_id BIGINT REFERENCES rounds (id),
    number INTEGER NOT NULL,
    due_at BIGINT NOT NULL,
    not_before BIGINT NOT NULL, -- when the next attempt may begin
    state TEXT NOT NULL DEFAULT 'pending',
    lease_until BIGINT,
    attempts INTEGER NOT NULL DEFAULT 0,
    claimed_at BIGINT NOT NULL DEFAULT 0, -- the first attempt's time
    doubtful INTEGER NOT NULL DEFAULT 0, -- an attempt may have arrived
    message_id TEXT,
    poll_id TEXT,
    reason TEXT,
    sent_at BIGINT
);
-- Each index holds only the rows that are still on their way; the ledger's past weighs nothing.
CREATE INDEX posts_due ON posts (platform, not_before) WHERE state = 'pending' AND held = 0;
CREATE INDEX posts_in_line ON posts (chat_id, id) WHERE state = 'pending';
CREATE UNIQUE INDEX posts_one_under_way ON posts (chat_id) WHERE state = 'sending';
CREATE INDEX posts_leased ON posts (platform, lease_until) WHERE state = 'sending';
CREATE INDEX posts_unknown ON posts (chat_id, id) WHERE state = 'unknown';
CREATE INDEX posts_by_poll ON posts (poll_id) WHERE poll_id IS NOT NULL;

-- A post with its chat, in the order in which the program reads them.
CREATE VIEW ledger AS
SELECT
    posts.id, chats.id AS chat_row, chats.club_id, chats.platform, chats.chat_id, chats.kind AS chat_kind,
    chats.topics, chats.active, posts.key, posts.kind, posts.paper_id, posts.week, posts.round_id,
    posts.number, posts.due_at, posts.state, posts.attempts, posts.claimed_at, posts.doubtful, posts.message_id
FROM posts JOIN chats ON chats.id = posts.chat_id;

CREATE TABLE kept (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
