"""The stages from a folder of shards to a bundle: autoencoder, text, flow, pack. Each resumes where it stopped."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from reflet.data.held_out import refuse_reserved
from reflet.data.latents import cache_latents
from reflet.data.pictures import PictureSet, WithMirrors, load_pictures
from reflet.data.selection import Selection
from reflet.data.sketch_channels import CELL
from reflet.data.sketches import Sketches, load_sketches
from reflet.data.tokenizer import Tokenizer
from reflet.generate.bundle import Bundle, BundleConfig, save_bundle
from reflet.models.autoencoder import Autoencoder
from reflet.models.image import ImageFlow
from reflet.models.text import TextConfig, TextEncoder
from reflet.render.caption import captions as write_captions
from reflet.render.mirror import mirrored
from reflet.runtime.config import to_json
from reflet.runtime.device import Ranks, pick_device
from reflet.runtime.errors import UserError
from reflet.runtime.seed import stream_seed
from reflet.train.autoencoder import (
    AutoencoderTask,
    encode_pictures,
    estimate_whitening,
    make_autoencoder,
)
from reflet.train.distill import DistillTask
from reflet.train.draft import DraftTask
from reflet.train.image import ImageTask
from reflet.train.ledger_files import ledger_files
from reflet.train.materials import bill_of_materials, graphs_of, selection_of, size_of_set
from reflet.train.planner import PlannerTask
from reflet.train.recipe import ImageRecipe
from reflet.train.start import Start, encoder_part, part_of, weights_digest
from reflet.train.text import (
    CaptionBank,
    TextPretraining,
    TextTask,
    bank_captions,
    label_matrix,
)
from reflet.train.trainer import StepReport, Trainer, checkpoints, load_ema

MATERIALS = "materials.json"
READ = "captions-read"  # text states of captions, kept while the draft learns
NUM_CAPTIONS = 10  # of a rendered picture, from two words to three sentences
Report = Callable[[StepReport], None]


class ImageRun:
    """A recipe at work on a folder of shards; everything it makes lies in `folder`."""

    def __init__(
        self,
        recipe: ImageRecipe,
        data: Path,
        folder: Path,
        *,
        sketches: Path | None = None,
        start: str | None = None,
        plan: Path | None = None,
        ranks: Ranks | None = None,
        device: str | None = None,
    ) -> None:
        self.recipe, self.data, self.folder, self.sketches, self.plan = recipe, data, folder, sketches, plan
        self.ranks, self.device = ranks or Ranks(), pick_device(device)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "recipe.json").write_text(json.dumps(to_json(recipe), indent=1))
        self.start = Start.open(folder, start)
        self._pictures: PictureSet | None = None
        self._more: PictureSet | None = None

    def pictures(self) -> PictureSet:
        """The decoded set; read once. Raises UserError for a set that is kept for evaluation."""
        if self._pictures is None:
            refuse_reserved(self.data)
            self._pictures = load_pictures(self.data, size=self.recipe.size, run=self.folder)
            if len(self._pictures) < 400:
                raise UserError(f"{self.data} holds {len(self._pictures)} pictures: at least 400 are needed to train")
        return self._pictures

    def more(self) -> PictureSet | None:
        """The set that is learned as sketches alone; read once."""
        if self._more is None and self.sketches is not None:
            refuse_reserved(self.sketches)
            self._more = load_pictures(self.sketches, size=size_of_set(self.sketches), run=self.folder)
        return self._more

    def sets(self) -> list[PictureSet]:
        """The pictures, then those that are learned as sketches alone, if any."""
        more = self.more()
        return [self.pictures()] if more is None else [self.pictures(), more]

    # ------------------------------------------------------------------------------------------ stages
    def train_autoencoder(self, report: Report | None = None, *, stop_at: int | None = None) -> None:
        model = make_autoencoder(self.recipe.autoencoder, seed=self.recipe.seed).to(self.device)
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        task = AutoencoderTask(model, self.pictures(), self.recipe.autoencoder_task, selection=self.crops())
        config, folder = self.recipe.autoencoder_train, self.folder / "autoencoder"
        Trainer(task, config, folder, ranks=self.ranks).run(report=report, stop_at=stop_at)

    def train_decoder(self, report: Report | None = None, *, stop_at: int | None = None) -> None:
        """The decoder alone, for latents as they are: better pictures from the same flow, at any time."""
        model = make_autoencoder(self.recipe.autoencoder, seed=self.recipe.seed).to(self.device)
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.load_autoencoder(model)
        task = AutoencoderTask(model, self.pictures(), self.recipe.decoder_task, selection=self.crops())
        config, folder = self.recipe.decoder_train, self.folder / "decoder"
        Trainer(task, config, folder, ranks=self.ranks).run(report=report, stop_at=stop_at)

    def train_text(self, report: Report | None = None, *, stop_at: int | None = None) -> None:
        bank = self.captions()
        torch.manual_seed(stream_seed(self.recipe.seed, "text"))
        names, truth = label_matrix(self.graphs())
        model = TextPretraining(TextEncoder(self.text_config()), num_labels=len(names)).to(self.device)
        task = TextTask(model, bank, truth, self.recipe.text_task, selection=self.selection())
        config, folder = self.recipe.text_train, self.folder / "text"
        Trainer(task, config, folder, ranks=self.ranks).run(report=report, stop_at=stop_at)

    def train_flow(self, report: Report | None = None, *, stop_at: int | None = None) -> None:
        bundle = self.untrained_bundle()
        self.load_autoencoder(bundle.autoencoder)
        self.load_words(bundle)
        bundle.modules().to(self.device)
        latents = self.latents(bundle.autoencoder.eval())
        (self.folder / MATERIALS).write_text(json.dumps(self.materials(), indent=1, ensure_ascii=False))
        sketched = self.recipe.flow.sketch_channels > 0
        sets = self.sets() if sketched else [self.pictures()]
        task = ImageTask(
            bundle,
            latents,
            self.captions(*sets),
            self.recipe.flow_task,
            selection=self.selection(*sets),
            sketches=self.all_sketches() if sketched else None,
        )
        config, folder = self.recipe.flow_train, self.folder / "flow"
        Trainer(task, config, folder, ranks=self.ranks).run(report=report, stop_at=stop_at)

    def train_planner(self, report: Report | None = None, *, stop_at: int | None = None) -> None:
        """The sketch alone, from all sketches there are; nothing to do where the flow draws it itself."""
        if self.recipe.flow.planner is None:
            return
        bundle = self.untrained_bundle()
        self.load_words(bundle)
        bundle.modules().to(self.device)
        (self.folder / MATERIALS).write_text(json.dumps(self.materials(), indent=1, ensure_ascii=False))
        task = PlannerTask(
            bundle,
            self.all_sketches(num_views=self.recipe.planner_task.num_views),
            self.captions(*self.sets()),
            self.recipe.planner_task,
            selection=self.selection(*self.sets()),
        )
        config, folder = self.recipe.planner_train, self.folder / "planner"
        Trainer(task, config, folder, ranks=self.ranks).run(report=report, stop_at=stop_at)

    def train_draft(self, report: Report | None = None, *, stop_at: int | None = None) -> None:
        """The mean sketch of a caption, from all sketches there are; nothing to do for a flow without a draft."""
        if self.recipe.flow.draft_features == 0:
            return
        bundle = self.untrained_bundle()
        self.load_words(bundle)
        bundle.modules().to(self.device)
        (self.folder / MATERIALS).write_text(json.dumps(self.materials(), indent=1, ensure_ascii=False))
        task = DraftTask(
            bundle,
            self.all_sketches(),
            self.captions(*self.sets()),
            self.recipe.draft_task,
            selection=self.selection(*self.sets()),
            graphs=self.graphs(*self.sets()) if self.recipe.flow.draft_things else None,
            cache=self.folder / READ,
        )
        config, folder = self.recipe.draft_train, self.folder / "draft"
        trainer = Trainer(task, config, folder, ranks=self.ranks)
        trainer.run(report=report, stop_at=stop_at)
        if trainer.step >= config.num_steps:  # a gigabyte for a hundred thousand captions
            shutil.rmtree(self.folder / READ, ignore_errors=True)

    def train_distil(self, report: Report | None = None, *, stop_at: int | None = None) -> None:
        """Few steps: the flow's averaged weights learn to jump, in a folder of their own; the flow stays as it is."""
        bundle = self.trained_bundle()
        bundle.modules().to(self.device)
        task = DistillTask(
            bundle,
            self.latents(bundle.autoencoder.eval()),
            self.captions(),
            self.recipe.distill_task,
            selection=self.selection(),
            sketches=load_sketches(self.data, size=self.recipe.size) if self.recipe.flow.sketch_channels else None,
        )
        config, folder = self.recipe.distill_train, self.folder / "distil"
        Trainer(task, config, folder, ranks=self.ranks).run(report=report, stop_at=stop_at)

    # ------------------------------------------------------------------------------------------ parts
    def materials(self) -> dict[str, Any]:
        """The bill of materials: of pictures, of those learned as sketches alone, and of what the run began from."""
        bill, more = bill_of_materials(self.pictures()), self.more()
        if more is not None:
            bill["sketches"] = bill_of_materials(more)
        if self.start is not None:
            bill["start"] = self.start.materials()
        return bill

    def all_sketches(self, *, num_views: int = 1) -> Sketches:
        """Of the pictures and of the set without latents, in the order of `sets`."""
        blocks = load_sketches(self.data, size=self.recipe.size, num_views=num_views).blocks
        if self.sketches is not None:
            size, grid = size_of_set(self.sketches), self.recipe.size // CELL
            blocks = blocks + load_sketches(self.sketches, size=size, grid=grid, num_views=num_views).blocks
        return Sketches(blocks)

    @property
    def copies(self) -> int:
        """2 where every picture is followed by its mirror image. Pictures without a scene graph stay as they are: what
        their captions say of sides is not known."""
        rendered = all("family" in graph for pictures in self.sets() for graph in graphs_of(pictures))
        return 2 if self.recipe.mirror and rendered else 1

    def selection(self, *sets: PictureSet) -> Selection:
        """What is learned of these sets (none: the pictures), and how often; the plan is one of the pictures alone."""
        return selection_of(sets or (self.pictures(),), plan=self.plan, copies=self.copies)

    def crops(self) -> Selection:
        """The same for what learns without words: nothing is reserved, and pictures are not mirrored."""
        return replace(self.selection(), copies=1, reserved=None)

    def graphs(self, *sets: PictureSet) -> list[dict[str, Any]]:
        """The scene graph of every picture of these sets (none: the pictures), then those of the mirror images."""
        graphs = [graph for pictures in sets or (self.pictures(),) for graph in graphs_of(pictures)]
        return graphs + [mirrored(g) for g in graphs] if self.copies == 2 else graphs

    def tokenizer(self) -> Tokenizer:
        """That of the bundle the run began from; else trained on the captions of the training part, once a run."""
        path = self.folder / "tokenizer.json"
        if not path.exists() and self.start is not None:
            path.write_text(self.start.tokenizer())
        if not path.exists():
            texts = self.texts()
            train, _ = self.selection().split(len(texts))
            texts = [c for i in train for c in texts[i]]
            path.write_text(Tokenizer.train(texts, vocab_size=self.recipe.vocab_size).to_json())
        return Tokenizer.from_json(path.read_text())

    def texts(self, *sets: PictureSet) -> list[list[str]]:
        """The captions of every picture of these sets (none: the pictures), then of the mirror images. Those of
        rendered pictures are written anew from their scene graphs, so that better wording needs no new rendering; kept
        in the run's folder."""
        chosen = sets or (self.pictures(),)
        path = self.folder / f"captions-{self.copies}x{'+'.join(str(len(s)) for s in chosen)}.json"
        if not path.exists():
            given = [sample["captions"] for s in chosen for sample in s.samples] * self.copies
            texts = [
                write_captions(graph, np.random.default_rng([self.recipe.seed, i]), number=NUM_CAPTIONS)
                if "family" in graph
                else given[i]
                for i, graph in enumerate(self.graphs(*chosen))
            ]
            path.write_text(json.dumps(texts, ensure_ascii=False))
        return json.loads(path.read_text())

    def text_config(self) -> TextConfig:
        return replace(self.recipe.text, vocab_size=self.tokenizer().vocab_size)

    def captions(self, *sets: PictureSet) -> CaptionBank:
        return bank_captions(self.texts(*sets), self.tokenizer(), length=self.recipe.text.max_tokens)

    def load_autoencoder(self, autoencoder: Autoencoder) -> None:
        """The newest averaged weights, with whitening measured for them once, and the decoder trained after them, if
        any. Raises UserError when the flow was trained in the latents of others."""
        if self.start is not None and not checkpoints(self.folder / "autoencoder"):
            self.start.load_autoencoder(autoencoder)
            self._load_decoder(autoencoder)
            return
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
            plain = replace(self.recipe.autoencoder_task, compile=False)
            task = AutoencoderTask(autoencoder, self.pictures(), plain, selection=self.crops())
            estimate_whitening(task)
            whiten = {k: v.tolist() for k, v in autoencoder.whiten.state_dict().items()}
            known = {"weights": digest, "whiten": whiten}
            path.write_text(json.dumps(known))
        autoencoder.whiten.load_state_dict({k: torch.tensor(v) for k, v in known["whiten"].items()})
        self._load_decoder(autoencoder)

    def _load_decoder(self, autoencoder: Autoencoder) -> None:
        if checkpoints(self.folder / "decoder"):
            later = load_ema(self.folder / "decoder")
            if weights_digest(encoder_part(later)) != weights_digest(encoder_part(autoencoder.state_dict())):
                raise UserError(
                    f"the decoder of {self.folder} was trained for another encoder: move the folder `decoder` away"
                )
            autoencoder.load_state_dict(later)

    def load_words(self, bundle: Bundle) -> None:
        """The text encoder as far as it is trained: by the planner, by the bundle the run began from (whose flow is
        loaded too), or alone; planner and draft with it."""
        if self.start is not None and not checkpoints(self.folder / "text"):
            self.start.load_flow(bundle)
        else:
            bundle.text.load_state_dict(part_of(load_ema(self.folder / "text"), "encoder."))
        if bundle.flow.planner is not None and checkpoints(self.folder / "planner"):
            trained = load_ema(self.folder / "planner")
            bundle.text.load_state_dict(part_of(trained, "text."))
            bundle.flow.planner.load_state_dict(part_of(trained, "planner."))
        if bundle.flow.draft is not None and checkpoints(self.folder / "draft"):
            bundle.flow.draft.load_state_dict(part_of(load_ema(self.folder / "draft"), "draft."))

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
        text = self.text_config() if self.start is None else self.start.bundle.config.text
        torch.manual_seed(stream_seed(self.recipe.seed, "flow"))
        config = BundleConfig(
            name=self.recipe.name,
            autoencoder=self.recipe.autoencoder,
            text=text,
            flow=self.recipe.flow.reading(text.width),
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
        self.load_words(bundle)
        if bundle.flow.planner is not None and self.start is None:
            load_ema(self.folder / "planner")  # raises where there is none
        if self.start is None or checkpoints(self.folder / "flow"):
            trained = load_ema(self.folder / "flow")
            # The planner in the flow's checkpoint is as old as that: it may have learned on since.
            own = {k: v for k, v in part_of(trained, "flow.").items() if not k.startswith("planner.")}
            bundle.flow.load_state_dict({**bundle.flow.state_dict(), **own})
            if bundle.flow.planner is None:
                bundle.text.load_state_dict(part_of(trained, "text."))
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
