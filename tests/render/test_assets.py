"""The library: alone, and with a folder of made-up meshes, pictures and skies."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from reflet.render.assets import Library
from reflet.render.assets_mesh import MAX_TRIANGLES, box_mapped, measure, thinned
from reflet.render.assets_names import KINDS, SKIPPED, kind_of, plural_of
from reflet.render.assets_picture import height_from_normals
from reflet.render.catalogue.index import CATALOGUE
from reflet.render.materials import fixed_surface
from reflet.render.scene import Mesh
from reflet.render.vocabulary import MATERIALS

trimesh = pytest.importorskip("trimesh")


def write_glb(path: Path, *, plain: bool = False, subdivisions: int = 0) -> None:
    """A red box with a green box on top, y up, 2 x 3 x 1; or one grey sphere without materials."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if plain:
        trimesh.creation.icosphere(subdivisions=subdivisions).export(path)
        return
    scene = trimesh.Scene()
    for name, extents, y, color in (
        ("low", (2, 2, 1), 1.0, (255, 0, 0, 255)),
        ("top", (1, 1, 1), 2.5, (0, 255, 0, 255)),
    ):
        box = trimesh.creation.box(extents=extents)
        material = trimesh.visual.material.PBRMaterial(name=name, baseColorFactor=color)
        box.visual = trimesh.visual.TextureVisuals(uv=np.zeros((len(box.vertices), 2)), material=material)
        scene.add_geometry(box, node_name=name, transform=trimesh.transformations.translation_matrix((0, y, 0)))
    scene.export(path)


def licence(folder: Path, **files: str) -> None:
    rows = ["file,license,author,source", *(f"{name},{spdx},Ada,example.org" for name, spdx in files.items())]
    (folder / "LICENSES.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def test_without_a_folder_there_is_the_procedural_catalogue() -> None:
    library = Library()
    assert library.items == CATALOGUE
    assert not library.skies
    assert not library.textures
    assert not library.quarantined
    assert library.attributions(["apple"]) == []


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no folder"):
        Library(tmp_path / "nowhere")


def test_a_mesh_with_a_licence_becomes_a_class(tmp_path: Path) -> None:
    write_glb(tmp_path / "toys" / "magic-thing-2.glb")
    licence(tmp_path, **{"toys/magic-thing-2.glb": "CC-BY-4.0"})
    library = Library(tmp_path)
    item = library.items["magic thing"]
    assert item.plural == "magic things"
    assert item.license == "CC-BY-4.0"
    assert item.height > 0
    assert item.real_height == pytest.approx(0.3)
    parts = item.build(np.random.default_rng(0))
    vertices = np.concatenate([part.mesh.vertices for part in parts])
    np.testing.assert_allclose(vertices.min(0), (-1 / 3, -1 / 6, 0), atol=1e-6)  # y up became z up
    np.testing.assert_allclose(vertices.max(0), (1 / 3, 1 / 6, 1), atol=1e-6)
    (part,) = parts
    assert part.mesh.colors is not None
    high = part.mesh.vertices[:, 2] > 0.9
    np.testing.assert_allclose(part.mesh.colors[high], [(0, 1, 0)] * int(high.sum()))
    assert fixed_surface(part.slot, np.random.default_rng(0)).base_color == (1, 1, 1)
    assert library.attributions(["magic thing"]) == ["toys/magic-thing-2.glb: Ada; example.org; CC-BY-4.0"]
    assert library.attributions(["apple"]) == []


def test_files_without_a_suitable_licence_are_left_out_and_listed(tmp_path: Path) -> None:
    for name in ("orphan.glb", "stern.glb", "kept.glb"):
        write_glb(tmp_path / name)
    licence(tmp_path, **{"stern.glb": "CC-BY-NC-4.0"})
    (tmp_path / "kept.glb.license").write_text("SPDX-FileCopyrightText: Ada\nSPDX-License-Identifier: CC0-1.0\n")
    with pytest.warns(UserWarning, match=r"1 files .* have no licence .*orphan\.glb"):
        library = Library(tmp_path)
    assert set(library.quarantined) == {"orphan.glb", "stern.glb"}
    assert "LICENSES.csv" in library.quarantined["orphan.glb"]
    assert "CC-BY-NC-4.0" in library.quarantined["stern.glb"]
    assert set(library.items) - set(CATALOGUE) == {"kept"}
    assert library.licences["kept.glb"].author == "Ada"


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "LICENSES.csv").write_text("name,terms\nx.glb,CC0-1.0\n")
    with pytest.raises(ValueError, match="columns file and license"):
        Library(tmp_path)


def test_a_shape_without_materials_is_cast_in_one(tmp_path: Path) -> None:
    write_glb(tmp_path / "blob.glb", plain=True, subdivisions=2)
    licence(tmp_path, **{"blob.glb": "CC0-1.0"})
    item = Library(tmp_path).items["blob"]
    assert item.materials
    assert set(item.materials) <= set(MATERIALS)
    (part,) = item.build(np.random.default_rng(0))
    assert part.slot == "main"
    assert part.mesh.uvs is not None
    assert np.ptp(part.mesh.uvs, axis=0).min() > 0.5
    assert part.mesh.normals is not None
    np.testing.assert_allclose(part.mesh.normals, (part.mesh.vertices - (0, 0, 0.5)) * 2, atol=0.1)


