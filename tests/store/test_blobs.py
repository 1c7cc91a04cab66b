"""Pictures in a bucket, through s3fs, as an operator names it, and in a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reflet.store.blobs import Blobs
from tests.store.bucket import bucket_server


@pytest.mark.filterwarnings("default")  # of s3fs and what it brings
def test_a_bucket_keeps_finds_and_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("s3fs", reason="the extra reflet[s3] is not installed")
    with bucket_server() as (address, objects):
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "reflet")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        blobs = Blobs("s3://pictures/of/anna")
        names = [blobs.put(content) for content in (b"one", b"", bytes(300_000))]
        assert {objects[f"pictures/of/anna/{n[:2]}/{n}"] for n in names} == {b"one", b"", bytes(300_000)}
        assert blobs.get(names[0]) == b"one" and blobs.get(names[2]) == bytes(300_000)
        assert sorted(blobs.names(older_than=60)) == sorted(names)
        blobs.delete(names[0])
        blobs.delete(names[0])
        with pytest.raises(FileNotFoundError):
            blobs.get(names[0])
        assert sorted(blobs.names(older_than=60)) == sorted(names[1:])


def test_folders_that_were_cleared_away_come_back(tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path / "blobs"))
    for _ in range(2):
        names = [blobs.put(b"x") for _ in range(600)]  # nearly all of the 256 folders
        assert all(blobs.get(name) == b"x" for name in names)
        for folder in (tmp_path / "blobs").iterdir():
            shutil.rmtree(folder)
