"""A ledger names every record with its right, proves it, and keeps the forbidden and the withdrawn out of training."""

from __future__ import annotations

import hashlib
import json
import lzma
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from reflet.data.ledger import LEDGER, MAGIC, Entry, Inclusion, Ledger, enter, refuse_forbidden
from reflet.data.merkle import is_included, leaf_hash, proof, root
from reflet.data.pictures import load_pictures
from reflet.data.policy import BUILT_IN, Policy
from reflet.data.record import Record
from reflet.data.shards import read_shard, write_shard
from reflet.data.withdrawn import withdraw, withdrawn_file, withdrawn_records
from reflet.runtime.errors import UserError
from tests.conftest import shape_record


def sample(number: int, **other: object) -> dict[str, object]:
    """What data.pictures says of a record."""
    known = {
        "key": f"{number:09d}",
        "sha256": hashlib.sha256(str(number).encode()).hexdigest(),
        "license": "CC0-1.0",
        "source": f"reflet-render 0.2.0 seed {number * 7919} view {number % 2}",
        "author": "Reflet renderer",
    }
    return {**known, **other}


def ledger_of(number: int) -> Ledger:
    return Ledger.of(Entry.of(sample(i)) for i in range(number))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A REFLET_HOME of the test's own."""
    monkeypatch.setenv("REFLET_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


# ------------------------------------------------------------------------------------------ the tree
def test_the_root_of_certificate_transparencys_own_example() -> None:
    """The test vectors of RFC 6962's reference implementation, one root a number of leaves."""
    inputs = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
    leaves = [leaf_hash(bytes.fromhex(text)) for text in inputs]
    assert root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root(leaves[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_every_leaf_is_proved_and_nothing_else() -> None:
    for number in (1, 2, 3, 7, 8, 21):
        leaves = [leaf_hash(bytes([i])) for i in range(number)]
        top = root(leaves)
        for i in range(number):
            path = proof(leaves, i)
            assert is_included(leaves[i], i, number, path, top)
            assert not is_included(leaf_hash(b"another"), i, number, path, top)
            assert not is_included(leaves[i], i, number, path, root([*leaves, leaf_hash(b"more")]))
            assert not path or not is_included(leaves[i], i, number, path[:-1], top)
            assert not is_included(leaves[i], i, number, [*path, top], top)


# ------------------------------------------------------------------------------------------ the ledger
def test_a_ledger_comes_back_whole_and_small() -> None:
    ledger = ledger_of(3000).joined(
        Ledger.of([Entry("ab" * 32, "CC-BY-4.0", "é ☀ shop", "A, B", "x", "Photo by A", "c-1", "part 1\npart 2")])
    )
    content = ledger.to_bytes()
    assert Ledger.from_bytes(content) == ledger
    assert len(content) / len(ledger) < 60  # bytes a record: 32 are its hash; 2 MB hold 30,000
    assert ledger.count("license") == {"CC0-1.0": 3000, "CC-BY-4.0": 1}


def test_a_shortened_ledger_knows_whole_hashes(place: Path) -> None:
    whole = ledger_of(3000)
    short = whole.joined(Ledger.of([replace(Entry.of(sample(3)), sha256=str(sample(3)["sha256"])[:32])])).shortened()
    content = short.to_bytes()
    assert Ledger.from_bytes(content) == short == short.shortened() and short.root != whole.root
    assert len(short) == 3000 and len(content) / len(short) < 44  # bytes a record, 16 fewer than of a whole one
    wanted = str(sample(17)["sha256"])
    for name in (wanted, wanted[:32], wanted[:12]):
        (index,) = short.find(name)
        assert short.prove(index).holds() and short.prove(index).entry.key == "000000017"
    assert short.find("e" * 64) == []
    with pytest.raises(ValueError, match="shorten"):
        whole.joined(short).to_bytes()
    assert withdraw(wanted[:32]) and not withdraw(wanted)  # as a bundle's ledger names it
    with pytest.raises(UserError, match=r"000000017 .* was withdrawn"):
        refuse_forbidden([sample(17)], Policy.load())


def test_order_and_repetition_change_nothing() -> None:
    entries = [Entry.of(sample(i)) for i in range(50)]
    again = Ledger.of([*reversed(entries), *entries])
    assert again.root == Ledger.of(entries).root and len(again) == 50
    assert again.root != Ledger.of([replace(entries[0], license="MIT"), *entries[1:]]).root


def test_a_record_is_found_and_proved() -> None:
    ledger = ledger_of(200)
    wanted = sample(17)
    for name in (wanted["sha256"], str(wanted["sha256"])[:12], wanted["key"]):
        (index,) = ledger.find(str(name))
        shown = ledger.prove(index)
        assert shown.entry.key == "000000017" and shown.holds()
    told = json.loads(json.dumps({**vars(shown), "entry": vars(shown.entry)}))  # as it would travel
    assert Inclusion(**{**told, "entry": Entry(**told["entry"])}).holds()
    assert not replace(shown, entry=replace(shown.entry, license="MIT")).holds()
    assert ledger.find("f" * 64) == ledger.find("nobody") == ledger.find("ab") == []


@pytest.mark.parametrize("damage", ["empty", "cut", "flip", "magic", "bomb", "number", "root", "columns", "json"])
def test_damaged_ledgers_are_refused(tmp_path: Path, damage: str) -> None:
    content = ledger_of(40).to_bytes()
    body = lzma.decompress(content[len(MAGIC[32]) :])
    size = int.from_bytes(body[:8], "big")
    header, hashes = json.loads(body[8 : 8 + size]), body[8 + size :]

    def packed(changed: dict[str, object]) -> bytes:
        text = json.dumps({**header, **changed}).encode()
        return MAGIC[32] + lzma.compress(len(text).to_bytes(8, "big") + text + hashes)

    broken = {
        "empty": lambda: b"",
        "cut": lambda: content[:-20],
        "flip": lambda: content[:300] + bytes([content[300] ^ 1]) + content[301:],
        "magic": lambda: b"REFLET-LEDGER-9\n" + content[len(MAGIC[32]) :],
        "bomb": lambda: MAGIC[32] + lzma.compress(bytes(200_000_000), preset=0),
        "number": lambda: packed({"number": 41}),
        "root": lambda: packed({"root": "00" * 32}),
        "columns": lambda: packed({"columns": {**header["columns"], "license": {"table": ["MIT"], "index": [7] * 40}}}),
        "json": lambda: MAGIC[32] + lzma.compress((5).to_bytes(8, "big") + b"{nope"),
    }[damage]
    (tmp_path / LEDGER).write_bytes(broken())
    with pytest.raises(UserError, match="damaged"):
        Ledger.load(tmp_path)


def test_a_folder_without_a_ledger_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no ledger"):
        Ledger.load(tmp_path)


# ------------------------------------------------------------------------------------------ policy
@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"license": "CC0-1.0"}, None),
        ({"license": "MIT OR GPL-2.0-only", "author": "a"}, None),
        ({"license": "CC-BY-4.0", "author": "a"}, None),
        ({"license": "LicenseRef-Contract", "contract": "c-17"}, None),
        ({"license": ""}, "no licence"),
        ({"license": "WTFPL"}, "not in policy.toml"),
        ({"license": "(MIT AND CC0-1.0)"}, "not in policy.toml"),
        ({"license": "CC-BY-4.0", "author": ""}, "asks for credit"),
        ({"license": "CC-BY-NC-4.0", "author": "a"}, "forbids commercial use"),
        ({"license": "CC-BY-SA-4.0", "author": "a"}, "share-alike"),
        ({"license": "CC-BY-ND-4.0", "author": "a"}, "no derivatives"),
        ({"license": "MIT AND CC-BY-SA-4.0", "author": "a"}, "share-alike"),
        ({"license": "LicenseRef-Contract", "author": "a"}, "contract or consent"),
    ],
)
def test_what_may_train(record: dict[str, str], said: str | None) -> None:
    reason = Policy.load().refusal(record)
    assert reason is None if said is None else reason is not None and said in reason


