"""A file of orders, one picture or more a line: CSV with a header, or JSON lines. No torch."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from reflet.generate.request import MAX_PICTURES
from reflet.runtime.errors import UserError


@dataclass(frozen=True)
class Order:
    """What one line asks for; what it leaves out is the command's, or the bundle's. `name` is the file's, without
    its ending."""

    prompt: str
    negative: str = ""
    n: int = 1
    seed: int | None = None
    size: int | None = None
    aspect: str | None = None
    steps: int | None = None
    guidance: float | None = None
    name: str = ""

    def identity(self, *parts: str) -> str:
        """Names the order and all else (`parts`) that its pictures depend on."""
        said = {name: value for name, value in asdict(self).items() if (name, value) != ("aspect", None)}
        text = json.dumps([said, *parts], sort_keys=True)  # without an aspect as before there were any
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Line:
    """A line of the file, counted from 1: an order, or what is wrong with it."""

    number: int
    order: Order | None = None
    wrong: str = ""


NAMES = {f.name for f in fields(Order)}
WHOLE = ("n", "seed", "size", "steps")


def read_orders(path: Path) -> Iterator[Line]:
    """The lines of a file, empty ones left out. A line that cannot be read is told, and the rest goes on. Raises
    UserError when the file itself cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}): give a CSV or JSONL file in UTF-8") from error
    rows = _table(text) if path.suffix.lower() == ".csv" else _lines(text)
    for number, row in rows:
        try:
            yield Line(number, order_of(row))
        except ValueError as error:
            yield Line(number, wrong=str(error))


def _lines(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, None


def _table(text: str) -> Iterator[tuple[int, Any]]:
    reader = csv.DictReader(text.splitlines(keepends=True))
    if "prompt" not in (reader.fieldnames or ()):
        raise UserError("the table has no column `prompt`: write one in its first line")
    for row in reader:
        given = {k: v for k, v in row.items() if v not in (None, "")}
        if given:
            yield reader.line_num, given


def order_of(row: Any) -> Order:
    """An order from a line's fields. Raises ValueError that says what is wrong."""
    if not isinstance(row, dict):
        raise ValueError("it is no JSON object")
    unknown = sorted(str(name) for name in set(row) - NAMES)
    if unknown:
        raise ValueError(f"there is no field {unknown[0]!r}: choose among {', '.join(f.name for f in fields(Order))}")
    values: dict[str, Any] = {}
    for name, value in row.items():
        try:
            values[name] = _value(name, value)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(
                f"{name} is {value!r}: that is no {'whole number' if name in WHOLE else 'number'}"
            ) from error
    if not values.get("prompt", "").strip():
        raise ValueError("it has no prompt")
    order = Order(**values)
    if not 1 <= order.n <= MAX_PICTURES:
        raise ValueError(f"n is {order.n}: ask for 1 to {MAX_PICTURES}")
    if order.name and not re.fullmatch(r"[\w][\w .-]{0,99}", order.name):
        raise ValueError(f"the name {order.name!r} is no file name: use letters, digits, spaces, dots and dashes")
    return order


def _value(name: str, value: Any) -> Any:
    if name in WHOLE:
        if isinstance(value, bool) or float(value) != int(float(value)):
            raise ValueError
        return int(value)
    if name == "guidance":
        return float(value)
    if not isinstance(value, str):
        raise TypeError
    return value
