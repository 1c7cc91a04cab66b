"""Services elsewhere as guests: whatever speaks OpenAI's image interface (another Reflet included), Microsoft's MAI
shape, or, through litellm, whatever litellm speaks. A picture is one request; several are asked for at once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import weakref
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

from reflet.generate.aspect import Frame
from reflet.generate.guests import WholePicture
from reflet.generate.request import ImageRequest
from reflet.generate.stepwise import Artist, Card, Edit, Pixels
from reflet.runtime.errors import UserError

TIMEOUT_SECONDS = 300.0
WORTH_ANOTHER_TRY = (401, 403, 408, 429)  # not the caller's fault: 500 to them, and the operator's log says it


@dataclass(frozen=True)
class Remote:
    """Where a service is, and how its model is called there. `mai`: Microsoft's shape, with width and height."""

    base_url: str
    model: str
    size: int
    key: str | None = None
    mai: bool = False


class RemoteGuest(WholePicture):
    """A model behind an image interface over HTTP. Seeds and the like are sent where the other side is a Reflet
    (`extensions`), as others refuse fields that they do not know."""

    def __init__(self, remote: Remote, *, extensions: bool) -> None:
        httpx = import_module("httpx")
        self.remote, self.extensions = remote, extensions
        headers = {} if remote.key is None else _authorization(remote)
        self.http = httpx.Client(base_url=remote.base_url, headers=headers, timeout=TIMEOUT_SECONDS)
        weakref.finalize(self, self.http.close)
        self.failures: tuple[type[Exception], ...] = (httpx.HTTPError,)
        self.card = Card(
            name=remote.model,
            digest=hashlib.sha256(f"{remote.base_url}#{remote.model}".encode()).hexdigest(),
            frames=(Frame(remote.size, "1:1", remote.size, remote.size),),
            owner=urlsplit(remote.base_url).hostname or "elsewhere",
            edits=True,
            remote=True,
            defaults={"size": remote.size, "num_steps": 20, "guidance_scale": 1.0},
        )

    def draw(self, request: ImageRequest, edit: Edit | None) -> Pixels:
        """Asks for one picture. Raises UserError with the other side's words when it refuses the request."""
        fields = self._fields(request, edit)
        try:
            if edit is None:
                answer = self.http.post("/images/generations", json=fields)
            else:
                words = {name: str(value) for name, value in fields.items()}
                answer = self.http.post("/images/edits", data=words, files=_files(edit, mask=not self.remote.mai))
        except self.failures as error:
            raise RuntimeError(f"{self.card.owner} does not answer") from error
        if 400 <= answer.status_code < 500 and answer.status_code not in WORTH_ANOTHER_TRY:
            raise UserError(f"{self.card.owner} refused: {_told(answer.text)}")
        if answer.status_code != 200:
            raise RuntimeError(f"{self.card.owner} answered {answer.status_code}")
        return _pixels(answer.json()["data"][0]["b64_json"])

    def _fields(self, request: ImageRequest, edit: Edit | None) -> dict[str, Any]:
        fields: dict[str, Any] = {"model": self.remote.model, "prompt": request.prompt}
        if self.remote.mai:
            return fields if edit is not None else {**fields, "width": request.size, "height": request.size}
        fields |= {"n": 1, "size": f"{request.size}x{request.size}"}
        if self.extensions:
            fields |= {"seed": request.seed, "num_inference_steps": request.num_steps, "response_format": "b64_json"}
            if request.negative_prompt:
                fields["negative_prompt"] = request.negative_prompt
            if edit is not None:
                fields["strength"] = edit.strength
        return fields


def _authorization(remote: Remote) -> dict[str, str]:
    return {"api-key": str(remote.key)} if remote.mai else {"Authorization": f"Bearer {remote.key}"}


