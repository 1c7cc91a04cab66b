"""The task of the reader: pictures of a rendered set, and what their scene graphs and masks say.

Shapes: B batch, h and w cells.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.data.loader import Order
from reflet.data.pictures import PictureSet, scenes_of, split_held_out
from reflet.evaluate.reader import CELL, NOTHING, Reader, ReaderConfig, ReaderOutput
from reflet.evaluate.reader_scores import Truth, score_reader, truth_of
from reflet.evaluate.reading import read
from reflet.render.mirror import mirrored
from reflet.runtime.device import Ranks
from reflet.runtime.seed import stream_seed
from reflet.train.task import Losses

IGNORE = -1  # cells whose name, colour or material is not asked for
BLUR = (0.4, 1.6)  # pixels: standard deviations of the blur of those that are shown soft
CENTRE_SPREAD = 1.5  # cells: the standard deviation of the bump that marks a centre


@dataclass(frozen=True)
class ReaderTaskConfig:
    """Weights of the parts: centres, offsets, words of things (name, colour, material), words of the picture. `blurred`
    is the share of pictures shown soft: made pictures are, and what they show should be read all the same (how soft
    they are, other measures say)."""

    batch_size: int = 64
    blurred: float = 0.3
    centre_weight: float = 1.0
    offset_weight: float = 0.05
    thing_weight: float = 1.0
    whole_weight: float = 0.5
    seed: int = 0


class ReaderTargets(NamedTuple):
    """What should be read: maps (h, w) of centres, offsets, words (indices or IGNORE) and weights; then words of the
    whole, as indices, and the light's direction with its weight (0 where no one direction is)."""

    centre_hw: NDArray[np.float32]
    offsets_2hw: NDArray[np.float32]
    words_3hw: NDArray[np.int64]  # name, colour, material
    weights_hw: NDArray[np.float32]
    whole_4: NDArray[np.int64]  # environment, light, style, side
    direction_4: NDArray[np.float32]  # right, away, up; weight


