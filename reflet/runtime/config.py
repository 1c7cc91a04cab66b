"""Typed configs to JSON and back. The command line sets single fields through tyro; nothing is a string of code."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any, TypeVar, cast

from reflet.runtime.errors import UserError

T = TypeVar("T")


def to_json(config: Any) -> dict[str, Any]:
    """A dataclass as JSON-able values, nested ones included."""
    return cast("dict[str, Any]", _plain(dataclasses.asdict(config)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in cast("dict[Any, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in cast("list[Any]", value)]
    return value


def from_json(kind: type[T], values: dict[str, Any]) -> T:
    """The dataclass `kind` from what to_json gave.

    Raises UserError naming a field that is unknown or missing: a config of another version must not half-load.
    """
    hints = typing.get_type_hints(kind)
    fields = {f.name: f for f in dataclasses.fields(cast("Any", kind))}
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise UserError(f"{kind.__name__} has no field {unknown[0]!r}: the config was written by another version")
    missing = [
        n
        for n, f in fields.items()
        if n not in values and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise UserError(f"{kind.__name__} needs the field {missing[0]!r}: the config was written by another version")
    return kind(**{name: _typed(hints[name], value) for name, value in values.items()})


def _typed(hint: Any, value: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        inner = [a for a in arguments if a is not type(None)]
        return None if value is None else _typed(inner[0], value)
    if dataclasses.is_dataclass(hint):
        return from_json(cast("type[Any]", hint), value)
    if origin is tuple:
        inner = arguments[0] if arguments else Any
        return tuple(_typed(inner, v) for v in value)
    if hint is float and isinstance(value, int):
        return float(value)
    return value
