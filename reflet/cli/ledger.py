"""`reflet ledger`."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from reflet.data.ledger import LEDGER, Inclusion, Ledger, enter, set_digest
from reflet.data.marks import MarkedKeys
from reflet.data.pictures import SHARD_CACHE
from reflet.data.policy import Policy
from reflet.data.shards import list_shards, read_shard
from reflet.data.withdrawn import DIGITS, known_as, withdraw, withdrawn_file, withdrawn_records
from reflet.generate.places import bundle_places, find_bundle
from reflet.generate.verify import verify_file
from reflet.generate.watermark import hashed
from reflet.runtime.checkpoint import MANIFEST, verify_folder
from reflet.runtime.errors import UserError

PICTURES = ("*.png", "*.jpg", "*.jpeg", "*.webp")


def ledger(
    action: Annotated[Literal["why", "withdraw", "verify", "enter"], tyro.conf.Positional],
    names: Annotated[tuple[str, ...], tyro.conf.Positional] = (),
    *,
    reason: str = "",
    pictures: Path | None = None,
    json: bool = False,
) -> None:
    """Ask what a bundle was trained on and with what right; withdraw a record.

    `why BUNDLE RECORD` tells whether a record is among a bundle's training records, with what right, and proves it.
    `withdraw RECORD` has it refused from now on, and tells which bundles (and PICTURES) were made with it.
    `verify BUNDLE` checks that the ledger is whole, and every record against today's policy and withdrawals.
    `enter RUN DATA` lists a set in the ledger of a run that was trained before there were ledgers.

    A RECORD is a picture file, its SHA-256 (eight hex digits or more), or its key in the set.

    Args:
        action: why, withdraw, verify or enter.
        names: What the action is about, as above.
        reason: Why a record is withdrawn; kept in the list.
        pictures: A folder of generated pictures to look through (for withdraw).
        json: Print JSON instead of words (for why).
    """
    wanted = {"why": 2, "withdraw": 1, "verify": 1, "enter": 2}[action]
    if len(names) != wanted:
        told = {"why": "BUNDLE RECORD", "withdraw": "RECORD", "verify": "BUNDLE", "enter": "RUN DATA"}[action]
        raise UserError(f"`reflet ledger {action}` takes {told}: {len(names)} names were given")
    if action == "why":
        _why(names[0], names[1], as_json=json)
    elif action == "withdraw":
        _withdraw(names[0], reason=reason, pictures=pictures)
    elif action == "verify":
        _verify(find_bundle(names[0]))
    else:
        _enter(Path(names[0]), Path(names[1]))


def _digest_of(record: str) -> str:
    """A file's SHA-256; anything that is no file stays as it is."""
    path = Path(record)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else record


def _why(name: str, record: str, *, as_json: bool) -> None:
    path = find_bundle(name)
    verify_folder(path)
    found = Ledger.load(path)
    proofs = [found.prove(number) for number in found.find(_digest_of(record))]
    if as_json:
        rows = [{**asdict(p), "holds": p.holds()} for p in proofs]
        sys.stdout.write(json.dumps({"bundle": str(path), "root": found.root, "records": rows}) + "\n")
        return
    if not proofs:
        sys.stdout.write(f"{record} is not among the {len(found)} training records of {path.name}.\n")
    gone = withdrawn_records()
    for proof in proofs:
        sys.stdout.write("\n".join(_told(proof, path.name)) + "\n")
        if known_as(proof.entry.sha256) in gone:
            sys.stdout.write(f"  withdrawn {gone[known_as(proof.entry.sha256)]}: training refuses it from then on.\n")


def _told(proof: Inclusion, bundle: str) -> list[str]:
    """One record in words."""
    entry = proof.entry
    held = "holds" if proof.holds() else "DOES NOT HOLD"
    more = (("credit", entry.attribution), ("contract", entry.contract), ("parts", entry.credits))
    policy = Policy.load()
    refusal = policy.refusal({**vars(entry), "attributions": entry.credits})
    return [
        f"{entry.sha256} is a training record of {bundle}.",
        f"  right: {f'REFUSED by the policy of today: {refusal}' if refusal else policy.reason(vars(entry))}.",
        f"  source: {entry.source}; author: {entry.author or 'not named'}; key: {entry.key}",
        *(f"  {label}: {value}" for label, value in more if value),
        f"  proof: entry {proof.index} of {proof.number}, {len(proof.path)} hashes up to {proof.root}: {held}",
    ]


def _known_ledgers() -> dict[Path, Ledger]:
    """Every bundle with a ledger, in the places where bundles lie."""
    found: dict[Path, Ledger] = {}
    for folder in sorted({p.parent.resolve() for place in bundle_places() for p in place.glob(f"*/{LEDGER}")}):
        try:
            found[folder] = Ledger.load(folder)
        except UserError as error:  # what can be withdrawn must not wait for what is damaged
            sys.stderr.write(f"reflet: not looked into: {error}\n")
    return found


