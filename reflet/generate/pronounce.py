"""English text -> sentences in phones: looked up, spelled out by the pronouncer, with the pauses that marks ask for.

What is needed lies in one bundle, `reflet-english`: lexicon.xz (CMUdict's words), weights.safetensors and config.json
of the pronouncer, which was taught the same dictionary, card.md, the dictionary's notice, and the manifest.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import torch

from reflet.data.lexicon import CODES, LEXICON, PHONE_OF, Lexicon, Sounds
from reflet.data.phones import PAUSES, Phones, PhoneWord
from reflet.data.sentences import sentences
from reflet.data.spoken import Said, read
from reflet.generate.bundle import dequantize, quantize
from reflet.generate.places import find_bundle
from reflet.models.pronounce import Pronouncer, PronouncerConfig
from reflet.runtime.checkpoint import MANIFEST, load_json, load_tensors, save_folder, verify_folder
from reflet.runtime.config import from_json, to_json
from reflet.runtime.errors import UserError

ENGLISH = "reflet-english"
LETTERS = "abcdefghijklmnopqrstuvwxyz'"
MAX_CHARACTERS = 100_000  # of a text: two hours
MOST_PHONES = 400  # of a sentence, which is divided beyond
READ_AT_ONCE = 20  # letters of a word that is no word

LETTER_NAMES: dict[str, Sounds] = {
    "A": ("ey1",), "B": ("b", "iy1"), "C": ("s", "iy1"), "D": ("d", "iy1"), "E": ("iy1",), "F": ("eh1", "f"),
    "G": ("jh", "iy1"), "H": ("ey1", "ch"), "I": ("ay1",), "J": ("jh", "ey1"), "K": ("k", "ey1"), "L": ("eh1", "l"),
    "M": ("eh1", "m"), "N": ("eh1", "n"), "O": ("ow1",), "P": ("p", "iy1"), "Q": ("k", "y", "uw1"), "R": ("aa1", "r"),
    "S": ("eh1", "s"), "T": ("t", "iy1"), "U": ("y", "uw1"), "V": ("v", "iy1"),
    "W": ("d", "ah1", "b", "ax0", "l", "y", "uw0"), "X": ("eh1", "k", "s"), "Y": ("w", "ay1"), "Z": ("z", "iy1"),
}  # fmt: skip
HISSES, VOICELESS = frozenset(("s", "z", "sh", "zh", "ch", "jh")), frozenset(("p", "t", "k", "f", "th"))


class FrontEnd:
    """`FrontEnd(lexicon, model)(text)`: a text as sentences in phones, whose words know their characters."""

    def __init__(self, lexicon: Lexicon, model: Pronouncer, *, digest: str = "untrained") -> None:
        self.lexicon, self.model, self.digest = lexicon, model, digest
        self._spelled: dict[str, Sounds] = {}

    def __call__(self, text: str) -> list[Phones]:
        """The sentences of a text. Raises UserError for one that says nothing, is too long, or is not in Latin
        letters."""
        if len(text) > MAX_CHARACTERS:
            raise UserError(
                f"the text has {len(text):,} characters and {MAX_CHARACTERS:,} is the most: say it in parts"
            )
        found = sentences(text)
        said = [read(text[s.start : s.end], known=self.lexicon.__contains__, offset=s.start) for s in found]
        self._spell_unknown(word for sentence in said for token in sentence for word in token.words)
        out = [
            part
            for sentence, tokens in zip(found, said, strict=True)
            for part in self._sentence(tokens, last="," if sentence.ends == "part" else ".")
        ]
        if not out:
            raise UserError("there is nothing to say: give some words, in Latin letters or digits")
        return out

    def word(self, word: str) -> Sounds:
        """The phones of one spoken word, as `read` gives it: lower case, or a capital for a letter that is spelled."""
        if word[:1] in LETTER_NAMES:
            name = LETTER_NAMES[word[0]]
            return _with_s(name) if word.endswith("'s") else name
        found = self.lexicon.phones(word)
        if found is not None:
            return found
        if word.endswith("'s") and len(word) > 2:
            return _with_s(self.word(word[:-2]))
        if word not in self._spelled:
            self._spell_unknown([word])
        return self._spelled[word]

    def _spell_unknown(self, words: Iterable[str]) -> None:
        """All the unknown words of a text together: fewer passes of the model."""
        stems = {w.removesuffix("'s") for w in words if w[:1] not in LETTER_NAMES and w not in self.lexicon}
        fresh = sorted(w for w in stems if w not in self._spelled and w not in self.lexicon)
        pieces = {w: _pieces(w) for w in fresh}
        every = sorted({p for parts in pieces.values() for p in parts})
        sounds = dict(zip(every, spell(self.model, every), strict=True))
        if len(self._spelled) > 20_000:
            self._spelled.clear()
        self._spelled |= {w: tuple(s for p in parts for s in sounds[p]) for w, parts in pieces.items()}

    def _sentence(self, tokens: Sequence[Said], *, last: str) -> list[Phones]:
        """One sentence, or several parts of one with very many phones."""
        out: list[Phones] = []
        symbols: list[str] = ["pau"]
        words: list[PhoneWord] = []
        spoken = [(word, token) for token in tokens for word in token.words]
        sounds = [self.word(word) for word, _ in spoken]
        sounds = [*(_reduced(spoken[i][0], a, b) for i, (a, b) in enumerate(pairwise(sounds))), *sounds[-1:]]
        for i, ((word, token), phones) in enumerate(zip(spoken, sounds, strict=True)):
            if len(symbols) + len(phones) > MOST_PHONES and words:
                out.append(Phones((*symbols, ","), tuple(words)))
                symbols, words = ["pau"], []
            words.append(PhoneWord(word, len(symbols), len(symbols) + len(phones), token.start, token.end))
            symbols += phones
            if token.mark and (i + 1 == len(spoken) or spoken[i + 1][1] is not token):
                symbols.append(token.mark)
        if words:
            if symbols[-1] not in PAUSES:
                symbols.append(last)
            out.append(Phones(tuple(symbols), tuple(words)))
        return out


def spell(model: Pronouncer, words: Sequence[str]) -> list[Sounds]:
    """The phones of lower-case words of letters and apostrophes; those of one length go through the model together."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for number, word in enumerate(words):
        by_length[len(word)].append(number)
    out: list[Sounds] = [()] * len(words)
    for numbers in by_length.values():
        batch = torch.tensor([letters_of(words[n]) for n in numbers])
        for number, phones in zip(numbers, model.pronounce(batch), strict=True):
            out[number] = tuple(PHONE_OF[CODES[p - 1]] for p in phones)
    return out


