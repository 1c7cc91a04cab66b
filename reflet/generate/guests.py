"""Other people's models behind the same four methods: a local diffusers pipeline, and services elsewhere.

A diffusers pipeline is run whole, one picture a step (its denoising loop is its own and differs from class to class);
what can be shared is that it is served, limited, compared and accounted like a bundle of ours. Services elsewhere are
asked over HTTP: whatever speaks OpenAI's image interface, another Reflet included, or, through litellm, whatever
litellm speaks. Each is one "step"; several rows of a batch are asked for at once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

from reflet.generate.request import ImageRequest
from reflet.generate.stepwise import Artist, Card, Edit, Pixels, Row
from reflet.runtime.errors import UserError

TIMEOUT_SECONDS = 300.0
PARALLEL = 16  # requests to one service at a time


class WholePicture:
    """What guests share: the picture is made in one step. A guest is `card` and `draw`."""

    card: Card

    def draw(self, request: ImageRequest, edit: Edit | None) -> Pixels:
        """One picture (H, W, 3). Raises UserError for what the guest refuses."""
        raise UserError(f"{self.card.name} draws nothing")

    def check(self, request: ImageRequest, *, edit: Edit | None = None) -> None:
        """Raises UserError: an empty prompt, a size that is not on the card."""
        request.check(sizes=tuple(w for w, _ in self.card.sizes))
        if edit is not None and not self.card.edits:
            raise UserError(f"{self.card.name} makes no edits: choose another model")

    def prepare(self, request: ImageRequest, *, edit: Edit | None = None) -> Row:
        return Row(request=request, key=(self.card.digest, request.size), num_steps=1, state=edit)

    def step(self, rows: Sequence[Row]) -> list[Pixels]:
        if len(rows) == 1 or not self.card.remote:
            return [self.draw(row.request, row.state) for row in rows]
        with ThreadPoolExecutor(min(PARALLEL, len(rows))) as pool:
            return list(pool.map(lambda row: self.draw(row.request, row.state), rows))

    def schedule(self, rows: Sequence[Row], output: list[Pixels]) -> None:
        for row, pixels in zip(rows, output, strict=True):
            row.state, row.step = pixels, 1

    def decode(self, row: Row, *, rough: bool = False) -> Pixels:
        return row.state


class DiffusersGuest(WholePicture):
    """A pipeline folder of diffusers (text to image), as `save_pretrained` writes it."""

    def __init__(self, pipeline: Any, *, name: str, digest: str, size: int) -> None:
        self.pipeline = pipeline
        self.card = Card(
            name=name,
            digest=digest,
            sizes=((size, size),),
            owner="guest",
            defaults={"size": size, "num_steps": 30, "guidance_scale": 5.0},
        )

    def draw(self, request: ImageRequest, edit: Edit | None) -> Pixels:
        """Runs the pipeline with the picture's own seed."""
        torch = import_module("torch")
        made = self.pipeline(
            prompt=request.prompt,
            negative_prompt=request.negative_prompt or None,
            height=request.size,
            width=request.size,
            num_inference_steps=request.num_steps,
            guidance_scale=request.guidance_scale,
            generator=torch.Generator("cpu").manual_seed(request.seed),
            output_type="np",
        )
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
    pipeline.set_progress_bar_config(disable=True)
    core = getattr(pipeline, "unet", None) or getattr(pipeline, "transformer", None)
    side = int(core.config.sample_size) * int(getattr(pipeline, "vae_scale_factor", 1))
    sums = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        if file.is_file():
            sums.update(file.relative_to(path).as_posix().encode() + hashlib.sha256(file.read_bytes()).digest())
    return DiffusersGuest(pipeline, name=path.name, digest=sums.hexdigest(), size=side)


@dataclass(frozen=True)
class Remote:
    """Where a service is, and how its model is called there."""

    base_url: str
    model: str
    size: int
    key: str | None = None


