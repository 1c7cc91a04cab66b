"""Diversity: what a set is made of, a plan that balances it, a map, and holes that the renderer can fill."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reflet.data.diversity import Composition, describe_set, effective_number, shares, vendi_of
from reflet.data.diversity_map import Layout, lay_out
from reflet.data.diversity_report import Vendi, diversity_page
from reflet.data.engine import EmbeddedEngine
from reflet.data.facets import NOT_SAID, facets_of
from reflet.data.holes import Wish, family_of, find_holes, write_holes
from reflet.data.loader import Order
from reflet.data.map_file import CELL, MAP, MAP_PICTURE, map_files, write_map
from reflet.data.marks import Mark
from reflet.data.measures import measure_pixels
from reflet.data.pictures import load_pictures
from reflet.data.record import Record
from reflet.data.rendered import RenderJob, sample_scene
from reflet.data.sampling_plan import balance, read_plan, write_plan
from reflet.data.shards import write_shard
from reflet.data.wishes import read_holes, wish_of
from reflet.render.assets import Library
from reflet.render.vocabulary import ENVIRONMENTS, STYLES
from reflet.runtime.errors import UserError
from tests.data.pictures_made import encoded, painted

CATS, DOGS = 36, 4


def pet(number: int) -> Record:
    name = "cat" if number < CATS else "dog"
    where = ("on a beach at sunset", "in a forest", "in a kitchen", "on a street at night")[number % 4]
    meta = {"tags": ["animal", name], "ingest": {"name": f"{number}.png"}}
    content = encoded(painted(number, width=100, height=100), "PNG")
    caption = f"A watercolour of a {name} {where}"
    return Record.create(f"r{number:03d}", image=content, image_ending="png", captions=(caption,), license="CC0-1.0",
                         source=f"zoo/{number}.png", author=("Ada", "Bob")[number % 2], meta=meta)  # fmt: skip


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pets")
    for shard in range(2):
        write_shard(folder / f"shard-{shard:06d}.tar", [pet(k) for k in range(20 * shard, 20 * shard + 20)])
    return folder


@pytest.fixture(scope="module")
def composition(pets: Path) -> Composition:
    return describe_set(pets, engine=EmbeddedEngine(1))


def test_counts_and_verdicts(composition: Composition) -> None:
    subject = {s.name: s for s in shares("subject", composition.facets["subject"])}
    assert (subject["cat"].count, subject["dog"].count) == (36, 4) and subject["dog"].verdict == "under"
    environment = {s.name: s for s in shares("environment", composition.facets["environment"])}
    assert {n for n, s in environment.items() if s.count == 10} == {"beach", "forest", "kitchen", "street"}
    assert environment["desert"].verdict == "missing" and len(environment) == len(ENVIRONMENTS)
    assert shares("style", composition.facets["style"])[0].name == "watercolour"
    assert [s.name for s in shares("source", composition.facets["source"])] == ["zoo"]
    p = np.array([0.9, 0.1])
    assert effective_number(composition.facets["subject"]) == pytest.approx(np.exp(-(p * np.log(p)).sum()))


def test_words_are_read_from_captions_and_graphs_count_before_them() -> None:
    row = measure_pixels(painted(1))
    told = facets_of(row, {"captions": ["Pixel art sprite of a blue cloak on a light blue background."]})
    assert (told["subject"], told["style"], told["environment"]) == ("cloak", "pixel art", NOT_SAID)
    graph = {
        "captions": ["a forest"],
        "subjects": ["mug"],
        "environment": "kitchen",
        "style": "ink",
        "lighting": "neon",
    }
    told = facets_of(row, graph)
    assert [told[f] for f in ("subject", "environment", "style", "lighting")] == ["mug", "kitchen", "ink", "neon"]
    assert facets_of(row, {"captions": ["the strawberry"]})["environment"] == NOT_SAID  # no "straw", no "berry"


def test_the_plan_balances_and_holds_its_limits(composition: Composition) -> None:
    even = balance(composition, strength=1.0)
    counts = composition.facets["subject"].counts(even.weights)
    before, after = 4 / 40, counts[composition.facets["subject"].names.index("dog")] / counts.sum()
    assert after > 2 * before
    plan = balance(composition)
    for weights in (even.weights, plan.weights):
        assert weights.mean() == pytest.approx(1) and weights.min() > 0 and weights.max() / weights.min() <= 16.5
    assert 1 <= even.worth <= plan.worth <= 40
    assert balance(composition, strength=0.0).weights == pytest.approx(np.ones(40))


def test_training_reads_the_plan(pets: Path, composition: Composition, tmp_path: Path) -> None:
    plan = balance(composition)
    write_plan(tmp_path / "plan.jsonl", composition, plan)
    samples = load_pictures(pets, size=32).samples
    weights = read_plan(tmp_path / "plan.jsonl", samples)
    assert weights == pytest.approx(plan.weights, abs=1e-4)
    order = Order(40, batch_size=16, seed=1, weights=weights)
    drawn = Counter(np.concatenate([order.indices(s) for s in range(1500)]).tolist())
    share = np.array([drawn[k] for k in range(40)]) / 24_000
    assert np.abs(share - weights / weights.sum()).max() < 0.004
    assert np.array_equal(order.indices(7), Order(40, batch_size=16, seed=1, weights=weights).indices(7))
    with pytest.raises(UserError, match="another set"):
        read_plan(tmp_path / "plan.jsonl", [{"sha256": "0" * 64}])
    (tmp_path / "plan.jsonl").write_text("{}")
    with pytest.raises(UserError, match="no sampling plan"):
        read_plan(tmp_path / "plan.jsonl", samples)
    with pytest.raises(ValueError, match="weights"):
        Order(3, batch_size=2, seed=1, weights=np.zeros(3))


def test_marked_records_are_left_out(tmp_path: Path) -> None:
    write_shard(tmp_path / "shard-000000.tar", [pet(k) for k in range(4)])
    marks = [Mark("shard-000000.tar", f"r{k:03d}", pet(k).sha256, {"by hand": "x"}) for k in (1, 2)]
    (tmp_path / "marks.jsonl").write_text("".join(m.line() for m in marks))
    made = describe_set(tmp_path, engine=EmbeddedEngine(1))
    assert (len(made), made.marked) == (2, 2) and [s.key for s in made.sample] == ["r000", "r003"]
    (tmp_path / "marks.jsonl").write_text("".join(replaced.line() for replaced in [
        Mark("shard-000000.tar", f"r{k:03d}", "", {"by hand": "x"}) for k in range(4)]))  # fmt: skip
    with pytest.raises(UserError, match="every record"):
        describe_set(tmp_path, engine=EmbeddedEngine(1))


def test_the_encoder_of_an_instrument_can_measure_likeness(pets: Path) -> None:
    """Any function of pictures: here the mean colour of each."""
    made = describe_set(
        pets, engine=EmbeddedEngine(1), embed=lambda p: p.mean(axis=(1, 2)).astype(np.float32), embed_size=32
    )
    expected = load_pictures(pets, size=32).gather(np.arange(40)).mean(axis=(1, 2))
    assert made.features == pytest.approx(expected.astype(np.float32)) and 1 < vendi_of(made) <= 13


def test_vendi_tells_copies_from_pictures(composition: Composition, tmp_path: Path) -> None:
    records = [pet(0) for _ in range(12)]
    renamed = [Record.create(f"c{k}", image=r.image, image_ending="png", captions=r.captions, source="s", license="MIT",
                             author="a") for k, r in enumerate(records)]  # fmt: skip
    write_shard(tmp_path / "shard-000000.tar", renamed)
    assert vendi_of(describe_set(tmp_path, engine=EmbeddedEngine(1))) == pytest.approx(1, abs=1e-3)
    assert vendi_of(composition) > 8


def test_the_map_puts_alike_together_and_one_picture_a_square() -> None:
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((3, 16)) * 6
    kinds = np.repeat(np.arange(3), 20)
    features = (centres[kinds] + rng.standard_normal((60, 16))).astype(np.float32)
    layout = lay_out(features)
    spots, across, down = layout.spots, layout.across, layout.down
    assert len({tuple(s) for s in spots.tolist()}) == 60
    assert spots.min() >= 0 and spots[:, 0].max() < across and spots[:, 1].max() < down
    distance = np.linalg.norm(spots[:, None] - spots[None], axis=-1) + 1e9 * np.eye(60)
    nearest = distance.argmin(axis=1)
    assert (kinds[nearest] == kinds).mean() > 0.8
    assert np.array_equal(lay_out(features).spots, spots)
    assert len(lay_out(features[:3]).spots) == 3


def test_the_map_in_files_shows_each_picture_in_its_square(composition: Composition, tmp_path: Path) -> None:
    spots = np.stack([np.arange(40) % 8, np.arange(40) // 8], axis=1)
    plan = balance(composition)
    write_map(tmp_path, composition, plan, Layout(spots, 8, 6), name="pets")
    told = json.loads((tmp_path / MAP).read_text())
    assert (told["name"], told["records"], told["across"], told["down"]) == ("pets", 40, 8, 6)
    assert told["sha256"] == hashlib.sha256((tmp_path / MAP_PICTURE).read_bytes()).hexdigest()
    assert told["facets"]["subject"] == ["cat", "dog"] and told["facets"]["licence"] == ["CC0-1.0"]
    column = list(told["facets"]).index("subject")
    assert sum(told["facets"]["subject"][p["facets"][column]] == "dog" for p in told["points"]) == 4
    sheet = np.asarray(Image.open(tmp_path / MAP_PICTURE)).astype(float)
    assert sheet.shape == (6 * CELL, 8 * CELL, 4)
    for sampled, point in zip(composition.sample, told["points"], strict=True):
        assert (point["key"], point["caption"]) == (sampled.key, sampled.caption)
        assert point["weight"] == pytest.approx(plan.weights[sampled.number], abs=1e-3)
        square = np.s_[point["y"] * CELL : (point["y"] + 1) * CELL, point["x"] * CELL : (point["x"] + 1) * CELL]
        inner = sheet[square][2:-2, 2:-2, :3]
        thumbnail = np.asarray(Image.open(BytesIO(sampled.thumbnail)).convert("RGB")).astype(float)
        assert np.abs(inner.mean(axis=(0, 1)) - thumbnail.mean(axis=(0, 1))).max() < 12
    assert sheet[5 * CELL :, :, 3].max() == 0, "nothing lies in the last row"
    assert map_files(tmp_path)[MAP] == (tmp_path / MAP).read_bytes()
    with pytest.raises(UserError, match="reflet data diversity"):
        map_files(tmp_path / "elsewhere")


def test_the_page_is_complete_and_cannot_be_written_into(composition: Composition) -> None:
    composition.sample[0] = type(composition.sample[0])(
        **{**composition.sample[0].__dict__, "caption": "</script><script>alert(1)</script>", "author": "<b>x"}
    )
    wishes = find_holes(composition, budget=50)
    vendi, layout = Vendi(13, 9.0, 10.0), lay_out(composition.features)
    text = diversity_page(composition, balance(composition), wishes, vendi, layout=layout, name="<pets>", features="x")
    assert text.count("<script") == 2 and "alert(1)" in text and "<script>alert" not in text and "<pets>" not in text
    data = json.loads(re.search(r"id='map-data'>(.*?)</script>", text, flags=re.S)[1])  # type: ignore[index]
    assert len(data["points"]) == 40 and data["points"][0]["c"] == "</script><script>alert(1)</script>"
    assert not re.search(r"(?:src|href)=['\"]?https?:", text) and "script-src 'sha256-" in text


def test_holes_are_what_the_renderer_can_show(composition: Composition, tmp_path: Path) -> None:
    wishes = find_holes(composition, budget=200)
    words = {(w.kind, w.word) for w in wishes}
    assert (
        ("environment", "desert") in words
        and ("style", "oil painting") in words
        and ("environment", "beach") not in words
    )
    assert 150 <= sum(w.count for w in wishes) <= 260
    write_holes(tmp_path / "holes.json", wishes)
    read = read_holes(tmp_path / "holes.json")
    assert sum(w["count"] for w in read) == sum(w.count for w in wishes)
    assert json.loads((tmp_path / "holes.json").read_text())["families"]["landscape"] > 0
    (tmp_path / "plain.json").write_text(json.dumps({"families": {"space": 2, "abstract": 3}}))
    assert [wish_of(read_holes(tmp_path / "plain.json"), k)["family"] for k in (0, 1, 2, 4, 5)] == [
        "space", "space", "abstract", "abstract", "space"]  # fmt: skip
    for bad in ("{}", "[]", '{"families": {"space": 0}}', "no"):
        (tmp_path / "bad.json").write_text(bad)
        with pytest.raises(UserError):
            read_holes(tmp_path / "bad.json")


def test_scenes_show_what_was_wished_for() -> None:
    library = Library(None)
    wishes = [Wish(family_of("environment", e), 1, "environment", e) for e in ("desert", "kitchen", "alley", "space")]
    wishes += [Wish(family_of("style", s), 1, "style", s) for s in STYLES[1:3]]
    rows = tuple({"family": w.family, "count": 1, w.kind: w.word} for w in wishes)
    job = RenderJob(count=len(rows), seed=3, num_views=1, wishes=rows)
    for k, w in enumerate(wishes):
        _, scene, _ = sample_scene(job, k, library=library)
        assert (scene.environment if w.kind == "environment" else scene.views[0].style) == w.word