def letters_of(word: str) -> list[int]:
    """A lower-case word as the pronouncer reads it."""
    return [LETTERS.index(c) + 1 for c in word]


def _pieces(word: str) -> list[str]:
    """What the pronouncer is asked: long runs of one letter are two of it, and endless words come in parts."""
    calm = re.sub(r"(.)\1{2,}", r"\1\1", word)
    return [calm[i : i + READ_AT_ONCE] for i in range(0, len(calm), READ_AT_ONCE)]


def _with_s(phones: Sounds) -> Sounds:
    """The ending 's, as it sounds after these phones."""
    if not phones:
        return phones
    if phones[-1] in HISSES:
        return (*phones, "ih0", "z")
    return (*phones, "s" if phones[-1] in VOICELESS else "z")


def _reduced(word: str, phones: Sounds, after: Sounds) -> Sounds:
    """Small words lean on what follows: "the end", "to go"."""
    vowel = after[:1] and after[0][-1].isdigit()
    if word == "the" and vowel:
        return ("dh", "iy0")
    if word == "to":
        return ("t", "uw0") if vowel else ("t", "ax0")
    return phones


def save_english(
    path: Path, lexicon: Lexicon, model: Pronouncer, *, card: str, extra: dict[str, bytes] | None = None
) -> None:
    """Writes the bundle as a folder that appears whole; `extra` files (notice, bill of materials) join."""
    config = {"pronouncer": to_json(model.config)}
    files = {
        "config.json": json.dumps(config, indent=1).encode(),
        LEXICON: lexicon.to_bytes(),
        "card.md": card.encode(),
    }
    save_folder(path, tensors={"weights": quantize(model.state_dict())}, files={**files, **(extra or {})})


def load_english(name: str = ENGLISH) -> FrontEnd:
    """The front end of a bundle, after checking every file's SHA-256. Raises UserError: it is missing, or damaged."""
    path = find_bundle(name)
    verify_folder(path)
    stored = load_json(path, "config.json")
    if "pronouncer" not in stored:
        raise UserError(f"{path} does not tell how words sound: give the folder of a pronouncer's bundle")
    model = Pronouncer(from_json(PronouncerConfig, stored["pronouncer"]))
    try:
        model.load_state_dict(dequantize(load_tensors(path, "weights")))
    except RuntimeError as error:
        raise UserError(f"the weights in {path} do not fit its config: copy or build the bundle again") from error
    model.eval().requires_grad_(False)
    return FrontEnd(Lexicon.load(path), model, digest=hashlib.sha256((path / MANIFEST).read_bytes()).hexdigest())


@lru_cache(maxsize=1)
def english() -> FrontEnd:
    """The front end that ships, opened once a process."""
    return load_english()


def read_english(text: str) -> list[Phones]:
    """A text as sentences in phones; the bundle is opened when the first text comes."""
    return english()(text)
