"""Thousands of requests made from the OpenAPI document: no 5xx, no answer that breaks it.

Nobody needs a key here, or the asker would soon have taken its own away (it finds it in the list and changes it). For
the like reason it pauses the queue only in a second run, when everything else was asked.

`python bench/contract.py` (needs schemathesis)
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from json import dumps
from pathlib import Path
from typing import Any

import tyro

PAUSES = "PATCH /v1/(admin/)?queue"
FIRST, THEN = ["--exclude-name-regex", PAUSES], ["--include-name-regex", PAUSES]
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def contract(folder: Path, *, examples: int, seed: int) -> dict[str, object]:
    """Starts a service whose device costs nothing and has schemathesis ask it `examples` times a route."""
    script = "from reflet.cli.main import main; main()"
    options = ["serve", "--model", "stand-in", "--data", str(folder), "--port", "0", "--log-level", "error"]
    options += ["--requests-per-minute", "1e9", "--concurrency", "1000000", "--max-queue", "1000000"]
    server = subprocess.Popen([sys.executable, "-c", script, *options], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        url = server.stdout.readline().split(" at ")[-1].strip().removesuffix("/v1")
        runs = [_ask(url, folder, options, examples=examples, seed=seed) for options in (FIRST, THEN)]
    finally:
        server.terminate()
        server.wait(60)
        server.stdout.close()
    return {
        "exit_code": max(int(run["exit_code"]) for run in runs),
        "cases": sum(int(run["cases"]) for run in runs),
        "report": "".join(str(run["report"]) for run in runs),
    }


def _ask(url: str, folder: Path, options: list[str], *, examples: int, seed: int) -> dict[str, Any]:
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/openapi.json", *options]
    command += ["--checks", CHECKS, "--phases", "fuzzing", "--wait-for-schema", "60", "--request-timeout", "60"]
    command += ["--max-examples", str(examples), "--seed", str(seed), "--no-color", "--continue-on-failure"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
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