def _files(edit: Edit, *, mask: bool) -> dict[str, tuple[str, bytes, str]]:
    """An edit's form: the picture, and (OpenAI's shape only) the mask, whose transparent pixels are to be made anew.
    Where the other side takes no mask it makes the whole picture anew; what is to be kept is put back here."""
    files = {"image": ("image.png", _png(Image.fromarray(edit.picture)), "image/png")}
    if mask and edit.mask is not None:
        alpha = Image.fromarray(((1.0 - edit.mask) * 255).round().astype(np.uint8))
        holes = Image.fromarray(edit.picture).convert("RGBA")
        holes.putalpha(alpha)
        files["mask"] = ("mask.png", _png(holes), "image/png")
    return files


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def open_remote(address: str) -> Artist:
    """`openai:URL#MODEL` or `openai:URL#MODEL@SIZE`. The key is in REFLET_REMOTE_KEY. Raises UserError."""
    guest = RemoteGuest(_remote(address, kind="openai", example="https://HOST/v1"), extensions=False)
    try:
        listed = guest.http.get(f"/models/{guest.remote.model}")
        guest.extensions = listed.status_code == 200 and "sha256" in listed.json()
    except (*guest.failures, ValueError) as error:
        message = f"{guest.remote.base_url} does not answer as a model service: check the address and that it runs"
        raise UserError(message) from error
    return guest


def open_mai(address: str) -> Artist:
    """`mai:URL#MODEL` or `mai:URL#MODEL@SIZE`, where URL/images/generations takes width and height (768 to 1024 a side
    of a square). The key is in REFLET_REMOTE_KEY. Raises UserError."""
    remote = _remote(address, kind="mai", example="https://HOST/mai/v1")
    if not 768 <= remote.size <= 1024:
        raise UserError(f"mai:{address} asks for {remote.size} pixels: this shape knows squares of 768 to 1024")
    return RemoteGuest(remote, extensions=False)


def _remote(address: str, *, kind: str, example: str) -> Remote:
    url, _, rest = address.partition("#")
    model, _, size = rest.partition("@")
    if urlsplit(url).scheme not in ("http", "https") or not model or not (size or "1024").isdigit():
        raise UserError(f"{kind}:{address} is not understood: write {kind}:{example}#MODEL@SIZE")
    key = os.environ.get("REFLET_REMOTE_KEY")
    return Remote(url.rstrip("/"), model, int(size or 1024), key, mai=kind == "mai")


class LitellmGuest(WholePicture):
    """A provider that litellm knows; its keys come from the environment, as litellm documents them."""

    def __init__(self, model: str, *, size: int) -> None:
        self.litellm = import_module("litellm")
        self.model = model
        self.card = Card(
            name=model,
            digest=hashlib.sha256(f"litellm#{model}".encode()).hexdigest(),
            frames=(Frame(size, "1:1", size, size),),
            owner="litellm",
            edits=True,
            remote=True,
            defaults={"size": size, "num_steps": 20, "guidance_scale": 1.0},
        )

    def draw(self, request: ImageRequest, edit: Edit | None) -> Pixels:
        """Asks for one picture. Raises UserError with the provider's words when it refuses the request."""
        wishes = {"prompt": request.prompt, "model": self.model, "n": 1, "size": f"{request.size}x{request.size}"}
        try:
            if edit is None:
                made = self.litellm.image_generation(**wishes)
            else:
                files = {name: BytesIO(content) for name, (_, content, _) in _files(edit, mask=True).items()}
                for name, file in files.items():
                    file.name = f"{name}.png"
                made = self.litellm.image_edit(**files, **wishes)
        except self.litellm.BadRequestError as error:
            raise UserError(f"{self.model} refused: {str(error)[:300]}") from error
        return _pixels(made.data[0].b64_json)


def open_litellm(address: str) -> Artist:
    """`litellm:MODEL` or `litellm:MODEL@SIZE`. Raises UserError."""
    model, _, size = address.partition("@")
    if not model or not (size or "1024").isdigit():
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
