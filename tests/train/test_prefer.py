"""Flow-DPO: a toy whose answer is known in closed form, and simulated voters whose taste a flow learns."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from reflet.core.flow import flow_loss, interpolate
from reflet.data.tokenizer import Tokenizer
from reflet.generate.bundle import Bundle, BundleConfig
from reflet.generate.image import ImageGenerator
from reflet.models.autoencoder import Autoencoder
from reflet.models.image import ImageFlow
from reflet.models.text import TextEncoder
from reflet.recipes.tiny import image_tiny
from reflet.runtime.device import Ranks
from reflet.train.prefer import Pairs, PreferTask, PreferTaskConfig, preference_loss

PROMPT = "a red sphere on a wooden table"


def test_a_gaussian_moves_as_far_as_the_closed_form_says() -> None:
    """Data N(m, 1) in one dimension: the best x-hat at time t is a x + b m, and the flow's error, averaged over noise,
    differs from that of m = 0 by b^2 (m^2 - 2 m data) / max(t, .05)^2. So with beta the implied reward is
    beta m B data, B the mean of b^2 / t^2 over times; voters with reward k data are matched at m = k / (beta B)."""
    draw = torch.Generator().manual_seed(0)
    k, beta, times = 0.8, 0.05, (torch.arange(8) + 0.5) / 8
    data = torch.randn(2, 6000, generator=draw)
    first_wins = torch.rand(6000, generator=draw) < torch.sigmoid(k * (data[0] - data[1]))
    chosen, rejected = torch.where(first_wins, data, data.flip(0))

    def best_guess(x: Tensor, t_B: Tensor, mean: Tensor) -> Tensor:
        a = (1 - t_B) / ((1 - t_B) ** 2 + t_B**2)
        return a[:, None] * x + (1 - a * (1 - t_B))[:, None] * mean

    noise = torch.randn(16, generator=draw)
    noise = (noise - noise.mean()) / noise.std(correction=0)

    def errors(side: Tensor, mean: Tensor) -> Tensor:
        """Averaged over times and noise, the same for all samples."""
        total = torch.zeros(len(side))
        for t in times:
            for z in noise:
                t_B = t.expand(len(side))
                x = interpolate(side[:, None], z.expand(len(side), 1), t_B)
                guess = best_guess(x, t_B, mean)
                total = total + flow_loss(
                    guess, data=side[:, None], noise=z.expand(len(side), 1), t_B=t_B, prediction="data"
                )
        return total / (len(times) * len(noise))

    # the errors are quadratic in the mean: three values give them for all
    grid = [errors(side, torch.tensor(m)) for m in (0.0, 1.0, -1.0) for side in (chosen, rejected)]

    def at(side: int, mean: Tensor) -> Tensor:
        zero, plus, minus = grid[side], grid[2 + side], grid[4 + side]
        return zero + 0.5 * (plus - minus) * mean + (0.5 * (plus + minus) - zero) * mean**2

    mean = torch.zeros((), requires_grad=True)
    optimizer = torch.optim.LBFGS([mean], max_iter=60)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = preference_loss(
            at(0, mean), at(1, mean), chosen_before_B=grid[0], rejected_before_B=grid[1], beta=beta
        ).mean()
        loss.backward()
        return loss

    start = float(closure().detach())
    optimizer.step(closure)
    a = (1 - times) / ((1 - times) ** 2 + times**2)
    b = float(((1 - a * (1 - times)) ** 2 / times.clamp(min=0.05) ** 2).mean())
    standard_error = 1 / math.sqrt(6000 * 0.25 * 2) / (beta * b)  # of the votes, about
    assert start == pytest.approx(math.log(2), abs=1e-6)
    assert float(mean.detach()) == pytest.approx(k / (beta * b), abs=4 * standard_error)
    assert k / (beta * b) > 10 * standard_error  # the test can tell


def tiny_bundle() -> Bundle:
    recipe = image_tiny()
    torch.manual_seed(0)
    tokenizer = Tokenizer.train([PROMPT] * 8, vocab_size=320)
    text = replace(recipe.text, vocab_size=tokenizer.vocab_size)
    flow = replace(recipe.flow, text_width=text.width, width=32, depth=1, num_heads=1, prediction="velocity")
    config = BundleConfig(name="tiny", autoencoder=recipe.autoencoder, text=text, flow=flow, sizes=(64,))
    return Bundle(config, Autoencoder(recipe.autoencoder), TextEncoder(text), ImageFlow(flow), tokenizer, digest="")


def simulated_pairs(bundle: Bundle, number: int = 256) -> Pairs:
    """Latents from N(0, 1) around 0; voters like a high first channel, and are right nine times in ten."""
    rng = np.random.default_rng(0)
    shape = (bundle.flow.config.num_channels, 4, 4)
    both = rng.normal(size=(2, number, *shape)).astype(np.float32)
    both[:, :, 0] += rng.normal(size=(2, number, 1, 1)).astype(np.float32)
    better = both[0, :, 0].mean(axis=(1, 2)) > both[1, :, 0].mean(axis=(1, 2))
    better ^= rng.random(number) < 0.1
    pick = better[:, None, None, None]
    ids = np.tile(bundle.tokenizer.encode(PROMPT), (number, 1)).astype(np.int64)
    return Pairs(np.where(pick, both[0], both[1]), np.where(pick, both[1], both[0]), ids)


def test_a_flow_learns_the_taste_of_simulated_voters() -> None:
    bundle = tiny_bundle()
    task = PreferTask(bundle, simulated_pairs(bundle), PreferTaskConfig(batch_size=64, beta=20.0, anchor=0.2))
    artist = ImageGenerator(bundle, precision="float32")
    request = artist.request(PROMPT, n=8, num_steps=6, guidance_scale=1.0)

    def taste() -> float:
        with torch.no_grad():
            return float(artist.sample(request)[:, 0].mean())

    first = task.loss(task.batch(0, Ranks()))
    assert float(first.parts["preference"]) == pytest.approx(math.log(2), abs=1e-5)  # nothing has changed yet
    before, kept = taste(), copy.deepcopy(task.reference.state_dict())
    optimizer = torch.optim.AdamW(task.model.parameters(), lr=2e-3)
    for step in range(60):
        losses = task.loss(task.batch(step, Ranks()))
        optimizer.zero_grad()
        losses.total.backward()
        optimizer.step()
    last = task.loss(task.batch(0, Ranks()))
    assert float(last.parts["agrees"]) > 0.7 and float(last.parts["preference"]) < 0.65
    assert taste() > before + 0.2
    assert all(torch.equal(v, kept[k]) for k, v in task.reference.state_dict().items())


def test_batches_are_a_function_of_the_step_and_split_over_ranks() -> None:
    bundle = tiny_bundle()
    task = PreferTask(bundle, simulated_pairs(bundle, 64), PreferTaskConfig(batch_size=16))
    whole, again = task.batch(3, Ranks()), task.batch(3, Ranks())
    assert torch.equal(whole.chosen, again.chosen) and torch.equal(whole.noise_chosen, whole.noise_rejected)
    halves = [task.batch(3, Ranks(rank=r, world=2)) for r in range(2)]
    assert torch.equal(whole.t[0::2], halves[0].t) and torch.equal(whole.rejected[1::2], halves[1].rejected)
    known = np.random.default_rng(1).normal(size=(64, 2, *whole.chosen.shape[1:])).astype(np.float32)
    own = PreferTask(bundle, replace(task.pairs, noise=known), PreferTaskConfig(batch_size=16)).batch(3, Ranks())
    assert not torch.equal(own.noise_chosen, own.noise_rejected)
    with pytest.raises(ValueError, match="as many"):
        replace(task.pairs, ids=task.pairs.ids[:3])
    with pytest.raises(ValueError, match="no preference"):
        PreferTask(bundle, Pairs(task.pairs.chosen[:0], task.pairs.rejected[:0], task.pairs.ids[:0]), task.config)
