"""The task of the draft: a conditional variational autoencoder of sketches, which without its code says the mean sketch
of a caption, and the flow that imagines its codes, in the same steps.

Shapes: B batch, S sketch channels, G cells a side, L tokens, E text width, D features, K numbers of a code, R draws.

The text encoder stays as it is, so some captions of each picture are read once, before the first step, in batches of
one length: then an example costs a twentieth of one of the flow.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from reflet.data.selection import Selection
from reflet.data.sketch_channels import (
    CODE_CHANNELS,
    FIGURE,
    FIGURE_CHANNEL,
    GROUND,
    HIDDEN_CHANNELS,
    colors_of,
)
from reflet.data.sketches import Sketches
from reflet.data.things import boxes_of
from reflet.data.tokenizer import END, PAD, START
from reflet.generate.bundle import Bundle
from reflet.models.draft_code import Posterior
from reflet.models.draft_things import looks_loss, placing_loss
from reflet.models.text import TextEncoder
from reflet.runtime.device import Ranks, autocast
from reflet.runtime.seed import stream_seed
from reflet.train.autoencoder import save_grid
from reflet.train.image import PREVIEW_PROMPTS
from reflet.train.start import weights_digest
from reflet.train.task import Losses
from reflet.train.text import CaptionBank

SEEN_CHANNELS = slice(0, CODE_CHANNELS.stop)  # what is said of a thing in its box: all but how cells change within


@dataclass(frozen=True)
class DraftTaskConfig:
    """`num_captions` of each picture are learned, drawn once. `outline_weight` weighs figure or ground, `code_weight`
    names' codes, against the other channels. `dropout` is of the draft's features.

    `withheld` of the rows draw the mean, without a code; `hidden` of the rows show the encoder what any picture tells,
    its colours, and not what only a rendering knows. A nat of the code costs `divergence_weight`, in squared error; the
    flow over codes learns from `prior_draws` of noise for each of them, its error weighs `prior_weight`. For a draft of
    things the error of their boxes, in shares of the side, and of their being there weigh `place_weight`, that of what
    they alone look like `looks_weight`.
    """

    batch_size: int = 256
    num_captions: int = 4
    caption_dropout: float = 0.1
    dropout: float = 0.1
    outline_weight: float = 12.0
    code_weight: float = 0.3
    withheld: float = 0.3
    hidden: float = 0.2
    divergence_weight: float = 1e-4
    prior_draws: int = 4
    prior_weight: float = 0.05
    place_weight: float = 2.0
    looks_weight: float = 0.4
    seed: int = 0


@dataclass(frozen=True)
class CodeDraws:
    """Chance for codes: their noise (B, K); of which rows the code is `withheld` (B,), and of which the encoder sees
    only what is `shown` (B, S, 1, 1), ones and zeros; times (R, B) and noise (R, B, K) for the flow over codes."""

    noise: Tensor
    withheld: Tensor
    shown: Tensor
    times: Tensor
    prior_noise: Tensor


@dataclass(frozen=True)
class DraftBatch:
    """`data` (B, S, G, G); `states` (B, L, E) of captions and which of them are real, `mask` (B, L); what multiplies
    the draft's features, `kept` (B, D), None where all are kept; `draws` for its codes; for a draft of things their
    true `boxes` (B, T, 4), see data.things."""

    data: Tensor
    states: Tensor
    mask: Tensor
    kept: Tensor | None
    draws: CodeDraws
    boxes: Tensor | None = None


class ReadCaptions:
    """The text states of many captions, one after another in one array (tokens, E) float16. With a `cache`, a folder,
    they are kept there under a name that says of which encoder and captions they are: reading takes minutes."""

    def __init__(
        self, text: TextEncoder, ids_ML: NDArray[np.uint16], *, batch_size: int = 256, cache: Path | None = None
    ) -> None:
        self.used = (ids_ML != PAD).sum(axis=1)
        self.ends = np.cumsum(self.used)
        self.starts = self.ends - self.used
        identity = hashlib.sha256(f"{weights_digest(text.state_dict())}/{ids_ML.shape}/".encode() + ids_ML.tobytes())
        kept = None if cache is None else cache / f"{identity.hexdigest()[:32]}.npy"
        if kept is not None and kept.exists():
            self.states = np.load(kept, mmap_mode="r")
            return
        self.states = self._read(text, ids_ML, batch_size)
        if kept is not None:
            _keep(self.states, kept)

    def _read(self, text: TextEncoder, ids_ML: NDArray[np.uint16], batch_size: int) -> NDArray[np.float16]:
        used, found = self.used, np.zeros((int(self.used.sum()), text.config.width), np.float16)
        device = next(text.parameters()).device
        order = np.argsort(used)  # captions of one length side by side: hardly any is padded
        for rows in np.split(order, range(batch_size, len(order), batch_size)):
            ids_BL = torch.from_numpy(ids_ML[rows, : used[rows].max()].astype(np.int64)).to(device)
            with torch.no_grad(), autocast(device):
                states_BLE = text(ids_BL).states_BSD.float().cpu().numpy()
            for states, row in zip(states_BLE, rows, strict=True):
                found[self.starts[row] : self.ends[row]] = states[: used[row]]
        return found

    def gather(self, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """(B,) captions -> their states (B, L, E), padded, and the mask (B, L)."""
        lengths = self.ends[rows] - self.starts[rows]
        mask = np.arange(lengths.max())[None] < lengths[:, None]
        states = np.zeros((*mask.shape, self.states.shape[1]), np.float32)
        states[mask] = self.states[np.concatenate([np.arange(self.starts[r], self.ends[r]) for r in rows])]
        return torch.from_numpy(states), torch.from_numpy(mask)


def _keep(states: NDArray[np.float16], path: Path) -> None:
    """Writes a cache; a disk without room for it costs time later, not the run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            np.save(file, states)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)


