"""Tensors on disk: safetensors with a manifest of SHA-256 sums. No pickles, nothing half-written."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_bytes
from safetensors.torch import save as save_bytes

from reflet.runtime.errors import UserError

MANIFEST = "manifest.json"


def save_folder(path: Path, *, tensors: dict[str, dict[str, torch.Tensor]], files: dict[str, bytes]) -> None:
    """Writes `path` as a folder: `<name>.safetensors` for each tensor set, the files, and the manifest.

    The folder appears whole: it is written beside and renamed, replacing what was there. Raises UserError when the
    disk is full, and then nothing has changed.
    """
    content = {f"{name}.safetensors": save_bytes(_contiguous(group)) for name, group in tensors.items()} | files
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    content[MANIFEST] = json.dumps({"sha256": sums}, indent=1).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir()
        for name, data in content.items():
            with open(fresh / name, "wb") as handle:
                handle.write(data)
                handle.flush()
                os.fsync(handle.fileno())
        old = path.with_name(f".{path.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if path.exists():
            path.rename(old)
        fresh.rename(path)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise UserError(f"the disk is full while writing {path}: free some space and run again") from error
        raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _contiguous(group: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {k: v.detach().cpu().contiguous().clone() for k, v in group.items()}


def verify_folder(path: Path) -> dict[str, str]:
    """Checks every file against the manifest and returns the sums.

    Raises UserError that names the first file which is missing or differs from what was written.
    """
    manifest = path / MANIFEST
    if not manifest.exists():
        raise UserError(f"{path} has no {MANIFEST}: it is not a complete bundle or checkpoint; copy or build it again")
    try:
        sums = cast("dict[str, str]", json.loads(manifest.read_text())["sha256"])
    except (ValueError, KeyError) as error:
        raise UserError(f"{manifest} is damaged: copy or build the folder again") from error
    for name, expected in sums.items():
        file = path / name
        if not file.exists():
            raise UserError(f"{file} is missing though the manifest lists it: copy or build the folder again")
        if hashlib.sha256(file.read_bytes()).hexdigest() != expected:
            raise UserError(f"{file} is damaged (its SHA-256 is not the manifest's): copy or build the folder again")
    return sums


def load_tensors(path: Path, name: str) -> dict[str, torch.Tensor]:
    """The tensors saved under `name`. Call verify_folder first; raises UserError for an unreadable file."""
    try:
        return load_bytes((path / f"{name}.safetensors").read_bytes())
    except FileNotFoundError as error:
        raise UserError(f"{path} holds no {name}.safetensors: it is another kind of bundle or checkpoint") from error
    except SafetensorError as error:
        raise UserError(f"{path / name}.safetensors is unreadable ({error}): copy or build it again") from error


def load_json(path: Path, name: str) -> dict[str, Any]:
    """A JSON file of the folder."""
    return cast("dict[str, Any]", json.loads((path / name).read_text()))
