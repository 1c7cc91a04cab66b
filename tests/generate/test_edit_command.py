"""`reflet edit`, `reflet sheet` with a matrix and seeds, `reflet batch` with resume."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reflet.cli.generate import expanded
from reflet.cli.main import run
from reflet.generate.orders import read_orders
from reflet.generate.outpaint import Margins, extended
from reflet.generate.verify import verify
from reflet.runtime.errors import UserError
from tests.tiny_models import tiny_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands") / "tiny"
    tiny_bundle(folder)
    return folder


def noise(path: Path, *, width: int = 80, height: int = 48, hole: bool = False) -> np.ndarray:
    pixels = np.random.default_rng(2).integers(0, 256, (height, width, 3), dtype=np.uint8)
    image = Image.fromarray(pixels).convert("RGBA")
    if hole:
        image.paste((0, 0, 0, 0), (16, 8, 64, 40))
    image.save(path)
    return pixels


def edited(bundle: Path, *words: str, out: Path) -> np.ndarray:
    common = ["--seed", "3", "--steps", "2", "--bundle", str(bundle), "--threads", "1", "--out", str(out)]
    run(["edit", *words, *common, "--no-watermark"])
    return pixels_of(out)


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_whole_part_frame_and_variations(bundle: Path, tmp_path: Path) -> None:
    pixels, source, out = noise(tmp_path / "p.png"), str(tmp_path / "p.png"), tmp_path / "o.png"
    whole = edited(bundle, source, "a red sphere", "--strength", "0.5", out=out)
    assert whole.shape == (48, 80, 3), "the shape nearest to its own, 80 x 48"
    assert verify(out.read_bytes()).standing == "edited"
    with Image.open(out) as image:
        told = json.loads(image.text["reflet:edit"])
    assert (told["seed"], told["strength"]) == (3, 0.5)
    assert (edited(bundle, source, "a red sphere", "--strength", "0.5", out=out) == whole).all(), (
        "same seed, same picture"
    )
    assert (edited(bundle, source, out=out) != whole).any(), "a variation needs no words"
    noise(tmp_path / "m.png", hole=True)
    part = edited(bundle, source, "a red sphere", "--mask", str(tmp_path / "m.png"), out=out)
    changed = (part != pixels).any(axis=2)
    assert changed[12:36, 20:60].mean() > 0.9
    changed[8:40, 16:64] = False
    assert not changed.any(), "outside of the mask nothing changes"
    grown = edited(bundle, source, "a red sphere", "--grow", "0", "0", "24", "16", out=out)
    assert grown.shape == (64, 104, 3)
    assert (grown[:40, :70] == pixels[:40, :70]).all(), "but for the seam the picture stays"


def test_what_edit_refuses(bundle: Path, tmp_path: Path) -> None:
    noise(tmp_path / "p.png")
    source, use = str(tmp_path / "p.png"), ["--bundle", str(bundle)]
    for words, said in (
        (["x", "--grow", "0", "0", "0", "0"], "does not grow"),
        (["--grow", "9", "0", "0", "0"], "what the new room"),
        (["x", "--grow", "9", "0", "0", "0", "--strength", "0.3"], "makes its own mask"),
        (["x", "--strength", "1.5"], "strength is 1.5"),
        (["x", "--mask", str(tmp_path / "none.png")], "cannot be read"),
    ):
        with pytest.raises(UserError, match=said):
            run(["edit", source, *words, *use, "--out", str(tmp_path / "o.png")])


def test_a_frame_keeps_the_picture_and_its_mask_the_seam() -> None:
    picture = np.full((64, 32, 3), 200, np.uint8)
    edit = extended(picture, Margins(left=8, bottom=4))
    assert edit.picture.shape == (68, 40, 3) and edit.mask is not None
    assert (edit.mask[:, :8] == 1).all() and (edit.mask[64:] == 1).all()
    assert (edit.mask[:60, 12:] == 0).all(), "sides that do not grow have no seam"
    assert 0 < edit.mask[30, 8] < 1


@pytest.mark.parametrize(
    ("matrix", "prompts", "across"),
    [
        (
            "a {red|blue} {cube|ball|cup}",
            ["a red cube", "a red ball", "a red cup", "a blue cube", "a blue ball", "a blue cup"],
            3,
        ),
        ("{a|}  cat", ["a cat", "cat"], 2),
    ],
)
def test_a_matrix_is_every_combination(matrix: str, prompts: list[str], across: int) -> None:
    assert expanded(matrix) == (prompts, across)


def test_sheets_of_a_matrix_and_of_seeds(bundle: Path, tmp_path: Path) -> None:
    common = [
        "--steps",
        "2",
        "--guidance",
        "1",
        "--bundle",
        str(bundle),
        "--no-labels",
        "--out",
        str(tmp_path / "s.png"),
    ]
    run(["sheet", "--matrix", "a {red|blue} {cube|ball|cup}", *common])
    assert pixels_of(tmp_path / "s.png").shape == (2 * 64, 3 * 64, 3)
    run(["sheet", "--matrix", "a {red|blue} cube", "--seeds", "3", *common, "--no-provenance"])
    sheet = pixels_of(tmp_path / "s.png")
    assert sheet.shape == (2 * 64, 3 * 64, 3)
    assert (sheet[:64, :64] != sheet[:64, 64:128]).any(), "seeds side by side"
    with pytest.raises(UserError, match="no alternatives"):
        run(["sheet", "--matrix", "a cube", *common])


def test_lines_are_read_and_told(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(
        '{"prompt": "x", "n": 2}\n\nnothing\n{"prompt": "y", "colour": 1}\n{"prompt": "z", "seed": "a"}\n{"n": 1}\n'
    )
    lines = list(read_orders(file))
    assert [line.number for line in lines] == [1, 3, 4, 5, 6]
    assert lines[0].order is not None and lines[0].order.n == 2
    assert [line.wrong.split(":")[0] for line in lines[1:]] == [
        "it is no JSON object",
        "there is no field 'colour'",
        "seed is 'a'",
        "it has no prompt",
    ]
    table = tmp_path / "a.csv"
    table.write_text('prompt,seed,name\n"a red, round\nsphere",4,ball\ny,1.5,\n')
    first, second = read_orders(table)
    assert first.order is not None and (first.order.prompt, first.order.seed) == ("a red, round\nsphere", 4)
    assert first.number == 3 and second.number == 4 and "whole number" in second.wrong


def test_a_batch_goes_on_where_it_was_killed(bundle: Path, tmp_path: Path) -> None:
    """Killed without warning, run again: no picture twice, none missing, and all as if nothing had happened."""
    file, out = tmp_path / "orders.jsonl", tmp_path / "out"
    orders = [{"prompt": f"a red sphere {k}", "steps": 8} for k in range(40)]
    file.write_text("".join(json.dumps(o) + "\n" for o in orders))
    words = ["batch", str(file), "--out", str(out), "--bundle", str(bundle), "--threads", "1", "--no-provenance"]
    script = "import sys; from reflet.cli.main import run; run(sys.argv[1:])"
    process = subprocess.Popen([sys.executable, "-c", script, *words], stdout=subprocess.DEVNULL)
    end = time.monotonic() + 90
    while len(list(out.glob("[0-9]*.png"))) < 3 and time.monotonic() < end:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {p.name: p.stat().st_mtime_ns for p in out.glob("[0-9]*.png")}
    assert 3 <= len(before) < 40, "it was killed in the middle"
    written = (out / "manifest.jsonl").read_text()
    (out / "manifest.jsonl").write_text(written + '{"file": "cut sho')
    run(words)
    entries = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    assert sorted(e["line"] for e in entries) == list(range(1, 41))
    kept = [p for p in out.glob("[0-9]*.png") if before.get(p.name) == p.stat().st_mtime_ns]
    assert len(kept) >= len(before) - 1, "only the picture that was being written down is made again"
    assert len(list(out.glob("[0-9]*.png"))) == 40


def test_bad_lines_are_told_and_the_rest_is_made(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "orders.csv", tmp_path / "out"
    file.write_text("prompt,n,size,steps,name\na red sphere,2,,2,one\na,,65,2,\nb,,,2,one\nc,,,2,\n")
    words = ["batch", str(file), "--out", str(out), "--bundle", str(bundle), "--threads", "1", "--no-provenance"]
    with pytest.raises(UserError, match=r"2 of 4 lines could not be made \(line 3, 4\)"):
        run(words)
    said = capsys.readouterr()
    assert "line 3: size 65" in said.err and "line 4: line 2 has the same name" in said.err
    assert sorted(p.name for p in out.glob("*.png")) == ["000005-c.png", "one-1.png", "one-2.png"]
    file.write_text(
        file.read_text().replace("c,,,2,", "d,,,2,").replace("a,,65", "a,,64").replace("b,,,2,one", "b,,,2,two")
    )
    run(words)
    assert "3 pictures made, 2 were there" in capsys.readouterr().out
