"""Whether an SQLite file is a sound record: whole, and with every counter equal to what it counts."""

import sqlite3
from pathlib import Path

RECOUNTS = {
    "members of a club": """
        SELECT id, members, (SELECT count(*) FROM members WHERE club_id = clubs.id AND active = 1) AS afresh
        FROM clubs WHERE members <> afresh""",
    "papers a member read": """
        SELECT id, papers_read,
               (SELECT count(*) FROM readings WHERE member_id = members.id AND level >= 2) AS afresh
        FROM members WHERE papers_read <> afresh""",
    "readers of a paper": """
        SELECT club_id, paper_id, readers,
               (SELECT count(*) FROM readings AS r
                WHERE (r.club_id, r.paper_id, r.counted) = (p.club_id, p.paper_id, 1)) AS afresh
        FROM paper_readers AS p WHERE readers <> afresh""",
    "people of a round": """
        SELECT id, people,
               (SELECT count(DISTINCT member_id) FROM answers WHERE round_id = rounds.id) AS afresh
        FROM rounds WHERE people <> afresh""",
    "answers to a question": """
        SELECT round_id, question_id, answered, was_right,
               (SELECT count(*) FROM answers AS a
                WHERE (a.round_id, a.question_id) = (q.round_id, q.question_id)) AS afresh,
               (SELECT coalesce(sum(was_right), 0) FROM answers AS a
                WHERE (a.round_id, a.question_id) = (q.round_id, q.question_id)) AS right_afresh
        FROM question_counts AS q WHERE (answered, was_right) <> (afresh, right_afresh)""",
    "score of a member": """
        SELECT member_id, paper_id, answered, was_right,
               (SELECT count(*) FROM answers AS a
                WHERE (a.round_id, a.member_id) = (s.round_id, s.member_id)) AS afresh,
               (SELECT coalesce(sum(was_right), 0) FROM answers AS a
                WHERE (a.round_id, a.member_id) = (s.round_id, s.member_id)) AS right_afresh
        FROM scores AS s WHERE (answered, was_right) <> (afresh, right_afresh)""",
    "votes on what comes next": """
        SELECT club_id, ballot, choice, votes,
               (SELECT count(*) FROM ballots AS b
                WHERE (b.club_id, b.ballot, b.choice) = (c.club_id, c.ballot, c.choice)) AS afresh
        FROM ballot_counts AS c WHERE votes <> afresh""",
}
"""What is kept as a counter, beside what counting gives; a row is a difference."""


def assert_sound(database: Path) -> None:
    """The record is whole, and its counters are what counting gives."""
    with sqlite3.connect(database) as record:
        assert record.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert record.execute("PRAGMA foreign_key_check").fetchall() == []
        assert record.execute("SELECT count(*) > 0 FROM members").fetchone() == (1,)  # it saw something
        differences = {what: record.execute(sql).fetchall() for what, sql in RECOUNTS.items()}
    record.close()
    assert not any(differences.values()), differences
