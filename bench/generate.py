"""Seconds from a prompt to pixels, warm. `python bench/generate.py`"""

from __future__ import annotations

import time
from json import dumps

import numpy as np
import tyro

from reflet.generate.image import load
from reflet.runtime.device import set_threads


def main(
    *,
    bundle: str = "image",
    steps: tuple[int, ...] = (4, 10, 20),
    repeats: int = 5,
    threads: int | None = None,
    json: bool = False,
) -> None:
    """Time one picture at several numbers of steps, after one that warms up.

    Args:
        bundle: A bundle's name or folder.
        steps: Numbers of steps to time.
        repeats: Pictures each.
        threads: CPU threads (default: all cores).
        json: Print the JSON line alone.
    """
    number = set_threads(threads)
    artist = load(bundle, device="cpu")
    result: dict[str, object] = {"bundle": artist.bundle.digest, "threads": number, "precision": artist.precision}
    artist.generate("a red glass sphere", num_steps=4)
    for count in steps:
        times = []
        for seed in range(repeats):
            start = time.perf_counter()
            artist.generate("a red glass sphere on a wooden table at sunset", seed=seed, num_steps=count)
            times.append(time.perf_counter() - start)
        if not json:
            print(f"{count:3d} steps  {np.median(times):.3f} s (median of {repeats}, with guidance)")
        result[f"seconds_{count}_steps"] = float(np.median(times))
    print(dumps(result))


if __name__ == "__main__":
    tyro.cli(main)
