-- Questions with several right answers: what somebody chose is a set, kept as bits, the first option the lowest.
-- What was chosen before keeps its meaning: one option is a set of one.

ALTER TABLE answers RENAME COLUMN choice TO choices;
UPDATE answers SET choices = 1 << choices;
