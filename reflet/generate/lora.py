"""A file of adapters beside a bundle: safetensors, with the hash of the one bundle that it fits in its header."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from reflet.generate.bundle import Bundle
from reflet.models.lora import LoraConfig, merge
from reflet.runtime.config import from_json, to_json
from reflet.runtime.errors import UserError
from reflet.runtime.files import write_atomically

FORMAT, KEY = "reflet-lora-1", "reflet"


def save_lora(
    path: Path, tensors: dict[str, Tensor], config: LoraConfig, *, base: Bundle, facts: dict[str, Any]
) -> None:
    """Writes adapters in bfloat16. `facts` (JSON-able) say what they were trained on."""
    header = {
        "format": FORMAT,
        "base": base.config.name,
        "base_sha256": base.digest,
        "lora": to_json(config),
        **facts,
    }
    content = save({k: v.detach().cpu().to(torch.bfloat16) for k, v in tensors.items()}, {KEY: json.dumps(header)})
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, lambda f: f.write(content))


def apply_lora(bundle: Bundle, path: Path) -> Bundle:
    """The bundle with the adapters of a file in its flow's matrices; its name and hash tell of both.

    Raises UserError for a file that is missing, damaged, none of ours, or made for another bundle.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get(KEY, "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        content = path.read_bytes()
    except (OSError, SafetensorError, ValueError) as error:
        raise UserError(f"{path} cannot be read as adapters ({error}): give a file of `reflet train lora`") from error
    if header.get("format") != FORMAT:
        raise UserError(f"{path} holds no adapters of Reflet's: give a file of `reflet train lora`")
    if header["base_sha256"] != bundle.digest:
        raise UserError(
            f"{path} was trained for the bundle {header['base']} {header['base_sha256'][:12]}, this one is "
            f"{bundle.config.name} {bundle.digest[:12]}: use that bundle, or train adapters for this one"
        )
    try:
        merge(bundle.flow, tensors, from_json(LoraConfig, header["lora"]))
    except ValueError as error:
        raise UserError(f"the adapters in {path} do not fit ({error}): train them again") from error
    config = replace(bundle.config, name=f"{bundle.config.name}+{path.stem}")
    digest = hashlib.sha256(bundle.digest.encode() + content).hexdigest()
    return replace(bundle, config=config, digest=digest)
