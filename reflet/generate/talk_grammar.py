"""Which tokens may come next in a call of a tool, so that its JSON is always valid and always fits the schema.

A schema becomes an automaton over bytes: the compact JSON that it allows, properties in the schema's order, optional
ones left out or not. States are sets of its nodes, found as they are needed; what each token of the vocabulary does
from a state is found by walking a tree of all tokens, once a state. Decoding then chooses among the tokens that lead
somewhere, and may only end where the JSON is whole.

What is understood of JSON schema: type (one or several), enum, const, properties, required, items, minItems, maxItems,
minLength, maxLength, minimum, maximum, anyOf, and references to $defs that do not end in themselves. Schemas that
demand more are refused, not guessed at.
"""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reflet.runtime.errors import UserError

Schema = Mapping[str, Any]
MAX_ITEMS = 16
MAX_LENGTH = 512  # of strings whose length a schema bounds
MAX_WHOLE = 10**15
MAX_NESTING = 12
IGNORED = {
    "title", "description", "default", "examples", "format", "$schema", "$id", "$defs", "definitions", "deprecated",
    "additionalProperties", "strict", "readOnly", "writeOnly", "$comment",
}  # fmt: skip
KNOWN = IGNORED | {
    "type", "enum", "const", "properties", "required", "items", "minItems", "maxItems", "minLength", "maxLength",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "anyOf", "$ref",
}  # fmt: skip
PLAIN = [b for b in range(0x20, 0x80) if b not in (0x22, 0x5C)]
# UTF-8 (RFC 3629, section 4): first bytes, then the ranges of the following ones.
SEQUENCES: tuple[tuple[range, tuple[range, ...]], ...] = (
    (range(0xC2, 0xE0), (range(0x80, 0xC0),)),
    (range(0xE0, 0xE1), (range(0xA0, 0xC0), range(0x80, 0xC0))),
    (range(0xE1, 0xED), (range(0x80, 0xC0), range(0x80, 0xC0))),
    (range(0xED, 0xEE), (range(0x80, 0xA0), range(0x80, 0xC0))),
    (range(0xEE, 0xF0), (range(0x80, 0xC0), range(0x80, 0xC0))),
    (range(0xF0, 0xF1), (range(0x90, 0xC0), range(0x80, 0xC0), range(0x80, 0xC0))),
    (range(0xF1, 0xF4), (range(0x80, 0xC0), range(0x80, 0xC0), range(0x80, 0xC0))),
    (range(0xF4, 0xF5), (range(0x80, 0x90), range(0x80, 0xC0), range(0x80, 0xC0))),
)