def reader_targets(graph: dict[str, Any], mask: NDArray[np.uint8], config: ReaderConfig) -> ReaderTargets:
    """From a scene graph and its mask (S, S). Words the reader does not know are not asked for."""
    grid = config.grid
    ids = mask[CELL // 2 :: CELL, CELL // 2 :: CELL][:grid, :grid]
    centre = np.zeros((grid, grid), np.float32)
    offsets = np.zeros((2, grid, grid), np.float32)
    words = np.full((3, grid, grid), IGNORE, np.int64)
    words[0][ids == 0] = NOTHING
    weights = np.zeros((grid, grid), np.float32)
    weights[ids == 0] = 1.0 / max(1, int((ids == 0).sum()))
    rows, columns = np.mgrid[0:grid, 0:grid].astype(np.float32)
    things = [o for o in graph["objects"] if asked_for(o, config)]
    for o in things:
        where = ids == o["id"]
        size = int(where.sum())
        if size == 0:
            continue
        middle = np.array([rows[where].mean(), columns[where].mean()], np.float32)
        nearest = np.round(middle)
        bump = np.exp(-((rows - nearest[0]) ** 2 + (columns - nearest[1]) ** 2) / (2 * CENTRE_SPREAD**2))
        centre = np.maximum(centre, bump.astype(np.float32))
        offsets[0][where], offsets[1][where] = middle[1] - columns[where], middle[0] - rows[where]
        for k, (key, known) in enumerate(
            (("name", config.names), ("color", config.colors), ("material", config.materials))
        ):
            word = o[key] or ""
            words[k][where] = known.index(word) if word in known else IGNORE
        weights[where] = 1.0 / size
    weights = weights / max(1, len(things) + 1)
    light = graph["light"]
    whole = [_index(config.environments, graph["environment"]), _index(config.lights, light["kind"])]
    whole += [_index(config.styles, graph["style"]), _index(config.sides, light["side"] or "")]
    return ReaderTargets(centre, offsets, words, weights, np.array(whole, np.int64), light_direction(light))


def asked_for(thing: dict[str, Any], config: ReaderConfig) -> bool:
    """Whether a thing of a graph is one that should be read: visible, not scenery, of a name that the reader knows."""
    return bool(thing["visible"] and thing["role"] != "scenery" and thing["name"] in config.names)


def light_direction(light: dict[str, Any]) -> NDArray[np.float32]:
    """(right, away, up, 1) towards the light of a graph, or zeros where it has no one direction."""
    if light["azimuth"] is None or light["elevation"] is None:
        return np.zeros(4, np.float32)
    turn, height = math.radians(light["azimuth"]), math.radians(light["elevation"])
    return np.array(
        [math.sin(turn) * math.cos(height), math.cos(turn) * math.cos(height), math.sin(height), 1.0], np.float32
    )


def _index(words: tuple[str, ...], word: str) -> int:
    return words.index(word) if word in words else IGNORE


class ReaderBatch(NamedTuple):
    """`images` (B, 3, S, S) in [-1, 1], and the targets stacked."""

    images: Tensor
    targets: tuple[Tensor, ...]


class ReaderTask:
    """Implements train.task.Task. `masks` are the encoded masks of the pictures, in their order.

    Each picture is shown as it is or mirrored, by chance; a little brighter or darker, so that the reader learns no one
    exposure; and some of them soft.
    """

    def __init__(self, model: Reader, pictures: PictureSet, masks: list[bytes], config: ReaderTaskConfig) -> None:
        if len(masks) != len(pictures):
            raise ValueError(f"{len(masks)} masks for {len(pictures)} pictures")
        self.model: nn.Module = model
        self.reader, self.pictures, self.masks, self.config = model, pictures, masks, config
        self.train_indices, self.held_out = split_held_out(len(pictures), scenes=scenes_of(pictures.samples))
        self.order = Order(
            len(self.train_indices), batch_size=config.batch_size, seed=stream_seed(config.seed, "reader")
        )
        self.device = next(model.parameters()).device

    def batch(self, step: int, ranks: Ranks) -> ReaderBatch:
        rng = np.random.default_rng([self.config.seed, 17, step])
        numbers = self.train_indices[self.order.indices(step)]
        turned = rng.random(len(numbers)) < 0.5
        gain = rng.uniform(0.9, 1.1, len(numbers)).astype(np.float32)
        soft = np.where(rng.random(len(numbers)) < self.config.blurred, rng.uniform(*BLUR, len(numbers)), 0.0)
        rows = slice(ranks.rank, None, ranks.world)
        return self._batch(numbers[rows], turned[rows], gain[rows], soft[rows])

    def _batch(
        self,
        numbers: NDArray[np.int64],
        turned: NDArray[np.bool_],
        gain: NDArray[np.float32],
        soft: NDArray[np.float64],
    ) -> ReaderBatch:
        pixels = self.pictures.gather(numbers).astype(np.float32) / 127.5 - 1
        for k in np.flatnonzero(soft):
            pixels[k] = cv2.GaussianBlur(pixels[k], (0, 0), float(soft[k]))
        targets: list[ReaderTargets] = []
        for k, number in enumerate(numbers):
            graph, mask = self.pictures.samples[number]["graph"], decode_mask(self.masks[number])
            if turned[k]:
                pixels[k], mask, graph = pixels[k][:, ::-1].copy(), mask[:, ::-1], mirrored(graph)
            targets.append(reader_targets(graph, mask, self.reader.config))
        pixels = np.clip((pixels + 1) * gain[:, None, None, None] - 1, -1, 1)
        stacked = tuple(torch.from_numpy(np.stack(part)).to(self.device) for part in zip(*targets, strict=True))
        return ReaderBatch(torch.from_numpy(pixels).permute(0, 3, 1, 2).to(self.device), stacked)

    def loss(self, batch: ReaderBatch) -> Losses:
        output: ReaderOutput = self.reader(batch.images)
        centre, offsets, words, weights, whole, direction = batch.targets
        parts = {"centre": centre_loss(output.centre_Bhw, centre)}
        things_Bhw = weights * (words[:, 0] > NOTHING)
        miss_Bhw = (output.offsets_B2hw - offsets).abs().sum(dim=1)
        parts["offset"] = (miss_Bhw * things_Bhw).sum() / things_Bhw.sum().clamp(min=1e-6)
        logits = (output.name_BNhw, output.color_BChw, output.material_BMhw)
        for name, scores, wanted in zip(("name", "color", "material"), logits, words.unbind(1), strict=True):
            error_Bhw = F.cross_entropy(scores, wanted, ignore_index=IGNORE, reduction="none")
            known_Bhw = weights * (wanted != IGNORE)
            parts[name] = (error_Bhw * known_Bhw).sum() / known_Bhw.sum().clamp(min=1e-6)
        heads = (output.environment, output.light, output.style, output.side)
        for name, scores, wanted in zip(("environment", "light", "style", "side"), heads, whole.unbind(1), strict=True):
            error = F.cross_entropy(scores, wanted, ignore_index=IGNORE, reduction="sum")
            parts[name] = error / (wanted != IGNORE).sum().clamp(min=1)
        turn_B = 1.0 - (output.direction_B3 * direction[:, :3]).sum(dim=1)
        parts["direction"] = (turn_B * direction[:, 3]).sum() / direction[:, 3].sum().clamp(min=1)
        c = self.config
        weight = {"centre": c.centre_weight, "offset": c.offset_weight}
        weight |= dict.fromkeys(("name", "color", "material"), c.thing_weight)
        total = sum((weight.get(name, c.whole_weight) * part for name, part in parts.items()), centre.new_zeros(()))
        return Losses(total=total, num_items=len(batch.images), parts=parts)

    def learning_rate_scale(self, name: str) -> float:
        return 1.0

    @torch.no_grad()
    def preview(self, model: nn.Module, folder: Path, step: int) -> dict[str, float]:
        """What is read of held-out pictures, scored."""
        numbers = self.held_out[:256]
        readings = read(self.reader, self.pictures.gather(numbers))
        truths: list[Truth] = [truth_of(self.pictures.samples[n]["graph"], self.reader.config) for n in numbers]
        return score_reader(readings, truths).headline()


def centre_loss(logits_Bhw: Tensor, target_Bhw: Tensor) -> Tensor:
    """The penalty-reduced focal loss of CenterNet (https://arxiv.org/abs/1904.07850, eq. 1), a mean over centres."""
    p = torch.sigmoid(logits_Bhw).clamp(1e-4, 1 - 1e-4)
    at_centre = target_Bhw >= 1.0 - 1e-4
    gain = torch.where(at_centre, (1 - p).square() * p.log(), (1 - target_Bhw) ** 4 * p.square() * (1 - p).log())
    return -gain.sum() / at_centre.sum().clamp(min=1)


def decode_mask(content: bytes) -> NDArray[np.uint8]:
    """(S, S) ids of things."""
    return np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED), np.uint8)
