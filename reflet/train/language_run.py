"""From a recipe to a talk's bundle: tokenizer, training, and packing with the papers of what it learned from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch

from reflet.data.talk_dialogues import sample_text
from reflet.data.talk_phrases import FOLDER
from reflet.data.talk_tokens import TalkTokenizer
from reflet.generate.talk_bundle import TalkBundle, save_talk
from reflet.models.language import LanguageConfig, LanguageModel
from reflet.runtime.config import to_json
from reflet.runtime.device import Ranks, pick_device
from reflet.train.language import LanguageTask, LanguageTaskConfig
from reflet.train.parallel import Layout
from reflet.train.sharded import Sharded
from reflet.train.trainer import StepReport, TrainConfig, Trainer, load_ema

STAGE, TOKENIZER, MATERIALS = "language", "tokenizer.json", "materials.json"
TOKENIZER_SEED = 10**9  # the talks from which the tokenizer learns begin here
LICENCE = "CC0-1.0"


@dataclass(frozen=True)
class LanguageRecipe:
    """One complete, frozen configuration of a talk's language model. `call_margin` is the bundle's (see
    generate.talk_answer.Wish): chosen after training, by what bench/talk.py tells of it."""

    name: str = "reflet-talk"
    language: LanguageConfig = field(default_factory=LanguageConfig)
    task: LanguageTaskConfig = field(default_factory=LanguageTaskConfig)
    train: TrainConfig = field(default_factory=lambda: TrainConfig(num_steps=4000))
    tokenizer_talks: int = 12_000
    call_margin: float = 0.0
    seed: int = 0


class LanguageRun:
    """A recipe at work; everything it makes lies in `folder`. It needs no data: talks are made as they are read."""

    def __init__(
        self,
        recipe: LanguageRecipe,
        folder: Path,
        *,
        ranks: Ranks | None = None,
        sharded: bool = False,
        device: str | None = None,
    ) -> None:
        self.recipe, self.folder, self.ranks = recipe, folder, ranks or Ranks()
        self.layout = Sharded(self.ranks) if sharded else Layout(self.ranks)
        self.device = pick_device(device)
        folder.mkdir(parents=True, exist_ok=True)
        if self.ranks.rank == 0:
            (folder / "recipe.json").write_text(json.dumps(to_json(recipe), indent=1))

    def tokenizer(self) -> TalkTokenizer:
        """Trained once for the run, then read."""
        path = self.folder / TOKENIZER
        if not path.exists():
            texts = (sample_text(TOKENIZER_SEED + k) for k in range(self.recipe.tokenizer_talks))
            made = TalkTokenizer.train(texts, vocab_size=self.recipe.language.vocab_size)
            path.write_text(made.to_json())
        return TalkTokenizer.from_json(path.read_text())

    def task(self) -> LanguageTask:
        """A fresh model and what it learns from."""
        torch.manual_seed(self.recipe.seed)
        model = LanguageModel(self.recipe.language).to(self.device)
        return LanguageTask(model, self.tokenizer(), self.recipe.task)

    def train(self, report: Callable[[StepReport], None] | None = None, *, stop_at: int | None = None) -> None:
        """Trains to the end, or goes on where it stopped."""
        trainer = Trainer(self.task(), self.recipe.train, self.folder / STAGE, layout=self.layout)
        trainer.run(report=report, stop_at=stop_at)

    def bundle(self) -> TalkBundle:
        """The newest averaged weights, as they will be stored."""
        weights = load_ema(self.folder / STAGE)
        made = TalkBundle.of(self.recipe.name, self.recipe.language, weights, self.tokenizer())
        made.call_margin = self.recipe.call_margin
        return made

    def pack(self, out: Path, *, card: str) -> None:
        """Writes the bundle, with what its talks were made from."""
        extra = {MATERIALS: json.dumps(materials(self.recipe), indent=1).encode()}
        save_talk(out, self.bundle(), card=card, extra=extra)


def materials(recipe: LanguageRecipe) -> dict[str, object]:
    """What the model learned from: talks of our own generator, named by the files that they are made of."""
    rows = recipe.train.num_steps * recipe.task.rows
    return {
        "num_records": rows,
        "records": f"rows of up to {recipe.task.length} tokens of whole talks, each row made from a seed of its own",
        "licenses": {LICENCE: rows},
        "source": "reflet.data.talk_dialogues",
        "seed": recipe.task.seed,
        "files": {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(FOLDER.glob("*.txt"))},
    }
