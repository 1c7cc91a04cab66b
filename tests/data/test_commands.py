"""`reflet data`: the three commands one after another, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reflet.cli.main import run
from reflet.data.shards import list_shards, read_shard
from reflet.runtime.errors import UserError
from tests.data.pictures_made import encoded, painted


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for k in range(24):
        (folder / f"{k}.png").write_bytes(encoded(painted(k % 22), "PNG", compress_level=k % 9))
        (folder / f"{k}.txt").write_text(f"a drawing of {('a cat', 'a dog')[k % 2]} in a forest")
    return folder


def test_ingest_curate_diversity(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "set"
    one = ["--workers", "1"]
    run(["data", "ingest", str(source), "--out", str(out), *one])
    assert "24 quarantined" in capsys.readouterr().out
    run(["data", "ingest", str(source), "--out", str(out), "--license", "cc0-1.0", "--author", "Ada", *one])
    assert "24 taken" in capsys.readouterr().out
    records = [r for s in list_shards(out) for r in read_shard(s)]
    assert {(r.license, r.author) for r in records} == {("CC0-1.0", "Ada")}
    run(["data", "curate", str(out), *one])
    assert "2 of 24 marked (copy 2)" in capsys.readouterr().out
    run(["data", "diversity", str(out), "--holes", "20", *one])
    assert "22 records" in capsys.readouterr().out
    assert {p.name for p in out.glob("*.html")} == {"curation.html", "diversity.html"}
    assert len((out / "plan.jsonl").read_text().splitlines()) == 22
    marked = [json.loads(line)["key"] for line in (out / "marks.jsonl").read_text().splitlines()]
    run(["data", "curate", str(out), "--keep", marked[0], "--without", "near-copy", *one])
    assert "1 of 24 marked" in capsys.readouterr().out
    run(["data", "curate", str(out), "--clear"])
    assert not (out / "marks.jsonl").exists() and not (out / "decisions.json").exists()


def test_holes_are_rendered(tmp_path: Path) -> None:
    wishes = [{"family": "abstract", "count": 1, "style": "ink"}, {"family": "space", "count": 1}]
    (tmp_path / "holes.json").write_text(json.dumps({"wishes": wishes}))
    arguments = ["--out", str(tmp_path / "out"), "--size", "32", "--quality", "0.1", "--views", "1", "--workers", "1"]
    run(["render", "--fill", str(tmp_path / "holes.json"), *arguments])
    first, second = (r.meta["graph"] for s in list_shards(tmp_path / "out") for r in read_shard(s))
    assert (first["family"], first["style"], second["family"]) == ("abstract", "ink", "space")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ingest", "--out", "x"], "at least one source"),
        (["ingest", "nowhere", "--out", "x"], "nothing at nowhere"),
        (["ingest", ".", "--out", "x", "--license", "free for all"], "no SPDX"),
        (["curate", "nowhere"], "no set at"),
        (["diversity", "nowhere"], "no set at"),
        (["curate", ".", "--without", "beauty"], "no filter"),
        (["curate", ".", "--opt-out", "nowhere.txt"], "cannot be read"),
        (["diversity", ".", "--strength", "7"], "strength is 7"),
    ],
)
def test_what_a_user_can_mend_is_said(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=message):
        run(["data", *arguments])


def test_render_needs_a_number(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--count"):
        run(["render", "--out", str(tmp_path)])
