"""Arenas of sounds and of answers: read, measured, shown alike, blind over HTTP, heard before they are voted on."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reflet.arena import sounds, texts
from reflet.arena.folder import ArenaFolder
from reflet.arena.leaderboard import page
from reflet.arena.media import MEDIA, medium_of
from reflet.arena.prompts import POOLS, read_prompts
from reflet.arena.rating import rate
from reflet.arena.summary import summarise
from reflet.arena.votes import Choice, ballots_of
from reflet.cli.contestants_spoken import talker_of
from reflet.cli.main import run
from reflet.runtime.errors import UserError
from reflet.serve.stand_in_brain import StandInBrain
from tests.arena.served import Client, served
from tests.arena.toys import sound_arena, tone, toy_arena

soundfile = pytest.importorskip("soundfile", reason="no soundfile here: pip install 'reflet[speech]'")
NAMES = ("alto", "bass")


def waves(content: bytes) -> tuple[np.ndarray, int]:
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767, file.getframerate()


def test_sounds_are_equally_loud_and_long_and_say_nothing_else() -> None:
    medium = MEDIA["sound"]
    quiet, loud = tone(440, seconds=0.5, gain=0.01), tone(440, seconds=1.0, rate=44_100, gain=0.9, kind="OGG")
    left, right = medium.shown(quiet, loud)
    assert len(left) == len(right) and b"alto" in quiet and b"alto" not in left + right
    (first, rate), (second, other) = waves(left), waves(right)
    assert rate == other == sounds.RATE and len(first) == len(second) == rate
    assert not first[round(0.55 * rate) :].any()  # silence, up to the other's length
    levels = [np.sqrt(np.square(x[2000 : rate // 2 - 2000]).mean()) for x in (first, second)]
    assert abs(20 * np.log10(levels[0] / levels[1])) < 1.0
    for index, hertz in enumerate(np.abs(np.fft.rfft(x[: rate // 2])).argmax() * 2 for x in (first, second)):
        assert abs(hertz - 440) <= 4, index  # and they are still themselves
    spike = np.zeros(4000)
    spike[::400] = 1.0
    assert all(np.abs(waves(c)[0]).max() < 0.98 for c in sounds.alike(sounds.Sound(spike, 8000), sounds.read(loud)))


def test_what_is_measured_of_sounds_and_answers() -> None:
    low, high = (MEDIA["sound"].measured(tone(h, seconds=0.5)) for h in (200, 3000))
    assert low["seconds"] == 0.5 and low["treble"] < 0.5 and high["treble"] > 2.5 and -20 < low["loudness"] < -10
    assert MEDIA["talk"].measured(b"one two\nthree") == {"words": 3.0, "lines": 2.0}


def test_checks_are_plainly_worse() -> None:
    left, right = MEDIA["sound"].shown(tone(440), tone(440), spoiled=1, seed=3)
    (whole, _), (worse, _) = waves(left), waves(right)
    assert np.corrcoef(whole, worse)[0, 1] < 0.8 and len(left) == len(right)
    first, second = MEDIA["talk"].shown(b"the red mug stands here", b"the red mug stands here", spoiled=0, seed=3)
    assert sorted(first) == sorted(second) and first != second == b"the red mug stands here".ljust(texts.BLOCK)


def test_answers_are_shown_as_plain_text_of_one_length() -> None:
    left, right = MEDIA["talk"].shown("a\u202eb\x00c ☂\n\n".encode(), ("word " * 1500).encode())
    assert len(left) == len(right) == 8192 and left.decode().rstrip() == "abc ☂"
    assert "<script>" not in MEDIA["talk"].html(b"<script>", label="x")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("sound", b"RIFF nothing", "cannot be read"),
        ("sound", b"", "cannot be read"),
        ("sound", tone(100, seconds=0.0), "empty"),
        ("sound", tone(100, seconds=121, rate=1000), "121 s long"),
        ("talk", b"\xff\xfe\x00", "no UTF-8"),
        ("talk", b"x" * 9000, "9000 characters"),
        ("picture", b"no picture", "cannot be read"),
    ],
)
def test_what_is_no_sound_or_answer_is_refused(name: str, content: bytes, told: str) -> None:
    with pytest.raises(UserError, match=told):
        MEDIA[name].measured(content)


def test_an_arena_compares_one_thing(tmp_path: Path) -> None:
    sound_arena(tmp_path / "sounds")
    assert ArenaFolder(tmp_path / "sounds").medium.name == "sound"
    with pytest.raises(UserError, match="compares sounds"):
        ArenaFolder(tmp_path / "sounds", create=True, medium="picture")
    with pytest.raises(UserError, match="this needs pictures"):
        folder = ArenaFolder(tmp_path / "sounds")
        folder.pixels(folder.log.pictures()[0].sha256)
    toy_arena(tmp_path / "pictures", n=1)
    assert ArenaFolder(tmp_path / "pictures").medium.name == "picture"
    with pytest.raises(UserError, match="compares pictures"):
        ArenaFolder(tmp_path / "pictures", create=True, medium="sound")
    (tmp_path / "sounds" / "arena.json").write_text("{")
    with pytest.raises(UserError, match="mend it"):
        ArenaFolder(tmp_path / "sounds")
    with pytest.raises(UserError, match="not 'smell'"):
        medium_of("smell")


def test_sounds_are_blind_and_heard_before_they_are_voted_on(tmp_path: Path) -> None:
    folder = sound_arena(tmp_path / "arena")
    with served(folder.root, seed=4) as (address, _):
        voter = Client(address)
        assert voter.post("/me")[1] == {"votes": 0, "medium": "sound"}
        for number in range(6):
            battle = voter.post("/battle")[1]
            sides = [voter.get(battle[s]) for s in ("left", "right")]
            assert len({len(content) for _, _, content in sides}) == 1
            for _, headers, content in sides:
                assert headers["content-type"] == "audio/wav" and content[:4] == b"RIFF"
                assert not any(n.encode() in content + str(headers.items()).encode() for n in NAMES)
            body = {"battle": battle["battle"], "winner": "model_a", "dwell": 3.0}
            status, refused = voter.post("/vote", body)
            assert status == 400 and "to their end" in refused["error"]
            answer = voter.post("/vote", body | {"seen": True, "winner": ("model_a", "tie")[number % 2]})[1]
            assert set(answer["reveal"].values()) == set(NAMES)
        battle = voter.post("/battle")[1]
        assert voter.post("/vote", {"battle": battle["battle"], "winner": None})[0] == 200  # a skip needs no hearing
    rows = folder.log.votes()
    assert all("too fast" in r.vote.marks for r in rows)  # less than both sounds take, whatever the page claims
    found = ballots_of(rows, NAMES, Choice(covariates=True))
    assert found.covariate_names == ("length", "treble")
    board = page(summarise(folder), folder)
    assert board.count("<audio controls") == 2 * board.count("<article>") > 0 and "data:audio/wav" in board
    assert rate(ballots_of(rows, NAMES)).entries


def ready(folder: Path, ending: str, contents: list[bytes]) -> str:
    folder.mkdir()
    for k, content in enumerate(contents, 1):
        (folder / f"{k}{ending}").write_bytes(content)
    return str(folder)


def test_arenas_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Folders of ready sounds; folders of answers beside a brain of rules, which calls tools."""
    (tmp_path / "prompts.txt").write_text("draw a red mug\nhello there\n")
    given = ["--prompts", str(tmp_path / "prompts.txt")]
    low, high = (ready(tmp_path / n, ".wav", [tone(h)] * 2) for n, h in (("low", 200), ("high", 900)))
    run(
        ["arena", "run", "--medium", "sound", "--contestants", f"{low},up={high}", "--out", str(tmp_path / "s"), *given]
    )
    assert "2 contestants, 2 prompts, 4 new sounds" in capsys.readouterr().out
    assert set(ArenaFolder(tmp_path / "s").log.contestants()) == {"low", "up"}
    answers = ready(tmp_path / "mute", ".txt", [b"I would rather not.", b"Hello."])
    run(
        [
            "arena",
            "run",
            "--medium",
            "talk",
            "--contestants",
            f"{answers},stand-in",
            "--out",
            str(tmp_path / "t"),
            *given,
        ]
    )
    folder = ArenaFolder(tmp_path / "t")
    said = {folder.content(p.sha256).decode() for p in folder.log.pictures() if p.contestant == "stand-in"}
    assert any(a.startswith("→ generate") or "\n→ generate" in a for a in said), said
    with pytest.raises(UserError, match="settings cannot change them"):
        run(
            [
                "arena",
                "run",
                "--medium",
                "talk",
                "--contestants",
                f"{answers}@temperature=1",
                "--out",
                str(tmp_path / "u"),
            ]
        )
    with pytest.raises(UserError, match="choose among voice, style"):
        run(["arena", "run", "--medium", "sound", "--contestants", "x@loud=1", "--out", str(tmp_path / "u")])
    with pytest.raises(UserError, match="holds no sound"):
        run(["arena", "run", "--medium", "sound", "--contestants", answers, "--out", str(tmp_path / "u")])


