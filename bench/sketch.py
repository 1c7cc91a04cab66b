"""How far a bundle's drafts, and its flow's answers out of noise, are from the true sketches of unseen pictures.

`python bench/sketch.py SET --bundle reflet-nano [--number 384] [--json]`, SET a folder of `reflet render` with a seed
of its own (for models of fixed scenes: `--staging fixed`, the things they know, one view a scene). Each picture is
asked for by its longest caption. Prints squared errors of all channels, of colours, of figure or ground, and figure or
ground in pictures of one single thing and of several; the last line is the JSON object.
"""

from __future__ import annotations

from collections.abc import Callable
from json import dumps
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import tyro
from torch import Tensor

from reflet.core.flow import interpolate
from reflet.data.pictures import load_pictures
from reflet.data.sketch_channels import FIGURE_CHANNEL
from reflet.data.sketches import load_sketches
from reflet.data.things import OBJECT_FAMILIES
from reflet.generate.bundle import Bundle, load_bundle
from reflet.models.image import ImageContext
from reflet.runtime.device import set_threads
from reflet.train.image import code_of
from reflet.train.materials import size_of_set

BATCH, SEED = 64, 11


def main(
    folder: Annotated[Path, tyro.conf.Positional],
    *,
    bundle: str = "reflet-nano",
    number: int = 384,
    times: tuple[float, ...] = (1.0, 0.85, 0.5),
    threads: int | None = None,
    json: bool = False,
) -> None:
    """Measures drafts and answers of a bundle.

    Args:
        folder: A set of `reflet render`.
        bundle: A bundle's name or folder.
        number: The first pictures of the set.
        times: The sketch's own times at which the flow is asked; 1 is noise alone.
        threads: CPU threads (default: all cores).
        json: Print the JSON line alone.
    """
    set_threads(threads)
    known = load_bundle(bundle)
    size = size_of_set(folder)
    pictures = load_pictures(folder, size=size)
    sketches = load_sketches(folder, size=size, grid=known.config.flow.latent_size)
    number = min(number, len(pictures))
    samples = pictures.samples[:number]
    data = torch.from_numpy(sketches.gather(np.arange(number)))
    texts = [max(s["captions"], key=len) for s in samples]
    things = np.array([num_things(s["graph"]) for s in samples])
    found = {name: errors(made, data, things) for name, made in answers(known, texts, data, times).items()}
    if not json:
        print(f"{'':<18}{'all':>8}{'colour':>8}{'figure':>8}{'single':>8}{'several':>8}   ({number} pictures)")
        for name, values in found.items():
            print(f"{name:<18}" + "".join(f"{v:>8.3f}" for v in values.values()))
    counts = {"pictures": number, "single": int((things == 1).sum()), "several": int((things > 1).sum())}
    print(dumps({"bundle": known.digest, **counts, "squared_errors": found}))


def num_things(graph: dict[str, Any]) -> int:
    """How many things a picture of things shows; 0 for rooms, streets and landscapes."""
    if graph["family"] not in OBJECT_FAMILIES:
        return 0
    return sum(o["role"] == "subject" and o["visible"] for o in graph["objects"])


@torch.inference_mode()
def answers(bundle: Bundle, texts: list[str], data: Tensor, times: tuple[float, ...]) -> dict[str, Tensor]:
    """By name: sketches (N, S, G, G) that the draft and the flow make of the captions."""
    flow, schedule = bundle.flow, bundle.flow.config.schedule()
    sketch = schedule.groups()[1]
    out: dict[str, list[Tensor]] = {}
    noise = torch.randn(
        (len(data), schedule.num_channels, *data.shape[2:]), generator=torch.Generator().manual_seed(SEED)
    )
    for first in range(0, len(texts), BATCH):
        rows = slice(first, first + BATCH)
        context = read(bundle, texts[rows])
        told = flow.with_code(context, code_of(flow, context, data[rows]))
        contexts: dict[str, ImageContext] = {"": context} if told is context else {"mean": context, "told": told}
        for name, which in contexts.items():
            if which.draft_BCHW is not None:
                out.setdefault(f"draft, {name}", []).append(which.draft_BCHW)
            for own in times:
                t_B = torch.full((len(data[rows]),), global_time(schedule.times, sketch.start, own))
                own_BC = schedule.times(t_B)
                whole = torch.zeros_like(noise[rows])
                whole[:, sketch] = data[rows]
                x = interpolate(whole, noise[rows], own_BC)
                velocity = flow.velocity(x, t_B, context=which)
                answer = (x - own_BC[:, :, None, None] * velocity)[:, sketch]
                out.setdefault(f"flow {own:g}" + (f", {name}" if name else ""), []).append(answer)
    return {name: torch.cat(parts) for name, parts in out.items()}


def read(bundle: Bundle, texts: list[str]) -> ImageContext:
    """The captions as the flow reads them."""
    ids = bundle.tokenizer.batch(texts, length=bundle.config.text.max_tokens).ids
    states = bundle.text(torch.from_numpy(ids.astype(np.int64)))
    return bundle.flow.read(states.states_BSD, states.mask_BS)


def global_time(times: Callable[[Tensor], Tensor], channel: int, own: float) -> float:
    """The walk's time at which a channel stands at its own time."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if float(times(torch.tensor([middle]))[0, channel]) < own else (low, middle)
    return high


def errors(made: Tensor, data: Tensor, things: np.ndarray) -> dict[str, float]:
    """Mean squared errors."""
    errors_NC = (made.float() - data).square().mean(dim=(2, 3))
    figure_N = errors_NC[:, FIGURE_CHANNEL]
    parts = {"all": errors_NC, "colour": errors_NC[:, :3], "figure": figure_N}
    parts |= {"single": figure_N[things == 1], "several": figure_N[things > 1]}
    return {name: round(float(value.mean()), 5) if value.numel() else float("nan") for name, value in parts.items()}


if __name__ == "__main__":
    tyro.cli(main)
