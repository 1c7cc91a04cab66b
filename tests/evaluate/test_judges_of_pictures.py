"""The reader, and a chat model elsewhere, as judges of an arena."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from reflet.arena.battle import Director
from reflet.arena.folder import ArenaFolder, Contestant
from reflet.arena.judges import judge_boards
from reflet.arena.log import Vote
from reflet.arena.prompts import Prompt
from reflet.cli.main import run
from reflet.data.pictures import PictureSet
from reflet.evaluate.chat_judge import open_chat
from reflet.evaluate.check_prompts import Wanted
from reflet.evaluate.features import MetricEncoder, MetricEncoderConfig, features_of
from reflet.evaluate.instruments import Calibration, Instruments, save_instruments
from reflet.evaluate.reader import Reader, ReaderConfig
from reflet.evaluate.reader_judge import Claims, ReaderJudge, claims_of
from reflet.evaluate.reading import Reading, Seen
from reflet.runtime.errors import UserError
from reflet.train.optimizer import OptimizerConfig
from reflet.train.reader import ReaderTask, ReaderTaskConfig
from reflet.train.trainer import TrainConfig, Trainer
from tests.toys import CONFIG, toy

WORDS = ReaderConfig(
    names=("", "cube", "glass", "traffic cone", "bench"),
    colors=("", "red", "blue", "navy blue", "grey"),
    materials=("", "glass", "wood"),
    environments=("studio", "beach"),
    lights=("daylight", "sunset", "night"),
    styles=("photograph", "ink"),
    size=64,
    widths=(8, 8, 16),
    blocks=(1, 1, 1),
)


@pytest.mark.parametrize(
    ("prompt", "claims"),
    [
        ("a red cube on a wooden bench", Claims((Wanted("cube", 0, "red"), Wanted("bench", 0, None, "wood")))),
        ("Three navy blue cubes at sunset", Claims((Wanted("cube", 3, "navy blue"),), light="sunset")),
        ("a glass cube", Claims((Wanted("cube", 0, None, "glass"),))),
        ("a cube beside a glass", Claims((Wanted("cube", 0), Wanted("glass", 0)))),
        ("an ink drawing of two traffic cones", Claims((Wanted("traffic cone", 2),), style="ink")),
        ("a gray bench on a beach", Claims((Wanted("bench", 0, "grey"),), environment="beach")),
        ("a cuboid, something bluest", Claims()),
    ],
)
def test_a_prompt_claims_what_the_reader_knows(prompt: str, claims: Claims) -> None:
    assert claims_of(prompt, WORDS) == claims


def seen(name: str, color: str = "", material: str = "") -> Seen:
    return Seen(name, color, material, 0.9, (0.5, 0.5), (0.4, 0.4, 0.6, 0.6), 0.04, np.ones((2, 2), bool))


def test_claims_are_held_one_by_one() -> None:
    reading = Reading((seen("cube", "red"), seen("cube", "blue")), "beach", "daylight", "photograph", "", 0.0, 0.0)
    assert Claims((Wanted("cube", 2, "red"),), light="night").held(reading) == [True, True, False]
    assert Claims((Wanted("cube", 3), Wanted("bench", 0, "red"))).held(reading) == [False, False, False]
    assert Claims(environment="beach", style="ink").held(reading) == [False, True]


PROMPTS = [
    Prompt(f"{number} {color} {name}{'s' * (number == 'two')}", "counting")
    for number in ("one", "two")
    for color in ("red", "green", "blue")
    for name in ("cube", "sphere")
]

MOOD = "a mood"  # which says nothing to the reader


def holds(prompt: Prompt, number: int) -> bool:
    if prompt.text == MOOD:
        return True
    objects = toy(number)[2]["objects"]
    count, color, name = prompt.text.split()
    wanted = ("one", "two").index(count) + 1
    return len(objects) == wanted and all((o["name"], o["color"]) == (name.removesuffix("s"), color) for o in objects)


def drawn(name: str, skill: float) -> Contestant:
    """Draws what the prompt says, with that chance, else anything."""

    def draw(prompt: Prompt, number: int) -> tuple[bytes, dict[str, object]]:
        rng = np.random.default_rng([len(prompt.text), sum(map(ord, prompt.text + name)), number])
        start = 100_000 + int(rng.integers(10**6))
        right = rng.random() < skill
        k = next(k for k in range(start, start + 5000) if holds(prompt, k) or not right)
        out = BytesIO()
        Image.fromarray(toy(k)[0]).resize((128, 128), Image.Resampling.NEAREST).save(out, "PNG")
        return out.getvalue(), {"holds": holds(prompt, k)}

    return Contestant(name, f"{name} {skill}", {}, draw)


@pytest.fixture(scope="module")
def instruments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader that has learned the toy world, packed as instruments."""
    root = tmp_path_factory.mktemp("reader")
    torch.manual_seed(0)
    made = [toy(n) for n in range(1200)]
    world = PictureSet([np.stack([m[0] for m in made])], [{"graph": m[2]} for m in made])
    task = ReaderTask(Reader(CONFIG), world, [m[1] for m in made], ReaderTaskConfig(batch_size=24))
    optimizer = OptimizerConfig(muon_lr=6e-3, adam_lr=6e-3)
    Trainer(task, TrainConfig(num_steps=240, preview_steps=240, log_steps=60, optimizer=optimizer), root / "run").run()
    encoder = MetricEncoder(
        MetricEncoderConfig(size=64, width=32, depth=1, num_heads=2, decoder_width=32, decoder_depth=1)
    ).eval()
    real = features_of(encoder, world.blocks[0][:8])
    packed = Instruments(task.model.eval(), encoder, Calibration(), real, real[None])  # type: ignore[arg-type]
    save_instruments(root / "instruments", packed, card="toy")
    return root / "instruments"