class Automaton:
    """Nodes with edges on bytes and free edges; node 0 is the beginning. Parts are added between two nodes."""

    def __init__(self) -> None:
        self.edges: list[dict[int, list[int]]] = [{}]
        self.free: list[list[int]] = [[]]
        self.defs: Mapping[str, Any] = {}

    def node(self) -> int:
        self.edges.append({})
        self.free.append([])
        return len(self.edges) - 1

    def edge(self, start: int, values: Iterable[int], end: int) -> None:
        for value in values:
            self.edges[start].setdefault(value, []).append(end)

    def literal(self, start: int, text: bytes) -> int:
        """A fixed text; returns the node after it."""
        for value in text:
            end = self.node()
            self.edge(start, (value,), end)
            start = end
        return start

    def character(self, start: int, end: int) -> None:
        """One character of a JSON string."""
        self.edge(start, PLAIN, end)
        escape = self.node()
        self.edge(start, (0x5C,), escape)
        self.edge(escape, b'"\\/bfnrt', end)
        for first, rest in SEQUENCES:
            node = self.node()
            self.edge(start, first, node)
            for k, following in enumerate(rest):
                after = end if k == len(rest) - 1 else self.node()
                self.edge(node, following, after)
                node = after

    # ------------------------------------------------------------------------------------------ values
    def value(self, start: int, schema: Schema, depth: int = 0) -> int:
        """Any value that fits; returns the node after it. Raises UserError for what is not understood."""
        if depth > MAX_NESTING:
            raise UserError(f"a tool's schema is nested deeper than {MAX_NESTING}: make it flatter")
        unknown = sorted(k for k in schema if k not in KNOWN)
        if unknown:
            raise UserError(f"a tool's schema uses {unknown[0]!r}, which this brain cannot promise: leave it out")
        if "$ref" in schema:
            return self.value(start, self._referred(str(schema["$ref"])), depth + 1)
        if "const" in schema or "enum" in schema:
            options = schema["enum"] if "enum" in schema else [schema["const"]]
            return self._any(start, [self.literal(start, compact(option)) for option in options])
        if "anyOf" in schema:
            return self._any(start, [self.value(start, option, depth + 1) for option in schema["anyOf"]])
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        names = [kinds] if isinstance(kinds, str) else list(kinds)
        return self._any(start, [self._typed(start, name, schema, depth) for name in names])

    def _any(self, start: int, ends: list[int]) -> int:
        if len(ends) == 1:
            return ends[0]
        if not ends:
            raise UserError("a tool's schema allows no value: give its enum or anyOf some")
        end = self.node()
        for e in ends:
            self.free[e].append(end)
        return end

    def _referred(self, name: str) -> Schema:
        key = name.rpartition("/")[2]
        if not name.startswith(("#/$defs/", "#/definitions/")) or key not in self.defs:
            raise UserError(f"a tool's schema refers to {name!r}, which it does not define")
        return self.defs[key]

    def _typed(self, start: int, kind: str, schema: Schema, depth: int) -> int:
        if kind == "string":
            return self._string(start, schema)
        if kind in ("integer", "number"):
            return self._whole(start, schema)
        if kind == "boolean":
            return self._any(start, [self.literal(start, b"true"), self.literal(start, b"false")])
        if kind == "null":
            return self.literal(start, b"null")
        if kind == "array":
            return self._array(start, schema, depth)
        if kind == "object":
            return self._object(start, schema, depth)
        raise UserError(f"a tool's schema has the type {kind!r}: use JSON's own")

    def _string(self, start: int, schema: Schema) -> int:
        here = self.literal(start, b'"')
        least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
        if max(least, int(most or 0)) > MAX_LENGTH:
            raise UserError(f"a tool's schema bounds a string at more than {MAX_LENGTH} characters: leave that out")
        end = self.node()
        for k in range(least if most is None else int(most)):
            if k >= least:
                self.edge(here, b'"', end)
            after = self.node()
            self.character(here, after)
            here = after
        if most is None:
            self.character(here, here)
        self.edge(here, b'"', end)
        return end

    def _whole(self, start: int, schema: Schema) -> int:
        """Whole numbers between the bounds; they do for "number", too."""
        low, high = schema.get("minimum", -MAX_WHOLE), schema.get("maximum", MAX_WHOLE)
        low = max(math.ceil(low), math.floor(schema.get("exclusiveMinimum", -MAX_WHOLE - 1)) + 1)
        high = min(math.floor(high), math.ceil(schema.get("exclusiveMaximum", MAX_WHOLE + 1)) - 1)
        if low > high:
            raise UserError("a tool's schema allows no whole number between its bounds")
        end = self.node()
        if low < 0:
            self._digits(self.literal(start, b"-"), max(1, -high), -low, end)
        if high >= 0:
            self._digits(start, max(0, low), high, end)
        return end

    def _digits(self, start: int, low: int, high: int, end: int) -> None:
        """Digits of the numbers from low to high, both at least 0, without zeros before them."""
        for length in range(len(str(low)), len(str(high)) + 1):
            first = max(low, 10 ** (length - 1) if length > 1 else 0)
            last = min(high, 10**length - 1)
            if first <= last:
                self._fixed(start, str(first), str(last), end)

    def _fixed(self, start: int, low: str, high: str, end: int) -> None:
        """Numbers of one length: a node for each place and for whether they are still on the lower or upper bound."""
        states = {(True, True): start}
        for k in range(len(low)):
            following: dict[tuple[bool, bool], int] = {}
            for (on_low, on_high), node in states.items():
                for digit in range(int(low[k]) if on_low else 0, (int(high[k]) if on_high else 9) + 1):
                    key = (on_low and digit == int(low[k]), on_high and digit == int(high[k]))
                    if key not in following:
                        following[key] = end if k == len(low) - 1 else self.node()
                    self.edge(node, (0x30 + digit,), following[key])
            states = following

    def _array(self, start: int, schema: Schema, depth: int) -> int:
        least, most = int(schema.get("minItems", 0)), min(int(schema.get("maxItems", MAX_ITEMS)), MAX_ITEMS)
        if least > most:
            raise UserError(f"a tool's schema asks for a list of more than {most}: at most {MAX_ITEMS} can be written")
        here, end = self.literal(start, b"["), self.node()
        for k in range(most):
            if k >= least:
                self.edge(here, b"]", end)
            here = self.value(
                self.literal(here, b",") if k else here, schema.get("items", {"type": "string"}), depth + 1
            )
        self.edge(here, b"]", end)
        return end

    def _object(self, start: int, schema: Schema, depth: int) -> int:
        """Properties in the schema's order. Two lanes: nothing written yet, and something: then a comma comes first."""
        properties, required = schema.get("properties", {}), set(schema.get("required", ()))
        if not required <= set(properties):
            raise UserError(
                f"a tool's schema requires {sorted(required - set(properties))[0]!r}, which it does not describe"
            )
        bare: int | None = self.literal(start, b"{")
        begun: int | None = None
        for name, inner in properties.items():
            key, ends = compact(name) + b":", []
            if bare is not None:
                ends.append(self.value(self.literal(bare, key), inner, depth + 1))
            if begun is not None:
                ends.append(self.value(self.literal(begun, b"," + key), inner, depth + 1))
            after = self.node()
            for e in ends:
                self.free[e].append(after)
            if name in required:
                bare, begun = None, after
            else:
                if begun is not None:
                    self.free[begun].append(after)
                begun = after
        end = self.node()
        for node in (bare, begun):
            if node is not None:
                self.edge(node, b"}", end)
        return end


