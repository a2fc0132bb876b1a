-- name: open_round(club_id, paper_id, owner_id, questions, at)$
-- A new round that nobody has answered yet.
INSERT INTO rounds (club_id, paper_id, owner_id, questions, opened_at)
VALUES (:club_id, :paper_id, :owner_id, :questions, :at)
RETURNING id;

-- name: round(round_id)^
-- One round.
SELECT id, club_id, paper_id, owner_id, questions, chat_id, seconds, reached, until FROM rounds WHERE id = :round_id;

-- name: open_live_round(club_id, chat_id, paper_id, questions, seconds, at)$
-- A new round that is held live in a chat.
INSERT INTO rounds (club_id, chat_id, paper_id, questions, seconds, opened_at)
VALUES (:club_id, :chat_id, :paper_id, :questions, :seconds, :at)
RETURNING id;

-- name: reach(round_id, number, until)!
-- A round has come to a question, which takes answers until an instant.
UPDATE rounds SET reached = :number, until = :until WHERE id = :round_id;

-- name: live_round(chat_id)^
-- The newest round held live in a chat.
SELECT id, club_id, paper_id, owner_id, questions, chat_id, seconds, reached, until FROM rounds
WHERE chat_id = :chat_id
ORDER BY id DESC LIMIT 1;

-- name: latest_group_round(club_id, paper_id)^
-- The newest round a club holds together on a paper, all questions at once.
SELECT id, club_id, paper_id, owner_id, questions, chat_id, seconds, reached, until FROM rounds
WHERE club_id = :club_id AND paper_id = :paper_id AND owner_id IS NULL AND chat_id IS NULL
ORDER BY id DESC LIMIT 1;

-- name: latest_own_round(club_id, paper_id, owner_id)^
-- The newest round a member holds alone on a paper.
SELECT id, club_id, paper_id, owner_id, questions, chat_id, seconds, reached, until FROM rounds
WHERE owner_id = :owner_id AND paper_id = :paper_id AND club_id = :club_id
ORDER BY id DESC LIMIT 1;

-- name: add_answer(round_id, member_id, question_id, choices, was_right, at)$
-- Keeps a first answer; gives nothing when there is one already.
INSERT INTO answers (round_id, member_id, question_id, choices, was_right, at)
VALUES (:round_id, :member_id, :question_id, :choices, :was_right, :at)
ON CONFLICT (round_id, member_id, question_id) DO NOTHING
RETURNING 1;

-- name: count_answer(round_id, question_id, was_right)!
-- Moves a question's counters.
INSERT INTO question_counts (round_id, question_id, answered, was_right)
VALUES (:round_id, :question_id, 1, :was_right)
ON CONFLICT (round_id, question_id) DO UPDATE
SET answered = question_counts.answered + 1, was_right = question_counts.was_right + excluded.was_right;

-- name: count_person(round_id, member_id, question_id)!
-- Moves a round's counter of people, when the answer just kept is the member's first in it.
UPDATE rounds SET people = people + 1
WHERE id = :round_id AND NOT EXISTS (
    SELECT 1 FROM answers
    WHERE round_id = :round_id AND member_id = :member_id AND question_id <> :question_id
);

-- name: count_score(member_id, paper_id, round_id, was_right, asked)!
-- Adds an answer to the member's score: the same round goes on, a newer one starts afresh, an older
-- one changes nothing.
INSERT INTO scores (member_id, paper_id, round_id, was_right, answered, asked)
VALUES (:member_id, :paper_id, :round_id, :was_right, 1, :asked)
ON CONFLICT (member_id, paper_id) DO UPDATE SET
    round_id = excluded.round_id,
    was_right = excluded.was_right
        + CASE WHEN scores.round_id = excluded.round_id THEN scores.was_right ELSE 0 END,
    answered = 1 + CASE WHEN scores.round_id = excluded.round_id THEN scores.answered ELSE 0 END,
    asked = excluded.asked
WHERE excluded.round_id >= scores.round_id;

-- name: answers(round_id, member_id)
-- A member's answers in a round, in the order they were given.
SELECT question_id, choices, was_right FROM answers
WHERE round_id = :round_id AND member_id = :member_id
ORDER BY at, question_id;

-- name: scores(member_id)
-- A member's latest quiz on each paper, the newest last.
SELECT paper_id, was_right, answered, asked FROM scores WHERE member_id = :member_id ORDER BY round_id;

-- name: hardest(round_id)^
-- The question with the most wrong answers; of equals, the one that fewest tried.
SELECT question_id, was_right, answered FROM question_counts
WHERE round_id = :round_id AND answered > was_right
ORDER BY answered - was_right DESC, answered, question_id LIMIT 1;

-- name: question_counts(round_id)
-- What was answered to each question of a round.
SELECT question_id, was_right, answered FROM question_counts WHERE round_id = :round_id;

-- name: perfect(round_id, asked)
-- Who has answered every question of a round rightly, by name.
SELECT members.name FROM answers JOIN members ON members.id = answers.member_id
WHERE answers.round_id = :round_id AND answers.was_right = 1 AND members.active = 1
GROUP BY members.id, members.name
HAVING count(*) = :asked
ORDER BY members.name, members.id;

-- name: round_people(round_id)$
-- How many members have answered in a round.
SELECT people FROM rounds WHERE id = :round_id;
