"""Words about how to speak ("slowly and calmly, like a storyteller") -> one of the styles that a voice has learned."""

from __future__ import annotations

import re

_STYLES = {
    "story": r"stor(y|ies|yteller)|narrat\w*|fairy|bedtime|tale|audiobook",
    "calm": r"calm\w*|quiet\w*|soft\w*|gentl\w*|slow\w*|sooth\w*|relax\w*|serious\w*|sad\w*|whisper\w*|tired|sleepy",
    "lively": r"liv?e?ly|excit\w*|cheer\w*|happ\w*|enthusias\w*|energetic\w*|joy\w*|playful\w*|dramatic\w*|angr\w*",
    "brisk": r"brisk\w*|fast\w*|quick\w*|hurr\w*|rapid\w*|news\w*|urgent\w*|speed\w*",
}


def style_of(instructions: str | None) -> str:
    """The style that most of the words ask for, "plain" where none does; of two alike the one that is named first."""
    text = (instructions or "").lower()
    text = re.sub(r"\b(not|don't|never|without)( be| sound| too| so)* \w+", " ", text)
    found = {style: [m.start() for m in re.finditer(rf"\b({words})\b", text)] for style, words in _STYLES.items()}
    known = [(-len(places), places[0], style) for style, places in found.items() if places]
    return min(known)[2] if known else "plain"
