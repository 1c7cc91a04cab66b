"""The sketch of a picture: what its cells say, turned with the picture, kept beside the shards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from reflet.data.record import Record
from reflet.data.rendered import decode_depth, encode_depth
from reflet.data.shards import write_shard
from reflet.data.sketch_channels import CODE_CHANNELS, DETAIL_CHANNELS, SIDEWAYS, SKETCH_CHANNELS, colors_of, detail
from reflet.data.sketches import WHOLE, Window, load_sketches, name_code, safe_window, sketch

GRAPH: dict[str, Any] = {
    "surface": None,
    "environment": "beach",
    "objects": [{"id": 1, "name": "mug"}, {"id": 2, "name": "mug"}],
}


def png(picture: np.ndarray) -> bytes:
    return bytes(cv2.imencode(".png", picture)[1])


def record(key: str, *, red: int = 255, annotated: bool = True) -> Record:
    """128 px, so 8 cells: two rows of sky over ground 32 m away, with two red things of 2 x 2 cells, 1 m away."""
    mask, depth = np.zeros((128, 128), np.uint8), np.full((128, 128), 32.0, np.float32)
    picture = np.zeros((128, 128, 3), np.uint8)
    depth[:32] = np.inf
    for number, left in ((1, 0), (2, 64)):
        where = (slice(64, 96), slice(left, left + 32))
        mask[where], depth[where], picture[where] = number, 1.0, (0, 0, red)  # OpenCV writes blue first
    return Record.create(
        key,
        image=png(picture),
        image_ending="png",
        captions=("two mugs",),
        source="test",
        license="CC0-1.0",
        author="the tests",
        meta={"graph": GRAPH} if annotated else {},
        annotations={"mask.png": png(mask), "depth.png": encode_depth(depth)} if annotated else {},
    )


def test_cells_say_what_is_there() -> None:
    found = sketch(record("0"), size=128)
    assert found.shape == (SKETCH_CHANNELS, 8, 8)
    np.testing.assert_allclose(found[:3, 4, 0], [2.0, -2.0, -2.0])
    np.testing.assert_allclose(found[3, [0, 3, 4], [0, 0, 0]], [-2.5, -1.0, 0.25], atol=0.01)  # octaves from 2 m, / 4
    assert found[4, 4].tolist() == [1.5, 1.5, -0.5, -0.5, 1.5, 1.5, -0.5, -0.5]
    np.testing.assert_allclose(found[5, 4], [-0.75, 0.75, 0, 0, -0.75, 0.75, 0, 0])  # each from its own centre
    np.testing.assert_allclose(found[6, 4:6, 0], [-0.75, 0.75])
    for cell, name in (((4, 0), "mug"), ((4, 4), "mug"), ((7, 7), "beach"), ((0, 3), "sky")):
        np.testing.assert_array_equal(found[CODE_CHANNELS, cell[0], cell[1]], name_code(name))


def test_an_edge_within_a_cell_is_a_share() -> None:
    """A thing that ends in the middle of a cell fills half of it."""
    half = record("0")
    mask = np.zeros((128, 128), np.uint8)
    mask[64:96, 0:24] = 1
    found = sketch(replace(half, annotations={**half.annotations, "mask.png": png(mask)}), size=128)
    np.testing.assert_allclose(found[4, 4, :3], [1.5, 0.5, -0.5])
    np.testing.assert_allclose(found[CODE_CHANNELS, 4, 1], (name_code("mug") + name_code("beach")) / 2, atol=1e-6)


def test_a_small_picture_has_the_same_sketch() -> None:
    """A quarter of the pixels, as many cells: what is rendered for the sketch alone need not be large."""
    whole = record("0")
    small = cv2.resize(cv2.imdecode(np.frombuffer(whole.image, np.uint8), cv2.IMREAD_COLOR), (32, 32))
    mask = cv2.imdecode(np.frombuffer(whole.annotations["mask.png"], np.uint8), cv2.IMREAD_UNCHANGED)[::4, ::4]
    depth = decode_depth(whole.annotations["depth.png"])[::2, ::2]
    other = replace(whole, image=png(small), annotations={"mask.png": png(mask), "depth.png": encode_depth(depth)})
    np.testing.assert_allclose(sketch(other, size=32, grid=8), sketch(whole, size=128), atol=0.02)


def test_codes_are_far_apart() -> None:
    codes = np.stack([name_code(f"name {i}") for i in range(250)])
    distances = np.linalg.norm(codes[:, None] - codes[None], axis=2) + 9 * np.eye(250)
    assert distances.min() > 0.4
    assert abs(float(codes.std()) - 1) < 0.05
    np.testing.assert_array_equal(name_code("mug")[:2], np.float32([MUG_0, MUG_1]))  # published weights depend on it


MUG_0, MUG_1 = -0.8556913137435913, 0.8236274719238281


def test_a_picture_without_annotations_has_its_colours(tmp_path: Path) -> None:
    found = sketch(record("0", annotated=False), size=128)
    assert found[0].max() == 2.0
    assert not found[3 : CODE_CHANNELS.stop].any()


def test_mirror_images_are_turned(tmp_path: Path) -> None:
    write_shard(tmp_path / "shard-000000.tar", [record("0"), record("1", red=128)])
    write_shard(tmp_path / "shard-000001.tar", [record("2", red=64)])
    found = load_sketches(tmp_path, size=128)
    assert len(found) == 3
    plain, turned, dark = found.gather(np.array([0, 3, 2]))
    signs = np.ones((SKETCH_CHANNELS, 1, 1), np.float32)
    signs[list(SIDEWAYS)] = -1
    np.testing.assert_array_equal(turned, plain[:, :, ::-1] * signs)
    # A thing in the right half of the mirror has its own left side on the left, as every other thing.
    assert turned[5, 4, 6] == pytest.approx(-0.75)
    assert dark[0].max() < plain[0].max()


def test_detail_is_a_picture_of_a_quarter_of_the_side() -> None:
    """Waves that are told come back whole; a mirrored picture's detail is the detail with odd waves turned."""
    rows, columns = np.mgrid[0:32, 0:32].astype(np.float32)
    ramp = np.stack([columns / 16 - 1, rows / 16 - 1, (rows - columns) / 16]).astype(np.float32)
    blocks = ramp.reshape(3, 8, 4, 8, 4)
    told = np.zeros((SKETCH_CHANNELS, 8, 8), np.float32)
    told[:3], told[DETAIL_CHANNELS] = blocks.mean(axis=(2, 4)), detail(ramp)
    assert np.abs(colors_of(told) - ramp).max() < 0.01  # a ramp's highest waves are small, not nothing
    assert np.abs(np.repeat(np.repeat(told[:3], 4, 1), 4, 2) - ramp).max() > 0.09
    noise = np.random.default_rng(0).uniform(-2, 2, (3, 32, 32)).astype(np.float32)
    signs = np.ones((SKETCH_CHANNELS, 1, 1), np.float32)
    signs[list(SIDEWAYS)] = -1
    np.testing.assert_allclose(
        detail(noise[:, :, ::-1]), (detail(noise) * signs[DETAIL_CHANNELS])[:, :, ::-1], atol=1e-5
    )