def test_a_heavy_mesh_is_thinned(tmp_path: Path) -> None:
    write_glb(tmp_path / "dense.glb", plain=True, subdivisions=5)
    licence(tmp_path, **{"dense.glb": "CC0-1.0"})
    (part,) = Library(tmp_path).items["dense"].build(np.random.default_rng(0))
    assert 1000 < len(part.mesh.faces) <= MAX_TRIANGLES
    distance = np.linalg.norm(part.mesh.vertices - (0, 0, 0.5), axis=1)
    np.testing.assert_allclose(distance, 0.5, atol=0.02)


def test_thinning_keeps_the_share_asked_for() -> None:
    sphere = trimesh.creation.icosphere(subdivisions=4)
    mesh = Mesh(np.asarray(sphere.vertices), np.asarray(sphere.faces))
    fewer = thinned(mesh, 0.25)
    assert len(fewer.faces) <= 0.25 * len(mesh.faces)
    assert fewer.faces.max() < len(fewer.vertices)


def test_the_header_tells_the_extent(tmp_path: Path) -> None:
    write_glb(tmp_path / "a.glb")
    np.testing.assert_allclose(measure(tmp_path / "a.glb"), (2, 1, 3), atol=1e-6)
    (tmp_path / "b.glb").write_bytes(b"not a mesh at all, whatever its name")
    with pytest.raises(ValueError, match="no binary glTF"):
        measure(tmp_path / "b.glb")


def test_box_mapping_splits_only_at_turns() -> None:
    cube = trimesh.creation.box()
    mesh = box_mapped(np.asarray(cube.vertices), np.asarray(cube.faces))
    assert len(mesh.vertices) == 24
    assert len(mesh.faces) == 12


def test_messy_names_become_classes() -> None:
    expected = {
        "mug-1": "mug",
        "bottle-large": "bottle",
        "bottle-musterd": "mustard bottle",
        "garden_gnome_02": "garden gnome",
    }
    for stem, name in expected.items():
        kind = kind_of(stem)
        assert kind is not None
        assert kind.name == name
    assert kind_of("hole") is None
    assert not set(KINDS) & SKIPPED
    assert all(kind.size > 0 and kind.style in ("own", "painted", "cast") for kind in KINDS.values())


@pytest.mark.parametrize(
    ("name", "plural"), [("box", "boxes"), ("cherry", "cherries"), ("boy", "boys"), ("tree", "trees")]
)
def test_plurals(name: str, plural: str) -> None:
    assert plural_of(name) == plural


def test_a_variant_of_a_known_class_keeps_its_words(tmp_path: Path) -> None:
    write_glb(tmp_path / "pizza.glb")
    licence(tmp_path, **{"pizza.glb": "CC0-1.0"})
    known, item = CATALOGUE["pizza"], Library(tmp_path).items["pizza"]
    assert item.plural == known.plural
    slots = [{part.slot for part in item.build(np.random.default_rng(seed))} for seed in range(20)]
    assert any(slot.startswith("asset:") for found in slots for slot in found) == (not known.rests)


def test_skies_give_radiance_and_know_their_sun(tmp_path: Path) -> None:
    panorama = np.full((64, 128, 3), 0.5, np.float32)
    panorama[16, 96] = 4000.0  # elevation 45 degrees, three quarters to the right: azimuth 90 degrees
    assert cv2.imwrite(str(tmp_path / "noon_1k.hdr"), panorama)
    licence(tmp_path, **{"noon_1k.hdr": "CC0-1.0"})
    sky = Library(tmp_path).skies["noon"]
    assert sky.sun_azimuth == pytest.approx(np.pi / 2, abs=0.08)
    assert sky.sun_elevation == pytest.approx(np.pi / 4, abs=0.08)
    ahead = np.array([(0.0, 1.0, 0.0), (-0.6, 0.0, 0.8)])
    np.testing.assert_allclose(sky.radiance(ahead, background=True), 0.5, rtol=0.02)
    sun = np.array([(np.cos(0.76), 0.0, np.sin(0.76))])
    assert sky.radiance(sun).max() > 100
    turned = sky.turned(0.5)
    assert turned.sun_azimuth == pytest.approx(np.pi / 2 + 0.5, abs=0.08)
    a = turned.sun_azimuth
    assert a is not None
    assert turned.radiance(np.array([(np.sin(a) * np.cos(0.76), np.cos(a) * np.cos(0.76), np.sin(0.76))])).max() > 100


def test_a_set_of_maps_becomes_a_texture(tmp_path: Path) -> None:
    folder = tmp_path / "textures" / "slate"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "albedo.png"), np.full((32, 32, 3), (0, 128, 255), np.uint8))
    cv2.imwrite(str(folder / "roughness.png"), np.full((16, 16), 51, np.uint8))
    licence(tmp_path, **{"textures/slate/albedo.png": "CC0-1.0", "textures/slate/roughness.png": "CC0-1.0"})
    made = Library(tmp_path).textures["slate"]
    np.testing.assert_allclose(made.albedo.mean((0, 1)), (1.0, 0.2158, 0.0), atol=0.002)
    assert made.roughness is not None
    np.testing.assert_allclose(made.roughness, 0.2, atol=0.01)
    assert made.height is None


def test_heights_are_found_from_normals() -> None:
    x = np.arange(64) / 64
    height = np.broadcast_to(np.sin(2 * np.pi * x), (64, 64))
    slope = np.gradient(np.sin(2 * np.pi * x))
    normal = np.stack([-np.broadcast_to(slope, (64, 64)), np.zeros((64, 64)), np.ones((64, 64))], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    found = height_from_normals((normal + 1) / 2)
    assert np.corrcoef(found.ravel(), height.ravel())[0, 1] > 0.999
