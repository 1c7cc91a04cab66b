"""Ingest: every kind of source, rights before anything, nothing doubled, nothing lost, hostile things named."""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reflet.data.engine import EmbeddedEngine
from reflet.data.fields import describe_fields
from reflet.data.ingest import IngestSettings, Summary, ingest
from reflet.data.ingest_store import harmless_cell
from reflet.data.licences import UnknownLicenceError, spdx
from reflet.data.record import Record
from reflet.data.shards import list_shards, read_shard
from reflet.data.sources import open_sources
from reflet.runtime.errors import UserError
from tests.data.pictures_made import encoded, painted, write_tar

SETTINGS = IngestSettings()


def run(path: Path, out: Path, *, workers: int = 1, **settings: Any) -> Summary:
    chosen = replace(SETTINGS, **settings)
    return ingest(open_sources(path), out, settings=chosen, engine=EmbeddedEngine(workers))


def records(out: Path) -> list[Record]:
    return [r for shard in list_shards(out) for r in read_shard(shard)]


def left_out(out: Path) -> dict[str, tuple[str, str]]:
    with open(out / "left_out.csv", newline="") as handle:
        return {row["name"]: (row["status"], row["reason"]) for row in csv.DictReader(handle)}


def folder_of(path: Path, number: int, **fields: Any) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for k in range(number):
        (path / f"p{k:03d}.jpg").write_bytes(encoded(painted(k, width=48, height=40)))
        body = {"caption": f"picture number {k}", "license": "CC0-1.0"} | fields
        (path / f"p{k:03d}.json").write_text(json.dumps(body))
    return path


# ------------------------------------------------------------------------------------------------ sources
def test_a_folder_with_everything_beside_its_pictures(tmp_path: Path) -> None:
    src = tmp_path / "src"
    (src / "deep").mkdir(parents=True)
    for k, name in enumerate(["a.jpg", "deep/b.png", "c.webp", "d.jpg"]):
        kind = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}[name.partition(".")[2]]
        (src / name).write_bytes(encoded(painted(k), kind))
    body = {"captions": {"en": ["a cat"], "de": ["eine Katze"]}, "license": "cc by 4.0", "author": "Ada",
            "source": "https://example.org/a", "attribution": "A cat by Ada", "consent": "contract 17",
            "date": "2020-05-01T10:00", "tags": ["cat", "pet"], "modifications": "cut"}  # fmt: skip
    (src / "a.json").write_text(json.dumps(body))
    (src / "deep" / "b.txt").write_text("a dog\na brown dog\n")
    (src / "deep" / "b.fr.txt").write_text("un chien\n")
    (src / "c.txt").write_text("a bird")
    (src / "c.webp.license").write_text("SPDX-License-Identifier: MIT\nSPDX-FileCopyrightText: Bob\n")
    (src / "LICENSES.csv").write_text("file,license,author\ndeep/b.png,CC0-1.0,Cleo\n")
    (src / "d.txt").write_text("no licence here")
    summary = run(src, tmp_path / "out")
    assert (summary.taken, summary.quarantined) == (3, 1)
    a, c, b = records(tmp_path / "out")
    assert (a.license, a.author, a.source, a.contract) == ("CC-BY-4.0", "Ada", "https://example.org/a", "contract 17")
    assert a.captions == ("a cat",) and a.languages == {"en": ("a cat",), "de": ("eine Katze",)}
    assert a.attribution == "A cat by Ada" and a.date == "2020-05-01" and a.meta["tags"] == ["cat", "pet"]
    assert a.meta["given"] == {"modifications": "cut"} and a.image == (src / "a.jpg").read_bytes()
    assert (b.captions, b.languages, b.author) == (("a dog", "a brown dog"), {"fr": ("un chien",)}, "Cleo")
    assert (c.license, c.author, c.source) == ("MIT", "Bob", "src/c.webp")
    assert left_out(tmp_path / "out")["d.jpg"][0] == "quarantined"
    for record in (a, b, c):
        record.verify()


