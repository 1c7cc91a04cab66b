"""The pictures of a talk, as its messages show them: numbered from 1, found by number, by "last", by id or by words.

A talk is stateless here: whoever talks sends all of it each time, and what a tool gave back is part of it. So the album
is read from the messages, and nothing about a talk is kept on this side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reflet.generate.talk import Message, result_of
from reflet.runtime.errors import UserError

LINK = re.compile(r"/v1/pictures/(pic_[0-9a-f]{24})/(?:link|content|thumbnail)\b")
ID = re.compile(r"pic_[0-9a-f]{24}")
WORD = re.compile(r"[^\W_]{3,}")
LAST = ("", "last", "it", "this", "that", "latest")


@dataclass(frozen=True)
class Shown:
    """A picture of the talk: `id` where it was made here, `address` where the user sent it; `words` it is found by."""

    number: int
    id: str | None
    address: str | None = None
    words: str = ""


def album(messages: Sequence[Message]) -> list[Shown]:
    """All pictures in the order in which the talk shows them."""
    shown: list[Shown] = []
    for message in messages:
        if message.get("role") == "tool":
            result = result_of(message)
            for picture in result.get("pictures") or ():
                known = picture if isinstance(picture, dict) else {}
                words = f"{known.get('prompt', '')} {result.get('asked', '')}"
                shown.append(Shown(len(shown) + 1, _id(known.get("id")), words=words))
        elif isinstance(message.get("content"), list):
            for part in message["content"]:
                address = _address(part)
                if address is not None:
                    made_here = LINK.search(address)
                    shown.append(Shown(len(shown) + 1, made_here[1] if made_here else None, address))
    return shown


def pick(shown: Sequence[Shown], reference: str) -> Shown:
    """The picture that is meant. Raises UserError that says what there is."""
    if not shown:
        raise UserError("there is no picture in this talk yet")
    reference = reference.strip().lstrip("#")
    if reference.lower() in LAST:
        return shown[-1]
    if reference.isdigit():
        if 1 <= int(reference) <= len(shown):
            return shown[int(reference) - 1]
        raise UserError(f"there is no picture {reference} in this talk: it has {len(shown)}")
    by_id = next((s for s in shown if s.id == reference), None)
    if by_id is not None:
        return by_id
    # By what was asked: most words in common; of equals the later one.
    wanted = set(WORD.findall(reference.lower()))
    scores = [len(wanted & set(WORD.findall(s.words.lower()))) for s in shown]
    best = max(scores)
    if ID.fullmatch(reference) or best == 0:
        raise UserError("no picture of this talk is like that: say its number")
    return shown[len(scores) - 1 - scores[::-1].index(best)]


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) and ID.fullmatch(value) else None


def _address(part: Any) -> str | None:
    """The address of an image part, in the shape of chat completions or of responses."""
    if not isinstance(part, dict) or part.get("type") not in ("image_url", "input_image"):
        return None
    found = part.get("image_url")
    return str(found.get("url", "")) if isinstance(found, dict) else str(found or "")
