"""Other people's models behind the same four methods: what all guests share, and a local diffusers pipeline.

A diffusers pipeline is run whole, one picture a step (its denoising loop is its own and differs from class to class);
what can be shared is that it is served, limited, compared and accounted like a bundle of ours. Services elsewhere are
in guests_remote.py.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from reflet.generate.aspect import Frame
from reflet.generate.compose import compose
from reflet.generate.request import ImageRequest
from reflet.generate.stepwise import Artist, Card, Edit, Pixels, Row
from reflet.runtime.errors import UserError


@dataclass
class Order:
    """What a guest's row carries: what it begins with, then the picture, or why there is none."""

    edit: Edit | None
    pixels: Pixels | None = None
    error: Exception | None = None


class WholePicture:
    """What guests share: the picture is made in one step. A guest is `card` and `draw`."""

    card: Card

    def draw(self, request: ImageRequest, edit: Edit | None) -> Pixels:
        """One picture (H, W, 3). Raises UserError for what the guest refuses."""
        raise UserError(f"{self.card.name} draws nothing")

    def check(self, request: ImageRequest, *, edit: Edit | None = None) -> None:
        """Raises UserError: an empty prompt, a size that is not on the card, an edit where the card knows none."""
        request.check(frames=self.card.frames)
        if edit is not None and not self.card.edits:
            raise UserError(f"{self.card.name} makes no edits: choose another model")

    def prepare(self, request: ImageRequest, *, edit: Edit | None = None) -> Row:
        return Row(request=request, key=(self.card.digest, request.size), num_steps=1, state=Order(edit))

    def step(self, rows: Sequence[Row]) -> None:
        """Draws every row that has no picture yet; those elsewhere all at once. Raises the first error that a row met;
        the others keep their pictures, so that nothing is asked for (and paid) twice."""
        orders: list[Order] = [row.state for row in rows]
        waiting = [row for row in rows if row.state.pixels is None]
        if len(waiting) == 1 or not self.card.remote:
            for row in waiting:
                self._fill(row)
        else:
            # Daemons: a service elsewhere that never answers must not keep this process from ending.
            threads = [threading.Thread(target=self._fill, args=(row,), daemon=True) for row in waiting]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        for order in orders:
            if order.error is not None:
                raise order.error

    def _fill(self, row: Row) -> None:
        order: Order = row.state
        order.error = None
        try:
            order.pixels = self.draw(row.request, order.edit)
        except Exception as error:
            order.error = error

    def schedule(self, rows: Sequence[Row], output: None) -> None:
        for row in rows:
            row.step = 1

    def decode(self, row: Row, *, rough: bool = False) -> Pixels:
        """The picture; of an edit within a mask everything else is as it was."""
        order: Order = row.state
        assert order.pixels is not None
        return order.pixels if order.edit is None else compose(order.edit, order.pixels)


class DiffusersGuest(WholePicture):
    """A pipeline folder of diffusers, as `save_pretrained` writes it. `editor` and `painter` are the same weights as
    pipelines from a picture and within a mask, where diffusers has them for this class."""

    def __init__(
        self, pipeline: Any, *, name: str, digest: str, size: int, editor: Any = None, painter: Any = None
    ) -> None:
        self.pipeline, self.editor, self.painter = pipeline, editor, painter
        self.card = Card(
            name=name,
            digest=digest,
            frames=(Frame(size, "1:1", size, size),),
            owner="guest",
            edits=editor is not None,
            defaults={"size": size, "num_steps": 30, "guidance_scale": 5.0},
        )

    def draw(self, request: ImageRequest, edit: Edit | None) -> Pixels:
        """Runs the pipeline with the picture's own seed."""
        torch = import_module("torch")
        wishes: dict[str, Any] = {
            "prompt": request.prompt,
            "negative_prompt": request.negative_prompt or None,
            "num_inference_steps": request.num_steps,
            "guidance_scale": request.guidance_scale,
            "generator": torch.Generator("cpu").manual_seed(request.seed),
            "output_type": "np",
        }
        side = (request.size, request.size)
        if edit is None:
            made = self.pipeline(height=request.size, width=request.size, **wishes)
        else:
            # diffusers rounds down how many steps are walked: at least one must be.
            strength = max(edit.strength, 1.0 / request.num_steps)
            picture = Image.fromarray(edit.picture).resize(side, Image.Resampling.LANCZOS)
            if edit.mask is not None and self.painter is not None:
                mask = Image.fromarray((edit.mask * 255).round().astype(np.uint8)).resize(side)
                wishes |= {"mask_image": mask, "height": request.size, "width": request.size}
                made = self.painter(image=picture, strength=strength, **wishes)
            else:
                made = self.editor(image=picture, strength=strength, **wishes)
        return (np.asarray(made.images[0]).clip(0, 1) * 255).round().astype(np.uint8)


def open_diffusers(folder: str) -> Artist:
    """`diffusers:FOLDER`. Only safetensors are read, no code of the folder is run. Raises UserError."""
    path = Path(folder)
    if not (path / "model_index.json").is_file():
        raise UserError(f"{folder} is no diffusers pipeline: it holds no model_index.json")
    try:
        diffusers = import_module("diffusers")
    except ModuleNotFoundError as error:
        raise UserError("diffusers pipelines need an extra: pip install 'reflet[diffusers]'") from error
    try:
        pipeline = diffusers.DiffusionPipeline.from_pretrained(
            str(path), local_files_only=True, use_safetensors=True, trust_remote_code=False
        )
    except (OSError, ValueError) as error:
        raise UserError(f"{folder} cannot be opened as a diffusers pipeline: {str(error)[:200]}") from error
    core = getattr(pipeline, "unet", None) or getattr(pipeline, "transformer", None)
    if core is None:
        raise UserError(f"{folder} holds a pipeline without a denoising network: choose one that makes pictures")
    side = int(core.config.sample_size) * int(getattr(pipeline, "vae_scale_factor", 1))
    sums = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        if file.is_file():
            sums.update(file.relative_to(path).as_posix().encode() + hashlib.sha256(file.read_bytes()).digest())
    others = {
        "editor": _sibling(diffusers.AutoPipelineForImage2Image, pipeline),
        "painter": _sibling(diffusers.AutoPipelineForInpainting, pipeline),
    }
    for one in (pipeline, *others.values()):
        if one is not None:
            one.set_progress_bar_config(disable=True)
    return DiffusersGuest(pipeline, name=path.name, digest=sums.hexdigest(), size=side, **others)


def _sibling(kind: Any, pipeline: Any) -> Any:
    """The same weights as another kind of pipeline; None where diffusers has none for this class."""
    try:
        return kind.from_pipe(pipeline)
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
