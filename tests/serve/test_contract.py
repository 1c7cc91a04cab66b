"""The interface and its documents: what is promised is kept, and what is there is written down."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from reflet.serve.app import create_app
from reflet.serve.schemas import EditRequest, GenerationRequest
from tests.serve.conftest import Live

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
import contract  # noqa: E402


def test_every_route_and_field_is_documented(shared: Live) -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    for path, operations in create_app(shared.service).openapi()["paths"].items():
        for method in operations:
            assert f"{method.upper()} {path}" in text, f"{method} {path}"
    for name in {*GenerationRequest.model_fields, *EditRequest.model_fields} - {"images", "input_fidelity"}:
        assert f"`{name}`" in text, name


def test_the_examples_of_the_document_run(shared: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    [example] = re.findall(r"```python\n(.*?)```", text, flags=re.S)
    printed: list[str] = []
    names = {"print": lambda *values: printed.extend(map(str, values))}
    exec(example.replace("http://127.0.0.1:8000", shared.url) + "client.close()\n", names)
    assert printed[0] and int(printed[1]) > 0 and "joules" in printed[2]


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    """A few cases a route; bench/contract.py asks thousands."""
    found = contract.contract(tmp_path, examples=3, seed=3)
    assert found["exit_code"] == 0, found["report"]
    assert int(str(found["cases"])) > 40
