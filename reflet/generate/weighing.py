"""Weights within a prompt: "a (red:1.4) cube" dwells on red, "(fog:0.3)" hardly hears of it.

A weight multiplies what a word's tokens say to the picture: their values in every block's attention, and their share in
the prompt's mean. How much a pixel looks at a word stays as it is; 1 changes nothing, 0 silences the word. Only
brackets that end in a colon and a number are weights, and they do not nest. No torch.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reflet.runtime.errors import UserError

SPAN = re.compile(r"\(\s*([^()\s][^()]*?)\s*:\s*(\d+(?:\.\d*)?|\.\d+)\s*\)")
MAX_WEIGHT = 3.0


@dataclass(frozen=True)
class Weighed:
    """The prompt without its weights, and the stretches [start, end) of it that have one."""

    text: str
    spans: tuple[tuple[int, int, float], ...] = ()

    def of_tokens(self, offsets: Sequence[tuple[int, int]]) -> list[float]:
        """The weight of each token: that of its last character (before a word the space belongs to its token)."""
        return [self._at(end - 1) if end > start else 1.0 for start, end in offsets]

    def _at(self, place: int) -> float:
        return next((w for start, end, w in self.spans if start <= place < end), 1.0)


def weighed(prompt: str) -> Weighed:
    """Reads the weights of a prompt. Raises UserError for one above 3."""
    clean = re.sub(r"\s+", " ", prompt).strip()
    text, spans, last = "", [], 0
    for found in SPAN.finditer(clean):
        text += clean[last : found.start()]
        weight = float(found.group(2))
        if weight > MAX_WEIGHT:
            raise UserError(f"the weight of {found.group(1)!r} is {found.group(2)}: choose 0 to {MAX_WEIGHT:g}")
        spans.append((len(text), len(text) + len(found.group(1)), weight))
        text, last = text + found.group(1), found.end()
    return Weighed(text + clean[last:], tuple(spans))
