"""/v1/moderations: what the safety system thinks of words, in OpenAI's shape."""

from __future__ import annotations

import secrets
from typing import Any

from reflet.serve.auth import guarded
from reflet.serve.errors import ApiError
from reflet.serve.safety import CATEGORIES, judge
from reflet.serve.schemas import ModerationRequest, ModerationResponse, ModerationResult

router = guarded("moderations", tags=["moderations"])
MODEL = "reflet-words-1"


@router.post("/v1/moderations", response_model=ModerationResponse)
def moderations(body: ModerationRequest) -> ModerationResponse:
    """One result for each text. The scores are 0 or 1: a list of words knows no in-between."""
    texts = [body.input] if isinstance(body.input, str) else _texts(body.input)
    return ModerationResponse(
        id=f"modr_{secrets.token_hex(12)}", model=MODEL, results=[_result(text) for text in texts]
    )


def _texts(items: list[Any]) -> list[str]:
    texts: list[str] = []
    for item in items:
        if isinstance(item, dict) and item.get("type") == "text" and isinstance(item.get("text"), str):
            texts.append(item["text"])
        elif isinstance(item, str):
            texts.append(item)
        else:
            message = "only texts are judged here: send strings or {type: text, text: ...}"
            raise ApiError(400, message, code="unsupported_value", param="input")
    if sum(len(t) for t in texts) > 64_000:
        raise ApiError(400, "together the texts are too long: at most 64,000 characters", param="input")
    return texts


def _result(text: str) -> ModerationResult:
    found = judge(text).categories
    return ModerationResult(
        flagged=bool(found),
        categories={c: c in found for c in CATEGORIES},
        category_scores={c: float(c in found) for c in CATEGORIES},
        category_applied_input_types={c: ["text"] for c in CATEGORIES},
    )