def test_manifests(tmp_path: Path) -> None:
    for k in range(3):
        (tmp_path / f"{k}.png").write_bytes(encoded(painted(k), "PNG"))
    (tmp_path / "m.csv").write_text(
        "path,text,caption_fr,licence\n0.png,zero,zéro,MIT\n1.png,one,,CC0-1.0\n2.png,two,,\n"
    )
    assert run(tmp_path / "m.csv", tmp_path / "a").taken == 2
    first = records(tmp_path / "a")[0]
    assert first.captions == ("zero",) and first.languages == {"fr": ("zéro",)}
    rows = [{"file_name": "1.png", "caption": ["one", "eins"], "rights": "CC0-1.0"}]
    (tmp_path / "m.jsonl").write_text("\n".join(json.dumps(r) for r in rows) + "\nno json\n")
    summary = run(tmp_path / "m.jsonl", tmp_path / "b", license_column="rights")
    assert (summary.taken, summary.refused) == (1, 1) and records(tmp_path / "b")[0].captions == ("one", "eins")
    table = pa.table({
        "image": [{"bytes": encoded(painted(0)), "path": "x.jpg"}, {"bytes": None, "path": "1.png"}, None],
        "caption": ["zero", "one", "two"], "license": ["MIT"] * 3,
    })  # fmt: skip
    pq.write_table(table, tmp_path / "m.parquet", row_group_size=2)
    summary = run(tmp_path / "m.parquet", tmp_path / "c")
    assert (summary.taken, summary.refused) == (2, 1)
    assert [r.captions for r in records(tmp_path / "c")] == [("zero",), ("one",)]


def test_a_folder_that_datasets_has_saved(tmp_path: Path) -> None:
    """The layout of `DatasetDict.save_to_disk`: Arrow streams, a state beside them, a list of splits above."""
    for split, numbers in (("train", range(5)), ("test", range(5, 7))):
        folder = tmp_path / "set" / split
        folder.mkdir(parents=True)
        rows = pa.table({
            "image": [{"bytes": encoded(painted(k)), "path": None} for k in numbers],
            "text": [f"number {k}" for k in numbers], "license": ["CC0-1.0" for _ in numbers],
        })  # fmt: skip
        with (
            pa.OSFile(str(folder / "data-00000-of-00001.arrow"), "wb") as sink,
            pa.ipc.new_stream(sink, rows.schema) as w,
        ):
            w.write_table(rows, max_chunksize=2)
        (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}))
    (tmp_path / "set" / "dataset_dict.json").write_text(json.dumps({"splits": ["train", "test"]}))
    assert run(tmp_path / "set", tmp_path / "out").taken == 7
    assert [r.captions[0] for r in records(tmp_path / "out")] == [f"number {k}" for k in range(7)]


