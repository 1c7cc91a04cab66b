"""`reflet ledger` about a bundle with papers: why, withdraw, verify, enter; its weights are not trained."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from reflet.cli.main import run
from reflet.data.ledger import LEDGER, Ledger
from reflet.data.pictures import load_pictures
from reflet.data.shards import read_shard, write_shard
from reflet.data.tokenizer import Tokenizer
from reflet.generate.bundle import Bundle, BundleConfig, load_bundle, save_bundle
from reflet.generate.image import ImageGenerator
from reflet.generate.verify import verify
from reflet.models.autoencoder import Autoencoder
from reflet.models.image import ImageFlow
from reflet.models.text import TextEncoder
from reflet.recipes.tiny import image_tiny
from reflet.runtime.errors import UserError
from reflet.train.ledger_files import ledger_files
from tests.conftest import shape_record

NUMBER = 24


def toy_bundle() -> Bundle:
    """An untrained bundle whose output is not constant."""
    recipe = image_tiny()
    torch.manual_seed(0)
    tokenizer = Tokenizer.train(["a red sphere on a wooden table"] * 8, vocab_size=320)
    text = replace(recipe.text, vocab_size=tokenizer.vocab_size)
    flow = replace(recipe.flow, text_width=text.width)
    config = BundleConfig(name="toy", autoencoder=recipe.autoencoder, text=text, flow=flow, sizes=(64,))
    bundle = Bundle(config, Autoencoder(recipe.autoencoder), TextEncoder(text), ImageFlow(flow), tokenizer, digest="")
    for value in bundle.modules().parameters():
        torch.nn.init.normal_(value, std=0.08)
    return bundle


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a set, a run that read it, and a bundle with the run's papers."""
    monkeypatch.setenv("REFLET_HOME", str(tmp_path / "home"))
    write_shard(tmp_path / "set" / "shard.tar", [shape_record(i) for i in range(NUMBER)])
    load_pictures(tmp_path / "set", size=64, run=tmp_path / "run")
    bundle = toy_bundle()
    save_bundle(
        tmp_path / "home" / "bundles" / "toy", bundle, card="# toy\n", extra=ledger_files(tmp_path / "run", bundle)
    )
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    run(["ledger", *arguments])
    return capsys.readouterr().out


def test_a_bundle_carries_its_papers(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = load_bundle("toy")
    assert bundle.path is not None
    sums = json.loads((bundle.path / "manifest.json").read_text())["sha256"]
    assert {LEDGER, "bom.json", "croissant.json", "attributions.md", "training-summary.md"} < set(sums)
    bom = json.loads((bundle.path / "bom.json").read_text())
    assert bom["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": sums["weights.safetensors"]}]
    assert f"whole. {NUMBER} records" in said(capsys, "verify", "toy")
    picture = ImageGenerator(bundle, device=torch.device("cpu")).generate("a red sphere", num_steps=3)[0]
    verdict = verify(picture.png(), thorough=False)
    assert (verdict.standing, verdict.bundle_sha256) == ("signed", bundle.digest)
    assert verdict.bill_of_materials_sha256 == sums["bom.json"]


