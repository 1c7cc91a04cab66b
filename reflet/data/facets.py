"""What a picture is, in words to count by: subject, environment, light, palette, style, composition, origin.

Rendered pictures know these things. Of others they are read from captions and tags, by lists of words, and from what
was measured; a facet whose words say nothing is "not said" and is never counted as a lack.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from reflet.data.measures import COLOUR_NAMES
from reflet.render.vocabulary import ENVIRONMENTS, LIGHTS, STYLES

Row = dict[str, Any]
NOT_SAID = "not said"

_ENVIRONMENT_WORDS: dict[str, tuple[str, ...]] = {
    "studio": ("plain white background", "plain background", "white background", "studio", "backdrop"),
    "table": ("table", "tabletop", "plate", "bowl", "desk"),
    "street": ("street", "road", "city", "town", "downtown"),
    "mountains": ("mountain", "mountains", "alps", "summit", "peak"),
    "hills": ("hill", "hills"),
    "sea": ("sea", "ocean", "waves"),
    "beach": ("beach", "shore", "coast"),
    "forest": ("forest", "wood", "woods", "jungle", "trees"),
    "snowy landscape": ("snow", "snowy", "ice"),
    "meadow": ("meadow", "grass", "grassland", "lawn"),
    "space": ("space", "galaxy", "planet", "stars"),
    "kitchen": ("kitchen", "stove", "pan", "supermarket", "shop"),
    "abstract": ("abstract", "pattern", "texture", "seamless"),
}
_STYLE_WORDS: dict[str, tuple[str, ...]] = {
    "photograph": ("photo", "photograph", "photography"),
    "watercolour": ("watercolour", "watercolor", "botanical watercolor"),
    "oil painting": ("oil painting", "painting", "canvas"),
    "pixel art": ("pixel art", "sprite"),
    "ink": ("ink", "engraving", "woodcut", "silhouette"),
    "pencil": ("pencil", "drawing", "sketch"),
    "toon": ("cartoon", "toon", "comic"),
    "illustration": ("illustration",),
    "icon": ("icon", "emoji", "logo", "flat vector"),
    "3D render": ("3d rendered", "3d render", "rendered"),
    "texture": ("texture", "seamless"),
}
_LIGHT_WORDS: dict[str, tuple[str, ...]] = {
    "night": ("night", "dark sky", "moonlit", "northern lights"),
    "sunset": ("sunset", "sunrise", "dusk", "dawn", "golden hour"),
    "overcast": ("overcast", "cloudy", "fog", "misty"),
    "daylight": ("daylight", "sunny", "sunlight", "blue sky"),
    "studio softbox": ("studio light", "softbox", "plain white background"),
    "candlelight": ("candle", "candlelight"),
    "neon": ("neon",),
}
_NO_SUBJECT = """
a an the of on in at with and or by from to for its his her their is are as into over under near behind front
beside up down out off one two three four five six some small large big little old young new white black red
green blue brown yellow grey gray orange purple pink beige golden dark bright light plain background photo
picture image view close closeup simple flat vector icon glossy rendered art sprite pixel vintage side top seen
straight that this very colourful colorful standing sitting lying looking made style shape low tall tiny long
wide round fresh group cluster pot plate bowl heap pile row set pair slice piece crate display illustration
watercolor watercolour botanical painting drawing silhouette tarot card impressionist texture seamless sketch
pattern abstract geometric ancient traditional surface ground pale
"""
_STOP = set(_NO_SUBJECT.split())
_WORD = re.compile(r"[^\W\d_]{3,}", re.U)


def facets_of(row: Row, facts: dict[str, Any]) -> dict[str, str]:
    """One category in each of FACETS."""
    said = " ".join([*facts.get("captions", [])[:1], *facts.get("tags", [])]).casefold()
    return {name: judge(row, facts, said)[:80] for name, judge in FACETS.items()}


def _subject(row: Row, facts: dict[str, Any], said: str) -> str:
    if facts.get("subjects"):
        return str(facts["subjects"][0])
    caption = (facts.get("captions") or [""])[0].casefold()
    tags = [
        t for t in map(str.casefold, facts.get("tags", [])) if t not in _STOP and _listed(t, _style_words()) == NOT_SAID
    ]
    named = [t for t in tags if t.rstrip("s") in caption]  # a tag that the caption says is what is shown
    words = [w for w in _WORD.findall(caption) if w not in _STOP]
    return (named or words or tags or [NOT_SAID])[0]


def _environment(row: Row, facts: dict[str, Any], said: str) -> str:
    return facts.get("environment") or _listed(said, _environment_words())


def _style(row: Row, facts: dict[str, Any], said: str) -> str:
    if facts.get("style"):
        return str(facts["style"])
    found = _listed(said, _style_words())
    if found != NOT_SAID:
        return found
    return "flat graphic" if row["plain"] > 0.9 and row["busy"] < 0.12 else "photograph"


def _lighting(row: Row, facts: dict[str, Any], said: str) -> str:
    return facts.get("lighting") or _listed(said, _light_words())


def _light(row: Row, facts: dict[str, Any], said: str) -> str:
    if row["light"] < 0.22:
        return "dark"
    if row["light"] > 0.78:
        return "bright"
    if row["contrast"] < 0.4:
        return "soft"
    return "hard" if row["contrast"] > 0.88 else "even"


def _palette(row: Row, facts: dict[str, Any], said: str) -> str:
    """The colour that covers most; white, grey and black only where they cover nearly all."""
    shares = dict(zip(COLOUR_NAMES, row["palette"], strict=True))
    plain = {c: shares.pop(c) for c in ("white", "grey", "black")}
    best = max(shares, key=lambda c: (shares[c], c))
    return best if shares[best] >= 26 else max(plain, key=lambda c: (plain[c], c))  # a tenth of 255


def _composition(row: Row, facts: dict[str, Any], said: str) -> str:
    if row["fill"] < 0.03:
        return "empty"
    if row["fill"] > 0.62:
        return "filled"
    x, y = row["centre_x"] - 0.5, row["centre_y"] - 0.5
    if max(abs(x), abs(y)) > 0.11:
        return ("left" if x < 0 else "right") if abs(x) > abs(y) else ("high" if y < 0 else "low")
    return "small, centred" if row["fill"] < 0.2 else "large, centred"


def _shape(row: Row, facts: dict[str, Any], said: str) -> str:
    ratio = row["width"] / max(row["height"], 1)
    return "square" if 0.9 < ratio < 1.1 else ("landscape" if ratio > 1 else "portrait")


def _source(row: Row, facts: dict[str, Any], said: str) -> str:
    source = facts.get("source", "")
    if source.startswith("reflet-render"):
        return "reflet-render"
    return source.removesuffix("/" + facts.get("name", "")) or NOT_SAID


def _author(row: Row, facts: dict[str, Any], said: str) -> str:
    author = facts.get("author", "")
    return NOT_SAID if author in ("", "not stated") else author


def _licence(row: Row, facts: dict[str, Any], said: str) -> str:
    return facts.get("license", NOT_SAID)


FACETS: dict[str, Callable[[Row, dict[str, Any], str], str]] = {
    "subject": _subject,
    "environment": _environment,
    "lighting": _lighting,
    "light": _light,
    "palette": _palette,
    "style": _style,
    "composition": _composition,
    "shape": _shape,
    "source": _source,
    "author": _author,
    "licence": _licence,
}
OPEN = ("subject", "source", "author", "licence")  # facets whose categories nobody has listed
BALANCED = ("subject", "environment", "light", "palette", "style", "composition")
KNOWN: dict[str, tuple[str, ...]] = {  # categories that count as missing where there are none
    "environment": ENVIRONMENTS,
    "lighting": tuple(w for w in LIGHTS if w != "environment map"),
    "style": STYLES,
    "palette": COLOUR_NAMES,
}


@cache
def _environment_words() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return _patterns({e: (e, *_ENVIRONMENT_WORDS.get(e, ())) for e in ENVIRONMENTS})


@cache
def _style_words() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return _patterns(_STYLE_WORDS | {s: (s, *_STYLE_WORDS.get(s, ())) for s in STYLES})


@cache
def _light_words() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return _patterns({w: (w, *_LIGHT_WORDS.get(w, ())) for w in LIGHTS})


def _patterns(words: dict[str, tuple[str, ...]]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((k, re.compile(r"\b(" + "|".join(map(re.escape, set(v))) + r")\b")) for k, v in words.items())


def _listed(said: str, patterns: tuple[tuple[str, re.Pattern[str]], ...]) -> str:
    """The category whose longest word stands in the text; the first listed among equals."""
    best, length = NOT_SAID, 0
    for category, pattern in patterns:
        for found in pattern.finditer(said):
            if len(found[0]) > length:
                best, length = category, len(found[0])
    return best