def test_tars_and_the_same_bytes_from_any_number_of_workers(tmp_path: Path) -> None:
    src = tmp_path / "src"
    src.mkdir()
    for t in range(3):
        members = []
        for k in range(90 * t, 90 * t + 90):
            members.append((f"s{k:03d}.jpg", encoded(painted(k, width=40, height=40))))
            members.append((f"s{k:03d}.json", json.dumps({"caption": f"n {k}", "license": "MIT"}).encode()))
        write_tar(src / f"{t}.tar", members)
    for workers in (1, 2):
        assert run(src, tmp_path / f"out{workers}", workers=workers).taken == 270
    first, second = (sorted((tmp_path / f"out{w}").glob("*.tar")) for w in (1, 2))
    assert len(first) == 3 and [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


# ---------------------------------------------------------------------------------------- again, and after a kill
def test_twice_adds_nothing_and_new_files_are_added(tmp_path: Path) -> None:
    src = folder_of(tmp_path / "src", 5)
    assert run(src, tmp_path / "out").taken == 5
    again = run(src, tmp_path / "out")
    assert (again.total(), again.known) == (0, 5)
    (src / "p001 copy.jpg").write_bytes((src / "p001.jpg").read_bytes())
    (src / "p001 copy.json").write_text(json.dumps({"caption": "again", "license": "MIT"}))
    (src / "zz.jpg").write_bytes(encoded(painted(99)))
    (src / "zz.json").write_text(json.dumps({"caption": "new", "license": "MIT"}))
    more = run(src, tmp_path / "out")
    assert (more.taken, more.double, more.known) == (1, 1, 5)
    reason = left_out(tmp_path / "out")["p001 copy.jpg"][1]
    assert "the same file as p001.jpg" in reason and "under CC0-1.0, not MIT" in reason
    moved = tmp_path / "moved"
    src.rename(moved)
    assert (run(moved, tmp_path / "out").taken, len(records(tmp_path / "out"))) == (0, 6)


def test_a_licence_that_is_stated_later_lets_a_picture_in(tmp_path: Path) -> None:
    src = folder_of(tmp_path / "src", 2, license="")
    assert run(src, tmp_path / "out").quarantined == 2
    assert run(src, tmp_path / "out").total() == 0
    (src / "p000.json").write_text(json.dumps({"caption": "x", "license": "MIT"}))
    assert run(src, tmp_path / "out").taken == 1
    assert run(src, tmp_path / "out", license="CC-BY-4.0").taken == 1
    assert {r.license for r in records(tmp_path / "out")} == {"MIT", "CC-BY-4.0"}
    assert left_out(tmp_path / "out") == {}


def test_changed_words_do_not_make_a_second_record(tmp_path: Path) -> None:
    src = folder_of(tmp_path / "src", 1)
    run(src, tmp_path / "out")
    (src / "p000.json").write_text(json.dumps({"caption": "other words", "license": "MIT"}))
    summary = run(src, tmp_path / "out")
    assert (summary.taken, summary.double) == (0, 0) and len(records(tmp_path / "out")) == 1
    assert "has changed" in left_out(tmp_path / "out")["p000.jpg"][1]
    assert run(src, tmp_path / "out").total() == 0


_KILLED = """
import sys
from pathlib import Path
from reflet.data.engine import EmbeddedEngine
from reflet.data.ingest import IngestSettings, ingest
from reflet.data.sources import open_sources
ingest(open_sources(Path(sys.argv[1])), Path(sys.argv[2]), settings=IngestSettings(), engine=EmbeddedEngine(1),
       report=lambda s: print(s.taken, flush=True))
"""


def test_killed_anywhere_it_goes_on_and_the_set_is_the_same(tmp_path: Path) -> None:
    src = folder_of(tmp_path / "src", 400)
    assert run(src, tmp_path / "whole").taken == 400
    out = tmp_path / "out"
    rng = np.random.default_rng(1)
    for kill in range(3):
        process = subprocess.Popen([sys.executable, "-c", _KILLED, str(src), str(out)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        if kill:  # after some slice was taken in, or before the first
            process.stdout.readline()
        time.sleep(float(rng.uniform(0.0, 0.06)))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        shards = sorted(out.glob("shard-*.tar"))
        keys = [r.key for s in shards for r in read_shard(s)]
        assert len(keys) == len(set(keys))
    run(src, out)
    assert [p.read_bytes() for p in list_shards(out)] == [p.read_bytes() for p in list_shards(tmp_path / "whole")]
    assert not list(out.glob(".unit*")) and len(records(out)) == 400


def test_a_shard_that_no_transaction_knows_is_made_again(tmp_path: Path) -> None:
    src = folder_of(tmp_path / "src", 2)
    run(src, tmp_path / "out")
    (tmp_path / "out" / "shard-000001.tar").write_bytes((tmp_path / "out" / "shard-000000.tar").read_bytes())
    run(src, tmp_path / "out")
    assert len(records(tmp_path / "out")) == 2


def test_a_lost_memory_is_read_from_the_shards(tmp_path: Path) -> None:
    src = folder_of(tmp_path / "src", 3)
    run(src, tmp_path / "out")
    (tmp_path / "out" / "ingest.sqlite").unlink()
    summary = run(src, tmp_path / "out")
    assert (summary.taken, summary.double) == (0, 3) and len(records(tmp_path / "out")) == 3
    (tmp_path / "out" / "ingest.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(UserError, match="damaged"):
        run(src, tmp_path / "out")


def test_a_full_disk_stops_it_and_the_next_run_goes_on(tmp_path: Path) -> None:
    src = folder_of(tmp_path / "src", 150)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, hard))  # the first shard needs more
    try:
        with pytest.raises(UserError, match="disk is full"):
            run(src, tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list((tmp_path / "out").glob("*.tar"))
    assert run(src, tmp_path / "out").taken == 150


def test_one_command_at_a_time(tmp_path: Path) -> None:
    from reflet.data.ingest_store import open_store

    with open_store(tmp_path / "out"), pytest.raises(UserError, match="another command works"):
        run(folder_of(tmp_path / "src", 1), tmp_path / "out")
    (tmp_path / "rendered").mkdir()
    (tmp_path / "rendered" / "set.json").write_text(json.dumps({"count": 4, "seed": 0}))
    with pytest.raises(UserError, match="not ingested"):
        run(tmp_path / "src", tmp_path / "rendered")


# ------------------------------------------------------------------------------------------------ hostile things
def test_hostile_tars_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = (encoded(painted(1)), json.dumps({"caption": "good", "license": "MIT"}).encode())
    outside = tmp_path / "outside.jpg"
    write_tar(tmp_path / "t.tar", [
        ("../evil.jpg", encoded(painted(2))), ("/abs.jpg", encoded(painted(3))), ("link:l.jpg", str(outside).encode()),
        ("good.jpg", good[0]), ("good.json", good[1]), ("good.jpg", encoded(painted(4))), ("good.json", good[1]),
        ("other.jpg", encoded(painted(5))), ("other.json", good[1]), ("good.jpg", encoded(painted(6))),
        ("torn.jpg", encoded(painted(7))[:300]), ("torn.json", good[1]), ("bad.jpg", encoded(painted(8))),
        ("bad.json", b"[1, 2]"),
    ])  # fmt: skip
    summary = run(tmp_path / "t.tar", tmp_path / "out")
    assert summary.taken == 2
    told = {name.partition(" ")[0]: reason for name, (_, reason) in left_out(tmp_path / "out").items()}
    assert "leads out" in told["../evil.jpg"] and "leads out" in told["/abs.jpg"] and "link" in told["l.jpg"]
    assert "damaged" in told["torn.jpg"] and "no JSON object" in told["bad.jpg"]
    assert "two pictures" in told["good.jpg"] or "key twice" in told["good.jpg"]
    assert not outside.exists() and run(tmp_path / "t.tar", tmp_path / "out").total() == 0


def test_a_torn_tar_gives_what_it_has(tmp_path: Path) -> None:
    members = []
    for k in range(6):
        members += [
            (f"{k}.json", json.dumps({"caption": "x", "license": "MIT"}).encode()),
            (f"{k}.jpg", encoded(painted(k))),
        ]
    whole = write_tar(tmp_path / "t.tar", members)
    content = whole.read_bytes()
    whole.write_bytes(content[: len(content) * 2 // 3])
    summary = run(whole, tmp_path / "out")
    assert 2 <= summary.taken <= 5 and summary.refused == 1
    (tmp_path / "n.tar").write_bytes(b"not a tar at all" * 100)
    assert run(tmp_path / "n.tar", tmp_path / "out2").refused == 1


def test_links_and_paths_out_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(encoded(painted(1), "PNG"))
    src = folder_of(tmp_path / "src", 1)
    (src / "link.png").symlink_to(tmp_path / "secret.png")
    (src / "up").symlink_to(tmp_path)
    summary = run(src, tmp_path / "out")
    assert (summary.taken, summary.refused) == (1, 2) and "link" in left_out(tmp_path / "out")["up"][1]
    (src / "m.csv").write_text(
        f"file,caption,license\n../secret.png,x,MIT\n{tmp_path}/secret.png,x,MIT\nlink.png,x,MIT\nup/secret.png,x,MIT\n"
        "p000.jpg,x,MIT\np000.jpg,y,MIT\nmissing.jpg,x,MIT\n"
    )
    summary = run(src / "m.csv", tmp_path / "out2")
    assert (summary.taken, summary.refused) == (1, 6)
    told = left_out(tmp_path / "out2")
    assert "twice" in told["p000.jpg (row 6)"][1] and "no file" in told["missing.jpg"][1]


def test_names_that_are_no_text_are_refused_by_an_escaped_name(tmp_path: Path) -> None:
    src = folder_of(tmp_path / "src", 1)
    (Path(os.fsdecode(os.fsencode(src) + b"/\xff\xfe.jpg"))).write_bytes(encoded(painted(5)))
    summary = run(src, tmp_path / "out")
    assert (summary.taken, summary.refused) == (1, 1)
    assert left_out(tmp_path / "out")["\\udcff\\udcfe.jpg"][1].startswith("its name is no UTF-8")
    assert run(src, tmp_path / "out").total() == 0


def test_a_folder_may_hold_archives_and_loose_pictures(tmp_path: Path) -> None:
    src = folder_of(tmp_path / "src", 2)
    (src / "deep").mkdir()
    body = json.dumps({"caption": "x", "license": "MIT"}).encode()
    write_tar(src / "deep" / "t.tar", [("a.jpg", encoded(painted(7))), ("a.json", body)])
    assert run(src, tmp_path / "out").taken == 3


def test_nothing_becomes_a_formula(tmp_path: Path) -> None:
    src = tmp_path / "src"
    src.mkdir()
    (src / "=HYPERLINK(1).jpg").write_bytes(b"no picture")
    (src / "=HYPERLINK(1).txt").write_text("x")
    run(src, tmp_path / "out", license="MIT")
    with open(tmp_path / "out" / "left_out.csv", newline="") as handle:
        rows = list(csv.reader(handle))
    assert rows[1][1] == "'=HYPERLINK(1).jpg"
    for text in ("=1", "+1", "-1", "@x", "\t=1", "\r@x"):
        written = io.StringIO()
        csv.writer(written).writerow([harmless_cell(text)])
        assert written.getvalue().lstrip('"')[0] == "'"


def test_licences_are_checked_not_guessed() -> None:
    known = {"mit": "MIT", "CC BY-SA 4.0": "CC-BY-SA-4.0", "cc-by-nc-nd 3.0": "CC-BY-NC-ND-3.0", "CC0": "CC0-1.0",
             "MIT OR Apache-2.0": "MIT OR Apache-2.0", "LicenseRef-Ours": "LicenseRef-Ours"}  # fmt: skip
    assert {k: spdx(k) for k in known} == known
    for unknown in ("", "all rights reserved", "CC", "free", "MIT; DROP TABLE seen", "=1+1", "CC-BY-9.9", "x" * 5000):
        with pytest.raises(UnknownLicenceError):
            spdx(unknown)


def test_an_unknown_licence_is_quarantined(tmp_path: Path) -> None:
    src = folder_of(tmp_path / "src", 1, license="royalty free")
    assert run(src, tmp_path / "out").quarantined == 1
    assert "no SPDX" in left_out(tmp_path / "out")["p000.jpg"][1]


def test_fields_are_cleaned() -> None:
    told = describe_fields({
        "caption": ["a\x00 cat\ud800", "  ", 5, {"x": 1}], "LICENSE": "MIT", "author": ["not", "a", "name"],
        "year": 1912, "nested": {"a": [1] * 1000}, "bytes": b"x", "note": "y" * 5000, "score": float("nan"), "views": 7,
    })  # fmt: skip
    assert told.captions == ("a cat", "5") and told.author == "" and told.date == "1912"
    assert told.extras == {"views": 7}
    json.dumps(told.extras).encode()
    assert len(describe_fields({"caption": "z" * 100_000}).captions[0]) == 4000
    only = describe_fields({"captions": {"de": "eine Katze", "fr": ["un chat"]}}, language="en")
    assert only.captions == ("eine Katze",)


def test_sidecars_that_are_no_text_are_named(tmp_path: Path) -> None:
    src = folder_of(tmp_path / "src", 3)
    (src / "p000.txt").write_bytes(b"\xff\xfe\x00bad")
    (src / "p001.json").write_text("[" * 100_000)
    (src / "p002.txt").write_text("x" * 1_100_000)
    assert run(src, tmp_path / "out").refused == 3
    reasons = [r for _, r in left_out(tmp_path / "out").values()]
    assert "no UTF-8" in reasons[0] and "no JSON" in reasons[1] and "larger than 1 MB" in reasons[2]


def test_old_records_keep_their_bytes() -> None:
    record = Record.create("k", image=b"x", image_ending="jpg", captions=("c",), source="s", license="MIT", author="a")
    assert set(json.loads(record.describe())) == {"captions", "source", "license", "author", "sha256", "meta"}


def test_sources_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK")
    for path in (tmp_path / "nothing", tmp_path / "x.zip"):
        with pytest.raises(UserError):
            open_sources(path)
    (tmp_path / "m.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match="names no files"):
        run(tmp_path / "m.csv", tmp_path / "out")
    assert os.listdir(tmp_path / "out")
