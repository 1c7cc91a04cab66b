"""From the reader's maps to words: what things there are, where, how they look, and what holds of the whole picture.

Shapes: h and w cells, K things.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from reflet.evaluate.reader import NOTHING, Reader, ReaderConfig, ReaderOutput

CENTRE_THRESHOLD = 0.3
NEIGHBOURHOOD = 5  # cells: of two centres nearer than this the weaker one is none
MIN_CELLS = 3

Relation = Literal["left", "right", "above", "below"]


@dataclass(frozen=True)
class Seen:
    """One thing. `centre` and `box` (left, top, right, bottom) are shares of the picture's sides, `area` of its area;
    `cells` (h, w) is True where it is seen. `color` and `material` are "" where none was read."""

    name: str
    color: str
    material: str
    confidence: float
    centre: tuple[float, float]
    box: tuple[float, float, float, float]
    area: float
    cells: NDArray[np.bool_]


@dataclass(frozen=True)
class Reading:
    """A picture in words. `azimuth` and `elevation` of the light in degrees, as in a scene graph: 0 is away from the
    viewer, positive is to the right."""

    things: tuple[Seen, ...]
    environment: str
    light: str
    style: str
    side: str
    azimuth: float
    elevation: float

    def counts(self) -> Counter[str]:
        """How many of each name."""
        return Counter(thing.name for thing in self.things)

    def named(self, name: str) -> list[Seen]:
        """The things of that name, the surest first."""
        return sorted((t for t in self.things if t.name == name), key=lambda t: -t.confidence)


@torch.inference_mode()
def read(reader: Reader, pictures_NHWC: NDArray[np.uint8], *, batch_size: int = 32) -> list[Reading]:
    """Reads pictures (N, S, S, 3) of the size that the reader knows. Other sizes: resize them first."""
    device = next(reader.parameters()).device
    was_training = reader.training
    reader.eval()
    out: list[Reading] = []
    for start in range(0, len(pictures_NHWC), batch_size):
        pixels = torch.from_numpy(np.ascontiguousarray(pictures_NHWC[start : start + batch_size])).to(device)
        output = reader(pixels.permute(0, 3, 1, 2).float() / 127.5 - 1)
        out += decode(output, reader)
    reader.train(was_training)
    return out


def decode(output: ReaderOutput, reader: Reader) -> list[Reading]:
    """One Reading for each picture of a batch of outputs."""
    config = reader.config
    output = ReaderOutput(*(t.float().cpu() for t in output))
    peaks_Bhw = peak_map(output.centre_Bhw)
    out: list[Reading] = []
    for b in range(len(peaks_Bhw)):
        right, away, up = (float(v) for v in output.direction_B3[b])
        out.append(
            Reading(
                things=_things(output, peaks_Bhw[b], b, reader),
                environment=config.environments[int(output.environment[b].argmax())],
                light=config.lights[int(output.light[b].argmax())],
                style=config.styles[int(output.style[b].argmax())],
                side=config.sides[int(output.side[b].argmax())],
                azimuth=math.degrees(math.atan2(right, away)),
                elevation=math.degrees(math.asin(max(-1.0, min(1.0, up)))),
            )
        )
    return out


def peak_map(centre_Bhw: Tensor) -> Tensor:
    """Probabilities where they are the highest of their neighbourhood and above CENTRE_THRESHOLD, else 0."""
    probability = torch.sigmoid(centre_Bhw)
    highest = F.max_pool2d(probability[:, None], NEIGHBOURHOOD, stride=1, padding=NEIGHBOURHOOD // 2)[:, 0]
    return torch.where((probability == highest) & (probability > CENTRE_THRESHOLD), probability, 0.0)


def _things(output: ReaderOutput, peaks_hw: Tensor, b: int, reader: Reader) -> tuple[Seen, ...]:
    """Each cell that has a name goes to the centre it points at; each thing's cells vote."""
    config = reader.config
    peaks_K2 = peaks_hw.nonzero().float()  # (row, column)
    figure_hw = output.name_BNhw[b].argmax(dim=0) != NOTHING
    if not len(peaks_K2) or not figure_hw.any():
        return ()
    cells_J2 = figure_hw.nonzero()
    offsets_J2 = output.offsets_B2hw[b].flip(0).permute(1, 2, 0)[figure_hw]  # (down, right)
    owner_J = torch.cdist(cells_J2.float() + offsets_J2, peaks_K2).argmin(dim=1)
    found: list[Seen] = []
    for k in range(len(peaks_K2)):
        mine_J2 = cells_J2[owner_J == k]
        if len(mine_J2) < MIN_CELLS:
            continue
        votes = [
            logits[b][:, mine_J2[:, 0], mine_J2[:, 1]].log_softmax(dim=0).mean(dim=1)
            for logits in (output.name_BNhw, output.color_BChw, output.material_BMhw)
        ]
        votes[0][NOTHING] = -torch.inf  # its cells were chosen because they have a name
        where = np.zeros(figure_hw.shape, bool)
        where[mine_J2[:, 0].numpy(), mine_J2[:, 1].numpy()] = True
        found.append(_seen(where, [int(v.argmax()) for v in votes], float(peaks_hw[tuple(peaks_K2[k].long())]), config))
    return tuple(found)


def _seen(where: NDArray[np.bool_], indices: list[int], confidence: float, config: ReaderConfig) -> Seen:
    rows, columns = np.nonzero(where)
    height, width = where.shape
    return Seen(
        name=config.names[indices[0]],
        color=config.colors[indices[1]],
        material=config.materials[indices[2]],
        confidence=confidence,
        centre=(float(columns.mean() + 0.5) / width, float(rows.mean() + 0.5) / height),
        box=(columns.min() / width, rows.min() / height, (columns.max() + 1) / width, (rows.max() + 1) / height),
        area=float(where.mean()),
        cells=where,
    )


def relation(first: Seen, second: Seen) -> Relation | None:
    """Where the first is as seen from the second, by GenEval's rule (https://arxiv.org/abs/2310.11513, 3.2): the
    offset of the centres, less a tenth of the summed sizes, and then only directions within 60 degrees of an axis."""
    sizes = [(t.box[2] - t.box[0], t.box[3] - t.box[1]) for t in (first, second)]
    offset = np.array(first.centre) - np.array(second.centre)
    reach = 0.1 * np.array([sizes[0][0] + sizes[1][0], sizes[0][1] + sizes[1][1]])
    offset = np.maximum(np.abs(offset) - reach, 0.0) * np.sign(offset)
    length = float(np.linalg.norm(offset))
    if length < 1e-3:
        return None
    right, down = offset / length
    if abs(right) > 0.5 and abs(right) >= abs(down):
        return "right" if right > 0 else "left"
    return "below" if down > 0 else "above"
