"""The papers of a bundle, from the ledger of its run: bill of materials, data set, credits, public summary."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

from safetensors.torch import save

from reflet.data.ledger import LEDGER, Ledger
from reflet.generate.bundle import Bundle, quantize
from reflet.runtime.errors import UserError

BOM, CROISSANT, CREDITS, SUMMARY = "bom.json", "croissant.json", "attributions.md", "training-summary.md"
MATERIALS = "materials.json"
START = "start"  # the folder in a run that keeps the bundle it began from


def ledger_files(run: Path, bundle: Bundle) -> dict[str, bytes]:
    """Name -> content of the files that join the bundle; none for a run without a ledger, which is said.

    Raises UserError when the ledger is damaged, or the extra `train` is not installed.
    """
    if not (run / LEDGER).exists():
        sys.stderr.write(
            f"reflet: {run} has no ledger, so the bundle will carry none: run `reflet ledger enter {run} DATA` first\n"
        )
        return {}
    ledger = Ledger.load(run)
    if (run / START).is_dir():
        ledger = _with_start(ledger, run / START)
    try:
        from reflet.data.materials_bom import ModelFacts, machine_learning_bom
        from reflet.data.training_papers import attributions, croissant, training_summary
    except ModuleNotFoundError as error:
        raise UserError(
            "the bill of materials needs the extra 'train': install it with pip install 'reflet[train]'"
        ) from error
    modules = bundle.modules()
    model = ModelFacts(
        name=bundle.config.name,
        weights_sha256=weights_sha256(bundle),
        num_parameters=sum(p.numel() for p in modules.parameters()),
        sizes=bundle.config.sizes,
    )
    content = ledger.to_bytes()
    return {
        LEDGER: content,
        BOM: machine_learning_bom(ledger, model),
        CROISSANT: croissant(ledger, model, ledger_file=content),
        CREDITS: attributions(ledger),
        SUMMARY: training_summary(ledger, model),
    }


def _with_start(ledger: Ledger, start: Path) -> Ledger:
    """With the records of the bundle that the run began from. One without a ledger, whose set was not entered by
    `reflet ledger enter` either, is named, so that it shows."""
    digest = hashlib.sha256((start / "manifest.json").read_bytes()).hexdigest()
    own = (start / LEDGER).exists()
    materials = json.loads((start / MATERIALS).read_text()) if (start / MATERIALS).exists() else {}
    listed = own or materials.get("pictures_sha256") in ledger.facts.get("sets", [])
    facts = {**ledger.facts, "start": {"bundle_sha256": digest, "records_listed": listed}}
    return replace(ledger.joined(Ledger.load(start)) if own else ledger, facts=facts)


def weights_sha256(bundle: Bundle) -> str:
    """SHA-256 of the weights.safetensors that save_bundle will write."""
    tensors = {k: v.detach().cpu().contiguous().clone() for k, v in quantize(bundle.modules().state_dict()).items()}
    return hashlib.sha256(save(tensors)).hexdigest()
