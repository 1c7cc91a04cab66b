"""Training throughput beside the machine's matrix rate. `python bench/train.py`"""

from __future__ import annotations

import time
from dataclasses import replace
from json import dumps

import numpy as np
import torch
import tyro
from torch.utils.flop_counter import FlopCounterMode

from reflet.core.flow import flow_loss, interpolate
from reflet.models.autoencoder import Autoencoder
from reflet.models.image import ImageFlow
from reflet.models.text import TextEncoder
from reflet.recipes.index import recipe as find_recipe
from reflet.runtime.device import autocast, has_fast_bfloat16, set_threads
from reflet.train.optimizer import Optimizer, OptimizerConfig


def matrix_rate(*, seconds: float = 2.0) -> float:
    """The best rate of this process's threads over a few square and model-like products, FLOP/s, in the dtype that
    training computes in here."""
    best, dtype = 0.0, torch.bfloat16 if has_fast_bfloat16(torch.device("cpu")) else torch.float32
    for m, k, n in ((4096, 384, 1024), (8192, 384, 384), (2048, 2048, 2048)):
        a, b = (torch.randn(s, dtype=dtype) for s in ((m, k), (k, n)))
        for _ in range(3):
            a @ b
        start, count = time.perf_counter(), 0
        while time.perf_counter() - start < seconds / 3:
            a @ b
            count += 1
        best = max(best, 2 * m * k * n * count / (time.perf_counter() - start))
    return best


def main(
    *, name: str = "nano", batch_size: int = 256, num_steps: int = 8, threads: int | None = None, json: bool = False
) -> None:
    """Train the flow (text encoder included) and the autoencoder of a recipe for a few steps on random data.

    Args:
        name: The recipe.
        batch_size: Pictures a step of the flow.
        num_steps: Timed steps, after two that warm up.
        threads: CPU threads (default: all cores).
        json: Print the JSON line alone.
    """
    number = set_threads(threads)
    chosen, device = find_recipe(name), torch.device("cpu")
    text, flow = TextEncoder(chosen.text), ImageFlow(replace(chosen.flow, text_width=chosen.text.width))
    model = torch.nn.ModuleDict({"text": text, "flow": flow})
    optimizer = Optimizer(model, OptimizerConfig(), scale=lambda _: 1.0)
    side = chosen.flow.latent_size
    data, noise = (torch.randn(batch_size, chosen.flow.num_channels, side, side) for _ in range(2))
    ids, t = torch.randint(4, chosen.text.vocab_size, (batch_size, 24)), torch.rand(batch_size)

    def flow_step() -> None:
        with autocast(device):
            states = text(ids)
            context = flow.read(states.states_BSD, states.mask_BS)
            output = flow(interpolate(data, noise, t), t, context=context)
            loss = flow_loss(output, data=data, noise=noise, t_B=t, prediction=chosen.flow.prediction).mean()
        loss.backward()
        optimizer.step(factor=1e-6)

    autoencoder = Autoencoder(chosen.autoencoder).to(memory_format=torch.channels_last)
    crops = torch.randn(chosen.autoencoder_task.batch_size, 3, 128, 128).contiguous(memory_format=torch.channels_last)

    def autoencoder_step() -> None:
        with autocast(device):
            loss = (autoencoder(crops).float() - crops).square().mean()
        loss.backward()
        autoencoder.zero_grad(set_to_none=True)

    peak = matrix_rate()
    result: dict[str, object] = {"recipe": name, "threads": number, "matrix_flops": peak}
    for label, step, items in (("flow", flow_step, batch_size), ("autoencoder", autoencoder_step, len(crops))):
        with FlopCounterMode(display=False) as counter:
            step()
        if label == "flow" and chosen.flow_task.compile:  # after counting: compiled products are not seen
            text.transformer.compile_layers()
            flow.compile_layers()
        for _ in range(2):
            step()
        times = []
        for _ in range(num_steps):
            start = time.perf_counter()
            step()
            times.append(time.perf_counter() - start)
        spent = float(np.median(times))
        flops = counter.get_total_flops() / items
        share = flops * items / spent / peak
        print(
            f"{label:<12} {items / spent:8.1f} pictures/s  {flops / 1e9:6.2f} GFLOP each"
            f"  {100 * share:5.1f} % of {peak / 1e9:.0f} GFLOP/s"
        )
        result[label] = {"pictures_per_second": items / spent, "flop_per_picture": flops, "share_of_matrix_rate": share}
    print(dumps(result))


if __name__ == "__main__":
    tyro.cli(main)
