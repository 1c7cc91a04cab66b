"""Materials: every word has a surface in range, metals are metals, and a colour word stays the nearest one."""

from __future__ import annotations

import numpy as np
import pytest

from reflet.render import materials
from reflet.render.catalogue.item import FIXED_SLOTS, NATURAL_KINDS
from reflet.render.materials_body import SUBSTANCES
from reflet.render.scene import MaterialLook, Surface, SurfaceKind
from reflet.render.textures import NEUTRAL, is_neutral
from reflet.render.vocabulary import COLORED, COLORS, GROUNDS, MATERIALS, srgb_to_linear

METALS = ("gold", "silver", "copper", "bronze", "chrome", "steel")


def check(surface: Surface) -> None:
    numbers = np.array([
        *surface.base_color, surface.roughness, surface.metallic, surface.coat, surface.ior, *surface.emission,
        surface.uv_scale, surface.bump, surface.subsurface,
    ])  # fmt: skip
    assert np.isfinite(numbers).all()
    mean = np.ones(3) if surface.texture is None else surface.texture.albedo.mean((0, 1))
    assert (np.asarray(surface.base_color) >= 0).all()
    assert (np.asarray(surface.base_color) * mean <= 1.0).all()
    for value in (surface.roughness, surface.metallic, surface.coat, surface.subsurface):
        assert 0 <= value <= 1
    assert 1 <= surface.ior <= 2.5
    assert surface.uv_scale > 0
    assert surface.bump >= 0


def shown(surface: Surface) -> np.ndarray:
    """The mean linear colour of a surface."""
    mean = np.ones(3) if surface.texture is None else surface.texture.albedo.mean((0, 1))
    return np.asarray(surface.base_color) * mean


