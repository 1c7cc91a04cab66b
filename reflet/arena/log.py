"""The record of an arena: one SQLite file, appended to, never rewritten.

Tables: contestants, prompts, pictures, battles, votes, voters, exclusions, audit. Votes are rows of their own, keyed by
their battle's token: the same vote sent twice is one vote, and a vote that was acknowledged is on the disk (WAL with
full synchronisation), whatever is killed afterwards. Triggers refuse any change of a vote or of the audit; only the
erasure of a voter takes votes away. The audit is a chain: each row carries the hash of the one before.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from reflet.arena.prompts import Prompt
from reflet.arena.schema import VERSION, statements
from reflet.runtime.errors import UserError

Status = Literal["active", "provisional", "retired"]
VoterKind = Literal["human", "judge"]


@dataclass(frozen=True)
class PictureRow:
    """One picture of a contestant. `facts`: seed, noise, sampler, steps, guidance, bundle, size, seconds and so on."""

    id: str
    contestant: str
    prompt: str
    number: int
    sha256: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Battle:
    """Two pictures of one prompt, left and right, as they were shown. `kind`: plain, canary (`answer` is the side that
    should win), repeat (to another voter) or mirror (to the same voter, sides swapped) of the battle `repeats`."""

    id: str
    prompt: str
    left_picture: str
    right_picture: str
    voter: str
    kind: Literal["plain", "canary", "repeat", "mirror"] = "plain"
    answer: str | None = None
    repeats: str | None = None
    propensity: float | None = None
    policy: str = "uniform"


@dataclass(frozen=True)
class Vote:
    """What a voter said of a battle; `winner` None is a skip. `looks` and `follows` are the two details, or None.
    `dwell`: seconds from both pictures being visible to the vote."""

    battle: str
    voter: str
    winner: str | None
    looks: str | None = None
    follows: str | None = None
    dwell: float = 0.0
    seen: bool = True
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class VoteRow:
    """A vote with all that was known of its battle; contestants and facts of both sides."""

    vote: Vote
    battle: Battle
    model_a: str
    model_b: str
    category: str
    split: str
    pool: bool
    prompt_text: str
    voter_kind: VoterKind
    voter_split: str
    created: float
    excluded: str | None
    facts_a: dict[str, Any] = field(default_factory=dict)
    facts_b: dict[str, Any] = field(default_factory=dict)


class ArenaLog:
    """Opens, or begins, the record at `path`. Safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path, self._lock = path, threading.RLock()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = sqlite3.connect(path, timeout=30.0, isolation_level=None, check_same_thread=False)
            self._db.row_factory = sqlite3.Row
            # secure_delete: what is erased is overwritten, not only forgotten
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
                self._db.execute(f"PRAGMA {pragma}")
            self._begin()
        except sqlite3.DatabaseError as error:
            raise UserError(f"{path} is no arena of ours ({error}): give the folder that `arena run` made") from error

    def _begin(self) -> None:
        with self.change() as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            if version == 0 and not db.execute("SELECT 1 FROM sqlite_master").fetchone():
                for statement in statements():
                    db.execute(statement)
                db.execute(f"PRAGMA user_version={VERSION}")
            elif version != VERSION:
                raise UserError(f"{self.path} is an arena of version {version}, this is {VERSION}: use its own Reflet")

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it, or nothing."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """The rows of a query."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    # -- contestants, prompts, pictures

    def add_contestant(self, name: str, *, digest: str, settings: dict[str, Any], status: Status = "active") -> None:
        """Enters a contestant, before any vote. Raises UserError when the name already means something else."""
        known = self.rows("SELECT digest FROM contestants WHERE name = ?", name)
        if known and known[0]["digest"] != digest:
            raise UserError(f"{name!r} was entered with other weights or pictures: give the new ones a new name")
        if not known:
            with self.change() as db:
                row = (name, digest, json.dumps(settings), status, time.time())
                db.execute("INSERT INTO contestants VALUES(?, ?, ?, ?, ?)", row)
                self._audit(db, "contestant entered", {"name": name, "digest": digest, "status": status})

    def set_status(self, name: str, status: Status, *, reason: str) -> None:
        """Makes a contestant active, provisional or retired; its votes and rating stay. Raises UserError."""
        with self.change() as db:
            if not db.execute("UPDATE contestants SET status = ? WHERE name = ?", (status, name)).rowcount:
                raise UserError(f"there is no contestant {name!r} in this arena")
            self._audit(db, "contestant status", {"name": name, "status": status, "reason": reason})

    def contestants(self) -> dict[str, Status]:
        """Name -> status, in the order of entry."""
        return {
            r["name"]: r["status"] for r in self.rows("SELECT name, status FROM contestants ORDER BY created, name")
        }

    def add_prompts(self, prompts: list[Prompt]) -> None:
        """Prompts already there stay as they are."""
        with self.change() as db:
            db.executemany(
                "INSERT OR IGNORE INTO prompts VALUES(?, ?, ?, ?, ?)",
                [(p.id, p.text, p.category, p.split, int(p.pool)) for p in prompts],
            )

    def prompts(self) -> list[Prompt]:
        """All prompts, by identity."""
        rows = self.rows("SELECT * FROM prompts ORDER BY id")
        return [Prompt(r["text"], r["category"], bool(r["pool"])) for r in rows]

    def add_picture(self, picture: PictureRow) -> None:
        """Enters one picture; one already there stays."""
        with self.change() as db:
            db.execute(
                "INSERT OR IGNORE INTO pictures VALUES(?, ?, ?, ?, ?, ?)",
                (picture.id, picture.contestant, picture.prompt, picture.number, picture.sha256,
                 json.dumps(picture.facts)),
            )  # fmt: skip

    def pictures(self) -> list[PictureRow]:
        """All pictures, in a fixed order."""
        rows = self.rows("SELECT * FROM pictures ORDER BY prompt, number, contestant")
        return [_picture(r) for r in rows]

    def picture(self, identity: str) -> PictureRow:
        """One picture. Raises UserError when there is none."""
        rows = self.rows("SELECT * FROM pictures WHERE id = ?", identity)
        if not rows:
            raise UserError("this picture is not in the arena")
        return _picture(rows[0])

    # -- voters, battles, votes

    def meet_voter(self, identity: str, *, kind: VoterKind = "human", salt: str) -> None:
        """Enters a voter at the first meeting. One voter in five is held out from training, by a hash."""
        share = int(hashlib.sha256(f"voter/{identity}".encode()).hexdigest()[:8], 16) / 2**32
        with self.change() as db:
            row = (identity, kind, "held_out" if share < 0.2 else "train", salt, time.time(), None)
            db.execute("INSERT OR IGNORE INTO voters VALUES(?, ?, ?, ?, ?, ?)", row)

    def enter_judge(self, name: str, *, digest: str) -> str:
        """Enters a program that votes, before it does; returns it as a voter. Raises UserError when the name already
        means another program: its votes would be mixed with others'."""
        voter, entered = f"judge-{name}", False
        for row in self.rows("SELECT content FROM audit WHERE what = 'judge entered'"):
            known = json.loads(row["content"])
            if known["voter"] == voter and known["digest"] != digest:
                raise UserError(
                    f"the judge {name!r} was another program here: give this one a name of its own (--name)"
                )
            entered = entered or known["voter"] == voter
        self.meet_voter(voter, kind="judge", salt=hashlib.sha256(f"{voter}/{digest}".encode()).hexdigest())
        if not entered:
            with self.change() as db:
                self._audit(db, "judge entered", {"voter": voter, "digest": digest})
        return voter

    def open_battle(self, battle: Battle) -> None:
        """Records a battle before it is shown."""
        with self.change() as db:
            values = asdict(battle) | {"created": time.time()}
            names = ", ".join(values)
            marks = ", ".join(f":{n}" for n in values)
            db.execute(f"INSERT INTO battles({names}) VALUES({marks})", values)

    def battle(self, identity: str) -> Battle:
        """One battle. Raises UserError when there is none."""
        rows = self.rows("SELECT * FROM battles WHERE id = ?", identity)
        if not rows:
            raise UserError("there is no such battle: load the page again")
        return _battle(rows[0])

    def cast(self, vote: Vote) -> tuple[Vote, bool]:
        """Records a vote; returns the vote that stands and whether it is new. A battle has one vote: the first.

        Raises UserError for a battle that is unknown or was shown to somebody else.
        """
        with self.change() as db:
            row = db.execute("SELECT voter FROM battles WHERE id = ?", (vote.battle,)).fetchone()
            if row is None or row["voter"] != vote.voter:
                raise UserError("this battle was not shown to you: load the page again")
            known = db.execute("SELECT * FROM votes WHERE battle = ?", (vote.battle,)).fetchone()
            if known is not None:
                return _vote(known), False
            values = (
                vote.battle, vote.voter, vote.winner, vote.looks, vote.follows, vote.dwell, int(vote.seen),
                json.dumps(vote.marks), time.time(),
            )  # fmt: skip
            db.execute("INSERT INTO votes VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
            # The salt leaves with the voter: what stays in the audit then says nothing of who voted what.
            salt = db.execute("SELECT salt FROM voters WHERE id = ?", (vote.voter,)).fetchone()[0]
            self._audit(db, "vote", {"battle": vote.battle, "digest": vote_digest(salt, vote)})
        return vote, True

    def votes(self) -> list[VoteRow]:
        """All votes in the order they were cast, those excluded with the reason."""
        rows = self.rows(
            "SELECT v.*, b.*, v.created AS at, p.text, p.category, p.split, p.pool, l.contestant AS ca,"
            " r.contestant AS cb, l.facts AS fa, r.facts AS fb, w.kind AS vkind, w.split AS vsplit,"
            " (SELECT reason FROM exclusions e WHERE e.lifted IS NULL AND ((e.what = 'vote' AND e.target = v.battle)"
            " OR (e.what = 'voter' AND e.target = v.voter)) ORDER BY e.id LIMIT 1) AS excluded"
            " FROM votes v JOIN battles b ON b.id = v.battle JOIN prompts p ON p.id = b.prompt"
            " JOIN pictures l ON l.id = b.left_picture JOIN pictures r ON r.id = b.right_picture"
            " JOIN voters w ON w.id = v.voter ORDER BY v.rowid"
        )
        return [
            VoteRow(
                _vote(r), _battle(r), r["ca"], r["cb"], r["category"], r["split"], bool(r["pool"]), r["text"],
                r["vkind"], r["vsplit"], r["at"], r["excluded"], json.loads(r["fa"]), json.loads(r["fb"]),
            )
            for r in rows
        ]  # fmt: skip

    # -- exclusions, erasure, audit

    def exclude(self, what: Literal["vote", "voter"], target: str, *, reason: str, reviewer: str) -> None:
        """A human's decision to leave votes out of the boards; they stay in the record. Raises UserError."""
        table, key = ("votes", "battle") if what == "vote" else ("voters", "id")
        if not self.rows(f"SELECT 1 FROM {table} WHERE {key} = ?", target):
            raise UserError(f"there is no {what} {target!r} in this arena")
        if not reason.strip() or not reviewer.strip():
            raise UserError("an exclusion needs a reason and a reviewer's name")
        with self.change() as db:
            db.execute(
                "INSERT INTO exclusions(what, target, reason, reviewer, created) VALUES(?, ?, ?, ?, ?)",
                (what, target, reason, reviewer, time.time()),
            )
            told = {"kind": what, "target": self._told(db, what, target), "reason": reason, "reviewer": reviewer}
            self._audit(db, "excluded", told)

    def lift(self, what: Literal["vote", "voter"], target: str, *, reason: str, reviewer: str) -> None:
        """Takes an exclusion back."""
        with self.change() as db:
            sql = "UPDATE exclusions SET lifted = ? WHERE what = ? AND target = ? AND lifted IS NULL"
            if not db.execute(sql, (time.time(), what, target)).rowcount:
                raise UserError(f"the {what} {target!r} is not excluded")
            told = {"kind": what, "target": self._told(db, what, target), "reason": reason, "reviewer": reviewer}
            self._audit(db, "lifted", told)

    def erase_voter(self, identity: str) -> int:
        """Takes a voter's votes and salt away at their wish; returns how many votes. Their battles stay, without them:
        what was shown is no secret of theirs."""
        with self.change() as db:
            if not db.execute("SELECT 1 FROM voters WHERE id = ? AND erased IS NULL", (identity,)).fetchone():
                raise UserError(f"there is no voter {identity!r} in this arena")
            gone = f"erased-{secrets.token_hex(8)}"
            db.execute("UPDATE voters SET erased = ?, salt = NULL WHERE id = ?", (time.time(), identity))
            own = "SELECT battle FROM votes WHERE voter = ?"  # a reviewer's words on single votes go too
            db.execute(f"DELETE FROM exclusions WHERE what = 'vote' AND target IN ({own})", (identity,))
            count = db.execute("DELETE FROM votes WHERE voter = ?", (identity,)).rowcount
            db.execute(
                "INSERT INTO voters VALUES(?, 'human', 'held_out', NULL, ?, ?)", (gone, time.time(), time.time())
            )
            db.execute("UPDATE battles SET voter = ? WHERE voter = ?", (gone, identity))
            db.execute("DELETE FROM exclusions WHERE what = 'voter' AND target = ?", (identity,))
            db.execute("DELETE FROM voters WHERE id = ?", (identity,))
            self._audit(db, "voter erased", {"votes": count})
        with self._lock:  # nor do older pages of the write-ahead log keep them
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return count

    def aliases(self) -> dict[str, str]:
        """What the audit calls the voters that are still known -> voter."""
        return {
            _alias(r["id"], r["salt"]): r["id"] for r in self.rows("SELECT id, salt FROM voters WHERE salt NOTNULL")
        }

    def _told(self, db: sqlite3.Connection, what: str, target: str) -> str:
        """What the audit may keep of a target for ever: of a voter a name that only the salt ties to them."""
        if what == "vote":
            return target
        return _alias(target, db.execute("SELECT salt FROM voters WHERE id = ?", (target,)).fetchone()[0])

    def _audit(self, db: sqlite3.Connection, what: str, content: dict[str, Any]) -> None:
        last = db.execute("SELECT hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
        before, at, text = (last[0] if last else ""), time.time(), json.dumps(content, sort_keys=True)
        row = (at, what, text, before, chain(before, at, what, text))
        db.execute("INSERT INTO audit(at, what, content, before, hash) VALUES(?, ?, ?, ?, ?)", row)

    def audit(self) -> list[dict[str, Any]]:
        """The whole chain, checked. Raises UserError naming the first row that does not follow from the one before."""
        out, before = [], ""
        for r in self.rows("SELECT * FROM audit ORDER BY number"):
            if r["before"] != before or r["hash"] != chain(before, r["at"], r["what"], r["content"]):
                raise UserError(f"the audit is broken at row {r['number']}: somebody changed the record by hand")
            before = r["hash"]
            out.append({"number": r["number"], "at": r["at"], "what": r["what"], **json.loads(r["content"])})
        return out


def _alias(voter: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}/{voter}".encode()).hexdigest()[:24]


def vote_digest(salt: str, vote: Vote) -> str:
    """What the audit keeps of a vote: nothing without its voter's salt."""
    told = asdict(vote) | {"dwell": float(vote.dwell)}
    return hashlib.sha256((salt + json.dumps(told, sort_keys=True)).encode()).hexdigest()


def chain(before: str, at: float, what: str, content: str) -> str:
    """The hash of an audit row."""
    return hashlib.sha256(f"{before}\n{at!r}\n{what}\n{content}".encode()).hexdigest()


def _picture(r: sqlite3.Row) -> PictureRow:
    return PictureRow(r["id"], r["contestant"], r["prompt"], r["number"], r["sha256"], json.loads(r["facts"]))


def _battle(r: sqlite3.Row) -> Battle:
    names = (
        "id", "prompt", "left_picture", "right_picture", "voter", "kind", "answer", "repeats", "propensity", "policy"
    )  # fmt: skip
    return Battle(**{n: r[n] for n in names})


def _vote(r: sqlite3.Row) -> Vote:
    return Vote(
        r["battle"], r["voter"], r["winner"], r["looks"], r["follows"], r["dwell"], bool(r["seen"]),
        tuple(json.loads(r["marks"])),
    )  # fmt: skip
