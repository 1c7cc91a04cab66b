"""Nouns of talks: what the renderer can draw, in English and French, and what it cannot, with what is near.

A small language model should not have to know by heart which nouns the image model was taught, nor their French. They
are looked up, and a note with what was found follows the user's words (`notes`): the model learns to read notes, so
nouns that its training never held work as well as those that it did.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from reflet.data.talk_phrases import FOLDER, Language

NUM_NEAR = 2
IRREGULAR = {
    "mouse": "mice", "sheep": "sheep", "fish": "fish", "die": "dice", "man": "men", "woman": "women",
    "child": "children", "person": "persons", "loaf of bread": "loaves of bread", "starfish": "starfish",
    "cactus": "cacti", "torus": "tori", "dodecahedron": "dodecahedra", "amphora": "amphorae",
    "hippo": "hippos", "kangaroo": "kangaroos", "deer": "deer", "wolf": "wolves", "snowman": "snowmen",
    "fireman": "firemen", "grandmother": "grandmothers", "knight in armour": "knights in armour", "rhino": "rhinos",
    "bookshelf": "bookshelves", "trophy": "trophies", "lasagna": "lasagna", "piano": "pianos",
    "grand piano": "grand pianos", "radio": "radios", "potato": "potatoes", "tomato": "tomatoes",
    "mango": "mangoes", "photo": "photos", "cello": "cellos", "yo-yo": "yo-yos", "taco": "tacos", "kimono": "kimonos",
    "kiwi": "kiwis", "avocado": "avocados", "flamingo": "flamingos", "zoo": "zoos", "igloo": "igloos",
}  # fmt: skip
# French nouns that are also colours, materials or places: a noun only after an article or a number.
AMBIGUOUS = {"orange", "oranges", "rose", "roses", "verre", "verres", "pierre", "pierres", "cristal", "basket"}
ARTICLES = {"un", "une", "des", "le", "la", "les", "l", "deux", "trois", "quatre", "cinq", "six", "sept", "huit"}
FRENCH = set(
    [
        "le",
        "la",
        "les",
        "un",
        "une",
        "des",
        "du",
        "de",
        "au",
        "aux",
        "et",
        "est",
        "sont",
        "avec",
        "sur",
        "dans",
        "pour",
        "sans",
        "je",
        "tu",
        "il",
        "elle",
        "nous",
        "vous",
        "moi",
        "toi",
        "mon",
        "ma",
        "mes",
        "ton",
        "ta",
        "tes",
        "que",
        "qui",
        "quoi",
        "quel",
        "quelle",
        "quels",
        "quelles",
        "comment",
        "pourquoi",
        "combien",
        "ou",
        "où",
        "plus",
        "moins",
        "très",
        "aussi",
        "merci",
        "bonjour",
        "salut",
        "peux",
        "puis",
        "veux",
        "fais",
        "mets",
        "oui",
        "non",
        "pas",
        "ce",
        "cette",
        "ces",
        "ça",
        "c'est",
        "es",
        "voudrais",
        "sous",
        "devant",
        "derriere",
        "en",
        "enleve",
        "ajoute",
        "dessine",
        "dessinez",
        "montre",
        "encore",
        "autre",
        "l",
        "d",
        "j",
        "qu",
        "n",
        "s",
    ]
)
ENGLISH = set(
    [
        "the",
        "a",
        "an",
        "of",
        "and",
        "is",
        "are",
        "with",
        "on",
        "in",
        "for",
        "without",
        "i",
        "you",
        "he",
        "she",
        "we",
        "they",
        "me",
        "my",
        "your",
        "it",
        "its",
        "what",
        "who",
        "which",
        "how",
        "why",
        "when",
        "where",
        "do",
        "does",
        "did",
        "can",
        "could",
        "will",
        "would",
        "make",
        "draw",
        "please",
        "not",
        "no",
        "yes",
        "this",
        "that",
        "these",
        "those",
        "at",
        "to",
        "from",
        "by",
        "be",
        "as",
        "have",
        "has",
        "more",
        "less",
        "very",
        "too",
        "one",
        "two",
        "three",
        "show",
        "give",
        "put",
        "thanks",
        "hello",
        "hi",
        "it's",
    ]
)
WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Noun:
    """A thing in both languages; `gender` is the French one, m or f."""

    name: str
    plural: str
    french: str
    french_plural: str
    gender: str

    def french_article(self) -> str:
        """ "un cheval"."""
        return ("une " if self.gender == "f" else "un ") + self.french


@dataclass(frozen=True)
class Unknown:
    """A thing that no picture of the training shows; `near` are two that some do."""

    noun: Noun
    kind: str
    near: tuple[Noun, ...]


@dataclass(frozen=True)
class Found:
    """A noun of a text, as it stands there."""

    said: str
    noun: Noun
    many: bool
    unknown: Unknown | None


def plural_of(name: str) -> str:
    """ "box" -> "boxes", "pair of glasses" -> "pairs of glasses"."""
    if name in IRREGULAR:
        return IRREGULAR[name]
    head, of, rest = name.partition(" of ")
    if of:
        return f"{plural_of(head)} of {rest}"
    words = name.split(" ")
    last = words[-1]
    if last in IRREGULAR:
        last = IRREGULAR[last]
    elif last.endswith(("s", "x", "ch", "sh")):
        last += "es"
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "s"
    return " ".join([*words[:-1], last])


def _noun(line: str) -> Noun:
    name, french, *more = line.split("|")
    french, gender = french.rsplit(" ", 1)
    return Noun(name, plural_of(name), french, more[0] if more else french + "s", gender)


@cache
def known_nouns() -> dict[str, Noun]:
    """What the renderer draws, by English name."""
    lines = (FOLDER / "nouns.txt").read_text("utf-8").splitlines()
    return {n.name: n for n in (_noun(line) for line in lines if line and not line.startswith("#"))}


@cache
def unknown_nouns() -> dict[str, Unknown]:
    """What it does not draw, by English name."""
    found: dict[str, Unknown] = {}
    kind, near = "", ()
    for line in (FOLDER / "unknown.txt").read_text("utf-8").splitlines():
        if line.startswith("= "):
            kind, _, names = line[2:].partition(": ")
            near = tuple(known_nouns()[n] for n in names.split(", "))
        elif line and not line.startswith("#"):
            noun = _noun(line)
            first = crc32(noun.name.encode()) % len(near)
            found[noun.name] = Unknown(noun, kind, (near * 2)[first : first + NUM_NEAR])
    return found


def folded(text: str) -> str:
    """Lower case, without accents: people leave them out."""
    plain = unicodedata.normalize("NFD", text.lower().replace("œ", "oe").replace("’", "'"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def language_of(text: str) -> Language:
    """By its small words; English when nothing tells."""
    words = WORD.findall(folded(text))
    french, english = (sum(w in known for w in words) for known in (FRENCH, ENGLISH))
    if french != english:
        return "fr" if french > english else "en"
    accents = text.lower() != unicodedata.normalize("NFD", text.lower())
    return "fr" if accents or any(w in _index("fr")[1] and w not in _index("en")[1] for w in words) else "en"


@cache
def _index(language: Language) -> tuple[re.Pattern[str], dict[str, tuple[Noun, bool, Unknown | None]]]:
    """A pattern of all nouns of a language (folded), the longest first, and what each means."""
    forms: dict[str, tuple[Noun, bool, Unknown | None]] = {}
    every = [(n, None) for n in known_nouns().values()] + [(u.noun, u) for u in unknown_nouns().values()]
    for noun, unknown in every:
        one, many = (noun.name, noun.plural) if language == "en" else (noun.french, noun.french_plural)
        forms.setdefault(folded(many), (noun, one != many, unknown))
        forms.setdefault(folded(one), (noun, False, unknown))
        if one == many:
            forms[folded(one)] = (noun, False, unknown)
    longest = sorted(forms, key=lambda f: (-len(f), f))
    return re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, longest)) + r")(?![\w-])"), forms


def find_nouns(text: str, language: Language) -> list[Found]:
    """Each noun of a text once, in its order."""
    pattern, forms = _index(language)
    plain = folded(text)
    found: dict[str, Found] = {}
    for match in pattern.finditer(plain):
        said = match.group(1)
        before = WORD.findall(plain[: match.start()])
        digit = plain[: match.start()].rstrip()[-1:].isdigit()
        if language == "fr" and said in AMBIGUOUS and not digit and (not before or before[-1] not in ARTICLES):
            continue
        noun, many, unknown = forms[said]
        if said == "citron" and before[-1:] == ["vert"]:  # a colour
            continue
        if said in FRENCH and noun.french not in text.lower():  # "de" is no "dé" without its accent
            continue
        found.setdefault(said, Found(said, noun, many, unknown))
    return list(found.values())


def notes(text: str, language: Language | None = None) -> str:
    """What a text's nouns mean, as the language model reads it: "" where there is nothing to say.

    French: "theieres = teapots". Not known to the image model: "? kangaroo : horse, giraffe".
    """
    language = language or language_of(text)
    out: list[str] = []
    for f in find_nouns(text, language):
        english = f.noun.plural if f.many else f.noun.name
        if f.unknown is None:
            if language == "fr":
                out.append(f"{f.said} = {english}")
            continue
        if language == "fr":
            near = ", ".join(f"{n.french_article()} = {n.name}" for n in f.unknown.near)
            out.append(f"? {f.said} = {english} : {near}")
        else:
            out.append(f"? {f.said} : {', '.join(n.name for n in f.unknown.near)}")
    return " ; ".join(out)