class RemoteGuest(WholePicture):
    """A model behind OpenAI's image interface. The key comes from REFLET_REMOTE_KEY; seeds are sent where the other
    side is a Reflet (`extensions`), as others refuse fields that they do not know."""

    def __init__(self, remote: Remote, *, extensions: bool) -> None:
        httpx = import_module("httpx")
        self.remote, self.extensions = remote, extensions
        headers = {"Authorization": f"Bearer {remote.key}"} if remote.key else {}
        self.http = httpx.Client(base_url=remote.base_url, headers=headers, timeout=TIMEOUT_SECONDS)
        weakref.finalize(self, self.http.close)
        self._failures = (httpx.HTTPError,)
        self.card = Card(
            name=remote.model,
            digest=hashlib.sha256(f"{remote.base_url}#{remote.model}".encode()).hexdigest(),
            sizes=((remote.size, remote.size),),
            owner=urlsplit(remote.base_url).hostname or "elsewhere",
            remote=True,
            defaults={"size": remote.size, "num_steps": 20, "guidance_scale": 1.0},
        )

    def draw(self, request: ImageRequest, edit: Edit | None) -> Pixels:
        """Asks for one picture. Raises UserError with the other side's words when it refuses the request."""
        body: dict[str, Any] = {"model": self.remote.model, "prompt": request.prompt, "n": 1}
        body["size"] = f"{request.size}x{request.size}"
        if self.extensions:
            body |= {"seed": request.seed, "num_inference_steps": request.num_steps, "response_format": "b64_json"}
            if request.negative_prompt:
                body["negative_prompt"] = request.negative_prompt
        try:
            answer = self.http.post("/images/generations", json=body)
        except self._failures as error:
            raise RuntimeError(f"{self.card.owner} does not answer") from error
        if 400 <= answer.status_code < 500 and answer.status_code not in (401, 403, 408, 429):
            raise UserError(f"{self.card.owner} refused: {_told(answer.text)}")
        answer.raise_for_status()
        return _pixels(answer.json()["data"][0]["b64_json"])


def open_remote(address: str) -> Artist:
    """`openai:URL#MODEL` or `openai:URL#MODEL@SIZE`. Raises UserError."""
    url, _, rest = address.partition("#")
    model, _, size = rest.partition("@")
    if urlsplit(url).scheme not in ("http", "https") or not model or not (size or "1024").isdigit():
        raise UserError(f"openai:{address} is not understood: write openai:https://HOST/v1#MODEL@SIZE")
    key = os.environ.get("REFLET_REMOTE_KEY")
    remote = Remote(url.rstrip("/"), model, int(size or 1024), key)
    guest = RemoteGuest(remote, extensions=False)
    try:
        listed = guest.http.get(f"/models/{model}")
        guest.extensions = listed.status_code == 200 and "sha256" in listed.json()
    except (*guest._failures, ValueError) as error:
        raise UserError(f"{url} does not answer as a model service: check the address and that it runs") from error
    return guest


class LitellmGuest(WholePicture):
    """A provider that litellm knows; its keys come from the environment, as litellm documents them."""

    def __init__(self, model: str, *, size: int) -> None:
        self.litellm = import_module("litellm")
        self.model = model
        digest = hashlib.sha256(f"litellm#{model}".encode()).hexdigest()
        defaults = {"size": size, "num_steps": 20, "guidance_scale": 1.0}
        self.card = Card(model, digest, ((size, size),), owner="litellm", remote=True, defaults=defaults)

    def draw(self, request: ImageRequest, edit: Edit | None) -> Pixels:
        size = f"{request.size}x{request.size}"
        made = self.litellm.image_generation(prompt=request.prompt, model=self.model, n=1, size=size)
        return _pixels(made.data[0].b64_json)


def open_litellm(address: str) -> Artist:
    """`litellm:MODEL` or `litellm:MODEL@SIZE`. Raises UserError."""
    model, _, size = address.partition("@")
    if not (size or "1024").isdigit():
        raise UserError(f"litellm:{address} is not understood: write litellm:PROVIDER/MODEL@SIZE")
    try:
        return LitellmGuest(model, size=int(size or 1024))
    except ModuleNotFoundError as error:
        raise UserError("other providers need an extra: pip install 'reflet[litellm]'") from error


def _pixels(content: str) -> Pixels:
    with Image.open(BytesIO(base64.b64decode(content)), formats=("PNG", "JPEG", "WEBP")) as image:
        return np.asarray(image.convert("RGB"))


def _told(text: str) -> str:
    try:
        return str(json.loads(text)["error"]["message"])[:300]
    except (ValueError, KeyError, TypeError):
        return "no reason given"
