"""Whether the record is what the audit says: every vote as it was cast, none added, none gone but with its voter."""

from __future__ import annotations

from typing import Any

from reflet.arena.log import ArenaLog, Vote, vote_digest
from reflet.runtime.errors import UserError


def checked_audit(log: ArenaLog) -> list[dict[str, Any]]:
    """The audit, its chain and the votes it tells of checked.

    The database refuses changes by its triggers; who holds the file can take those away, and is found here. Raises
    UserError naming the first row or vote that is not what it was.
    """
    rows = log.audit()
    told = {r["battle"]: r["digest"] for r in rows if r["what"] == "vote"}
    salts = {r["id"]: r["salt"] for r in log.rows("SELECT id, salt FROM voters WHERE salt NOTNULL")}
    kept: dict[str, Vote] = {r.vote.battle: r.vote for r in log.votes()}
    for battle, vote in kept.items():
        if told.get(battle) != vote_digest(salts.get(vote.voter, ""), vote):
            raise UserError(f"the vote on battle {battle} is not the one that was cast: the record was changed by hand")
    erased = {
        r["id"] for r in log.rows("SELECT b.id FROM battles b JOIN voters w ON w.id = b.voter WHERE w.erased NOTNULL")
    }
    lost = sorted(set(told) - set(kept) - erased)
    if lost:
        raise UserError(f"the vote on battle {lost[0]} is gone, but its voter is not: the record was changed by hand")
    return rows