def lightness_and_hue(color: np.ndarray) -> np.ndarray:
    """Linear RGB to OKLab (Ottosson 2020), in which distances are about as large as they look."""
    lms = np.cbrt(
        np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]) @ np.asarray(color)
    )
    return np.array([[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]) @ lms


def nearest_word(color: np.ndarray) -> str:
    return min(
        COLORS, key=lambda w: np.linalg.norm(lightness_and_hue(srgb_to_linear(COLORS[w])) - lightness_and_hue(color))
    )


def test_every_word_of_the_vocabulary_has_a_substance() -> None:
    assert set(SUBSTANCES) == set(MATERIALS)


@pytest.mark.parametrize("material", MATERIALS)
def test_every_material_has_a_surface_in_range(material: str) -> None:
    rng = np.random.default_rng(0)
    finishes = (None, *SUBSTANCES[material].finishes)
    for finish in finishes:
        color = "teal" if material in COLORED else None
        check(materials.surface(MaterialLook(material, color, finish), rng))


@pytest.mark.parametrize("material", METALS)
def test_metals_are_metallic_and_bright(material: str) -> None:
    surface = materials.surface(MaterialLook(material), np.random.default_rng(0))
    assert surface.metallic == 1
    assert max(surface.base_color) > 0.5


@pytest.mark.parametrize("material", [m for m in MATERIALS if m not in METALS])
def test_nothing_else_is_metallic(material: str) -> None:
    assert (
        materials.surface(
            MaterialLook(material, "red" if material in COLORED else None), np.random.default_rng(0)
        ).metallic
        == 0
    )


def test_kinds_of_glass() -> None:
    rng = np.random.default_rng(0)
    assert materials.surface(MaterialLook("glass", "blue"), rng).kind == SurfaceKind.GLASS
    assert materials.surface(MaterialLook("frosted glass", "blue"), rng).kind == SurfaceKind.FROSTED
    clear = materials.surface(MaterialLook("glass"), rng)
    assert min(clear.base_color) > 0.9


@pytest.mark.parametrize("color", list(COLORS))
@pytest.mark.parametrize(
    "material", ["plastic", "ceramic", "fabric", "leather", "wool", "clay", "painted metal", "paper"]
)
def test_a_colour_word_is_the_nearest_word_to_what_is_shown(color: str, material: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(4):
        assert nearest_word(shown(materials.surface(MaterialLook(material, color), rng))) == color


@pytest.mark.parametrize("slot", sorted(FIXED_SLOTS))
def test_every_fixed_slot_has_a_surface(slot: str) -> None:
    surface = materials.fixed_surface(slot, np.random.default_rng(0))
    check(surface)
    assert surface.lamp == (slot in ("bulb", "shade", "glow", "headlight", "tail light", "window light"))


@pytest.mark.parametrize("kind", sorted(NATURAL_KINDS))
def test_every_natural_kind_has_a_surface(kind: str) -> None:
    rng = np.random.default_rng(0)
    check(materials.natural_surface(kind, None, rng))
    green, red = (shown(materials.natural_surface(kind, word, rng)) for word in ("green", "red"))
    assert green[1] / green[0] > 1.5 * red[1] / red[0]


@pytest.mark.parametrize("word", GROUNDS)
def test_every_ground_has_a_surface_and_a_phrase(word: str) -> None:
    rng = np.random.default_rng(0)
    choice = materials.ground(rng, word, unit=0.25)
    check(choice.surface)
    assert choice.word == word
    assert choice.phrase
    assert "{" not in choice.phrase
    assert "None" not in choice.phrase
    if choice.color is not None and not any(p in choice.phrase for p in materials.PATTERNS):
        assert choice.color in choice.phrase


def test_grounds_reflect_as_their_words_say() -> None:
    rng = np.random.default_rng(0)
    sheen = {word: materials.ground(rng, word).surface for word in ("mirror", "marble", "grass")}
    assert sheen["mirror"].metallic == 1
    assert sheen["mirror"].roughness < sheen["marble"].roughness + 0.05 < 0.2
    assert sheen["grass"].kind == SurfaceKind.DIFFUSE


def test_texture_size_on_the_ground_follows_the_unit() -> None:
    metres, tabletop = (materials.ground(np.random.default_rng(3), "cobblestones", unit=u).surface for u in (1.0, 0.25))
    assert metres.uv_scale == pytest.approx(tabletop.uv_scale * 4)
    assert metres.bump * metres.uv_scale == pytest.approx(tabletop.bump * tabletop.uv_scale)


@pytest.mark.parametrize("word", materials.WALLS)
def test_every_wall(word: str) -> None:
    choice = materials.wall(np.random.default_rng(0), word)
    check(choice.surface)
    assert "{" not in choice.phrase


def test_a_wall_takes_the_colour_asked_for() -> None:
    choice = materials.wall(np.random.default_rng(0), color="orange")
    assert choice.phrase == "an orange wall"
    assert nearest_word(shown(choice.surface)) == "orange"


def test_words() -> None:
    say = materials.words
    assert say(MaterialLook("glass", "red")) == "red glass"
    assert say(MaterialLook("glass")) == "clear glass"
    assert say(MaterialLook("wood")) == "wooden"
    assert say(MaterialLook("gold", None, "polished")) == "polished gold"
    assert say(MaterialLook("fabric", "red", "striped")) == "red-and-white striped fabric"
    assert say(MaterialLook(None, "green")) == "green"
    assert say(MaterialLook()) == ""


def test_sampled_looks_keep_what_is_asked_and_are_allowed() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        look = materials.sample_look(rng, materials=("glass", "wood", "plastic"), color="red")
        assert look.color == "red"
        assert look.material in ("glass", "plastic")
        look = materials.sample_look(rng, materials=MATERIALS, colors=("red", "blue"))
        assert look.color in (None, "red", "blue")
        assert look.material in COLORED or look.color is None
    assert materials.sample_look(rng, materials=("plastic",), colors=()).color is None
    assert materials.sample_look(rng, materials=(), colors=("green",)) == MaterialLook(None, "green")


def test_looks_that_would_not_be_true_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="takes the colour"):
        materials.sample_look(rng, materials=("gold", "wood"), color="red")
    with pytest.raises(ValueError, match="cannot be made of"):
        materials.sample_look(rng, materials=("gold",), material="glass")
    with pytest.raises(ValueError, match="no material word"):
        materials.surface(MaterialLook("velvet"), rng)
    with pytest.raises(ValueError, match="no colour word"):
        materials.surface(MaterialLook("plastic", "mauve"), rng)
    with pytest.raises(ValueError, match="no ground"):
        materials.ground(rng, "lava")
    with pytest.raises(ValueError, match="slot"):
        materials.fixed_surface("velvet", rng)
    with pytest.raises(ValueError, match="natural kind"):
        materials.natural_surface("velvet", None, rng)


def test_the_same_seed_gives_the_same_surface() -> None:
    a, b = (materials.surface(MaterialLook("leather", "brown"), np.random.default_rng(5)) for _ in range(2))
    assert a.base_color == b.base_color
    assert a.texture is b.texture


def test_a_neutral_texture_gets_its_colour_from_the_surface() -> None:
    surface = materials.surface(MaterialLook("leather", "red"), np.random.default_rng(0))
    assert is_neutral("leather")
    assert surface.base_color[0] == pytest.approx(srgb_to_linear(COLORS["red"])[0] / NEUTRAL, rel=0.1)
