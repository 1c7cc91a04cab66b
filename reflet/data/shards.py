"""Shards: WebDataset tars, one sample = consecutive members that share a key. Written whole or not at all."""

from __future__ import annotations

import errno
import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from reflet.data.record import Record
from reflet.runtime.errors import UserError

IMAGE_ENDINGS = ("jpg", "jpeg", "png", "webp")
SOUND_ENDINGS = ("flac",)  # of speech, where a sound stands in the picture's place
SAMPLE_ENDINGS = (*IMAGE_ENDINGS, *SOUND_ENDINGS)


def write_shard(path: Path, records: Iterable[Record]) -> int:
    """Writes records to `path` through a temporary file beside it, so a shard that exists is complete.

    Members carry no time and no owner: the same records give the same bytes. Returns the number written. Raises
    UserError when the disk is full; the temporary file is removed whatever happens.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    count = 0
    try:
        with open(temporary, "wb") as raw, tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for record in records:
                _add(tar, f"{record.key}.{record.image_ending}", record.image)
                for ending, content in record.annotations.items():
                    _add(tar, f"{record.key}.{ending}", content)
                _add(tar, f"{record.key}.json", record.describe())
                count += 1
            tar.close()
            raw.flush()
            os.fsync(raw.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise UserError(f"the disk is full while writing {path}: free some space and run again") from error
        raise
    finally:
        temporary.unlink(missing_ok=True)
    return count


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


def read_shard(path: Path, *, annotations: bool = True) -> Iterator[Record]:
    """The records of one shard, in order. Raises UserError, naming the file, when the archive is broken."""
    try:
        with tarfile.open(path, "r:") as tar:
            key, members = "", {}
            for info in tar:
                stem, _, ending = info.name.partition(".")
                if stem != key and members:
                    yield _record(path, key, members)
                    members = {}
                key = stem
                if annotations or ending in SAMPLE_ENDINGS or ending == "json":
                    handle = tar.extractfile(info)
                    members[ending] = handle.read() if handle else b""
            if members:
                yield _record(path, key, members)
    except (tarfile.TarError, EOFError) as error:
        raise UserError(f"{path} is not a readable shard ({error}): delete it and make it again") from error


def _record(path: Path, key: str, members: dict[str, bytes]) -> Record:
    ending = next((e for e in members if e in SAMPLE_ENDINGS), None)
    if ending is None or "json" not in members:
        raise UserError(
            f"{path}: sample {key!r} lacks its picture or sound, or its JSON; delete the shard and make it again"
        )
    body = json.loads(members.pop("json"))
    image = members.pop(ending)
    return Record(
        key=key,
        image=image,
        image_ending=ending,
        captions=tuple(body["captions"]),
        source=body["source"],
        license=body["license"],
        author=body["author"],
        sha256=body["sha256"],
        meta=body["meta"],
        annotations=members,
        attribution=body.get("attribution", ""),
        contract=body.get("contract", ""),
        date=body.get("date", ""),
        languages={tag: tuple(texts) for tag, texts in body.get("languages", {}).items()},
    )


def list_shards(folder: Path) -> list[Path]:
    """The complete shards under a folder, its sub-folders (several sets) included, in order of their paths.

    Raises UserError when there is none.
    """
    found = sorted(p for p in folder.rglob("*.tar") if not p.name.startswith("."))
    if not found:
        raise UserError(f"no shards (*.tar) in {folder}: make some with `reflet render --out {folder}`")
    return found