def test_an_organisations_own_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.toml"
    own.write_text(BUILT_IN.read_text().replace("share_alike = false   #", "share_alike = true    #", 1))
    monkeypatch.setenv("REFLET_POLICY", str(own))
    assert Policy.load().refusal({"license": "CC-BY-SA-4.0", "author": "a"}) is None
    for text, said in (("nonsense = [", "not understood"), ("", "not understood")):
        own.write_text(text)
        with pytest.raises(UserError, match=said):
            Policy.load()
    own.write_text(BUILT_IN.read_text().replace("train = true", 'train = "yes"', 1))
    with pytest.raises(UserError, match="neither true nor false"):
        Policy.load()
    own.unlink()
    with pytest.raises(UserError, match="cannot read the policy"):
        Policy.load()


def test_the_policy_names_spdx_licences_only() -> None:
    from cyclonedx.spdx import is_supported_id  # a list of them that is not ours

    unknown = [n for n in Policy.load().licences if not n.startswith("LicenseRef-") and not is_supported_id(n)]
    assert unknown == []


# ------------------------------------------------------------------------------------------ training
def forbidden_record(number: int) -> Record:
    plain = shape_record(number)
    return replace(plain, license="CC-BY-NC-4.0")


def test_a_set_is_entered_when_it_is_read_for_training(tmp_path: Path, place: Path) -> None:
    write_shard(tmp_path / "one" / "shard.tar", [shape_record(i) for i in range(6)])
    write_shard(tmp_path / "two" / "shard.tar", [shape_record(i) for i in range(4, 9)])
    load_pictures(tmp_path / "one", size=64)
    assert not (tmp_path / LEDGER).exists()  # to look at a set is not to train on it
    load_pictures(tmp_path / "one", size=64, run=tmp_path)
    first = (tmp_path / LEDGER).read_bytes()
    load_pictures(tmp_path / "one", size=64, run=tmp_path)
    assert (tmp_path / LEDGER).read_bytes() == first
    load_pictures(tmp_path / "two", size=64, run=tmp_path)  # a later stage reads another set
    ledger = Ledger.load(tmp_path)
    hashes = {r.sha256 for folder in ("one", "two") for r in read_shard(tmp_path / folder / "shard.tar")}
    assert {e.sha256 for e in ledger.entries} == hashes and len(ledger) == len(hashes) == 9
    assert all(e.license == "CC0-1.0" and e.source == "test shapes" for e in ledger.entries)