def compact(value: Any) -> bytes:
    """JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class Grammar:
    """Calls of some tools, over one vocabulary. States are small integers; 0 is the beginning.

    `bytes_of[i]` is what token i stands for; empty for signs, which are never part of a call.
    """

    def __init__(self, tools: Sequence[tuple[str, Schema]], bytes_of: Sequence[bytes]) -> None:
        self.automaton = Automaton()
        ends: list[int] = []
        for name, schema in tools:
            self.automaton.defs = schema.get("$defs", schema.get("definitions", {}))
            ends.append(self.automaton.value(self.automaton.literal(0, name.encode()), {"type": "object", **schema}))
        self.end = frozenset(ends)
        self._left = _distances(self.automaton, ends)
        self.tree = _tree(tuple(bytes_of))
        self.size = len(bytes_of)
        self._sets: list[frozenset[int]] = [self._closed((0,))]
        self._numbers = {self._sets[0]: 0}
        self._steps: dict[tuple[int, int], int] = {}
        self._moves: dict[int, dict[int, int]] = {}
        self._masks: dict[int, NDArray[np.bool_]] = {}

    def _closed(self, nodes: Iterable[int]) -> frozenset[int]:
        found, todo = set(nodes), list(nodes)
        while todo:
            for node in self.automaton.free[todo.pop()]:
                if node not in found:
                    found.add(node)
                    todo.append(node)
        return frozenset(found)

    def step(self, state: int, value: int) -> int:
        """The state after one byte; -1 where it leads nowhere."""
        key = (state, value)
        if key not in self._steps:
            nodes = [n for s in self._sets[state] for n in self.automaton.edges[s].get(value, ())]
            found = self._closed(nodes) if nodes else None
            if found is None:
                self._steps[key] = -1
            else:
                if found not in self._numbers:
                    self._numbers[found] = len(self._sets)
                    self._sets.append(found)
                self._steps[key] = self._numbers[found]
        return self._steps[key]

    def whole(self, state: int) -> bool:
        """Whether the call may end here."""
        return not self.end.isdisjoint(self._sets[state])

    def left(self, state: int) -> int:
        """The fewest bytes that make the call whole from here."""
        return min(self._left[n] for n in self._sets[state] if n in self._left)

    def moves(self, state: int) -> dict[int, int]:
        """token -> state, for every token that leads somewhere."""
        if state not in self._moves:
            found: dict[int, int] = {}
            todo = [(self.tree, state)]
            while todo:
                branch, at = todo.pop()
                for value, inner in branch.items():
                    if value == -1:
                        found.update(dict.fromkeys(inner, at))
                    elif (after := self.step(at, value)) >= 0:
                        todo.append((inner, after))
            self._moves[state] = found
        return self._moves[state]

    def mask(self, state: int) -> NDArray[np.bool_]:
        """(vocabulary,) True for tokens that lead somewhere."""
        if state not in self._masks:
            allowed = np.zeros(self.size, bool)
            allowed[list(self.moves(state))] = True
            self._masks[state] = allowed
        return self._masks[state]

    def closing(self, state: int) -> NDArray[np.bool_]:
        """(vocabulary,) True for the tokens that bring the end nearer: following them, every call ends."""
        now, allowed = self.left(state), np.zeros(self.size, bool)
        allowed[[token for token, after in self.moves(state).items() if self.left(after) < now]] = True
        return allowed

    def forced(self, state: int) -> bytes:
        """The bytes that must follow, as far as there is no choice."""
        out = bytearray()
        while not self.whole(state):
            options = {v for s in self._sets[state] for v in self.automaton.edges[s]}
            if len(options) != 1:
                break
            out.append(next(iter(options)))
            state = self.step(state, out[-1])
        return bytes(out)


def _distances(automaton: Automaton, ends: list[int]) -> dict[int, int]:
    """Node -> the fewest bytes from it to an end; nodes that lead to none are left out."""
    before: dict[int, list[tuple[int, int]]] = {}
    for node, edges in enumerate(automaton.edges):
        for end in {e for many in edges.values() for e in many}:
            before.setdefault(end, []).append((node, 1))
        for end in automaton.free[node]:
            before.setdefault(end, []).append((node, 0))
    found = dict.fromkeys(ends, 0)
    todo = deque(ends)
    while todo:
        node = todo.popleft()
        for earlier, cost in before.get(node, ()):
            if found[node] + cost < found.get(earlier, found[node] + cost + 1):
                found[earlier] = found[node] + cost
                (todo.append if cost else todo.appendleft)(earlier)
    return found


@lru_cache(maxsize=4)
def _tree(bytes_of: tuple[bytes, ...]) -> dict[int, Any]:
    """All tokens as a tree over their bytes; -1 holds the tokens that end there."""
    root: dict[int, Any] = {}
    for token, text in enumerate(bytes_of):
        if text:
            branch = root
            for value in text:
                branch = branch.setdefault(value, {})
            branch.setdefault(-1, []).append(token)
    return root
