"""The contract between an engine and whoever makes pictures: four methods, one step at a time.

An engine that lets requests join and leave between denoising steps needs to know nothing of models. It needs `prepare`
(a request becomes a row), `step` (what costs: the model, for all rows of a batch at once), `schedule` (each row moves
on, by its own sampler, to its own next time) and `decode` (a finished row becomes pixels; a rough look at an unfinished
one is allowed to be cheap). Bundles of our own (image_steps.py) and guests (guests.py) both implement it. The cut is
the one that vLLM-Omni's step execution makes, so that either can host the other's models.

No torch here: a service that only hands work on does not need it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from reflet.generate.aspect import Frame
from reflet.generate.request import ImageRequest

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Edit:
    """A picture to start from. Where `mask` (H, W; 1 = make anew, 0 = keep, between = blend) is given, what it keeps
    comes out unchanged. `strength` in (0, 1]: how much of the way from noise is walked anew; 1 forgets the picture.
    `factor`: for an upscaler, how many times larger."""

    picture: Pixels  # (H, W, 3)
    mask: NDArray[np.float32] | None = None
    strength: float = 0.6
    factor: int | None = None


@dataclass(eq=False)
class Row:
    """One picture on its way. Rows of equal `key` may share a batch.

    `load` is how many evaluations of the model its next step costs; `state` belongs to the artist that prepared it.
    """

    request: ImageRequest  # n = 1, this picture's own seed
    key: Hashable
    num_steps: int
    step: int = 0
    load: int = 1
    state: Any = None

    @property
    def left(self) -> int:
        """Steps still to walk."""
        return self.num_steps - self.step


@dataclass(frozen=True)
class Card:
    """What an artist says of itself."""

    name: str
    digest: str
    frames: tuple[Frame, ...]
    created: int = 0
    owner: str = "reflet"
    edits: bool = False
    upscales: tuple[int, ...] = ()  # enlarges pictures so many times, and does nothing else
    blends: bool = False  # can stop on the way between two prompts or seeds
    remote: bool = False  # works elsewhere: costs nothing here but waiting
    defaults: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = None  # where its card and its bill of materials lie

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """(width, height) of each frame."""
        return tuple((f.width, f.height) for f in self.frames)


class Artist(Protocol):
    """Makes pictures step by step. Methods are called from one thread, `decode` from another."""

    @property
    def card(self) -> Card: ...

    def check(self, request: ImageRequest, *, edit: Edit | None = None) -> None:
        """Raises UserError for a request that cannot be met, before it is accepted. Cheap."""
        ...

    def prepare(self, request: ImageRequest, *, edit: Edit | None = None) -> Row:
        """A request for one picture as a row at step 0. Raises UserError."""
        ...

    def step(self, rows: Sequence[Row]) -> Any:
        """The costly part of one step of rows of one key, each at its own time."""
        ...

    def schedule(self, rows: Sequence[Row], output: Any) -> None:
        """Moves each row on by one step with what `step` returned."""
        ...

    def decode(self, row: Row, *, rough: bool = False) -> Pixels:
        """The row's picture (H, W, 3); `rough`: what it is about to become, small and cheap."""
        ...


@runtime_checkable
class Reader(Protocol):
    """An artist that can tell how it reads: which words are its own, and how long a prompt may be."""

    @property
    def max_tokens(self) -> int: ...

    def num_tokens(self, text: str) -> int:
        """How long a text is for it."""
        ...

    def has_word(self, word: str) -> bool:
        """Whether a word (lower case) is one sign of its vocabulary. That of a tokenizer trained on captions holds
        every word that they repeat, and beginnings of longer ones besides."""
        ...

    def begins_longer(self, word: str) -> bool:
        """Whether a longer word of the vocabulary begins with this one."""
        ...


def request_for(card: Card, prompt: str, **wishes: Any) -> ImageRequest:
    """A request with the artist's defaults where nothing else is wished (None is no wish)."""
    wanted = {k: v for k, v in wishes.items() if v is not None}
    return ImageRequest(prompt=prompt, **{**card.defaults, **wanted})