@pytest.mark.slow
def test_the_reader_votes_apart_and_is_calibrated_by_people(
    instruments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ArenaFolder(tmp_path / "arena", create=True)
    skills = {"faithful": 0.95, "middling": 0.5, "astray": 0.0}
    contestants = [drawn(name, skill) for name, skill in skills.items()]
    folder.fill(contestants, [*PROMPTS, Prompt(MOOD, "style")], n=1, report=lambda done, of: None)
    director, rng = Director(folder, seed=0, checks=False), np.random.default_rng(1)
    for k in range(150):  # people who prefer the picture that holds what was said, three times in four
        voter = f"voter-{k % 10}"
        folder.log.meet_voter(voter, salt=voter)
        battle = director.next(voter)
        left, right = (folder.log.picture(p).facts["holds"] for p in (battle.left_picture, battle.right_picture))
        for_left = 0.5 if left == right else 0.8 if left else 0.2
        folder.log.cast(Vote(battle.id, voter, ("model_b", "model_a")[int(rng.random() < for_left)], dwell=2.0))
    people = folder.log.votes()
    run(["arena", "judge", "--arena", str(folder.root), "--judge", f"reader:{instruments}"])
    told = capsys.readouterr().out
    assert "reader: 36 new votes; 3 pairs on which it had nothing to say" in told
    assert "agrees with people" in told
    (found,) = judge_boards(folder.log.votes(), tuple(folder.log.contestants()))
    assert [e.name for e in found.board.entries] == list(skills)
    assert found.calibration is not None and found.calibration.agreement > 0.65
    assert found.calibrated["faithful"][0] < found.board.entry("faithful").rating  # type: ignore[operator]
    assert [r for r in folder.log.votes() if r.voter_kind == "human"] == people
    run(["arena", "judge", "--arena", str(folder.root), "--judge", f"reader:{instruments}"])
    assert "reader: 0 new votes" in capsys.readouterr().out
    for wrong, message in (("nobody", "no judge"), ("reader:nowhere", "nowhere"), ("openai:x", "not understood")):
        with pytest.raises(UserError, match=message):
            run(["arena", "judge", "--arena", str(folder.root), "--judge", wrong])


def test_the_reader_takes_pictures_of_any_size() -> None:
    judge = ReaderJudge(Reader(CONFIG).eval(), digest="d")
    small, wide = toy(1)[0], np.zeros((90, 200, 3), np.uint8)
    forth, back = judge.compare("a red cube", small, wide), judge.compare("a red cube", wide, small)
    assert forth is not None and back is not None and forth == -back
    assert judge.compare(MOOD, small, wide) is None


@pytest.fixture
def chat() -> Iterator[str]:
    """A service that prefers the brighter picture, by its own reading of what it was sent."""

    async def complete(request: Request) -> JSONResponse:
        body = await request.json()
        if request.headers.get("authorization") != "Bearer secret":
            return JSONResponse({"error": {"message": "no key"}}, 401)
        text, *pictures = body["messages"][0]["content"]
        means = []
        for part in pictures:
            content = base64.b64decode(part["image_url"]["url"].split(",", 1)[1])
            with Image.open(BytesIO(content)) as image:
                assert image.size == (512, 512) and image.info == {}
                means.append(np.asarray(image).mean())
        said = "T" if means[0] == means[1] else "A" if means[0] > means[1] else " B.\n"
        said = "I would rather not." if "silence" in text["text"] else said
        return JSONResponse({"choices": [{"message": {"role": "assistant", "content": said}}]})

    app = Starlette(routes=[Route("/v1/chat/completions", complete, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/v1"
    server.should_exit = True
    thread.join()


def test_a_chat_model_is_asked_over_its_interface(chat: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFLET_REMOTE_KEY", "secret")
    judge = open_chat(f"{chat}#seer")
    dark, light = np.zeros((8, 8, 3), np.uint8), np.full((8, 12, 3), 200, np.uint8)
    assert (judge.name, len(judge.digest)) == ("seer", 64)
    assert judge.compare("p", dark, light) == -1.0 and judge.compare("p", light, dark) == 1.0
    assert judge.compare("p", dark, dark) == 0.0 and judge.compare("silence", dark, light) is None
    monkeypatch.delenv("REFLET_REMOTE_KEY")
    with pytest.raises(UserError, match="gave no answer"):
        open_chat(f"{chat}#seer").compare("p", dark, light)
    with pytest.raises(UserError, match="not understood"):
        open_chat("ftp://x#m")
