"""The texture shelf: range, seams, determinism, and a cache that survives a torn file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from reflet.render import textures
from reflet.render.texture_noise import cells, spectral
from reflet.render.textures import NEUTRAL, RECIPES, bake, is_neutral, takes_colors, texture

COMMON = (
    "planks",
    "wood",
    "marble",
    "tiles",
    "grass",
    "sand",
    "cobblestones",
    "pebbles",
    "leather",
    "facade",
    "striped fabric",
)


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("REFLET_HOME", str(tmp_path_factory.getbasetemp() / "home"))
    _forget()
    yield
    _forget()


def _forget() -> None:
    for cached in (textures._folder, textures._baked, textures._texture):
        cached.cache_clear()


def seam_ratio(field: np.ndarray) -> float:
    """Mean step across the borders over the larger typical step inside; about 1 where a picture tiles."""
    field = field.reshape(*field.shape[:2], -1)
    ratios = []
    for axis in (0, 1):
        steps = np.abs(np.diff(field, axis=axis)).mean(axis=(1 - axis, 2))
        seam = np.abs(np.take(field, 0, axis) - np.take(field, -1, axis)).mean()
        ratios.append(seam / max(float(np.quantile(steps, 0.99)), 2e-3))
    return max(ratios)


@pytest.mark.parametrize("name", COMMON)
def test_a_texture_is_in_range_and_tiles(name: str) -> None:
    made = texture(name, 0)
    size = RECIPES[name].size
    assert made.albedo.shape == (size, size, 3)
    for field in (made.albedo, made.height, made.roughness):
        if field is not None:
            assert field.dtype == np.float32
            assert np.isfinite(field).all()
            assert 0 <= field.min() <= field.max() <= 1
            assert seam_ratio(field) < 1.6
    assert 0.005 < made.albedo.mean() < 0.95


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_texture_tiles_in_every_variant(name: str) -> None:
    for variant in range(RECIPES[name].variants):
        made = texture(name, variant)
        assert seam_ratio(made.albedo) < 1.8, variant
        assert made.albedo.min() >= 0
        assert made.albedo.max() <= 1
        assert is_neutral(name) == ("shade" in bake(name, variant) and not takes_colors(name))


def test_a_picture_with_a_seam_is_told_from_one_without() -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float32)[None, :].repeat(64, 0)
    assert seam_ratio(ramp) > 10
    assert seam_ratio(spectral(np.random.default_rng(0))) < 1.3


def test_baking_twice_gives_the_same_bytes_and_variants_differ() -> None:
    first, again, other = bake("brick", 1), bake("brick", 1), bake("brick", 2)
    for key in first:
        np.testing.assert_array_equal(first[key], again[key])
    assert (first["color"] != other["color"]).mean() > 0.2


def test_a_repeated_call_returns_the_same_object_from_memory_and_the_same_values_from_disk() -> None:
    made = texture("plaster", 1)
    assert texture("plaster", 1) is made
    _forget()
    again = texture("plaster", 1)
    assert again is not made
    np.testing.assert_array_equal(again.albedo, made.albedo)
    assert made.height is not None
    np.testing.assert_array_equal(again.height, made.height)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 torn", None])
def test_a_torn_cache_file_is_baked_again(damage: bytes | None) -> None:
    sound = texture("paper", 0)
    path: Path = textures._folder() / "paper-0.npz"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    _forget()
    np.testing.assert_array_equal(texture("paper", 0).albedo, sound.albedo)
    assert path.read_bytes() == whole


def test_an_unwritable_home_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where the folder should be")
    monkeypatch.setenv("REFLET_HOME", str(blocked))
    _forget()
    assert texture("paper", 1).albedo.shape == (512, 512, 3)


def test_a_pattern_shows_the_two_colours_given() -> None:
    red, white = (0.6, 0.01, 0.01), (0.8, 0.8, 0.8)
    made = texture("striped", 0, colors=(red, white))
    near_red = np.abs(made.albedo - red).max(-1) < 0.02
    near_white = np.abs(made.albedo - white).max(-1) < 0.02
    assert 0.3 < near_red.mean() < 0.7
    assert (near_red | near_white).mean() > 0.9


def test_a_neutral_texture_is_grey_around_its_stated_mean() -> None:
    made = texture("leather", 0)
    assert np.ptp(made.albedo, axis=-1).max() == 0
    assert made.albedo.mean() == pytest.approx(NEUTRAL, abs=0.05)


def test_windows_are_lit_only_where_there_is_glass() -> None:
    made = texture("facade", 0)
    assert made.emission is not None
    assert made.roughness is not None
    lit = made.emission.max(-1) > 0.5
    assert 0.005 < lit.mean() < 0.4
    assert made.roughness[lit].mean() < 0.3 < made.roughness.mean()


def test_unknown_names_and_misplaced_colours_are_refused() -> None:
    with pytest.raises(ValueError, match="no texture is called"):
        texture("velvet")
    with pytest.raises(ValueError, match="own colours"):
        texture("brick", colors=((1, 0, 0),))


def test_cells_know_their_nearest_point() -> None:
    found = cells(np.random.default_rng(0), 6)
    assert (found.edge >= 0).all()
    assert set(np.unique(found.index)) <= set(range(36))
    assert found.first.max() < 1.6
