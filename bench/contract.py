"""Thousands of requests made from the OpenAPI document, with a key: no 5xx, no answer that breaks it.

`python bench/contract.py` (needs schemathesis)
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from json import dumps
from pathlib import Path

import tyro

from reflet.serve.service import open_database
from reflet.serve.settings import ServeSettings
from reflet.store.keys import SCOPES, KeyStore

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def contract(folder: Path, *, examples: int, seed: int) -> dict[str, object]:
    """Starts a service whose device costs nothing and has schemathesis ask it `examples` times a route."""
    database = open_database(ServeSettings(data=folder))
    _, secret = KeyStore(database).create(
        "contract", scopes=SCOPES, limits={"requests_per_minute": 1e9, "concurrency": 1e6}
    )
    database.close()
    script = "from reflet.cli.main import main; main()"
    options = ["serve", "--model", "stand-in", "--data", str(folder), "--port", "0", "--log-level", "error"]
    server = subprocess.Popen([sys.executable, "-c", script, *options], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        url = server.stdout.readline().split(" at ")[-1].strip().removesuffix("/v1")
        command = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/openapi.json"]
        command += ["--header", f"Authorization: Bearer {secret}", "--checks", CHECKS, "--phases", "fuzzing"]
        command += ["--wait-for-schema", "60", "--request-timeout", "60"]
        command += ["--max-examples", str(examples), "--seed", str(seed), "--no-color", "--continue-on-failure"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    finally:
        server.terminate()
        server.wait(60)
        server.stdout.close()
    found = re.search(r"(\d+) generated(?:, (\d+) found)?", done.stdout)
    return {"exit_code": done.returncode, "cases": int(found[1]) if found else 0, "report": done.stdout[-6000:]}


def main(*, examples: int = 250, seed: int = 1, json: bool = False) -> None:
    """Ask every route many times with what its schema allows, and with what it does not.

    Args:
        examples: Cases for each route.
        seed: Of the cases.
        json: Print the JSON line alone.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = contract(Path(folder), examples=examples, seed=seed)
    if not json:
        print(result["report"])
    print(dumps({k: v for k, v in result.items() if k != "report"}))


if __name__ == "__main__":
    tyro.cli(main)
