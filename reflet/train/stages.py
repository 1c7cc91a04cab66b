"""The stages from a folder of shards to a bundle: autoencoder, text, flow, pack. Each resumes where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from reflet.data.held_out import holds_reserved, refuse_reserved
from reflet.data.latents import cache_latents
from reflet.data.pictures import PictureSet, WithMirrors, load_pictures, split_held_out
from reflet.data.sketches import load_sketches
from reflet.data.tokenizer import Tokenizer
from reflet.generate.bundle import Bundle, BundleConfig, SamplingDefaults, save_bundle
from reflet.models.autoencoder import Autoencoder, AutoencoderConfig
from reflet.models.image import ImageFlow, ImageFlowConfig
from reflet.models.text import TextConfig, TextEncoder
from reflet.render.caption import captions as write_captions
from reflet.render.mirror import mirrored
from reflet.runtime.config import to_json
from reflet.runtime.device import Ranks, pick_device
from reflet.runtime.errors import UserError
from reflet.runtime.seed import stream_seed
from reflet.train.autoencoder import (
    AutoencoderTask,
    AutoencoderTaskConfig,
    encode_pictures,
    estimate_whitening,
    make_autoencoder,
)
from reflet.train.distill import DistillTask, DistillTaskConfig
from reflet.train.image import ImageTask, ImageTaskConfig
from reflet.train.ledger_files import ledger_files
from reflet.train.text import (
    CaptionBank,
    TextPretraining,
    TextTask,
    TextTaskConfig,
    bank_captions,
    label_matrix,
)
from reflet.train.trainer import StepReport, TrainConfig, Trainer, checkpoints, load_ema

MATERIALS = "materials.json"
NUM_CAPTIONS = 10  # of a rendered picture, from two words to three sentences
Report = Callable[[StepReport], None]


@dataclass(frozen=True)
class ImageRecipe:
    """One complete, frozen configuration of an image model: what is built and how it is trained.

    `mirror` shows text encoder and flow each rendered picture flipped too, with left and right exchanged in its scene
    graph before the captions are written.
    """

    name: str
    autoencoder: AutoencoderConfig
    text: TextConfig
    flow: ImageFlowConfig
    autoencoder_task: AutoencoderTaskConfig
    autoencoder_train: TrainConfig
    decoder_task: AutoencoderTaskConfig
    decoder_train: TrainConfig
    text_task: TextTaskConfig
    text_train: TrainConfig
    flow_task: ImageTaskConfig
    flow_train: TrainConfig
    distill_task: DistillTaskConfig = field(default_factory=DistillTaskConfig)
    distill_train: TrainConfig = field(default_factory=lambda: TrainConfig(num_steps=3000, decay=0.5))
    size: int = 256
    vocab_size: int = 3072
    sampling: SamplingDefaults = field(default_factory=SamplingDefaults)
    seed: int = 0
    mirror: bool = True


class ImageRun:
    """A recipe at work on a folder of shards; everything it makes lies in `folder`."""

    def __init__(
        self, recipe: ImageRecipe, data: Path, folder: Path, *, ranks: Ranks | None = None, device: str | None = None
    ) -> None:
        self.recipe, self.data, self.folder = recipe, data, folder
        self.ranks, self.device = ranks or Ranks(), pick_device(device)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "recipe.json").write_text(json.dumps(to_json(recipe), indent=1))
        self._pictures: PictureSet | None = None

    def pictures(self) -> PictureSet:
        """The decoded set; read once. Raises UserError for a set that is kept for evaluation."""
        if self._pictures is None:
            refuse_reserved(self.data)
            self._pictures = load_pictures(self.data, size=self.recipe.size, run=self.folder)
            if len(self._pictures) < 400:
                raise UserError(f"{self.data} holds {len(self._pictures)} pictures: at least 400 are needed to train")
        return self._pictures

    # ------------------------------------------------------------------------------------------ stages
    def train_autoencoder(self, report: Report | None = None, *, stop_at: int | None = None) -> None:
        model = make_autoencoder(self.recipe.autoencoder, seed=self.recipe.seed).to(self.device)
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        task = AutoencoderTask(model, self.pictures(), self.recipe.autoencoder_task)
        config, folder = self.recipe.autoencoder_train, self.folder / "autoencoder"
        Trainer(task, config, folder, ranks=self.ranks).run(report=report, stop_at=stop_at)

    def train_decoder(self, report: Report | None = None, *, stop_at: int | None = None) -> None:
        """The decoder alone, for latents as they are: better pictures from the same flow, at any time."""
        model = make_autoencoder(self.recipe.autoencoder, seed=self.recipe.seed).to(self.device)
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.load_autoencoder(model)
        task = AutoencoderTask(model, self.pictures(), self.recipe.decoder_task)
        config, folder = self.recipe.decoder_train, self.folder / "decoder"
        Trainer(task, config, folder, ranks=self.ranks).run(report=report, stop_at=stop_at)

    def train_text(self, report: Report | None = None, *, stop_at: int | None = None) -> None:
        bank = self.captions()
        torch.manual_seed(stream_seed(self.recipe.seed, "text"))
        names, truth = label_matrix(self.graphs())
        model = TextPretraining(TextEncoder(self.text_config()), num_labels=len(names)).to(self.device)
        task = TextTask(model, bank, truth, self.recipe.text_task, copies=self.copies, excluded=self.excluded())
        config, folder = self.recipe.text_train, self.folder / "text"
        Trainer(task, config, folder, ranks=self.ranks).run(report=report, stop_at=stop_at)

    def train_flow(self, report: Report | None = None, *, stop_at: int | None = None) -> None:
        bundle = self.untrained_bundle()
        self.load_autoencoder(bundle.autoencoder)
        pretrained = load_ema(self.folder / "text")
        prefix = "encoder."
        bundle.text.load_state_dict({k.removeprefix(prefix): v for k, v in pretrained.items() if k.startswith(prefix)})
        bundle.modules().to(self.device)
        latents = self.latents(bundle.autoencoder.eval())
        materials = json.dumps(bill_of_materials(self.pictures()), indent=1, ensure_ascii=False)
        (self.folder / MATERIALS).write_text(materials)
        task = ImageTask(
            bundle,
            latents,
            self.captions(),
            self.recipe.flow_task,
            copies=self.copies,
            excluded=self.excluded(),
            sketches=load_sketches(self.data, size=self.recipe.size) if self.recipe.flow.sketch_channels else None,
        )
        config, folder = self.recipe.flow_train, self.folder / "flow"
        Trainer(task, config, folder, ranks=self.ranks).run(report=report, stop_at=stop_at)

    def train_distil(self, report: Report | None = None, *, stop_at: int | None = None) -> None:
        """Few steps: the flow's averaged weights learn to jump, in a folder of their own; the flow stays as it is."""
        bundle = self.trained_bundle()
        bundle.modules().to(self.device)
        task = DistillTask(
            bundle,
            self.latents(bundle.autoencoder.eval()),
            self.captions(),
            self.recipe.distill_task,
            copies=self.copies,
            excluded=self.excluded(),
            sketches=load_sketches(self.data, size=self.recipe.size) if self.recipe.flow.sketch_channels else None,
        )
        config, folder = self.recipe.distill_train, self.folder / "distil"
        Trainer(task, config, folder, ranks=self.ranks).run(report=report, stop_at=stop_at)

    # ------------------------------------------------------------------------------------------ parts
    @property
    def copies(self) -> int:
        """2 where every picture is followed by its mirror image. Pictures without a scene graph stay as they are: what
        their captions say of sides is not known."""
        rendered = all("family" in s.get("graph", {}) for s in self.pictures().samples)
        return 2 if self.recipe.mirror and rendered else 1

    def excluded(self) -> NDArray[np.bool_]:
        """Pictures that show a combination kept for the evaluation: no words are learned with them."""
        return holds_reserved([s.get("graph", {}) for s in self.pictures().samples])

    def graphs(self) -> list[dict[str, Any]]:
        """The scene graph of every picture, then those of the mirror images."""
        graphs = [s.get("graph", {}) for s in self.pictures().samples]
        return graphs + [mirrored(g) for g in graphs] if self.copies == 2 else graphs

    def tokenizer(self) -> Tokenizer:
        """Trained on the captions of the training part, once a run."""
        path = self.folder / "tokenizer.json"
        if not path.exists():
            texts = self.texts()
            train, _ = split_held_out(len(texts), copies=self.copies, excluded=self.excluded())
            texts = [c for i in train for c in texts[i]]
            path.write_text(Tokenizer.train(texts, vocab_size=self.recipe.vocab_size).to_json())
        return Tokenizer.from_json(path.read_text())

    def texts(self) -> list[list[str]]:
        """The captions of every picture, and of its mirror image. Those of rendered pictures are written anew from
        their scene graphs, so that better wording needs no new rendering; kept in the run's folder."""
        path = self.folder / f"captions-{self.copies}x{len(self.pictures())}.json"
        if not path.exists():
            given = [s["captions"] for s in self.pictures().samples] * self.copies
            texts = [
                write_captions(graph, np.random.default_rng([self.recipe.seed, i]), number=NUM_CAPTIONS)
                if "family" in graph
                else given[i]
                for i, graph in enumerate(self.graphs())
            ]
            path.write_text(json.dumps(texts, ensure_ascii=False))
        return json.loads(path.read_text())

    def text_config(self) -> TextConfig:
        return replace(self.recipe.text, vocab_size=self.tokenizer().vocab_size)

    def captions(self) -> CaptionBank:
        return bank_captions(self.texts(), self.tokenizer(), length=self.recipe.text.max_tokens)

    def load_autoencoder(self, autoencoder: Autoencoder) -> None:
        """The newest averaged weights, with whitening measured for them once, and the decoder trained after them, if
        any. Raises UserError when the flow was trained in the latents of others."""
        weights = load_ema(self.folder / "autoencoder")
        digest, path = weights_digest(weights), self.folder / "whitening.json"
        autoencoder.load_state_dict(weights)
        known = json.loads(path.read_text()) if path.exists() else {}
        if known.get("weights") != digest:
            if (self.folder / "flow").exists():
                raise UserError(
                    f"the autoencoder of {self.folder} has changed since its flow was trained: "
                    "move the folders `flow` and `latents` and the file whitening.json away to train a new flow"
                )
            task = AutoencoderTask(autoencoder, self.pictures(), replace(self.recipe.autoencoder_task, compile=False))
            estimate_whitening(task)
            whiten = {k: v.tolist() for k, v in autoencoder.whiten.state_dict().items()}
            known = {"weights": digest, "whiten": whiten}
            path.write_text(json.dumps(known))
        autoencoder.whiten.load_state_dict({k: torch.tensor(v) for k, v in known["whiten"].items()})
        if checkpoints(self.folder / "decoder"):
            later = load_ema(self.folder / "decoder")
            if weights_digest(encoder_part(later)) != weights_digest(encoder_part(autoencoder.state_dict())):
                raise UserError(
                    f"the decoder of {self.folder} was trained for another encoder: move the folder `decoder` away"
                )
            autoencoder.load_state_dict(later)

    def latents(self, autoencoder: Autoencoder) -> Any:
        """Latents of the whole set by this run's autoencoder, cached."""
        weights = weights_digest(encoder_part(autoencoder.state_dict()))
        return cache_latents(
            WithMirrors(self.pictures()) if self.copies == 2 else self.pictures(),
            lambda block: encode_pictures(autoencoder, block),
            self.folder / "latents",
            identity=f"{weights}/{self.data.resolve()}",
        )

    def untrained_bundle(self) -> Bundle:
        """Fresh modules behind a bundle's interface; weights depend on the recipe's seed alone."""
        text = self.text_config()
        torch.manual_seed(stream_seed(self.recipe.seed, "flow"))
        config = BundleConfig(
            name=self.recipe.name,
            autoencoder=self.recipe.autoencoder,
            text=text,
            flow=replace(self.recipe.flow, text_width=text.width),
            sizes=(self.recipe.size,),
            sampling=self.recipe.sampling,
        )
        return Bundle(
            config=config,
            autoencoder=make_autoencoder(self.recipe.autoencoder, seed=self.recipe.seed),
            text=TextEncoder(config.text),
            flow=ImageFlow(config.flow),
            tokenizer=self.tokenizer(),
            digest="untrained",
        )

    def trained_bundle(self) -> Bundle:
        """The newest EMA weights of every stage."""
        bundle = self.untrained_bundle()
        self.load_autoencoder(bundle.autoencoder)
        trained = load_ema(self.folder / "flow")
        modules = torch.nn.ModuleDict({"text": bundle.text, "flow": bundle.flow})
        modules.load_state_dict(trained)
        bundle.modules().eval()
        return bundle

    def distilled_bundle(self) -> Bundle:
        """The trained bundle, with the flow that jumps."""
        bundle = self.trained_bundle()
        bundle.flow.load_state_dict(load_ema(self.folder / "distil"))
        sampling = replace(bundle.config.sampling, jumps=True, num_steps=4, guidance_scale=1.0)
        bundle.config = replace(bundle.config, sampling=sampling)
        return bundle

    def pack(self, out: Path, *, card: str, extra: dict[str, bytes] | None = None, distilled: bool = False) -> None:
        """Writes the trained bundle with the bill of materials of its flow; needs the run alone, not the pictures."""
        bundle = self.distilled_bundle() if distilled else self.trained_bundle()
        papers = {MATERIALS: (self.folder / MATERIALS).read_bytes(), **ledger_files(self.folder, bundle)}
        save_bundle(out, bundle, card=card, extra={**papers, **(extra or {})})


def encoder_part(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """What latents depend on: an autoencoder's weights without the decoder's."""
    return {k: v for k, v in state.items() if not k.startswith("decoder.")}


def weights_digest(state: dict[str, torch.Tensor]) -> str:
    """SHA-256 over all tensors in the order of their names."""
    return hashlib.sha256(b"".join(state[k].cpu().numpy().tobytes() for k in sorted(state))).hexdigest()


def bill_of_materials(pictures: PictureSet) -> dict[str, Any]:
    """What a bundle was trained on: numbers by licence and author, attributions, and one hash over all pictures."""
    digest = hashlib.sha256()
    for s in pictures.samples:
        digest.update(bytes.fromhex(s["sha256"]))
    return {
        "num_pictures": len(pictures),
        "pictures_sha256": digest.hexdigest(),
        "licenses": dict(Counter(s["license"] for s in pictures.samples)),
        "authors": dict(Counter(s["author"] for s in pictures.samples)),
        "attributions": sorted({a for s in pictures.samples for a in s.get("attributions", [])}),
    }
