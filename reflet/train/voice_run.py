"""From a folder of spoken shards to a voice's bundle: the acoustic model, the vocoder, the judge's turn, the papers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch

from reflet.data.flite import SOURCES
from reflet.data.ledger import set_digest
from reflet.data.materials_bom import ModelFacts
from reflet.data.phones import SYMBOLS
from reflet.data.sounds import SoundSet, load_sounds
from reflet.generate.bundle import quantize
from reflet.generate.voice_bundle import Speaker, VoiceBundle, VoiceConfig, save_voice
from reflet.models.judge import JudgeConfig
from reflet.models.speech import SpeechConfig, SpeechFlow
from reflet.models.vocoder import Vocoder, VocoderConfig
from reflet.runtime.config import to_json
from reflet.runtime.device import pick_device
from reflet.runtime.errors import UserError
from reflet.train.ledger_files import MATERIALS, papers_of, tensors_sha256
from reflet.train.speech import SpeechTask, SpeechTaskConfig, make_speech
from reflet.train.task import Task
from reflet.train.trainer import StepReport, TrainConfig, Trainer, checkpoints, load_ema
from reflet.train.vocoder import VocoderTask, VocoderTaskConfig, make_judge, make_vocoder

Stage = Literal["speech", "vocoder", "judged"]
STAGES: tuple[Stage, ...] = ("speech", "vocoder", "judged")
ARCHITECTURE = "phones laid out in time by predicted lengths, a flow over mel frames, a convolutional vocoder"
LEAST = 160  # utterances: the first that are held out are numbers 156 to 159


@dataclass(frozen=True)
class VoiceRecipe:
    """One complete, frozen configuration of a voice. `judged_*`: the vocoder's second part, against the judge."""

    name: str
    speech: SpeechConfig
    vocoder: VocoderConfig
    speech_train: TrainConfig
    vocoder_train: TrainConfig
    judged_train: TrainConfig
    speech_task: SpeechTaskConfig = field(default_factory=SpeechTaskConfig)
    vocoder_task: VocoderTaskConfig = field(default_factory=VocoderTaskConfig)
    judge: JudgeConfig = field(default_factory=JudgeConfig)
    judged_task: VocoderTaskConfig = field(default_factory=lambda: VocoderTaskConfig(judge_weight=0.1))
    num_steps: int = 4
    seed: int = 0


