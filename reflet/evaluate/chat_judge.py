"""A model elsewhere as a judge of an arena: whatever speaks OpenAI's chat interface and sees pictures."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import weakref
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from reflet.arena.display import shown
from reflet.runtime.errors import UserError

TIMEOUT_SECONDS = 300.0
QUESTION = (
    "Two pictures, A and then B, were made for this prompt:\n\n{prompt}\n\nWhich is better? Weigh how well it follows "
    "the prompt, and how well it is made. Answer with one letter: A, B, or T if neither is better."
)
WORTH = {"A": 1.0, "B": -1.0, "T": 0.0}


class ChatJudge:
    """Asks a chat model. Pictures are sent as voters see them: one size, no metadata."""

    def __init__(self, base_url: str, model: str, *, name: str, key: str | None = None) -> None:
        httpx = import_module("httpx")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.model, self.name = model, name
        self.digest = hashlib.sha256(f"{base_url}#{model}\n{QUESTION}".encode()).hexdigest()
        self.http = httpx.Client(base_url=base_url, headers=headers, timeout=TIMEOUT_SECONDS)
        weakref.finalize(self, self.http.close)
        self._failures = (httpx.HTTPError,)

    def compare(self, prompt: str, left: NDArray[np.uint8], right: NDArray[np.uint8]) -> float | None:
        """1, -1 or 0; None for an answer that is none of the letters. Raises UserError when it cannot be asked."""
        content: list[dict[str, Any]] = [{"type": "text", "text": QUESTION.format(prompt=prompt)}]
        for pixels in (left, right):
            url = "data:image/png;base64," + base64.b64encode(shown(pixels)).decode()
            content.append({"type": "image_url", "image_url": {"url": url}})
        body = {"model": self.model, "temperature": 0, "messages": [{"role": "user", "content": content}]}
        try:
            answer = self.http.post("/chat/completions", json=body)
            answer.raise_for_status()
            text = str(answer.json()["choices"][0]["message"]["content"])
        except (*self._failures, ValueError, LookupError, TypeError) as error:
            where = f"{self.model} at {self.http.base_url}"
            raise UserError(
                f"{where} gave no answer ({str(error)[:200]}): mend that, the same command goes on"
            ) from error
        letter = re.fullmatch(r"\W*([ABT])\W*", text.strip())
        return WORTH[letter.group(1)] if letter else None


def open_chat(address: str, *, name: str = "") -> ChatJudge:
    """`URL#MODEL`; its key, if it wants one, is in REFLET_REMOTE_KEY. Raises UserError."""
    url, _, model = address.partition("#")
    if urlsplit(url).scheme not in ("http", "https") or not model:
        raise UserError(f"openai:{address} is not understood: write openai:https://HOST/v1#MODEL")
    return ChatJudge(url.rstrip("/"), model, name=name or model, key=os.environ.get("REFLET_REMOTE_KEY"))
