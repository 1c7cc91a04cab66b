"""From rendered sets of reserved seeds to the instruments of the evaluation: reader, encoder, calibration.

A data folder holds three sets: `reader/` (seeds READER_SEEDS), `encoder/` (ENCODER_SEEDS) and `prompts/`, which this
run draws itself: pictures of every check prompt (CALIBRATION_SEEDS).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from reflet.data.held_out import CALIBRATION_SEEDS, ENCODER_SEEDS, READER_SEEDS, refuse_others
from reflet.data.pictures import PictureSet, load_pictures
from reflet.data.shards import list_shards, read_shard
from reflet.evaluate.check_prompts import CheckPrompt, digest, scene_check
from reflet.evaluate.features import MetricEncoder, MetricEncoderConfig, features_of
from reflet.evaluate.inside import measures_inside, real_spectra
from reflet.evaluate.instruments import Calibration, Instruments, save_instruments
from reflet.evaluate.reader import Reader, ReaderConfig
from reflet.evaluate.reader_scores import score_reader, truth_of
from reflet.evaluate.reading import read
from reflet.evaluate.scene_check import calibrate
from reflet.render.assets import Library
from reflet.render.draw import draw
from reflet.render.grammar import build_scene
from reflet.runtime.device import Ranks, pick_device
from reflet.runtime.errors import UserError
from reflet.runtime.seed import stream_seed
from reflet.train.features import MaskedTask, MaskedTaskConfig
from reflet.train.reader import ReaderTask, ReaderTaskConfig
from reflet.train.trainer import StepReport, TrainConfig, Trainer, load_ema

Report = Callable[[StepReport], None]
PICTURES_A_PROMPT = 2
MIN_EXAMPLES = 12  # of a name in the reader's set: rarer ones are not read


@dataclass(frozen=True)
class InstrumentRecipe:
    """How the instruments are built and trained. The reader's words are those of its set. They look at pictures of
    `size` px: half a side is a quarter of the rendering."""

    widths: tuple[int, ...] = (48, 96, 160, 256)
    blocks: tuple[int, ...] = (1, 2, 3, 3)
    size: int = 128
    encoder: MetricEncoderConfig = field(default_factory=lambda: MetricEncoderConfig(patch_size=8))
    reader_task: ReaderTaskConfig = field(default_factory=ReaderTaskConfig)
    reader_train: TrainConfig = field(default_factory=lambda: TrainConfig(num_steps=1200, preview_steps=200))
    encoder_task: MaskedTaskConfig = field(default_factory=MaskedTaskConfig)
    encoder_train: TrainConfig = field(default_factory=lambda: TrainConfig(num_steps=1200, preview_steps=400))
    num_reference: int = 5000
    num_prompts: int = 100  # of each skill
    quality: float = 0.4
    seed: int = 0


class InstrumentRun:
    """A recipe at work; everything it makes lies in `folder`, but for the pictures of check prompts (data/prompts)."""

    def __init__(
        self,
        recipe: InstrumentRecipe,
        data: Path,
        folder: Path,
        *,
        ranks: Ranks | None = None,
        device: str | None = None,
    ) -> None:
        self.recipe, self.data, self.folder = recipe, data, folder
        self.ranks, self.device = ranks or Ranks(), pick_device(device)
        folder.mkdir(parents=True, exist_ok=True)

    def pictures(self, part: str, seeds: range) -> PictureSet:
        """One of the sets. Raises UserError for a set of other seeds, or too small a one."""
        folder = self.data / part
        refuse_others(folder, seeds)
        found = load_pictures(folder, size=self.recipe.size)
        if len(found) < 200:
            raise UserError(f"{folder} holds {len(found)} pictures: render at least 200, of a seed in {seeds}")
        return found

    # ------------------------------------------------------------------------------------------ stages
    def train_reader(self, report: Report | None = None, *, stop_at: int | None = None) -> None:
        pictures = self.pictures("reader", READER_SEEDS)
        masks = [r.annotations["mask.png"] for shard in list_shards(self.data / "reader") for r in read_shard(shard)]
        reader = self.untrained_reader(pictures).to(self.device).to(memory_format=torch.channels_last)
        task = ReaderTask(reader, pictures, masks, self.recipe.reader_task)
        Trainer(task, self.recipe.reader_train, self.folder / "reader", ranks=self.ranks).run(
            report=report, stop_at=stop_at
        )

    def train_encoder(self, report: Report | None = None, *, stop_at: int | None = None) -> None:
        pictures = self.pictures("encoder", ENCODER_SEEDS)
        task = MaskedTask(self.untrained_encoder().to(self.device), pictures, self.recipe.encoder_task)
        Trainer(task, self.recipe.encoder_train, self.folder / "encoder", ranks=self.ranks).run(
            report=report, stop_at=stop_at
        )

    def draw_prompts(self, report: Callable[[int, int], None] | None = None) -> None:
        """Real pictures of every check prompt, PICTURES_A_PROMPT each; goes on where it stopped."""
        prompts, library = self.prompts(), Library(None)
        out = self.data / "prompts"
        out.mkdir(parents=True, exist_ok=True)
        for number, prompt in enumerate(prompts):
            path = out / f"{number:05d}.npy"
            if not path.exists():
                seed = int(np.random.SeedSequence([CALIBRATION_SEEDS[0], number]).generate_state(1)[0])
                scene = build_scene(prompt.spec(num_views=PICTURES_A_PROMPT), seed=seed, library=library)
                drawn = draw(scene, size=self.recipe.size, quality=self.recipe.quality, seed=seed)
                temporary = out / f".{number:05d}.tmp.npy"
                np.save(temporary, np.stack([d.picture for d in drawn]))
                temporary.replace(path)
            if report is not None:
                report(number + 1, len(prompts))

    # ------------------------------------------------------------------------------------------ parts
    def prompts(self) -> list[CheckPrompt]:
        return scene_check(Library(None).items, number=self.recipe.num_prompts)

    def reader_config(self, pictures: PictureSet) -> ReaderConfig:
        """The words of the set, once a run: those of names that occur often enough."""
        path = self.folder / "words.json"
        if not path.exists():
            path.write_text(json.dumps(words_of([s["graph"] for s in pictures.samples]), ensure_ascii=False))
        words = {k: tuple(v) for k, v in json.loads(path.read_text()).items()}
        return ReaderConfig(**words, size=self.recipe.size, widths=self.recipe.widths, blocks=self.recipe.blocks)

    def untrained_reader(self, pictures: PictureSet) -> Reader:
        torch.manual_seed(stream_seed(self.recipe.seed, "reader"))
        return Reader(self.reader_config(pictures))

    def untrained_encoder(self) -> MetricEncoder:
        torch.manual_seed(stream_seed(self.recipe.seed, "encoder"))
        return MetricEncoder(replace(self.recipe.encoder, size=self.recipe.size))

    def pack(self, out: Path, *, card: str) -> None:
        """Measures what real pictures score, and writes the instruments."""
        pictures = self.pictures("reader", READER_SEEDS)
        reader, encoder = self.untrained_reader(pictures), self.untrained_encoder()
        reader.load_state_dict(load_ema(self.folder / "reader"))
        prefix = "encoder."
        averaged = load_ema(self.folder / "encoder")
        encoder.load_state_dict({k.removeprefix(prefix): v for k, v in averaged.items() if k.startswith(prefix)})
        reader.eval().to(self.device)
        encoder.eval().to(self.device)
        held_out = self.pictures("encoder", ENCODER_SEEDS)
        chosen = np.random.default_rng(0).permutation(len(held_out))[: self.recipe.num_reference]
        prompts = self.prompts()
        drawn = [np.load(self.data / "prompts" / f"{i:05d}.npy") for i in range(len(prompts))]
        readings = [read(reader, group) for group in drawn]
        scores = score_held_out(reader, held_out)
        instruments = Instruments(
            reader=reader,
            encoder=encoder,
            calibration=Calibration(
                prompts_digest=digest(prompts),
                skills=calibrate(prompts, readings),
                reader=scores[0],
                confusions=scores[1],
                consistency={k: e.value for k, e in measures_inside(prompts, drawn, readings).items()},
                spectra=real_spectra(drawn, readings),
            ),
            real=features_of(encoder, held_out.gather(np.sort(chosen))),
            real_prompts=torch.stack([features_of(encoder, group) for group in drawn]),
        )
        save_instruments(out, instruments, card=card)


def words_of(graphs: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What a reader of pictures with these graphs should know; names only where they occur MIN_EXAMPLES times."""
    things = [o for g in graphs for o in g["objects"] if o["visible"] and o["role"] != "scenery"]
    names = Counter(o["name"] for o in things)
    return {
        "names": ["", *sorted(n for n, count in names.items() if count >= MIN_EXAMPLES)],
        "colors": ["", *sorted({o["color"] for o in things if o["color"]})],
        "materials": ["", *sorted({o["material"] for o in things if o["material"]})],
        "environments": sorted({g["environment"] for g in graphs}),
        "lights": sorted({g["light"]["kind"] for g in graphs}),
        "styles": sorted({g["style"] for g in graphs}),
    }


def score_held_out(
    reader: Reader, pictures: PictureSet, *, limit: int = 2000
) -> tuple[dict[str, float], dict[str, dict[str, dict[str, int]]]]:
    """Headline numbers and confusions on pictures whose seeds the reader has not learned from."""
    numbers: NDArray[np.int64] = np.arange(min(limit, len(pictures)))
    readings = read(reader, pictures.gather(numbers))
    scores = score_reader(readings, [truth_of(pictures.samples[n]["graph"], reader.config) for n in numbers])
    return scores.headline(), {k: c.to_json() for k, c in scores.confusions.items()}