def test_voices_of_a_bundle_take_part(tmp_path: Path) -> None:
    """The voice that ships, in two styles: the same words, each its own sound, made once."""
    (tmp_path / "prompts.txt").write_text("Good morning.\n")
    both = "ada=bundles/reflet-voice@voice=ada@steps=2,ben=bundles/reflet-voice@voice=ben@style=lively@steps=2"
    command = ["arena", "run", "--medium", "sound", "--contestants", both, "--out", str(tmp_path / "a")]
    run([*command, "--prompts", str(tmp_path / "prompts.txt")])
    folder = ArenaFolder(tmp_path / "a")
    first, second = folder.log.pictures()
    facts: dict[str, Any] = first.facts
    assert first.sha256 != second.sha256 and facts["seed"] == second.facts["seed"]
    assert 0.4 < facts["seconds"] < 3.0 and facts["voice"] == "ada" and facts["bundle"] == "reflet-voice"
    with pytest.raises(UserError, match="there is no voice"):
        run([*command[:4], "--contestants", "bundles/reflet-voice@voice=zoe", "--out", str(tmp_path / "b")])


def test_a_talk_bundle_is_known_by_its_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name or by path it is the same contestant; rules are known by their name."""
    monkeypatch.setattr("reflet.cli.contestants_spoken.load_brain", lambda address: StandInBrain())
    digests = [talker_of("x", a, {}, {}).digest for a in ("reflet-talk", "bundles/reflet-talk", "stand-in")]
    assert digests[0] == digests[1] != digests[2]


def test_every_pool_can_be_read() -> None:
    pools = {name: read_prompts(path) for name, path in POOLS.items()}
    assert len(pools["picture"]) == 100 and len(pools["sound"]) == 200 and len(pools["talk"]) >= 50
