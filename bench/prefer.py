"""Does a bundle take on a taste from votes? `python bench/prefer.py`

The whole loop: the bundle draws pictures into an arena, simulated voters who like bright pictures vote in it, the pairs
are exported, Flow-DPO moves the flow, and pictures of held-out prompts, of the same seeds, are measured before and
after: how bright they are, how often the taste would choose the later one, and, against forgetting, by classical
measures: how often a thing is nearest to the colour that the prompt asks for, is brighter on the side that the light
comes from, and a landscape has the palette of its kind. Costs some CPU-minutes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
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
from reflet.evaluate.check_prompts import ENVIRONMENTS
from reflet.evaluate.colors import ciede2000, lab_of
from reflet.evaluate.estimates import mean_difference
from reflet.evaluate.light import luminance, shading_side
from reflet.generate.image import ImageGenerator, load, to_pixels
from reflet.render.vocabulary import COLORS
from reflet.runtime.device import Ranks, autocast, set_threads
from reflet.train.prefer import PreferTask, PreferTaskConfig
from reflet.train.preferences import read_pairs

ASKED = ("red", "yellow", "green", "blue", "orange", "purple", "white", "brown")
THINGS = (
    "sphere on a wooden table",
    "cube on grass",
    "mug on a table",
    "vase on a wooden floor",
    "bowl on a tablecloth",
    "ball on sand",
)
PLACES = tuple(said for said, family, _ in ENVIRONMENTS if family == "landscape")
THING = 4  # the sketch's channel that is high where a thing is
TASTE = 0.03  # brightness (0..1) for a logit of preference

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]


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
def draw_one(artist: ImageGenerator, text: str, *, seed: int, steps: int) -> tuple[Pixels, NDArray[np.bool_]]:
    """A picture (H, W, 3), and where its sketch puts a thing (H, W)."""
    request = artist.request(text, seed=seed, num_steps=steps)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=artist.precision == "bfloat16"):
        walked = artist.walk(request)
        channels = artist.bundle.config.flow.latent_channels
        pixels = to_pixels(artist.bundle.autoencoder.decode(walked[:, :channels]))[0]
    return pixels, np.kron((walked[0, channels + THING] > 0.0).float().numpy(), np.ones((16, 16))) > 0


def colors_held(artist: ImageGenerator, *, steps: int) -> Floats:
    """(P, 1): whether, where the sketch puts a thing, the picture is nearer to the colour asked for than to others."""
    words = lab_of(np.array([COLORS[c] for c in ASKED]))
    out = []
    for color in ASKED:
        for thing in THINGS:
            pixels, mask = draw_one(artist, f"a {color} {thing}", seed=1, steps=steps)
            middle = np.median(lab_of(pixels[mask] / 255.0), axis=0) if mask.any() else np.full(3, np.nan)
            out.append(mask.any() and ASKED[int(ciede2000(middle[None], words).argmin())] == color)
    return np.array(out, np.float64)[:, None]


def sides_held(artist: ImageGenerator, *, steps: int) -> Floats:
    """(P, 2): whether a thing is brighter on the side that its prompt says the light comes from."""
    out = []
    for color in ASKED:
        for side, sign in (("left", -1.0), ("right", 1.0)):
            text = f"a {color} sphere on a wooden table, light from the {side}"
            drawn = [draw_one(artist, text, seed=s, steps=steps) for s in (1, 2)]
            out.append([sign * shading_side(luminance(pixels), mask).value > 0 for pixels, mask in drawn])
    return np.array(out, np.float64)


def palettes(artist: ImageGenerator, *, seeds: tuple[int, ...], steps: int) -> Floats:
    """(E, K, 9): mean CIELAB of the upper, middle and lower third of landscapes, less the mean lightness of all three:
    the taste is for brightness, and a brighter beach is a beach."""
    out = []
    for place in PLACES:
        row = []
        for seed in seeds:
            pixels, _ = draw_one(artist, place, seed=seed, steps=steps)
            bands = np.array([lab_of(b / 255.0).mean(axis=(0, 1)) for b in np.array_split(pixels, 3)])
            bands[:, 0] -= bands[:, 0].mean()
            row.append(bands.ravel())
        out.append(row)
    return np.array(out)


@dataclass(frozen=True)
class Held:
    """What a bundle keeps of its prompts, prompt by prompt: shares of 0 and 1, (P, K) each."""

    colors: Floats
    sides: Floats
    places: Floats

    @classmethod
    def measured(cls, artist: ImageGenerator, known: Floats, *, steps: int) -> Held:
        """`known` (E, 9): each place's palette, from pictures of other seeds before anything was learned."""
        found = palettes(artist, seeds=(1, 2), steps=steps)
        nearest = np.linalg.norm(found[:, :, None] - known[None, None], axis=-1).argmin(axis=-1)
        places = (nearest == np.arange(len(PLACES))[:, None]).astype(np.float64)
        return cls(colors_held(artist, steps=steps), sides_held(artist, steps=steps), places)

    def against(self, before: Held) -> dict[str, dict[str, float]]:
        """Shares before and after, and their difference with its interval over prompts."""
        out = {}
        for name in ("colors", "sides", "places"):
            earlier, later = getattr(before, name), getattr(self, name)
            change = mean_difference(later, earlier)
            out[name] = {
                "of": float(earlier.size),
                "before": float(earlier.mean()),
                "after": float(later.mean()),
                "change": change.value,
                "change_lower": change.lower,
                "change_upper": change.upper,
            }
        return out


def train(task: PreferTask, *, steps: int, learning_rate: float) -> dict[str, float]:
    """AdamW with a short warm-up; returns the last ten steps' mean of what is watched."""
    optimizer = torch.optim.AdamW(task.model.parameters(), lr=learning_rate, weight_decay=0.0)
    seen: list[dict[str, float]] = []
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = learning_rate * min(1.0, (step + 1) / 10)
        with autocast(torch.device("cpu")):
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
    before = draw(artist, testing, steps=sampling_steps)
    known = palettes(artist, seeds=(3, 4), steps=sampling_steps).mean(axis=1)
    held_before = Held.measured(artist, known, steps=sampling_steps)
    task = PreferTask(artist.bundle, pairs, PreferTaskConfig(batch_size=16, beta=beta, anchor=anchor))
    clock.append(("measure", time.process_time()))
    watched = train(task, steps=steps, learning_rate=learning_rate)
    clock.append(("train", time.process_time()))
    artist.bundle.flow.eval().requires_grad_(False)
    after = draw(artist, testing, steps=sampling_steps)
    held = Held.measured(artist, known, steps=sampling_steps).against(held_before)
    clock.append(("measure again", time.process_time()))
    shown = [np.concatenate(list(side[:8, 0]), axis=1) for side in (before, after)]
    figure.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(shown, axis=0)).save(figure)
    spent = {name: round(at - clock[k][1]) for k, (name, at) in enumerate(clock[1:])}
    print(dumps({"pairs": len(pairs.chosen), **report(before, after), "held": held, **watched, "cpu_seconds": spent}))


if __name__ == "__main__":
    tyro.cli(main)
