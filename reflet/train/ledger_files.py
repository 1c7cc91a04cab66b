"""The papers of a bundle, from the ledger of its run: bill of materials, data set, credits, public summary."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from safetensors.torch import save
from torch import Tensor

from reflet.data.ledger import LEDGER, Ledger
from reflet.generate.bundle import Bundle, quantize
from reflet.runtime.errors import UserError

if TYPE_CHECKING:
    from reflet.data.materials_bom import ModelFacts

BOM, CROISSANT, CREDITS, SUMMARY = "bom.json", "croissant.json", "attributions.md", "training-summary.md"
MATERIALS = "materials.json"
START = "start"  # the folder in a run that keeps the bundle it began from


def ledger_files(run: Path, bundle: Bundle) -> dict[str, bytes]:
    """Name -> content of the files that join the bundle; none for a run without a ledger, which is said.

    Raises UserError when the ledger is damaged, or the extra `train` is not installed.
    """
    if not _has_ledger(run):
        return {}
    modules = bundle.modules()
    return papers_of(
        run,
        _bom().ModelFacts(
            name=bundle.config.name,
            weights_sha256=weights_sha256(bundle),
            num_parameters=sum(p.numel() for p in modules.parameters()),
            sizes=bundle.config.sizes,
        ),
    )


def papers_of(run: Path, model: ModelFacts) -> dict[str, bytes]:
    """The same for any model that was trained in `run`."""
    if not _has_ledger(run):
        return {}
    ledger = Ledger.load(run)
    if (run / START).is_dir():
        ledger = _with_start(ledger, run / START)
    ledger = ledger.shortened()
    papers = import_module("reflet.data.training_papers")
    content = ledger.to_bytes()
    return {
        LEDGER: content,
        BOM: _bom().machine_learning_bom(ledger, model),
        CROISSANT: papers.croissant(ledger, model, ledger_file=content),
        CREDITS: papers.attributions(ledger, unit=model.words.unit),
        SUMMARY: papers.training_summary(ledger, model),
    }


def _has_ledger(run: Path) -> bool:
    if (run / LEDGER).exists():
        return True
    sys.stderr.write(
        f"reflet: {run} has no ledger, so the bundle will carry none: run `reflet ledger enter {run} DATA` first\n"
    )
    return False


def _bom() -> ModuleType:
    try:
        return import_module("reflet.data.materials_bom")
    except ModuleNotFoundError as error:
        raise UserError(
            "the bill of materials needs the extra 'train': install it with pip install 'reflet[train]'"
        ) from error


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
    return tensors_sha256(quantize(bundle.modules().state_dict()))


def tensors_sha256(tensors: dict[str, Tensor]) -> str:
    """SHA-256 of the file of these tensors, as runtime.checkpoint writes it."""
    return hashlib.sha256(save({k: v.detach().cpu().contiguous().clone() for k, v in tensors.items()})).hexdigest()
