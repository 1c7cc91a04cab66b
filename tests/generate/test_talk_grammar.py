"""Calls are valid by construction: any walk through the grammar is JSON that fits, and all that fits can be walked."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from reflet.data.talk_tokens import SIGNS
from reflet.generate.talk_grammar import Grammar, compact
from reflet.generate.talk_tools import TOOLS
from reflet.runtime.errors import UserError

BYTES = (
    *[b""] * len(SIGNS),
    *[bytes([b]) for b in range(256)],
    b'{"',
    b'":"',
    b'","',
    b'"}',
    b"red",
    " é".encode(),
    b"12",
)
PAIRS = [(t["function"]["name"], t["function"]["parameters"]) for t in TOOLS]
OTHERS: list[dict[str, Any]] = [
    {"properties": {"a": {"type": "integer", "minimum": -12, "maximum": 105}}, "required": ["a"]},
    {"properties": {"a": {"type": "number", "exclusiveMinimum": 3, "maximum": 9}, "b": {"type": "boolean"}}},
    {"properties": {"a": {"type": ["string", "null"], "minLength": 2, "maxLength": 5}}, "required": ["a"]},
    {"properties": {"a": {"type": "array", "items": {"enum": ["x", 3, None]}, "minItems": 1, "maxItems": 3}}},
    {
        "properties": {"a": {"$ref": "#/$defs/point"}, "b": {"anyOf": [{"const": "é"}, {"type": "object"}]}},
        "required": ["b"],
        "$defs": {"point": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}},
    },
]


def walk(grammar: Grammar, draw: random.Random, *, long: int = 60) -> str:
    """A random call: any allowed token, and after `long` of them only those that bring the end nearer."""
    state, out, count = 0, b"", 0
    while True:
        moves = grammar.moves(state)
        if grammar.whole(state) and (not moves or draw.random() < 0.5):
            return out.decode()
        allowed = grammar.closing(state) if count > long else grammar.mask(state)
        token = draw.choice([t for t in moves if allowed[t]])
        out, state, count = out + BYTES[token], moves[token], count + 1
        assert count < 600


@pytest.mark.parametrize("schema", [*(s for _, s in PAIRS), *OTHERS], ids=lambda s: ",".join(s["properties"]))
def test_every_walk_fits_the_schema(schema: dict[str, Any]) -> None:
    grammar, check = Grammar([("tool", schema)], BYTES), Draft202012Validator(schema)
    draw = random.Random(0)
    for _ in range(40):
        check.validate(json.loads(walk(grammar, draw).removeprefix("tool")))


def accepts(grammar: Grammar, text: bytes) -> bool:
    state = 0
    for value in text:
        state = grammar.step(state, value)
        if state < 0:
            return False
    return grammar.whole(state)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (1, 10), (7, 1234), (-30, 45), (-9, -3), (99, 101)])
def test_exactly_the_numbers_between_the_bounds(low: int, high: int) -> None:
    schema = {"properties": {"n": {"type": "integer", "minimum": low, "maximum": high}}, "required": ["n"]}
    grammar = Grammar([("t", schema)], BYTES)
    for n in range(min(low, -1) - 120, high + 1300):
        assert accepts(grammar, b"t" + compact({"n": n})) == (low <= n <= high)
    assert not accepts(grammar, b't{"n":01}') and not accepts(grammar, b't{"n":-0}')


def test_what_fits_is_accepted_and_what_does_not_is_not() -> None:
    grammar = Grammar(PAIRS, BYTES)
    good = {"prompt": 'two "red" cubes, é ☀', "count": 3, "style": "ink"}
    assert accepts(grammar, b"generate" + compact(good))
    for bad in ({"count": 3}, {"prompt": "a", "count": 11}, {"prompt": "a", "colour": "red"}, {"prompt": ""}):
        assert not accepts(grammar, b"generate" + compact(bad))
    assert not accepts(grammar, b"paint" + compact(good))


def test_what_leaves_no_choice_is_known() -> None:
    grammar = Grammar(PAIRS[:1], BYTES)
    assert grammar.forced(0) == b'generate{"prompt":"'


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"properties": {"a": {"type": "string", "pattern": "x+"}}}, "pattern"),
        ({"properties": {"a": {"type": "colour"}}}, "colour"),
        ({"properties": {}, "required": ["b"]}, "'b'"),
        ({"properties": {"a": {"$ref": "#/$defs/no"}}}, "no"),
        ({"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/a"}}}, "nested"),
        ({"properties": {"a": {"type": "integer", "minimum": 5, "maximum": 4}}}, "no whole number"),
    ],
)
def test_what_cannot_be_promised_is_refused(schema: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        Grammar([("t", schema)], BYTES)