def _withdraw(record: str, *, reason: str, pictures: Path | None) -> None:
    text, ledgers = _digest_of(record).lower(), _known_ledgers()
    whole = len(text) == 64 and all(c in "0123456789abcdef" for c in text)
    digests = {text} if whole else {found.entries[i].sha256 for found in ledgers.values() for i in found.find(record)}
    digests -= {known_as(d) for d in digests if len(d) > DIGITS}  # one record, whole in one ledger, short in another
    if not digests:
        raise UserError(f"no bundle here knows the record {record!r}: give the picture's file or its whole SHA-256")
    if len(digests) > 1:
        raise UserError(f"{record!r} may be {len(digests)} records: give more of its SHA-256")
    digest = digests.pop()
    fresh = withdraw(digest, reason=reason)
    sys.stdout.write(
        f"{digest} is {'withdrawn' if fresh else 'withdrawn already'} ({withdrawn_file()}); training refuses it.\n"
    )
    touched = [folder for folder, found in ledgers.items() if found.find(digest)]
    if not touched:
        sys.stdout.write("No bundle here was trained on it.\n")
        return
    for folder in touched:
        sys.stdout.write(
            f"Trained on it: {folder}. Its weights do not forget; to be rid of it, train again without it.\n"
        )
    if pictures is None:
        sys.stdout.write("Every picture these bundles made is touched; --pictures FOLDER lists those in a folder.\n")
        return
    marks = {hashed(hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()): folder.name for folder in touched}
    for file in sorted(f for pattern in PICTURES for f in pictures.rglob(pattern)):
        name = marks.get(_bundle_of(file) or "")
        if name:
            sys.stdout.write(f"touched: {file} ({name})\n")


def _bundle_of(file: Path) -> str | None:
    """The first six hex digits of the bundle that a picture names, in its manifest or its mark."""
    try:
        verdict = verify_file(file, thorough=False)
    except UserError as error:
        sys.stderr.write(f"reflet: not examined: {error}\n")
        return None
    if verdict.bundle_sha256:
        return hashed(verdict.bundle_sha256)
    return verdict.watermark.bundle if verdict.watermark else None


def _verify(path: Path) -> None:
    verify_folder(path)
    found = Ledger.load(path)
    wrong: list[str] = []
    bom = path / "bom.json"
    if not bom.exists() or found.root not in bom.read_text(encoding="utf-8"):
        wrong.append("its bill of materials names another Merkle root")
    bare = sum(not (e.license and e.source) for e in found.entries)
    if bare:
        wrong.append(f"{bare} records have no licence or no source")
    policy, gone = Policy.load(), withdrawn_records()
    refused = [e for e in found.entries if policy.refusal({**vars(e), "attributions": e.credits})]
    if refused:
        wrong.append(f"{len(refused)} records are not allowed by the policy, the first {refused[0].sha256[:12]}")
    withdrawn = [e for e in found.entries if known_as(e.sha256) in gone]
    if withdrawn:
        wrong.append(f"{len(withdrawn)} records were withdrawn since, the first {withdrawn[0].sha256[:12]}")
    if wrong:
        raise UserError(f"{path}: {'; '.join(wrong)}: train again without them, or find out what happened")
    licences = ", ".join(f"{name} {number}" for name, number in found.count("license").items())
    sys.stdout.write(f"{path}: whole. {len(found)} records, all with licence and source ({licences}).\n")
    sys.stdout.write(f"Merkle root {found.root}, in the bill of materials too. Nothing withdrawn, nothing refused.\n")
    start = found.facts.get("start")
    if start and not start["records_listed"]:
        sys.stdout.write(f"Not listed: the records of the bundle it began from ({start['bundle_sha256']}).\n")


def _enter(run: Path, data: Path) -> None:
    if not (run / "recipe.json").exists():
        raise UserError(f"{run} holds no recipe.json: it is not a run of `reflet train`")
    samples, marked = [], MarkedKeys(data)
    for shard in list_shards(data):
        passed = marked.of(shard.relative_to(data).as_posix())
        samples += [s for s in _samples(shard) if s["key"] not in passed]
    _check_is_that_set(run, samples)
    entered = enter(run, samples)
    sys.stdout.write(f"{run / LEDGER}: {len(entered)} records, Merkle root {entered.root}\n")


def _check_is_that_set(run: Path, samples: list[dict[str, Any]]) -> None:
    """Raises UserError when the run recorded the hash of its set, and this is another."""
    path = run / "materials.json"
    if not path.exists():
        return
    # Those of the run's own sets, and of the bundle it began from, wherever they stand in the file.
    known = re.findall(r'"pictures_sha256": "([0-9a-f]{64})"', path.read_text())
    if set_digest(samples) not in known:
        raise UserError(f"{run} was trained on another set than this ({path} has its hash): name the set it read")


def _samples(shard: Path) -> list[dict[str, Any]]:
    """A shard's records as training saw them; from what training kept, else from the shard."""
    kept = shard.parent / SHARD_CACHE / f"{shard.stem}.json"
    if kept.exists() and kept.stat().st_mtime >= shard.stat().st_mtime:
        return json.loads(kept.read_text())
    bodies = [(r.key, json.loads(r.describe())) for r in read_shard(shard, annotations=False)]
    return [{"key": key, **{k: v for k, v in body.items() if k != "meta"}, **body["meta"]} for key, body in bodies]
