"""How people put a wish: the same picture in many orders and words, in English and French."""

from __future__ import annotations

import re

import numpy as np
from numpy.random import Generator

from reflet.data.talk_lexicon import Noun
from reflet.data.talk_phrases import Language, pick
from reflet.data.talk_wish import Thing, Wish
from reflet.data.talk_world import (
    BEFORE,
    ENGLISH_CAMERAS,
    ENGLISH_COLORS,
    ENGLISH_LIGHTS,
    ENGLISH_STYLES,
    ENGLISH_WEATHER,
    FIXED_COLORS,
    FRENCH_CAMERAS,
    FRENCH_COLORS,
    FRENCH_LIGHTS,
    FRENCH_MATERIALS,
    FRENCH_NUMBERS,
    FRENCH_RELATIONS,
    FRENCH_STYLES,
    FRENCH_WEATHER,
    LOOKS,
    PLACES,
    SCENES,
    material_words,
)
from reflet.render.wording import NUMBERS, RELATION_PHRASES, STYLE_PREFIXES, article

VOWELS = "aeiouéèêhœ"
COMPARED = re.compile(r"\b(?:plus|a bit|closer|nearer|further|higher|lower)\b")  # said of a picture that is there


def wish(w: Wish, rng: Generator, language: Language) -> str:
    """The whole wish as one phrase, its parts in some order, its style before or after."""
    english = language == "en"
    core = core_english(w, rng) if english else core_french(w, rng)
    parts: list[str] = []
    if w.place:
        parts.append(place(w.place, rng, language))
    if w.light:
        parts.append(light(w.light, rng, language))
    if w.weather:
        parts.append(weather(w.weather, rng, language))
    if w.camera:
        options = ENGLISH_CAMERAS[w.camera] if english else FRENCH_CAMERAS[w.camera]
        parts.append(pick(rng, [o for o in options if not COMPARED.search(o)]))
    parts = [parts[int(i)] for i in rng.permutation(len(parts))] if rng.random() < 0.5 else parts
    prefix, suffix = style(w.style, rng, language) if w.style else ("", "")
    if suffix:
        parts.insert(int(rng.integers(len(parts) + 1)), suffix)
    said = core
    if parts and not prefix and rng.random() < 0.12:
        said = f"{parts.pop(0).removeprefix(', ')}, {said}"
    for part in parts:
        said += part if part.startswith(",") else (", " if rng.random() < 0.25 else " ") + part
    return prefix + said


def thing(t: Thing, rng: Generator, language: Language) -> str:
    """A thing with number and look."""
    return thing_english(t, rng) if language == "en" else thing_french(t, rng)


def core_english(w: Wish, rng: Generator) -> str:
    """The things or the scene."""
    if w.free:
        return w.free
    said = [thing_english(t, rng) for t in w.things]
    if w.scene:
        scene = w.scene if rng.random() < 0.8 else w.scene.removeprefix("a ").removeprefix("an ")
        return f"{scene} with {said[0]}" if said else scene
    if w.relation and len(said) == 2:
        return f"{said[0]} {pick(rng, RELATION_PHRASES[w.relation])} {said[1]}"
    return joined(said, rng, ("and", "and", "with", "plus"))


def joined(said: list[str], rng: Generator, words: tuple[str, ...]) -> str:
    """ "a, b and c"."""
    return said[0] if len(said) == 1 else ", ".join(said[:-1]) + f" {pick(rng, words)} " + said[-1]


def number_english(count: int, rng: Generator) -> str:
    """ "three" or "3"."""
    return NUMBERS[count] if rng.random() < 0.6 else str(count)


def thing_english(t: Thing, rng: Generator) -> str:
    """ "three red glass cubes", "a cube, red and made of glass" ..."""
    noun = t.noun.plural if t.count > 1 else t.noun.name
    color = pick(rng, ENGLISH_COLORS[t.color]) if t.color else None
    material = pick(rng, material_words(t.material)) if t.material else None
    after = ""
    draw = rng.random()
    if t.material and draw < 0.3:
        after = pick(rng, (f" made of {t.material}", f" of {t.material}", f" in {t.material}", f" out of {t.material}"))
        material = None
    elif color and draw < 0.38:
        after = pick(rng, (f" in {color}", f", {color}", f" that {'are' if t.count > 1 else 'is'} {color}"))
        color = None
    words = [t.look, color, material, noun]
    said = " ".join(x for x in words if x)
    if t.count > 1:
        return f"{number_english(t.count, rng)} {said}{after}"
    draw = rng.random()
    if draw < 0.82:
        return article(said) + after
    return ("one " if draw < 0.9 else "the " if draw < 0.93 else "") + said + after


