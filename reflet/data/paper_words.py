"""What the papers of a bundle call the things that it was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Content = Literal["pictures", "speech"]


@dataclass(frozen=True)
class Words:
    """`unit`: several records. `made`: what those of our own programs are. `own`: how their sources begin. `program`:
    what made them, a sentence. `told`: what all of them have in common when none is from elsewhere, a sentence."""

    modality: str
    unit: str
    set: str
    made: str
    texts: str
    own: tuple[str, ...]
    program: str
    told: str
    output: str


WORDS: dict[Content, Words] = {
    "pictures": Words(
        modality="image",
        unit="pictures",
        set="pictures with captions",
        made="rendered",
        texts="the captions of these pictures | those of rendered pictures are written from their scene graphs",
        own=("reflet-render",),
        program="made by Reflet's own procedural renderer, which is a program and no trained model. "
        "Their captions are written from the scene graphs by a grammar.",
        told="All pictures are rendered from scenes that are written down; none shows a real person or place.",
        output="image",
    ),
    "speech": Words(
        modality="audio",
        unit="utterances",
        set="utterances with transcripts",
        made="synthesised",
        texts="the sentences of these utterances | of a grammar, and examples of WordNet's dictionary",
        own=("flite ",),
        program="said by Flite, a synthesiser of Carnegie Mellon University: three of its voices are statistical "
        "models of a speaker's recordings, one joins pieces of them. Program and voices are under MIT-Festival.",
        told="All utterances are synthesised from sentences that were written for the purpose, or that a dictionary "
        "gives as examples; the voices are those that their makers published with the synthesiser.",
        output="sound",
    ),
}