def test_training_refuses_what_the_policy_forbids(tmp_path: Path, place: Path) -> None:
    write_shard(tmp_path / "set" / "shard.tar", [shape_record(0), *map(forbidden_record, range(1, 6))])
    with pytest.raises(UserError, match=r"5 records may not train: 000000001 .* forbids commercial use.* 2 more"):
        load_pictures(tmp_path / "set", size=64, run=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_training_refuses_a_picture_that_is_not_the_recorded_one(tmp_path: Path) -> None:
    write_shard(tmp_path / "set" / "shard.tar", [replace(shape_record(0), sha256="00" * 32)])
    with pytest.raises(UserError, match="is damaged"):
        load_pictures(tmp_path / "set", size=64)


def test_a_withdrawn_record_is_refused_from_then_on(place: Path, tmp_path: Path) -> None:
    samples = [sample(i) for i in range(5)]
    refuse_forbidden(samples, Policy.load())
    gone = str(samples[2]["sha256"])
    assert withdraw(gone, reason="the author\nasked") and not withdraw(gone)
    assert "asked" in withdrawn_records()[gone[:32]]
    with pytest.raises(UserError, match=r"000000002 .* was withdrawn"):
        enter(tmp_path / "run", samples)
    assert not (tmp_path / "run").exists()
    withdrawn_file().write_text(withdrawn_file().read_text() + "{torn")
    with pytest.raises(UserError, match="line 2 of"):
        enter(tmp_path / "run", samples[:1])


def test_a_full_disk_leaves_the_old_ledger(place: Path, tmp_path: Path) -> None:
    import os

    enter(tmp_path, [sample(0)])
    before = (tmp_path / LEDGER).read_bytes()
    (tmp_path / f".{LEDGER}.{os.getpid()}.tmp").symlink_to("/dev/full")
    with pytest.raises(UserError, match="cannot write the ledger"):
        enter(tmp_path, [sample(1)])
    assert (tmp_path / LEDGER).read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [LEDGER]
    (place / f".{withdrawn_file().name}.{os.getpid()}.tmp").parent.mkdir(exist_ok=True)
    (place / f".{withdrawn_file().name}.{os.getpid()}.tmp").symlink_to("/dev/full")
    with pytest.raises(UserError, match="not withdrawn yet"):
        withdraw("ab" * 32)
    assert withdrawn_records() == {}


# ------------------------------------------------------------------------------------------ papers
def test_the_papers_are_valid(tmp_path: Path) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    from reflet.data.materials_bom import ModelFacts, machine_learning_bom
    from reflet.data.training_papers import attributions, croissant, training_summary

    ledger = ledger_of(30).joined(
        Ledger.of(
            [
                Entry("ab" * 32, "CC-BY-4.0", "a | museum", "A <b>", "x", "Photo by A | <i>", ""),
                Entry("ac" * 32, "MIT OR CC0-1.0", "shop {name}", "B", "y"),
                Entry("ad" * 32, "LicenseRef-Contract", "agency", "C", "z", "", "c-17"),
            ]
        )
    )
    model = ModelFacts("toy", "cd" * 32, 123, (64,))
    bom = machine_learning_bom(ledger, model)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bom.decode()) is None
    assert bom == machine_learning_bom(ledger, model)
    body = json.loads(bom)
    assert body["metadata"]["component"]["type"] == "machine-learning-model"
    counts = [p["value"] for c in body["components"] for p in c.get("properties", []) if p["name"] == "reflet:records"]
    assert sum(map(int, counts)) == len(ledger)
    assert ledger.root in bom.decode()

    content = ledger.to_bytes()
    (tmp_path / LEDGER).write_bytes(content)
    (tmp_path / "croissant.json").write_bytes(croissant(ledger, model, ledger_file=content))
    script = (
        "import sys, mlcroissant\n"
        "data = mlcroissant.Dataset(sys.argv[1])\n"
        "assert not data.metadata.ctx.issues.errors, data.metadata.ctx.issues.report()\n"
        "print(sum(row['groups/records'] for row in data.records('groups')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "croissant.json")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) == len(ledger)

    credits = attributions(ledger).decode()
    assert "Photo by A" in credits and "<i>" not in credits and "agency" not in credits
    assert "B, shop {name} (MIT OR CC0-1.0)" in credits
    summary = training_summary(ledger, model).decode()
    for heading in ("1. General information", "2.1 Publicly", "2.2 Private", "2.3 Data crawled", "2.4 User", "2.5 Syn"):
        assert heading in summary
    assert "30 rendered, 3 from other sources" in summary and "c-17" not in summary
    assert "None is needed" in attributions(ledger_of(3)).decode()