class DraftTask:
    """Implements train.task.Task. The draft of the bundle's flow learns; `selection` says from which pictures."""

    def __init__(
        self,
        bundle: Bundle,
        sketches: Sketches,
        bank: CaptionBank,
        config: DraftTaskConfig,
        *,
        selection: Selection = Selection(),  # noqa: B008 (frozen)
        graphs: Sequence[dict[str, Any]] | None = None,
        cache: Path | None = None,
    ) -> None:
        if bundle.flow.draft is None:
            raise ValueError("this flow has no draft: give it draft_features")
        if (graphs is None) != (bundle.flow.config.draft_things == 0):
            raise ValueError("a draft of things learns where they are: give it scene graphs, and only such a draft")
        self.bundle, self.draft, self.sketches = bundle, bundle.flow.draft, sketches
        self.bank, self.config = bank, config
        self.model: nn.Module = nn.ModuleDict({"draft": self.draft})
        bundle.text.eval()
        number = len(sketches) * selection.copies
        self.train_indices, self.held_out = selection.split(number)
        self.order = selection.order(
            self.train_indices,
            number=number,
            batch_size=config.batch_size,
            seed=stream_seed(config.seed, "draft"),
        )
        self.device = next(self.draft.parameters()).device
        chosen = self._chosen(number)
        self.boxes = None if graphs is None else self._boxes_of(chosen, graphs)
        self.read = ReadCaptions(bundle.text, chosen, cache=cache)

    def _chosen(self, number: int) -> NDArray[np.uint16]:
        """(1 + number * num_captions, L) tokens: no caption, then some of each picture's, in order."""
        rng, (_, length) = np.random.default_rng([self.config.seed, 37]), self.bank.ids.shape
        nothing = np.full((1, length), PAD, np.uint16)
        nothing[0, :2] = (START, END)
        counts = self.bank.ends[:, -1] - self.bank.starts
        # Captions stand from short to long: one of each part.
        parts = (np.arange(self.config.num_captions) + rng.random((number, self.config.num_captions))) * counts[:, None]
        rows = self.bank.starts[:, None] + (parts / self.config.num_captions).astype(np.int64)
        return np.concatenate((nothing, self.bank.ids[rows.ravel()]))

    def batch(self, step: int, ranks: Ranks) -> DraftBatch:
        rng = np.random.default_rng([self.config.seed, 41, step])
        numbers = self.train_indices[self.order.indices(step)]
        return self._batch(numbers, rng, slice(ranks.rank, None, ranks.world), training=True)

    def _batch(
        self, numbers: NDArray[np.int64], rng: np.random.Generator, rows: slice, *, training: bool
    ) -> DraftBatch:
        captions = 1 + numbers * self.config.num_captions + rng.integers(self.config.num_captions, size=len(numbers))
        kept = None
        if training:  # drawn for the whole batch on every rank, so that the split changes nothing
            captions[rng.random(len(numbers)) < self.config.caption_dropout] = 0
            share = 1 - self.config.dropout
            drawn = rng.random((len(numbers), self.bundle.flow.config.draft_features), np.float32) < share
            kept = torch.from_numpy(drawn[rows].astype(np.float32) / share).to(self.device)
        states, mask = self.read.gather(captions[rows])
        data = torch.from_numpy(self.sketches.gather(numbers[rows]))
        draws = self._draws(len(numbers), rng, rows, training=training)
        boxes = None if self.boxes is None else torch.from_numpy(self.boxes[captions[rows]]).to(self.device)
        return DraftBatch(data.to(self.device), states.to(self.device), mask.to(self.device), kept, draws, boxes)

    def _boxes_of(self, chosen: NDArray[np.uint16], graphs: Sequence[dict[str, Any]]) -> NDArray[np.float32]:
        """(1 + N C, T, 4): the boxes of each chosen caption; not known where there is none."""
        captions = [self.bundle.tokenizer.decode(ids.tolist()) for ids in chosen]
        each = [{}, *(graph for graph in graphs for _ in range(self.config.num_captions))]
        return boxes_of(each, captions, number=self.bundle.flow.config.draft_things)

    def _draws(self, number: int, rng: np.random.Generator, rows: slice, *, training: bool) -> CodeDraws:
        c, flow = self.config, self.bundle.flow.config
        shown = np.ones((number, flow.sketch_channels, 1, 1), np.float32)
        withheld = np.arange(number) % 2 == 0  # what is held out is measured both ways
        if training:
            withheld = rng.random(number) < c.withheld
            shown[rng.random(number) < c.hidden, HIDDEN_CHANNELS] = 0.0
        noise = rng.standard_normal((1 + c.prior_draws, number, flow.draft_code), np.float32)
        # Half of what is undecided lies in the middle of the walk.
        times = 1.0 / (1.0 + np.exp(-1.2 * rng.standard_normal((c.prior_draws, number), np.float32)))
        parts = (noise[0, rows], withheld[rows], shown[rows], times[:, rows], noise[1:, rows])
        return CodeDraws(*(torch.from_numpy(np.ascontiguousarray(part)).to(self.device) for part in parts))

    def loss(self, batch: DraftBatch) -> Losses:
        told = self.draft.hear(batch.states, batch.mask)
        code, cost, parts = self._code(batch.data, self.draft.scene(told), batch.draws)
        placed = self.draft.placed(told, code)
        if placed is not None and batch.boxes is not None:
            distance, entropy = placing_loss(placed, batch.boxes)
            cost = cost + self.config.place_weight * (distance + entropy)
            parts |= {"box": distance, "there": entropy}
        things = self.draft.draw_things(told, code)
        if things is not None and batch.boxes is not None:
            looks, outline = looks_loss(things, _seen(batch.data), batch.boxes, figure=FIGURE_CHANNEL)
            cost = cost + self.config.looks_weight * (looks + self.config.outline_weight / 2 * outline)
            parts |= {"looks": looks, "things_outline": outline}
        drawn = self.draft.draw(told, code, kept_BD=batch.kept, things_BFGG=things).float()
        errors_BC = (drawn - batch.data).square().mean(dim=(2, 3))
        errors_C = errors_BC.mean(dim=0)
        weights_C = torch.ones_like(errors_C)
        weights_C[CODE_CHANNELS] = self.config.code_weight
        weights_C[FIGURE_CHANNEL] = self.config.outline_weight
        total = (errors_C * weights_C / weights_C.mean()).mean() + cost
        mean = _told(errors_BC, batch.draws.withheld)
        parts = _told(errors_BC, ~batch.draws.withheld) | {f"mean_{k}": v for k, v in mean.items()} | parts
        return Losses(total=total, num_items=len(batch.data), parts={k: v.detach() for k, v in parts.items()})

    def _code(self, data: Tensor, told: Tensor, draws: CodeDraws) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """Codes (B, K), NaN where withheld; what they and the flow over them cost; and that by name."""
        posterior = Posterior(*(v.float() for v in self.draft.encoder(data * draws.shown, told)))
        code = posterior.sample(draws.noise)
        divergence = posterior.divergence().mean()
        number = len(draws.times)
        known = code.detach().repeat(number, 1)
        noise, t = draws.prior_noise.flatten(0, 1), draws.times.flatten()
        velocity = self.draft.prior(torch.lerp(known, noise, t[:, None]), t, told.repeat(number, 1)).float()
        prior = (velocity - (noise - known)).square().mean()
        cost = self.config.divergence_weight * divergence + self.config.prior_weight * prior
        code = torch.where(draws.withheld[:, None], float("nan"), code)
        return code, cost, {"divergence": divergence, "prior": prior}

    def learning_rate_scale(self, name: str) -> float:
        return 1.0

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """Colours and figures of fixed prompts, and the error on held-out sketches."""
        save_grid(self._drawn(), folder / f"preview-{step:06d}.png", columns=len(PREVIEW_PROMPTS))
        batch = self._batch(self.held_out[:1024], np.random.default_rng(5), slice(None), training=False)
        with autocast(self.device):
            losses = self.loss(batch)
        return {f"held_out_{name}": float(value) for name, value in losses.parts.items()}

    def _drawn(self) -> Tensor:
        """(3 P, 3, 8 G, 8 G) in [-1, 1]: for P prompts a row of means, one of what was imagined, and one of its
        figures."""
        length = self.bundle.config.text.max_tokens
        tokens = self.bundle.tokenizer.batch(list(PREVIEW_PROMPTS), length=length)
        states = self.bundle.text(torch.from_numpy(tokens.ids.astype(np.int64)).to(self.device))
        told = self.draft.hear(states.states_BSD, states.mask_BS)
        scene = self.draft.scene(told)
        shape = (len(PREVIEW_PROMPTS), self.bundle.flow.config.draft_code)
        noise = torch.randn(shape, generator=torch.Generator().manual_seed(1)).to(self.device)
        drawn = [self.draft.draw(told), self.draft.draw(told, self.draft.prior.sample(noise, scene))]
        pictures = [colors_of(sketch) for x in drawn for sketch in x.float().cpu().numpy()]
        colors = torch.from_numpy(np.stack(pictures)) / 2
        figures = (
            (drawn[-1].float().cpu()[:, FIGURE_CHANNEL, None] - 0.5).repeat_interleave(4, 2).repeat_interleave(4, 3)
        )
        rows = torch.cat((colors, figures.repeat(1, 3, 1, 1)))
        return rows.clamp(-1, 1).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)


def _seen(data: Tensor) -> Tensor:
    """Of sketches, what is said of a thing in its box, figure or ground as the share of a cell that is figure."""
    seen = data[:, SEEN_CHANNELS].clone()
    seen[:, FIGURE_CHANNEL] = ((seen[:, FIGURE_CHANNEL] - GROUND) / (FIGURE - GROUND)).clamp(0, 1)
    return seen


def _told(errors_BC: Tensor, which_B: Tensor) -> dict[str, Tensor]:
    """The mean errors of some rows: of all channels, of colours, of figure or ground."""
    errors_C = errors_BC[which_B].sum(dim=0) / which_B.sum().clamp(min=1)
    return {"sketch": errors_C.mean(), "color": errors_C[:3].mean(), "outline": errors_C[FIGURE_CHANNEL]}
