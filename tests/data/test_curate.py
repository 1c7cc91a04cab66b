"""Curation: every filter finds what it is for and lets the rest be; copies; marks that can be taken back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from reflet.data.curate import CurateSettings, Curation, curate
from reflet.data.curate_report import curation_page
from reflet.data.duplicates import BitIndex
from reflet.data.embedding import NUM_FEATURES, embed, perceptual_hash, sign_codes
from reflet.data.engine import EmbeddedEngine
from reflet.data.filters import Thresholds
from reflet.data.filters_text import OptOut, TextFilters
from reflet.data.marks import Decisions, kept_records, read_marks
from reflet.data.measures import measure, measure_pixels
from reflet.data.record import Record
from reflet.data.shards import write_shard
from reflet.data.text_regions import find_writing
from reflet.runtime.errors import UserError
from tests.data.pictures_made import encoded, painted


def record(number: int, pixels: np.ndarray | None = None, *, caption: str = "a picture", **fields: object) -> Record:
    content = encoded(painted(number) if pixels is None else pixels, "PNG")
    made = Record.create(f"k{number:04d}", image=content, image_ending="png", captions=(caption,), source="made",
                         license="CC0-1.0", author="tests")  # fmt: skip
    return replace(made, **fields)  # type: ignore[arg-type]


def judged(folder: Path, records: list[Record], **settings: object) -> tuple[Curation, dict[str, dict[str, str]]]:
    if records:
        write_shard(folder / "shard-000000.tar", records)
    found = curate(folder, settings=CurateSettings(**settings), engine=EmbeddedEngine(1))  # type: ignore[arg-type]
    return found, {m.key: m.filters for m in read_marks(folder)}


def page() -> np.ndarray:
    picture = Image.new("RGB", (320, 400), "white")
    pen = ImageDraw.Draw(picture)
    for line in range(20):
        pen.text(
            (20, 20 + 18 * line), "the quick brown fox jumps over it", fill="black", font=ImageFont.load_default(13)
        )
    return np.asarray(picture)


def test_pictures_that_are_fine_stay(tmp_path: Path) -> None:
    found, marks = judged(tmp_path, [record(k) for k in range(12)])
    assert found.records == 12 and marks == {}


def test_each_filter_finds_its_own(tmp_path: Path) -> None:
    noisy = np.random.default_rng(0).integers(0, 256, (128, 128, 3)).astype(np.uint8)
    cases = {
        "broken": replace(record(1), image=record(1).image[:500],
                          sha256=hashlib.sha256(record(1).image[:500]).hexdigest()),
        "tiny": record(2, painted(2, width=120, height=60)),
        "aspect": record(3, painted(3, width=640, height=100)),
        "blank": record(4, np.full((128, 128, 3), 90, np.uint8)),
        "blurred": record(5, cv2.GaussianBlur(painted(5), (0, 0), 12)),
        "exposure": record(6, np.where(noisy > 250, noisy, noisy // 20)),
        "page": record(7, page()),
        "words": record(8, caption="a fucking mess"),
        "personal": record(9, caption="portrait, write to jane.doe@example.org"),
    }  # fmt: skip
    cases = {name: replace(r, key=f"{k:04d}") for k, (name, r) in enumerate(cases.items())}
    _, marks = judged(tmp_path, [*cases.values(), record(50), record(51)])
    assert {key: next(iter(why)) for key, why in marks.items()} == {r.key: name for name, r in cases.items()}
    assert all(reason for why in marks.values() for reason in why.values())
    assert "jane" not in json.dumps(list(marks.values()))


def test_a_record_whose_bytes_were_changed_is_broken() -> None:
    assert "not those that were recorded" in measure(replace(record(1), image=record(2).image)).problem


def test_a_position_in_a_file_is_found(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(34853)[2] = (48.0, 51.0, 30.0)
    content = encoded(painted(1), "JPEG", exif=exif)
    made = Record.create(
        "gps", image=content, image_ending="jpg", captions=("x",), source="s", license="MIT", author="a"
    )
    _, marks = judged(tmp_path, [made, record(2)])
    assert list(marks) == ["gps"] and "position" in marks["gps"]


def variants(pixels: np.ndarray) -> dict[str, np.ndarray]:
    height, width = pixels.shape[:2]
    jpeg = cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 50])[1], cv2.IMREAD_COLOR)
    return {
        "jpeg": jpeg,
        "half": cv2.resize(pixels, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA),
        "mirrored": np.ascontiguousarray(pixels[:, ::-1]),
        "brighter": np.clip(pixels.astype(int) * 1.1, 0, 255).astype(np.uint8),
        "framed": cv2.copyMakeBorder(pixels, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=(255, 255, 255)),
        "cut": pixels[height // 20 : -height // 20, width // 20 : -width // 20],
    }


def test_copies_are_found_and_what_is_merely_alike_is_not(tmp_path: Path) -> None:
    records, expected = [], {}
    for k in range(4):
        pixels = painted(k, width=240, height=200)
        records.append(record(k, pixels))
        for n, (name, changed) in enumerate(variants(pixels).items()):
            number = 100 + 10 * k + n
            records.append(record(number, changed))
            expected[f"k{number:04d}"] = (name, f"k{k:04d}")
        again = record(500 + k, pixels, caption="other words")
        records.append(replace(again, image=encoded(pixels, "PNG", compress_level=1)))
        records[-1] = replace(records[-1], sha256=hashlib.sha256(records[-1].image).hexdigest())
    others = [record(1000 + k, painted(1000 + k, width=240, height=200)) for k in range(16)]
    found, marks = judged(tmp_path, [*records, *others])
    assert all(marks[f"k{500 + k:04d}"] == {"copy": f"the same pixels as k{k:04d}"} for k in range(4))
    assert found.counts["copy"] == 4
    missed = [name for key, (name, of) in expected.items() if key not in marks]
    assert all(name in ("cut", "framed", "brighter") for name in missed) and len(missed) <= 6, missed
    wrong = [m for m in read_marks(tmp_path) if m.key in expected and m.of != expected[m.key][1]]
    assert wrong == [] and not [key for key in marks if key >= "k1000"]


def test_another_colour_is_another_picture(tmp_path: Path) -> None:
    pixels = painted(3, width=200, height=200)
    _, marks = judged(tmp_path, [record(1, pixels), record(2, np.ascontiguousarray(pixels[..., [1, 2, 0]]))])
    assert marks == {}


def test_the_index_of_bits_is_exact_within_its_radius() -> None:
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 256, (3000, 8), dtype=np.uint8)
    queries = codes[:200].copy()
    for row in queries:
        for bit in rng.permutation(64)[: rng.integers(0, 9)]:
            row[bit // 8] ^= 1 << (bit % 8)
    index = BitIndex(bits=64, bands=3, width=21, radius=5)
    index.add(codes[:1500])
    index.add(codes[1500:])
    distance = np.bitwise_count(queries[:, None] ^ codes[None]).sum(axis=-1)
    expected = [sorted((int(row[k]), int(k)) for k in np.nonzero(row <= 5)[0]) for row in distance]
    assert index.near(queries) == expected and any(len(e) for e in expected)
    with pytest.raises(ValueError, match="find everything within"):
        BitIndex(bits=64, bands=3, width=21, radius=6)


def test_hash_and_codes() -> None:
    pixels = painted(1)
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    first, mirrored = perceptual_hash(gray)
    assert perceptual_hash(np.ascontiguousarray(gray[:, ::-1]))[0] == pytest.approx(mirrored) and first != mirrored
    features = np.stack([embed(painted(k)) for k in range(20)])
    assert features.shape == (20, NUM_FEATURES) and np.allclose(np.linalg.norm(features, axis=1), 1, atol=1e-3)
    codes = sign_codes(features)
    bits = np.bitwise_count(codes[:, None] ^ codes[None]).sum(-1)
    angle = np.degrees(np.arccos(np.clip(features @ features.T, -1, 1)))
    assert np.abs(bits / 128 * 180 - angle).mean() < 8  # Charikar 2002


def test_writing_is_seen_and_shapes_are_not() -> None:
    assert find_writing(cv2.cvtColor(page(), cv2.COLOR_RGB2GRAY)).share > 0.3
    shares = [find_writing(cv2.cvtColor(painted(k), cv2.COLOR_RGB2GRAY)).share for k in range(20)]
    assert max(shares) < 0.06
    signed = painted(1, width=320, height=240).copy()
    cv2.rectangle(signed, (0, 200), (320, 240), (20, 20, 20), -1)
    cv2.putText(signed, "(c) some stock agency", (14, 228), cv2.FONT_HERSHEY_SIMPLEX, 0.75, (250, 250, 250), 2)
    written = find_writing(cv2.cvtColor(signed, cv2.COLOR_RGB2GRAY))
    assert written.margin > Thresholds().max_margin and written.share < Thresholds().max_writing


def test_opt_out_by_hash_picture_and_author(tmp_path: Path) -> None:
    first, second, third = record(1), record(2), record(3, author="Ada  Example")
    seen = measure(second)
    (tmp_path / "list.txt").write_text(
        f"# asked to be left out\n{first.sha256}\nphash:{seen.hash:016x}\nauthor:ada example\n"
    )
    listed = OptOut.read(tmp_path / "list.txt")
    copy = record(4, variants(painted(1))["jpeg"])
    _, marks = judged(tmp_path, [first, second, third, copy, record(5)], texts=TextFilters(opt_out=listed))
    assert {k: next(iter(v)) for k, v in marks.items()} == {
        "k0001": "opt-out", "k0002": "opt-out", "k0003": "opt-out", "k0004": "near-copy"}  # fmt: skip
    (tmp_path / "list.txt").write_text("leave me out please\n")
    with pytest.raises(UserError, match="line 1"):
        OptOut.read(tmp_path / "list.txt")


def test_words_in_any_language_and_numbers_of_persons() -> None:
    texts = TextFilters(languages=("english", "german"), region="DE")
    harmless = ["a cock on a farm", "a blue tit", "chicken breast", "Scunthorpe 1912", "lot 11668, 1024x768, 3 cats"]
    assert [texts.unsafe({"captions": [t]}) + texts.personal({"captions": [t]}) for t in harmless] == [""] * 5
    for text in ("f.u.c.k", "sh1t", "Scheiße"):
        assert texts.unsafe({"captions": ["fine"], "others": [text]}), text
    told = {"+49 30 901820": "telephone", "030 901820 in Berlin": "telephone", "4111 1111 1111 1111": "card",
            "DE89 3704 0044 0532 0130 00": "bank", "10.0.0.1": "IP"}  # fmt: skip
    for text, kind in told.items():
        assert kind in texts.personal({"captions": [text]}), text


def test_marks_are_taken_back(tmp_path: Path) -> None:
    records = [record(1), record(2, painted(2, width=120, height=60)), record(3, painted(1))]
    assert set(judged(tmp_path, records)[1]) == {"k0002", "k0003"}
    assert [r.key for r in kept_records(tmp_path)] == ["k0001"]
    assert set(judged(tmp_path, [], without=("tiny",))[1]) == {"k0003"}
    assert set(judged(tmp_path, [], thresholds=Thresholds(min_side=32))[1]) == {"k0003"}
    decisions = Decisions.read(tmp_path)
    decisions.change(keep=("k0003",), drop=("k0001",))
    decisions.write(tmp_path)
    _, marks = judged(tmp_path, [])
    assert set(marks) == {"k0001", "k0002"} and marks["k0001"] == {"by hand": "dropped by decision"}
    with pytest.raises(UserError, match="no filter"):
        CurateSettings(without=("ugly",))
    with pytest.raises(UserError, match="damaged"):
        (tmp_path / "decisions.json").write_text("{")
        Decisions.read(tmp_path)


def test_only_what_is_new_is_measured(tmp_path: Path) -> None:
    judged(tmp_path, [record(1)])
    measured = tmp_path / "measures" / "shard-000000.parquet"
    before = measured.stat().st_mtime_ns
    write_shard(tmp_path / "shard-000001.tar", [record(2)])
    found, _ = judged(tmp_path, [])
    assert found.records == 2 and measured.stat().st_mtime_ns == before
    write_shard(tmp_path / "shard-000000.tar", [record(3), record(4)])
    assert judged(tmp_path, [])[0].records == 3
    measured.write_bytes(b"torn")
    assert judged(tmp_path, [])[0].records == 3


def test_measures_of_known_pictures() -> None:
    dark = measure_pixels(np.full((64, 64, 3), 5, np.uint8))
    assert dark["dark"] == 1 and dark["light"] < 0.03 and dark["contrast"] == 0
    red = np.full((64, 96, 3), 255, np.uint8)
    red[16:48, 8:40] = (205, 18, 15)
    told = measure_pixels(red)
    assert 0.15 < told["fill"] < 0.19 and told["centre_x"] < 0.3 and abs(told["centre_y"] - 0.5) < 0.02
    assert (told["width"], told["height"]) == (96, 64) and told["palette"][0] >= 40  # red


def test_the_report_shows_and_cannot_be_written_into(tmp_path: Path) -> None:
    evil = '<script>alert(1)</script><img src=x onerror="x">'
    records = [record(1, painted(1, width=120, height=50), caption=evil, author=evil), record(2), record(3, painted(2))]
    settings = CurateSettings()
    found, _ = judged(tmp_path, records)
    text = curation_page(found, name=evil, settings=settings)
    assert "<script" not in text and 'onerror="x"' not in text and "&lt;script&gt;" in text
    assert "default-src 'none'" in text and "http" not in text.replace("http-equiv", "")
    assert "tiny: 1" in text and "copy: 1" in text and text.count("data:image/webp;base64,") >= 3