def test_why(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = next(read_shard(place / "set" / "shard.tar"))
    (place / "picture.png").write_bytes(record.image)
    for name in (record.sha256, record.key, str(place / "picture.png")):
        told = said(capsys, "why", "toy", name)
        assert record.sha256[:32] in told and "CC0-1.0 lets a model be trained" in told and ": holds" in told
    (row,) = json.loads(said(capsys, "why", "toy", record.key, "--json"))["records"]
    assert row["holds"] and row["entry"]["source"] == "test shapes"
    assert "not among the 24" in said(capsys, "why", "toy", "0" * 64)


def test_withdraw_names_what_is_touched(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    artist = ImageGenerator(load_bundle("toy"), device=torch.device("cpu"))
    made = artist.generate("a red sphere", num_steps=3)[0]
    (place / "out").mkdir()
    (place / "out" / "ours.png").write_bytes(made.png())
    (place / "out" / "other.png").write_bytes(shape_record(99).image)
    (place / "out" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    record = next(read_shard(place / "set" / "shard.tar"))
    run(["ledger", "withdraw", record.sha256[:20], "--reason", "asked", "--pictures", str(place / "out")])
    captured = capsys.readouterr()
    assert f"{record.sha256[:32]} is withdrawn" in captured.out and "Trained on it" in captured.out
    assert "ours.png (toy)" in captured.out and "other.png" not in captured.out
    assert "not examined" in captured.err and "broken.png" in captured.err
    assert "withdrawn already" in said(capsys, "withdraw", record.sha256)
    assert "asked" in said(capsys, "why", "toy", record.key)
    with pytest.raises(UserError, match="1 records were withdrawn since"):
        run(["ledger", "verify", "toy"])
    with pytest.raises(UserError, match="was withdrawn"):
        load_pictures(place / "set", size=64, run=place / "again")
    assert "No bundle here was trained on it" in said(capsys, "withdraw", "ab" * 32)
    with pytest.raises(UserError, match="no bundle here knows"):
        run(["ledger", "withdraw", "nothing"])
    (place / "home" / "bundles" / "toy" / LEDGER).write_bytes(b"damaged")  # does not keep a record from being withdrawn
    assert "is withdrawn" in said(capsys, "withdraw", "cd" * 32)


def test_verify_finds_papers_that_do_not_belong_together(place: Path) -> None:
    bundle = toy_bundle()
    papers = ledger_files(place / "run", bundle)
    papers["bom.json"] = papers["bom.json"].replace(Ledger.load(place / "run").shortened().root.encode(), b"0" * 64)
    save_bundle(place / "home" / "bundles" / "odd", bundle, card="# odd\n", extra=papers)
    with pytest.raises(UserError, match="another Merkle root"):
        run(["ledger", "verify", "odd"])


def test_a_bundle_without_a_ledger_still_works(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "old").mkdir()
    assert ledger_files(place / "old", toy_bundle()) == {}
    assert "has no ledger" in capsys.readouterr().err
    save_bundle(place / "home" / "bundles" / "old", toy_bundle(), card="# old\n")
    assert load_bundle("old").config.name == "toy"
    for arguments in (["why", "old", "x"], ["verify", "old"]):
        with pytest.raises(UserError, match="holds no ledger"):
            run(["ledger", *arguments])
    with pytest.raises(UserError, match="takes BUNDLE RECORD"):
        run(["ledger", "why", "toy"])


def test_what_a_run_began_from_is_listed(place: Path) -> None:
    """A run that starts from a bundle: that bundle's records join, and one without a ledger is named."""
    write_shard(place / "more" / "shard.tar", [shape_record(i) for i in range(20, 30)])
    load_pictures(place / "more", size=64, run=place / "later")
    shutil.copytree(place / "home" / "bundles" / "toy", place / "later" / "start")
    joined = Ledger.from_bytes(ledger_files(place / "later", toy_bundle())[LEDGER])
    assert len(joined) == 30 and joined.facts["start"]["records_listed"]
    (place / "later" / "start" / LEDGER).unlink()
    papers = ledger_files(place / "later", toy_bundle())
    assert not Ledger.from_bytes(papers[LEDGER]).facts["start"]["records_listed"]
    assert "are not listed" in papers["training-summary.md"].decode()
    # The set of that bundle is at hand, and its materials.json says which one it was: enter it.
    digest = Ledger.load(place / "run").facts["sets"][0]
    (place / "later" / "recipe.json").write_text("{}")
    for folder, told in (
        ("later", {"start": {"materials": {"pictures_sha256": digest}}}),
        ("later/start", {"pictures_sha256": digest}),
    ):
        (place / folder / "materials.json").write_text(json.dumps(told, indent=1))
    run(["ledger", "enter", str(place / "later"), str(place / "set")])
    whole = Ledger.from_bytes(ledger_files(place / "later", toy_bundle())[LEDGER])
    assert len(whole) == 30 and whole.facts["start"]["records_listed"]


def test_a_run_from_before_is_entered_afterwards(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = Ledger.load(place / "run")
    with pytest.raises(UserError, match="not a run"):
        run(["ledger", "enter", str(place / "set"), str(place / "set")])
    (place / "run" / LEDGER).unlink()
    (place / "run" / "recipe.json").write_text("{}")
    (place / "run" / "materials.json").write_text(json.dumps({"pictures_sha256": "00" * 32}))
    with pytest.raises(UserError, match="another set"):
        run(["ledger", "enter", str(place / "run"), str(place / "set")])
    (place / "run" / "materials.json").unlink()
    assert f"{NUMBER} records" in said(capsys, "enter", str(place / "run"), str(place / "set"))
    assert Ledger.load(place / "run").root == whole.root
