"""What measures: the reader, the metric encoder and their calibration, in one folder that is checked when it is read.

reader.safetensors, encoder.safetensors   weights as int8 with row scales, like a bundle's
reference.safetensors   features of real pictures (N, F), and of real pictures of each check prompt (P, K, F), bfloat16
instruments.json        configs; ceilings, floors; how well the reader reads
manifest.json           SHA-256 of every file
card.md                 what it was trained on, and how well it reads
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from reflet.evaluate.estimates import Counted
from reflet.evaluate.features import MetricEncoder, MetricEncoderConfig
from reflet.evaluate.reader import Reader, ReaderConfig
from reflet.generate.bundle import dequantize, quantize
from reflet.generate.places import find_bundle
from reflet.runtime.checkpoint import load_json, load_tensors, save_folder, verify_folder
from reflet.runtime.config import from_json, to_json
from reflet.runtime.errors import UserError

INSTRUMENTS = "reflet-instruments"
DESCRIPTION = "instruments.json"


@dataclass
class Calibration:
    """What was measured of real renders with these instruments.

    `skills`: skill -> (ceiling, floor); `prompts_digest`: of the check prompts they belong to; `reader`: accuracies on
    held-out renders; `confusions`: {what is read: {true: {read: count}}}; `consistency`: shares of real pictures that
    pass the classical measurements; `spectra`: material -> mean log spectrum.
    """

    prompts_digest: str = ""
    skills: dict[str, tuple[Counted, Counted]] = field(default_factory=dict)
    reader: dict[str, float] = field(default_factory=dict)
    confusions: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    consistency: dict[str, float] = field(default_factory=dict)
    spectra: dict[str, list[float]] = field(default_factory=dict)


@dataclass
class Instruments:
    """Networks in eval mode. `real` (N, F): features of held-out renders; `real_prompts` (P, K, F): of renders of each
    check prompt. Both float32."""

    reader: Reader
    encoder: MetricEncoder
    calibration: Calibration
    real: Tensor
    real_prompts: Tensor
    digest: str = ""


def save_instruments(path: Path, instruments: Instruments, *, card: str) -> None:
    """Writes the folder; it appears whole."""
    calibration = asdict(instruments.calibration)
    calibration["skills"] = {k: [asdict(c) for c in v] for k, v in instruments.calibration.skills.items()}
    described = {
        "reader": to_json(instruments.reader.config),
        "encoder": to_json(instruments.encoder.config),
        "calibration": calibration,
    }
    save_folder(
        path,
        tensors={
            "reader": quantize(instruments.reader.state_dict()),
            "encoder": quantize(instruments.encoder.state_dict()),
            "reference": {
                "real": instruments.real.bfloat16(),
                "real_prompts": instruments.real_prompts.bfloat16(),
            },
        },
        files={DESCRIPTION: json.dumps(described, ensure_ascii=False).encode(), "card.md": card.encode()},
    )


def load_instruments(name: str = INSTRUMENTS) -> Instruments:
    """The instruments of that name or folder, verified. Raises UserError for missing or damaged ones."""
    path = find_bundle(name)
    sums = verify_folder(path)
    if DESCRIPTION not in sums:
        raise UserError(f"{path} holds no {DESCRIPTION}: it is another kind of bundle")
    described = load_json(path, DESCRIPTION)
    reader = Reader(from_json(ReaderConfig, described["reader"]))
    encoder = MetricEncoder(from_json(MetricEncoderConfig, described["encoder"]))
    reader.load_state_dict(dequantize(load_tensors(path, "reader")))
    encoder.load_state_dict(dequantize(load_tensors(path, "encoder")))
    reference = load_tensors(path, "reference")
    return Instruments(
        reader=reader.eval(),
        encoder=encoder.eval(),
        calibration=_calibration(described["calibration"]),
        real=reference["real"].float(),
        real_prompts=reference["real_prompts"].float(),
        digest=encoder.digest(),
    )


def _calibration(found: dict[str, Any]) -> Calibration:
    skills = {k: (Counted(**v[0]), Counted(**v[1])) for k, v in found["skills"].items()}
    return Calibration(**{**found, "skills": skills})


def on_device(instruments: Instruments, device: torch.device) -> Instruments:
    """The same, with the networks moved."""
    instruments.reader.to(device)
    instruments.encoder.to(device)
    return instruments
