"""What a voter is shown next.

Most are drawn by expected information; some are repeats, which measure agreement: 5 % of another voter's battle,
2 % of the voter's own with sides swapped; 3 % are canaries, one side of which is plainly spoiled. Sides are random.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from dataclasses import replace

import numpy as np

from reflet.arena.folder import ArenaFolder
from reflet.arena.log import Battle, PictureRow, VoteRow
from reflet.arena.pairing import UNIFORM_SHARE, Pairing, pair_up
from reflet.arena.rating import Board, rate
from reflet.arena.votes import ballots_of

REPEAT_SHARE, MIRROR_SHARE, CANARY_SHARE = 0.05, 0.02, 0.03
MIRROR_AFTER = 10  # votes of one's own before a battle may come back mirrored
REFIT_EVERY = 25  # votes, once there are many
SMALL = 500


class Director:
    """Chooses battles for an arena. One for each process; battles are recorded before they are shown."""

    def __init__(
        self, folder: ArenaFolder, *, uniform_share: float = UNIFORM_SHARE, seed: int | None = None, checks: bool = True
    ) -> None:
        self.folder, self.uniform_share, self.checks = folder, uniform_share, checks
        self.rng = np.random.default_rng(secrets.randbits(64) if seed is None else seed)
        self._rows: list[VoteRow] = []
        self._pairing: Pairing | None = None
        self._board: Board | None = None
        self.by_prompt: dict[str, dict[str, list[PictureRow]]] = {}
        self._present: set[str] = set()
        self.refresh()

    def refresh(self) -> None:
        """Reads contestants, pictures and votes again."""
        log = self.folder.log
        status = log.contestants()
        active = {n for n, s in status.items() if s != "retired"}
        by_prompt: dict[str, dict[str, list[PictureRow]]] = defaultdict(lambda: defaultdict(list))
        for picture in log.pictures():
            if picture.contestant in active:
                by_prompt[picture.prompt][picture.contestant].append(picture)
        self.by_prompt = {p: dict(c) for p, c in by_prompt.items() if len(c) > 1}
        self._present = {p.id for present in self.by_prompt.values() for some in present.values() for p in some}
        self._rows = log.votes()
        models = tuple(n for n in status if n in active)
        ballots = ballots_of(self._rows, tuple(status))
        # By votes: how much tastes differ is no reason to show a contestant again to the same people.
        before = self._board.fit if self._board else None
        self._board = rate(ballots, by="votes", start=before) if len(ballots) else None
        may = np.zeros((len(models), len(models)), bool)
        for present in self.by_prompt.values():
            here = [models.index(c) for c in present]
            may[np.ix_(here, here)] = True
        self._pairing = pair_up(self._board, models, uniform_share=self.uniform_share, may_meet=may)

    def next(self, voter: str) -> Battle:
        """The next battle of this voter, recorded. Raises UserError when there is nothing to compare."""
        log = self.folder.log
        number = int(log.rows("SELECT COUNT(*) AS n FROM votes")[0]["n"])
        if number != len(self._rows) and (number < SMALL or number - len(self._rows) >= REFIT_EVERY):
            self.refresh()
        battle = (self._check(voter) if self.checks else None) or self._plain(voter)
        log.open_battle(battle)
        return battle

    def _plain(self, voter: str) -> Battle:
        assert self._pairing is not None
        left, right, chance = self._pairing.draw(self.rng)
        prompts = sorted(p for p, present in self.by_prompt.items() if left in present and right in present)
        seen = {
            (r["left_picture"], r["right_picture"])
            for r in self.folder.log.rows("SELECT left_picture, right_picture FROM battles WHERE voter = ?", voter)
        }
        seen |= {(b, a) for a, b in seen}
        for _ in range(20):  # rather two pictures not yet seen together; when all were, any
            prompt = prompts[int(self.rng.integers(len(prompts)))]
            pictures = [self.by_prompt[prompt][side] for side in (left, right)]
            a, b = (some[int(self.rng.integers(len(some)))] for some in pictures)
            if (a.id, b.id) not in seen:
                break
        return Battle(token(), prompt, a.id, b.id, voter, propensity=chance, policy=self._pairing.policy)

    def _shown_still(self, battle: Battle) -> bool:
        """Whether both of its contestants still take part."""
        return battle.left_picture in self._present and battle.right_picture in self._present

    def _check(self, voter: str) -> Battle | None:
        """Sometimes a battle that measures the voter."""
        draw = float(self.rng.random())
        plain = [r for r in self._rows if r.battle.kind == "plain" and self._shown_still(r.battle)]
        own = [r.battle for r in plain if r.vote.voter == voter]
        if draw < CANARY_SHARE:
            prompt = sorted(self.by_prompt)[int(self.rng.integers(len(self.by_prompt)))]
            pictures = [p for some in self.by_prompt[prompt].values() for p in some]
            picture = pictures[int(self.rng.integers(len(pictures)))].id
            answer = ("model_a", "model_b")[int(self.rng.integers(2))]
            return Battle(token(), prompt, picture, picture, voter, kind="canary", answer=answer, policy="canary")
        if draw < CANARY_SHARE + MIRROR_SHARE and len(own) > MIRROR_AFTER:
            before = own[int(self.rng.integers(len(own) - MIRROR_AFTER))]
            return replace(
                before, id=token(), left_picture=before.right_picture, right_picture=before.left_picture,
                kind="mirror", repeats=before.id, propensity=None, policy="mirror",
            )  # fmt: skip
        if draw < CANARY_SHARE + MIRROR_SHARE + REPEAT_SHARE:
            mine = {frozenset((b.left_picture, b.right_picture)) for b in own}
            others = [
                r.battle
                for r in plain
                if r.vote.voter != voter
                and r.voter_kind == "human"
                and frozenset((r.battle.left_picture, r.battle.right_picture)) not in mine
            ]
            if others:
                before = others[int(self.rng.integers(len(others)))]
                sides = (before.left_picture, before.right_picture)
                if self.rng.random() < 0.5:
                    sides = sides[::-1]
                return Battle(token(), before.prompt, *sides, voter, kind="repeat", repeats=before.id, policy="repeat")
        return None


def token() -> str:
    """An opaque name, 128 bits: of a battle, of a picture on the page, of a voter."""
    return secrets.token_hex(16)