def test_a_changed_shard_is_sketched_anew(tmp_path: Path) -> None:
    write_shard(tmp_path / "shard-000000.tar", [record("0")])
    first = load_sketches(tmp_path, size=128).gather(np.array([0]))
    assert list(tmp_path.glob("decoded/*-sketch8x1x*.npy"))
    write_shard(tmp_path / "shard-000000.tar", [record("0", red=64)])
    assert (load_sketches(tmp_path, size=128).gather(np.array([0])) != first).any()


def test_a_window_shows_its_part_alone() -> None:
    whole = sketch(record("0"), size=128)
    # The lower left quarter, drawn on as many cells: each cell of it is four cells now.
    part = sketch(record("0"), size=128, window=Window(0.0, 0.5, 0.5))
    for channel in (0, 1, 2, 3, 4, *range(7, CODE_CHANNELS.stop)):
        np.testing.assert_allclose(part[channel], whole[channel, 4:, :4].repeat(2, axis=0).repeat(2, axis=1), atol=0.02)


def test_windows_keep_what_captions_name() -> None:
    """The two mugs reach from the left edge to 3/4: windows that lose a slice of one are not taken."""
    rng = np.random.default_rng(3)
    windows = [safe_window(record("0"), rng) for _ in range(40)]
    assert sum(w.side < 1 for w in windows) > 5
    assert all(w.left <= 0.02 and w.left + w.side >= 0.73 and w.top <= 0.52 for w in windows)
    assert safe_window(record("0", annotated=False), rng) == WHOLE


def test_views_are_drawn_and_the_whole_is_the_default(tmp_path: Path) -> None:
    write_shard(tmp_path / "shard-00000.tar", [record(str(i)) for i in range(4)])
    found = load_sketches(tmp_path, size=128, num_views=5)
    plain = found.gather(np.arange(4))
    np.testing.assert_array_equal(plain, load_sketches(tmp_path, size=128).gather(np.arange(4)))
    drawn = np.stack([found.gather(np.arange(4), rng=np.random.default_rng(k)) for k in range(12)])
    assert 0.1 < np.mean([(d != plain).any() for d in drawn.reshape(-1, *plain.shape[1:])[:, None]]) < 1.0