def french_color(color: str, noun: Noun, count: int) -> str:
    """ "rouges", "vertes", "bleu clair"."""
    word = FRENCH_COLORS[color][noun.gender == "f"]
    fixed = " " in word or word in FIXED_COLORS or word.endswith(("s", "x"))
    return word if count == 1 or fixed else word + "s"


def thing_french(t: Thing, rng: Generator) -> str:
    """ "trois cubes rouges en verre"."""
    noun = t.noun.french_plural if t.count > 1 else t.noun.french
    before, after = "", []
    if t.look:
        word = LOOKS[t.look][t.noun.gender == "f"]
        word = word if t.count == 1 or word.endswith(("s", "x")) else word + "s"
        if t.look in BEFORE:
            before = word + " "
        else:
            after.append(word)
    if t.color:
        after.append(french_color(t.color, t.noun, t.count))
    if t.material:
        after.append(pick(rng, ("en ", "en ", "de ")) + FRENCH_MATERIALS[t.material])
    said = " ".join([before + noun, *after])
    if t.count > 1:
        return (FRENCH_NUMBERS[t.count] if rng.random() < 0.6 else str(t.count)) + " " + said
    one = "une " if t.noun.gender == "f" else "un "
    return (one if rng.random() < 0.88 else "") + said


def elided(word: str, following: str) -> str:
    """ "de" + "un vase" -> "d'un vase"."""
    return f"{word[:-1]}'{following}" if following[:1].lower() in VOWELS else f"{word} {following}"


def core_french(w: Wish, rng: Generator) -> str:
    """The things or the scene."""
    if w.free:
        return w.free
    said = [thing_french(t, rng) for t in w.things]
    if w.scene:
        scene = pick(rng, SCENES[w.scene])
        return f"{scene} avec {said[0]}" if said else scene
    if w.relation and len(said) == 2:
        relation = FRENCH_RELATIONS[w.relation]
        if relation.endswith(" de"):
            return f"{said[0]} {relation[:-3]} {elided('de', said[1])}"
        return f"{said[0]} {relation} {said[1]}"
    return joined(said, rng, ("et", "et", "avec"))


def definite(t: Thing, rng: Generator, language: Language, *, full: bool) -> str:
    """ "the red cube", "le cube rouge"; `full` says its look too, which tells it from another of its name."""
    shown = t if full else Thing(t.noun, count=t.count)
    if language == "en":
        said = " ".join(
            x for x in (shown.look, shown.color, material_words(shown.material)[0] if shown.material else None) if x
        )
        noun = t.noun.plural if t.count > 1 else t.noun.name
        return f"the {said} {noun}".replace("  ", " ")
    plain = thing_french(Thing(t.noun, count=1, color=shown.color, look=shown.look), np.random.default_rng(0))
    plain = plain.removeprefix("une ").removeprefix("un ")
    if t.count > 1:
        color = " " + french_color(shown.color, t.noun, 2) if shown.color else ""
        return f"les {t.noun.french_plural}{color}"
    if plain[0] in VOWELS and t.noun.french not in ("hibou", "haltère", "hamburger", "hot-dog"):
        return "l'" + plain
    return ("la " if t.noun.gender == "f" else "le ") + plain


def place(key: str, rng: Generator, language: Language) -> str:
    """A place in its own words or others."""
    if language == "en":
        return key if rng.random() < 0.5 else pick(rng, (key, *PLACES[key][0]))
    return pick(rng, PLACES[key][1])


def light(key: str, rng: Generator, language: Language) -> str:
    """A light with its preposition."""
    return pick(rng, ENGLISH_LIGHTS[key] if language == "en" else FRENCH_LIGHTS[key])


def weather(key: str, rng: Generator, language: Language) -> str:
    """A weather with its preposition."""
    return pick(rng, ENGLISH_WEATHER[key] if language == "en" else FRENCH_WEATHER[key])


def style(key: str, rng: Generator, language: Language) -> tuple[str, str]:
    """(what comes before, what comes after): one of the two."""
    if language == "fr":
        with_preposition, bare = FRENCH_STYLES[key]
        return ("", pick(rng, with_preposition) if rng.random() < 0.75 else ", style " + pick(rng, bare))
    if rng.random() < 0.45:
        options = [p for p in STYLE_PREFIXES[key] if not p.startswith(("a picture of", "an image of"))]
        return (pick(rng, options) + " ", "")
    after_in, after_as, bare = ENGLISH_STYLES[key]
    said = (
        f"in {pick(rng, after_in)}",
        f"as {pick(rng, after_as)}",
        f", {pick(rng, bare)} style",
        ", " + pick(rng, bare),
    )
    return ("", pick(rng, said))