class VoiceRun:
    """A recipe at work on a folder of shards; everything it makes lies in `folder`."""

    def __init__(self, recipe: VoiceRecipe, data: Path, folder: Path, *, device: str | None = None) -> None:
        self.recipe, self.data, self.folder = recipe, data, folder
        self.device = pick_device(device)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "recipe.json").write_text(json.dumps(to_json(recipe), indent=1))
        self._sounds: SoundSet | None = None

    def sounds(self) -> SoundSet:
        """The decoded set; read once, and entered into the run's ledger. Raises UserError for too small a set, other
        voices than the recipe's number, another rate, or a record that may not train."""
        if self._sounds is None:
            sounds = load_sounds(self.data, run=self.folder)
            if len(sounds) < LEAST:
                raise UserError(f"{self.data} holds {len(sounds)} utterances: at least {LEAST} are needed to train")
            if len(sounds.voices) != self.recipe.speech.num_voices:
                raise UserError(
                    f"{self.data} holds {len(sounds.voices)} voices ({', '.join(sounds.voices)}): "
                    f"set --recipe.speech.num-voices {len(sounds.voices)}"
                )
            if sounds.sample_rate != self.recipe.vocoder.sample_rate:
                raise UserError(f"{self.data} holds sounds at {sounds.sample_rate} Hz: the recipe wants another rate")
            self._sounds = sounds
            (self.folder / MATERIALS).write_text(json.dumps(bill_of(sounds), indent=1))
        return self._sounds

    def task(self, stage: Stage) -> Task:
        """A stage's task, its models fresh, but for the vocoder that the judged stage goes on with."""
        recipe = self.recipe
        if stage == "speech":
            model = make_speech(recipe.speech, seed=recipe.seed).to(self.device)
            speaking = SpeechTask(model, self.sounds(), recipe.vocoder, recipe.speech_task)
            if not checkpoints(self.folder / "speech"):
                speaking.measure()
            return speaking
        vocoder = make_vocoder(recipe.vocoder, seed=recipe.seed).to(self.device)
        if stage == "vocoder":
            return VocoderTask(vocoder, self.sounds(), recipe.vocoder_task)
        vocoder.load_state_dict(part_of(load_ema(self.folder / "vocoder"), "vocoder."))
        judge = make_judge(recipe.judge, seed=recipe.seed).to(self.device)
        return VocoderTask(vocoder, self.sounds(), recipe.judged_task, judge=judge)

    def train(
        self, stage: Stage, report: Callable[[StepReport], None] | None = None, *, stop_at: int | None = None
    ) -> None:
        """Trains a stage to the end, or goes on where it stopped."""
        configs = {"speech": self.recipe.speech_train, "vocoder": self.recipe.vocoder_train}
        config = configs.get(stage, self.recipe.judged_train)
        Trainer(self.task(stage), config, self.folder / stage).run(report=report, stop_at=stop_at)

    def bundle(self) -> VoiceBundle:
        """The newest averaged weights; the vocoder is the judged one where there is one."""
        recipe = self.recipe
        speech, vocoder = SpeechFlow(recipe.speech), Vocoder(recipe.vocoder)
        speech.load_state_dict(load_ema(self.folder / "speech"))
        judged = bool(checkpoints(self.folder / "judged"))
        weights = load_ema(self.folder / ("judged" if judged else "vocoder"))
        vocoder.load_state_dict(part_of(weights, "vocoder."))
        voices = json.loads((self.folder / MATERIALS).read_text())["voices"]
        known = {s.name: Speaker(s.name, s.description, s.pitch_hz) for s in SOURCES}
        speakers = tuple(known.get(name, Speaker(name, "a recorded voice", 0.0)) for name in voices)
        config = VoiceConfig(recipe.name, recipe.speech, recipe.vocoder, speakers, num_steps=recipe.num_steps)
        bundle = VoiceBundle(config, speech, vocoder)
        bundle.modules().eval().requires_grad_(False)
        return bundle

    def pack(self, out: Path, *, card: str, notice: str = "") -> None:
        """Writes the bundle with the papers of the run's ledger; needs the run alone, not the sounds. `notice`: what
        the licences of the data ask to be kept, as NOTICE.txt."""
        bundle = self.bundle()
        facts = ModelFacts(
            name=bundle.config.name,
            weights_sha256=tensors_sha256(quantize(bundle.modules().state_dict())),
            num_parameters=sum(p.numel() for p in bundle.modules().parameters()),
            sizes=(),
            architecture=ARCHITECTURE,
            task="text-to-speech",
            family="diffusion transformer",
            content="speech",
        )
        materials = {MATERIALS: (self.folder / MATERIALS).read_bytes()}
        materials |= {"NOTICE.txt": notice.encode()} if notice else {}
        save_voice(out, bundle, card=card, extra={**materials, **papers_of(self.folder, facts)})


def part_of(weights: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    """The weights of one part, named as the part names them."""
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


def bill_of(sounds: SoundSet) -> dict[str, Any]:
    """What a voice was trained on: numbers by licence and author, credits, one hash over all sounds."""
    counted = {name: Counter(s.get(name, "") for s in sounds.samples) for name in ("license", "author", "attribution")}
    return {
        "num_records": len(sounds),
        "hours": round(sounds.hours(), 2),
        "voices": list(sounds.voices),
        "sounds_sha256": set_digest(sounds.samples),
        "licenses": dict(counted["license"]),
        "authors": dict(counted["author"]),
        "attributions": sorted(filter(None, counted["attribution"])),
    }


def check_symbols(config: SpeechConfig) -> None:
    """Raises UserError for a recipe whose table of phones does not fit."""
    if config.num_phones != len(SYMBOLS):
        raise UserError(f"the recipe has {config.num_phones} phones and there are {len(SYMBOLS)}: set num_phones")
