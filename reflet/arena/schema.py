"""The tables of an arena's record (log.py says what they are for), and what the database itself refuses."""

from __future__ import annotations

import sqlite3

VERSION = 1

SCHEMA = """
CREATE TABLE contestants(name TEXT PRIMARY KEY, digest TEXT NOT NULL, settings TEXT NOT NULL, status TEXT NOT NULL,
  created REAL NOT NULL);
CREATE TABLE prompts(id TEXT PRIMARY KEY, text TEXT NOT NULL, category TEXT NOT NULL, split TEXT NOT NULL,
  pool INTEGER NOT NULL);
CREATE TABLE pictures(id TEXT PRIMARY KEY, contestant TEXT NOT NULL REFERENCES contestants(name),
  prompt TEXT NOT NULL REFERENCES prompts(id), number INTEGER NOT NULL, sha256 TEXT NOT NULL, facts TEXT NOT NULL,
  UNIQUE(contestant, prompt, number));
CREATE INDEX pictures_by_prompt ON pictures(prompt);
CREATE TABLE voters(id TEXT PRIMARY KEY, kind TEXT NOT NULL, split TEXT NOT NULL, salt TEXT, created REAL NOT NULL,
  erased REAL);
CREATE TABLE battles(id TEXT PRIMARY KEY, prompt TEXT NOT NULL REFERENCES prompts(id),
  left_picture TEXT NOT NULL REFERENCES pictures(id), right_picture TEXT NOT NULL REFERENCES pictures(id),
  kind TEXT NOT NULL, answer TEXT, repeats TEXT, propensity REAL, policy TEXT NOT NULL,
  voter TEXT NOT NULL REFERENCES voters(id), created REAL NOT NULL);
CREATE TABLE votes(battle TEXT PRIMARY KEY REFERENCES battles(id), voter TEXT NOT NULL REFERENCES voters(id),
  winner TEXT, looks TEXT, follows TEXT, dwell REAL NOT NULL, seen INTEGER NOT NULL, marks TEXT NOT NULL,
  created REAL NOT NULL);
CREATE INDEX votes_by_voter ON votes(voter);
CREATE TABLE exclusions(id INTEGER PRIMARY KEY, what TEXT NOT NULL, target TEXT NOT NULL, reason TEXT NOT NULL,
  reviewer TEXT NOT NULL, created REAL NOT NULL, lifted REAL);
CREATE TABLE audit(number INTEGER PRIMARY KEY, at REAL NOT NULL, what TEXT NOT NULL, content TEXT NOT NULL,
  before TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TRIGGER votes_stay BEFORE UPDATE ON votes BEGIN SELECT RAISE(ABORT, 'votes are never changed'); END;
CREATE TRIGGER votes_kept BEFORE DELETE ON votes WHEN (SELECT erased FROM voters WHERE id = OLD.voter) IS NULL
  BEGIN SELECT RAISE(ABORT, 'votes leave only with their voter'); END;
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is never shortened'); END;
"""


def statements(script: str = SCHEMA) -> list[str]:
    """Single statements of a script; sqlite's own executescript would end the transaction."""
    out, current = [], ""
    for part in script.split(";"):
        current += part + ";"
        if sqlite3.complete_statement(current):
            out.append(current)
            current = ""
    return [s for s in out if s.strip(" \n;")]
