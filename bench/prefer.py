"""Does a bundle take on a taste from votes? `python bench/prefer.py`

The whole loop: the bundle draws pictures into an arena, simulated voters who like bright pictures vote in it, the pairs
are exported, Flow-DPO moves the flow, and pictures of held-out prompts, of the same seeds, are measured before and
after: how bright they are, how often the taste would choose the later one, and, against forgetting, how often a thing
is nearest to the colour that the prompt asks for. Costs some CPU-minutes.
"""

from __future__ import annotations

import time
from json import dumps
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
import tyro
from numpy.typing import NDArray
from PIL import Image

from reflet.arena.battle import Director
from reflet.arena.exchange import write_preferences
from reflet.arena.folder import ArenaFolder, measured
from reflet.arena.log import Vote
from reflet.arena.prompts import read_prompts
from reflet.cli.contestants import bundle_of
from reflet.evaluate.colors import ciede2000, lab_of
from reflet.generate.image import ImageGenerator, load, to_pixels
from reflet.render.vocabulary import COLORS
from reflet.runtime.device import Ranks, set_threads
from reflet.train.prefer import PreferTask, PreferTaskConfig
from reflet.train.preferences import read_pairs

ASKED = ("red", "yellow", "green", "blue", "orange", "purple", "white", "brown")
THINGS = ("sphere on a wooden table", "cube on grass", "mug on a table")
THING = 4  # the sketch's channel that is high where a thing is
TASTE = 0.03  # brightness (0..1) for a logit of preference

Pixels = NDArray[np.uint8]


def let_vote(folder: ArenaFolder, num_votes: int) -> None:
    """Ten voters of one taste, each as unsure as the difference is small."""
    director, rng = Director(folder, seed=0, checks=False), np.random.default_rng(1)
    bright = {p.id: p.facts["brightness"] for p in folder.log.pictures()}
    for k in range(num_votes):
        voter = f"voter-{k % 10}"
        folder.log.meet_voter(voter, salt=voter)
        battle = director.next(voter)
        difference = (bright[battle.left_picture] - bright[battle.right_picture]) / TASTE
        left = rng.random() < 1.0 / (1.0 + np.exp(-difference))
        folder.log.cast(Vote(battle.id, voter, "model_a" if left else "model_b", dwell=2.0))


def draw(artist: ImageGenerator, prompts: list[str], *, steps: int) -> Pixels:
    """(P, 2, H, W, 3): two seeds of each prompt."""
    return np.stack([[p.pixels for p in artist.generate(t, n=2, seed=7000, num_steps=steps)] for t in prompts])


@torch.inference_mode()
def has_color(artist: ImageGenerator, color: str, thing: str, *, seed: int, steps: int) -> bool:
    """Whether, where the sketch puts a thing, the picture is nearer to the colour asked for than to the others."""
    request = artist.request(f"a {color} {thing}", seed=seed, num_steps=steps)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=artist.precision == "bfloat16"):
        walked = artist.walk(request)
        channels = artist.bundle.config.flow.latent_channels
        pixels = to_pixels(artist.bundle.autoencoder.decode(walked[:, :channels]))[0]
    mask = np.kron((walked[0, channels + THING] > 0.0).float().numpy(), np.ones((16, 16))) > 0
    if not mask.any():
        return False
    middle = np.median(lab_of(pixels[mask] / 255.0), axis=0)
    return ASKED[int(ciede2000(middle[None], lab_of(np.array([COLORS[c] for c in ASKED]))).argmin())] == color


def num_colors_held(artist: ImageGenerator, *, steps: int) -> int:
    """The colour check: 24 prompts, two seeds each."""
    return sum(has_color(artist, c, t, seed=s, steps=steps) for c in ASKED for t in THINGS for s in (1, 2))


def train(task: PreferTask, *, steps: int, learning_rate: float) -> dict[str, float]:
    """AdamW with a short warm-up; returns the last ten steps' mean of what is watched."""
    optimizer = torch.optim.AdamW(task.model.parameters(), lr=learning_rate, weight_decay=0.0)
    seen: list[dict[str, float]] = []
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = learning_rate * min(1.0, (step + 1) / 10)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            losses = task.loss(task.batch(step, Ranks()))
        optimizer.zero_grad()
        losses.total.backward()
        torch.nn.utils.clip_grad_norm_(task.model.parameters(), 1.0)
        optimizer.step()
        seen.append({k: float(v) for k, v in losses.parts.items()})
        if step % 10 == 9:
            print(
                f"step {step + 1}",
                {k: round(float(np.mean([s[k] for s in seen[-10:]])), 4) for k in seen[-1]},
                flush=True,
            )
    return {k: float(np.mean([s[k] for s in seen[-10:]])) for k in seen[-1]}


