"""The voting page over HTTP: blind in every byte, safe against being sent twice, closed to others."""

from __future__ import annotations

import os
import signal
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reflet.arena.display import SIZE, shown, spoiled
from reflet.arena.log import ArenaLog
from tests.arena.served import Client, served
from tests.arena.toys import NAMES, toy_arena


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_arena(tmp_path_factory.mktemp("web") / "arena", n=1).root


def test_nothing_before_the_vote_tells_who_made_what(arena: Path) -> None:
    with served(arena) as (address, _):
        voter = Client(address)
        lengths, seen, times = set(), set(), []
        for _ in range(12):
            seconds, battle = voter.timed_battle()
            times.append(seconds)
            assert set(battle) == {"battle", "prompt", "left", "right"}
            for side in ("left", "right"):
                assert battle[side] not in seen and len(battle[side]) == len("/p/") + 32
                seen.add(battle[side])
                status, headers, content = voter.get(battle[side])
                lengths.add(len(content))
                text = (str(battle) + str(headers.items())).encode() + content
                assert status == 200 and not any(n.encode() in text for n in NAMES)
                with Image.open(BytesIO(content)) as image:
                    assert image.size == (SIZE, SIZE) and image.info == {} and image.format == "PNG"
                assert headers["cache-control"] == "no-store" and "etag" not in headers
            answer = voter.post("/vote", {"battle": battle["battle"], "winner": "tie", "dwell": 2.0, "seen": True})[1]
            assert set(answer["reveal"].values()) <= set(NAMES) and len(set(answer["reveal"].values())) == 2
        assert len(lengths) == 1  # sharp or blurred, all are as long
        assert min(times) >= 0.15  # announced at a fixed time, not when the work is done
        for path in ("/", "/vote.js", "/words.js", "/vote.css"):
            status, headers, content = voter.get(path)
            assert status == 200 and not any(n.encode() in content for n in NAMES)
            assert "unsafe" not in headers["content-security-policy"]
        assert "default-src 'none'" in voter.get("/")[1]["content-security-policy"]


def test_the_same_size_and_length_whatever_is_shown() -> None:
    rng = np.random.default_rng(0)
    pictures = [np.zeros((64, 64, 3), np.uint8), rng.integers(0, 255, (256, 256, 3)).astype(np.uint8)]
    pictures += [np.full((512, 300, 3), 200, np.uint8), spoiled(pictures[1], seed=1)]
    files = [shown(p) for p in pictures]
    assert len({len(f) for f in files}) == 1
    with Image.open(BytesIO(files[2])) as tall:
        assert tall.size == (SIZE, SIZE) and tall.getpixel((3, 250)) == (119, 119, 119)
        assert tall.getpixel((256, 256)) == (200, 200, 200)


def test_a_vote_sent_twice_is_one_vote_and_a_kill_loses_none(arena: Path) -> None:
    told = []
    with served(arena, seed=5) as (address, process):
        voter = Client(address)
        for k in range(5):
            battle = voter.post("/battle")[1]
            body = {"battle": battle["battle"], "winner": "model_a", "looks": "tie", "dwell": 0.01, "seen": k != 3}
            first, second = voter.post("/vote", body)[1], voter.post("/vote", body | {"winner": "model_b"})[1]
            assert first["new"] and not second["new"] and second["vote"] == "model_a"
            assert first["reveal"] == second["reveal"] and second["votes"] == first["votes"] == k + 1
            told.append(battle["battle"])
        open_battle = voter.post("/battle")[1]["battle"]
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    rows = {r.vote.battle: r.vote for r in ArenaLog(arena / "arena.sqlite").votes()}
    assert [rows[b].winner for b in told] == ["model_a"] * 5 and rows[told[0]].looks == "tie"
    assert "too fast" in rows[told[0]].marks and "not seen" in rows[told[3]].marks
    with served(arena, seed=6) as (address, _):  # the page of before goes on after the restart
        again = Client.__new__(Client)
        again.address, again.cookie = address, voter.cookie
        status, found = again.post("/vote", {"battle": open_battle, "winner": "both_bad", "dwell": 3, "seen": True})
        assert status == 200 and found["new"] and found["votes"] == 6
        assert again.post("/me")[1] == {"votes": 6, "medium": "picture"}
        assert again.post("/erase")[1] == {"erased": 6}
        assert again.post("/me")[1]["votes"] == 0  # with the old secret one begins anew
    left = [r for r in ArenaLog(arena / "arena.sqlite").votes() if r.vote.battle in [*told, open_battle]]
    assert left == []


def test_skips_and_checks_reveal_nothing(arena: Path) -> None:
    with served(arena, seed=2, checks=True) as (address, _):
        voter = Client(address)
        battle = voter.post("/battle")[1]
        found = voter.post("/vote", {"battle": battle["battle"], "winner": None})[1]
        assert found["reveal"] is None and found["new"] and found["votes"] == 0  # a skip is no vote
        for _ in range(90):
            battle = voter.post("/battle")[1]
            found = voter.post("/vote", {"battle": battle["battle"], "winner": "model_a", "dwell": 2, "seen": True})[1]
            if "check" in found["reveal"]:
                assert found["reveal"] == {"check": True}
                break
        else:
            pytest.fail("no check in 90 battles, of which 3 % are")


def test_strangers_are_refused(arena: Path) -> None:
    with served(arena, seed=3) as (address, _):
        voter, other = Client(address), Client(address)
        battle = voter.post("/battle")[1]["battle"]
        assert other.post("/vote", {"battle": battle, "winner": "tie"})[0] == 400
        assert voter.post("/vote", {"battle": battle, "winner": "left"})[0] == 400
        assert voter.post("/vote", {"battle": ["x"], "winner": "tie"})[0] == 400
        assert voter.post("/vote", {"battle": battle, "winner": "tie"}, Sec_Fetch_Site="cross-site")[0] == 403
        assert voter.post("/vote", {"battle": battle, "winner": "tie"}, Content_Type="text/plain")[0] == 415
        assert voter.post("/vote", {"battle": "x" * 5000})[0] == 413
        for odd in ({"battle": "\ud800" * 32}, {"battle": "\u0661" * 32}, {"battle": battle, "winner": "\ud800"}):
            assert voter.post("/vote", odd)[0] == 400
        assert voter.post("/vote", {"battle": battle, "winner": None, "dwell": 10**400, "seen": 1})[0] == 200
        assert voter.post_raw("/vote", b"[" * 1900)[0] == 400
        assert voter.get("/", Host="evil.example")[0] == 400
        assert voter.get("/p/" + "0" * 32)[0] == 404 and voter.get("/arena.sqlite")[0] == 404
        voter.cookie = ""
        assert voter.post("/battle")[0] == 403
