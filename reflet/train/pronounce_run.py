"""From a pronouncing dictionary to the bundle `reflet-english`: teach the pronouncer, measure it, pack both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from reflet.data.lexicon import Lexicon, read_cmudict
from reflet.generate.bundle import dequantize, quantize
from reflet.generate.pronounce import ENGLISH, save_english
from reflet.models.pronounce import Pronouncer, PronouncerConfig
from reflet.runtime.config import to_json
from reflet.runtime.errors import UserError
from reflet.train.pronounce import (
    PronounceErrors,
    PronounceTask,
    PronounceTaskConfig,
    make_pronouncer,
    measure,
)
from reflet.train.trainer import StepReport, TrainConfig, Trainer, load_ema

STAGE, MATERIALS, NOTICE = "pronouncer", "materials.json", "notice.txt"
LICENCE = "LicenseRef-CMUdict"


@dataclass(frozen=True)
class PronouncerRecipe:
    """One complete, frozen configuration: what is built and how it is trained."""

    name: str = ENGLISH
    pronouncer: PronouncerConfig = field(default_factory=PronouncerConfig)
    task: PronounceTaskConfig = field(default_factory=PronounceTaskConfig)
    train: TrainConfig = field(default_factory=lambda: TrainConfig(num_steps=1450))
    seed: int = 0


class PronouncerRun:
    """A recipe at work on a dictionary in CMUdict's format; everything it makes lies in `folder`.

    The dictionary's terms ask that its notice goes with it: the file `LICENSE` beside it is packed, or the comment
    lines at its head. Raises UserError when the dictionary is missing, or says nothing of its terms.
    """

    def __init__(self, recipe: PronouncerRecipe, dictionary: Path, folder: Path) -> None:
        self.recipe, self.folder = recipe, folder
        try:
            content = dictionary.read_bytes()
        except OSError as error:
            raise UserError(
                f"{dictionary} cannot be read ({error.strerror}): give CMUdict's file cmudict.dict"
            ) from error
        self.lexicon: Lexicon = read_cmudict(content.decode("utf-8", errors="replace").splitlines())
        self.dictionary_sha256 = hashlib.sha256(content).hexdigest()
        self.notice = _notice(dictionary, content)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "recipe.json").write_text(json.dumps(to_json(recipe), indent=1))

    def task(self) -> PronounceTask:
        """A fresh pronouncer and the words that it learns."""
        return PronounceTask(
            make_pronouncer(self.recipe.pronouncer, seed=self.recipe.seed), self.lexicon, self.recipe.task
        )

    def train(self, report: Callable[[StepReport], None] | None = None, *, stop_at: int | None = None) -> None:
        """Trains to the end, or goes on where it stopped."""
        Trainer(self.task(), self.recipe.train, self.folder / STAGE).run(report=report, stop_at=stop_at)

    def model(self) -> Pronouncer:
        """The newest averaged weights, rounded as they are stored."""
        model = Pronouncer(self.recipe.pronouncer)
        model.load_state_dict(dequantize(quantize(load_ema(self.folder / STAGE))))
        return model.eval().requires_grad_(False)

    def measure(self) -> PronounceErrors:
        """Errors on the words that were held out, written to errors.json."""
        found = measure(self.model(), self.lexicon, self.task().held_out)
        (self.folder / "errors.json").write_text(json.dumps(asdict(found), indent=1))
        return found

    def pack(self, out: Path, *, card: str) -> None:
        """Writes the bundle."""
        materials = {
            "num_records": len(self.lexicon),
            "records": "words with their phones",
            "licenses": {LICENCE: len(self.lexicon)},
            "source": "the CMU Pronouncing Dictionary",
            "source_sha256": self.dictionary_sha256,
            "attributions": [NOTICE],
        }
        extra = {MATERIALS: json.dumps(materials, indent=1).encode(), NOTICE: self.notice}
        save_english(out, self.lexicon, self.model(), card=card, extra=extra)


def _notice(dictionary: Path, content: bytes) -> bytes:
    beside = dictionary.with_name("LICENSE")
    if beside.exists():
        return beside.read_bytes()
    head = [
        line.removeprefix(";;;").strip()
        for line in content.decode("utf-8", "replace").splitlines()
        if line[:3] == ";;;"
    ]
    if not any("copyright" in line.lower() for line in head):
        raise UserError(f"{dictionary} comes without its terms: put its LICENSE beside it")
    return "\n".join(head).encode()
