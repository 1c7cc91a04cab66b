"""The upscaler: tiles without seams, bicubic before it has learned anything, and what is refused."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from reflet.cli.main import run
from reflet.generate.tiling import num_tiles, tiles
from reflet.generate.upscale import Enlarger, UpscalerBundle, load_upscaler, save_upscaler
from reflet.generate.verify import verify
from reflet.models.upscaler import Upscaler, UpscalerConfig
from reflet.runtime.errors import UserError

SMALL = UpscalerConfig(width=8, depth=2)


def shaken(config: UpscalerConfig = SMALL) -> UpscalerBundle:
    """Weights that change every pixel of the bicubic enlargement."""
    torch.manual_seed(0)
    model = Upscaler(config)
    for value in model.parameters():
        torch.nn.init.normal_(value, std=0.08)
    return UpscalerBundle.of("shaken", config, model.state_dict())


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(("height", "width", "tile"), [(1, 1, 128), (128, 129, 128), (77, 300, 32), (256, 256, 40)])
def test_tiles_cover_every_pixel_once(height: int, width: int, tile: int) -> None:
    seen = np.zeros((height, width), int)
    for top, left, bottom, right in tiles(height, width, tile=tile):
        assert 0 < bottom - top <= tile and 0 < right - left <= tile
        seen[top:bottom, left:right] += 1
    assert (seen == 1).all()


@pytest.mark.parametrize("factor", [2, 4])
def test_tiled_equals_whole(factor: int) -> None:
    """No seam: the difference to the picture enlarged at once is that of one rounding."""
    bundle, pixels = shaken(), picture(61, 90)
    whole = Enlarger(bundle, precision="float32", tile=512).enlarge(pixels, factor=factor)
    tiled = Enlarger(bundle, precision="float32", tile=24).enlarge(pixels, factor=factor)
    assert whole.shape == (61 * factor, 90 * factor, 3)
    assert np.abs(whole.astype(int) - tiled).max() <= 1
    assert (whole != tiled).mean() < 1e-3


def test_the_reach_is_just_enough() -> None:
    """One pixel changes what lies within the reach, and nothing beyond it."""
    model = shaken().model
    images = torch.zeros(1, 3, 41, 41)
    other = images.clone()
    other[..., 20, 20] = 1.0
    changed = (model(images) != model(other)).any(dim=1)[0].nonzero()[:, 1] // 2
    assert 20 - SMALL.reach <= int(changed.min()) < int(changed.max()) <= 20 + SMALL.reach
    assert int(changed.min()) <= 20 - SMALL.reach + 1


def test_untrained_it_enlarges_as_bicubic_does() -> None:
    pixels = picture(20, 30)
    model = Upscaler(SMALL)
    made = Enlarger(UpscalerBundle.of("fresh", SMALL, model.state_dict()), precision="float32").enlarge(pixels)
    small = torch.from_numpy(pixels).permute(2, 0, 1)[None].float()
    plain = torch.nn.functional.interpolate(small, scale_factor=2, mode="bicubic", align_corners=False)
    expected = plain.clamp(0, 255)[0].permute(1, 2, 0).numpy()
    assert np.abs(made - expected).max() <= 0.51


def test_the_same_twice_and_after_the_disk(tmp_path: Path) -> None:
    bundle, pixels = shaken(), picture(40, 50)
    first = Enlarger(bundle).enlarge(pixels, factor=4)
    save_upscaler(tmp_path / "b", bundle, card="# shaken\n")
    again = Enlarger(load_upscaler(str(tmp_path / "b"))).enlarge(pixels, factor=4)
    assert (first == again).all()


def test_what_is_refused(tmp_path: Path) -> None:
    work = Enlarger(shaken())
    with pytest.raises(UserError, match="choose 2 or 4"):
        work.enlarge(picture(9, 9), factor=3)
    with pytest.raises(UserError, match="more than 4096"):
        work.enlarge(picture(8, 1025), factor=4)
    save_upscaler(tmp_path / "b", shaken(), card="")
    weights = tmp_path / "b" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    with pytest.raises(UserError, match="damaged"):
        load_upscaler(str(tmp_path / "b"))


def test_the_command_signs_an_edit_of_its_parent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_upscaler(tmp_path / "b", shaken(), card="")
    bundle = load_upscaler(str(tmp_path / "b"))
    source, out = tmp_path / "in.png", tmp_path / "new" / "out.png"
    Image.fromarray(picture(150, 80)).save(source)
    run(["upscale", str(source), "--factor", "2", "--out", str(out), "--bundle", str(tmp_path / "b"), "--threads", "1"])
    assert "160 x 300" in capsys.readouterr().out
    content = out.read_bytes()
    assert Image.open(BytesIO(content)).size == (160, 300)
    verdict = verify(content).to_json()
    assert verdict["standing"] == "edited"
    text = json.dumps(verdict)
    assert bundle.digest in text and "shaken" in text
    folder = tmp_path / "more.pictures"
    run(["upscale", str(source), "--out", str(folder), "--bundle", str(tmp_path / "b"), "--threads", "1"])
    assert Image.open(BytesIO((folder / "in-2x.png").read_bytes())).size == (160, 300)
    with pytest.raises(UserError, match="cannot be read"):
        run(["upscale", str(tmp_path / "none.png"), "--bundle", str(tmp_path / "b")])


def test_tiles_are_counted_for_both_passes() -> None:
    assert num_tiles(256, 256, factor=2) == 4
    assert num_tiles(256, 256, factor=4) == 4 + 16