def report(before: Pixels, after: Pixels) -> dict[str, float]:
    """Brightness before and after, and how often the taste would choose the later of two pictures of one seed."""
    levels_PK = [np.array([[measured(p)["brightness"] for p in row] for row in side]) for side in (before, after)]
    change_PK = levels_PK[1] - levels_PK[0]
    return {
        "brightness_before": float(levels_PK[0].mean()),
        "brightness_after": float(levels_PK[1].mean()),
        "change": float(change_PK.mean()),
        "change_error": float(change_PK.mean(axis=1).std(ddof=1) / np.sqrt(len(change_PK))),
        "taste_chooses_later": float((1.0 / (1.0 + np.exp(-change_PK / TASTE))).mean()),
    }


def main(
    *,
    bundle: str = "bundles/reflet-nano",
    prompts: int = 16,
    held_out: int = 12,
    votes: int = 400,
    steps: int = 60,
    sampling_steps: int = 6,
    beta: float = 100.0,
    anchor: float = 10.0,
    learning_rate: float = 3e-5,
    figure: Path = Path("out/prefer.png"),
) -> None:
    """Draws, votes, trains, draws again.

    Args:
        bundle: The bundle that learns.
        prompts: Prompts of the arena's pool, of those that may train.
        held_out: Prompts of those held out, on which the taste is measured.
        votes: Votes of ten simulated voters, some of whom are held out.
        steps: Training steps of 16 pairs.
        sampling_steps: Steps of each picture.
        beta: Flow-DPO's: how near to stay.
        anchor: How much the flow's loss on the chosen pictures weighs beside it.
        learning_rate: AdamW's.
        figure: Where pictures before (above) and after (below) go.
    """
    set_threads(1)
    clock = [("start", time.process_time())]
    artist = load(bundle)
    pool = read_prompts()
    training = [p for p in pool if p.split == "train"][:prompts]
    testing = [p.text for p in pool if p.split == "held_out"][:held_out]
    with TemporaryDirectory() as temporary:
        folder = ArenaFolder(Path(temporary) / "arena", create=True)
        contestants = [bundle_of(f"{s} steps", artist, {"num_steps": s}) for s in (sampling_steps, sampling_steps + 1)]
        folder.fill(contestants, training, n=2, report=lambda done, of: None)
        clock.append(("draw", time.process_time()))
        let_vote(folder, votes)
        write_preferences(folder, Path(temporary) / "votes")
        clock.append(("vote", time.process_time()))
        pairs, _ = read_pairs(Path(temporary) / "votes" / "train-pairs.jsonl", artist)
        clock.append(("draw again", time.process_time()))
    before, held_before = draw(artist, testing, steps=sampling_steps), num_colors_held(artist, steps=sampling_steps)
    task = PreferTask(artist.bundle, pairs, PreferTaskConfig(batch_size=16, beta=beta, anchor=anchor))
    clock.append(("measure", time.process_time()))
    watched = train(task, steps=steps, learning_rate=learning_rate)
    clock.append(("train", time.process_time()))
    artist.bundle.flow.eval().requires_grad_(False)
    after, held_after = draw(artist, testing, steps=sampling_steps), num_colors_held(artist, steps=sampling_steps)
    clock.append(("measure again", time.process_time()))
    shown = [np.concatenate(list(side[:8, 0]), axis=1) for side in (before, after)]
    figure.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(shown, axis=0)).save(figure)
    spent = {name: round(at - clock[k][1]) for k, (name, at) in enumerate(clock[1:])}
    held = {"colors_before": held_before, "colors_after": held_after, "colors_of": 2 * len(ASKED) * len(THINGS)}
    print(dumps({"pairs": len(pairs.chosen), **report(before, after), **held, **watched, "cpu_seconds": spent}))


if __name__ == "__main__":
    tyro.cli(main)
