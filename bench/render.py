"""CPU-seconds a picture, for each scene family and stage. `python bench/render.py --scenes 6`"""

from __future__ import annotations

from collections import defaultdict
from json import dumps

import numpy as np
import tyro

from reflet.data.rendered import RenderJob, draw_scene
from reflet.render.assets import Library
from reflet.render.grammar import FAMILIES, FAMILY_WEIGHTS


def main(
    *, scenes: int = 6, views: int = 2, size: int = 256, quality: float = 0.67, seed: int = 9, json: bool = False
) -> None:
    """Draw a few scenes of every family, one thread, and print what each stage costs.

    Args:
        scenes: Scenes a family (after one that warms the caches up).
        views: Pictures of each scene.
        size: Pixels a side.
        quality: Multiplies the paths per pixel.
        seed: Which scenes.
        json: Print the JSON line alone.
    """
    library = Library(None)
    table: dict[str, dict[str, float]] = {}
    for family in FAMILIES:
        job = RenderJob(
            count=scenes * views, seed=seed, size=size, quality=quality, num_views=views, families=(family,)
        )
        list(draw_scene(job, 10_000, library=library))  # compiles, bakes textures: paid once a machine
        stages: dict[str, list[float]] = defaultdict(list)
        for scene in range(scenes):
            for _, progress in draw_scene(job, scene, library=library):
                for stage, value in progress.seconds.items():
                    stages[stage].append(value)
        table[family] = {stage: float(np.mean(values)) for stage, values in stages.items()}
        table[family]["total"] = sum(table[family].values())
    names = list(next(iter(table.values())))
    mix = {n: sum(FAMILY_WEIGHTS[f] * table[f].get(n, 0.0) for f in table) for n in names}
    table["mix"] = mix
    if not json:
        print(f"{'CPU-s a picture':<16}" + "".join(f"{n:>10}" for n in names))
        for family, row in table.items():
            print(f"{family:<16}" + "".join(f"{row.get(n, 0):>10.3f}" for n in names))
    pictures = 7200 / mix["total"]
    print(dumps({"seconds": table, "pictures_per_hour_two_cores": pictures, "size": size, "quality": quality}))


if __name__ == "__main__":
    tyro.cli(main)
