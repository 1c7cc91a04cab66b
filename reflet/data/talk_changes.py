"""Changes to a picture of a talk: what is asked, the change in plain words, and the caption of the whole afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from numpy.random import Generator

from reflet.data import talk_say as say
from reflet.data.talk_flows import Talk, no_picture
from reflet.data.talk_phrases import Language, pick
from reflet.data.talk_wish import Thing, Wish, draw_thing, material_words, with_changed, with_thing, without_thing
from reflet.data.talk_world import (
    COLOR_NAMES,
    ENGLISH_CAMERAS,
    ENGLISH_COLORS,
    ENGLISH_LIGHTS,
    ENGLISH_STYLES,
    ENGLISH_WEATHER,
    FRENCH_CAMERAS,
    FRENCH_MATERIALS,
    FRENCH_NUMBERS,
    FRENCH_STYLES,
    LIGHT_WORDS,
    MATERIAL_NAMES,
    PLACES,
    WEATHER_NOUNS,
    WEATHER_WORDS,
)
from reflet.render.wording import CAMERA_PHRASES, LIGHT_PHRASES, NUMBERS, WEATHER_PHRASES


@dataclass(frozen=True)
class Change:
    """One change: the section that asks for it, values for its slots, the change in words, and what results."""

    section: str
    values: dict[str, str]
    instruction: str
    after: Wish
    style: str | None = None


Maker = Callable[[Wish, Generator, Language], Change | None]


def _twin(wish: Wish, index: int) -> bool:
    """Whether another thing has the same name: then the look tells them apart."""
    return any(t.noun == wish.things[index].noun for i, t in enumerate(wish.things) if i != index)


def _the(wish: Wish, index: int, rng: Generator, language: Language) -> str:
    twin = _twin(wish, index)
    thing = wish.things[index]
    if twin and thing.color and language == "en" and thing.count == 1 and rng.random() < 0.5:
        return f"the {thing.color} one"
    return say.definite(thing, rng, language, full=twin or rng.random() < 0.3)


def _plain(wish: Wish, index: int) -> str:
    """The thing as the instruction names it."""
    thing = wish.things[index]
    if _twin(wish, index):
        return "the " + thing.phrase(number=False)
    return "the " + (thing.noun.plural if thing.count > 1 else thing.noun.name)


def _index(wish: Wish, rng: Generator) -> int | None:
    return int(rng.integers(len(wish.things))) if wish.things else None


def color(wish: Wish, rng: Generator, language: Language) -> Change | None:
    """Another colour for one thing."""
    index = _index(wish, rng)
    if index is None:
        return None
    old = wish.things[index]
    new = pick(rng, [c for c in COLOR_NAMES if c != old.color])
    said = _color_said(new, old, rng, language)
    values = {"color": said, "the": _the(wish, index, rng, language)}
    if old.color and len(wish.things) == 1:
        values["oldcolor"] = _color_said(old.color, old, rng, language)
    alone = len(wish.things) == 1 and not wish.scene
    section = "edit color1" if alone and rng.random() < 0.5 else "edit color"
    after = with_changed(wish, index, replace(old, color=new))
    return Change(section, values, f"make {_plain(wish, index)} {new}", after)


def _color_said(color: str, thing: Thing, rng: Generator, language: Language) -> str:
    if language == "fr":
        return say.french_color(color, replace(thing.noun, gender="m"), 1)
    return pick(rng, ENGLISH_COLORS[color])


def material(wish: Wish, rng: Generator, language: Language) -> Change | None:
    """Another material for one thing."""
    index = _index(wish, rng)
    if index is None:
        return None
    old = wish.things[index]
    new = pick(rng, [m for m in MATERIAL_NAMES if m != old.material])
    french = f"{pick(rng, ('en', 'de'))} {FRENCH_MATERIALS[new]}"
    values = {"material": new, "inmaterial": french, "the": _the(wish, index, rng, language)}
    after = with_changed(wish, index, replace(old, material=new))
    return Change("edit material", values, f"make {_plain(wish, index)} of {new}", after)


def count(wish: Wish, rng: Generator, language: Language) -> Change | None:
    """Another number of the only thing."""
    if len(wish.things) != 1 or wish.scene:
        return None
    old = wish.things[0]
    new = int(rng.choice([n for n in range(2, 9) if n != old.count]))
    words = NUMBERS if language == "en" else FRENCH_NUMBERS
    digits = rng.random() < 0.4
    values = {"number": str(new) if digits else words[new], "plural": old.noun.plural}
    if old.count > 1:
        values["oldnumber"] = str(old.count) if digits else words[old.count]
    after = with_changed(wish, 0, replace(old, count=new))
    return Change("edit count", values, f"make it {NUMBERS[new]} {old.noun.plural}", after)


def remove(wish: Wish, rng: Generator, language: Language) -> Change | None:
    """One thing fewer."""
    if len(wish.things) + bool(wish.scene) < 2:
        return None
    index = int(rng.integers(len(wish.things)))
    thing = wish.things[index]
    plain = Thing(thing.noun, count=thing.count)
    bare = thing.noun.plural if thing.count > 1 else thing.noun.name
    if language == "fr":
        bare = thing.noun.french_plural if thing.count > 1 else thing.noun.french
    values = {"the": _the(wish, index, rng, language)}
    if not _twin(wish, index):
        values["thing"] = say.thing(plain, rng, "en") if language == "en" and rng.random() < 0.3 else bare
    return Change("edit remove", values, f"remove {_plain(wish, index)}", without_thing(wish, index))


def add(wish: Wish, rng: Generator, language: Language) -> Change | None:
    """One thing more."""
    thing = _other(wish, rng)
    if thing is None or len(wish.things) > 2:
        return None
    values = {"a": say.thing(thing, rng, language)}
    return Change("edit add", values, f"add {thing.phrase()}", with_thing(wish, thing))


def replaced(wish: Wish, rng: Generator, language: Language) -> Change | None:
    """Another thing in the place of one."""
    index, thing = _index(wish, rng), _other(wish, rng)
    if index is None or thing is None:
        return None
    the = _the(wish, index, rng, language)
    of_the = {"le ": "du ", "les": "des"}
    values = {"the": the, "a": say.thing(thing, rng, language)}
    values["dethe"] = of_the[the[:3]] + the[3:] if the[:3] in of_the else "de " + the
    instruction = f"replace {_plain(wish, index)} with {thing.phrase()}"
    return Change("edit replace", values, instruction, with_changed(wish, index, thing))


def _other(wish: Wish, rng: Generator) -> Thing | None:
    thing = draw_thing(rng, PART[0], look=0.1)
    return None if any(t.noun == thing.noun for t in wish.things) else thing


PART: list[Any] = ["learned"]  # of the talk at hand; makers are plain functions of a wish


def light(wish: Wish, rng: Generator, language: Language) -> Change | None:
    """Another light."""
    new = pick(rng, [k for k in ENGLISH_LIGHTS if k != wish.light])
    values = {"light": say.light(new, rng, language), "lightword": pick(rng, LIGHT_WORDS[new])}
    return Change("edit light", values, LIGHT_PHRASES[new][0], replace(wish, light=new))


def weather(wish: Wish, rng: Generator, language: Language) -> Change | None:
    """Another weather."""
    new = pick(rng, [k for k in ENGLISH_WEATHER if k != wish.weather])
    values = {
        "weather": say.weather(new, rng, language),
        "weatherword": pick(rng, WEATHER_WORDS[new]),
        "weathernoun": WEATHER_NOUNS[new][language == "fr"],
    }
    return Change("edit weather", values, WEATHER_PHRASES[new][0], replace(wish, weather=new))


def place(wish: Wish, rng: Generator, language: Language) -> Change | None:
    """Another place."""
    if not wish.things or wish.scene:
        return None
    new = pick(rng, [k for k in PLACES if k != wish.place])
    it = "it" if len(wish.things) == 1 and wish.things[0].count == 1 else "them"
    if rng.random() < 0.3 and len(wish.things) == 1:
        it = _the(wish, 0, rng, "en")
    return Change("edit place", {"place": say.place(new, rng, language), "it": it}, new, replace(wish, place=new))


def camera(wish: Wish, rng: Generator, language: Language) -> Change | None:
    """Another view."""
    new = pick(rng, [k for k in ENGLISH_CAMERAS if k != wish.camera])
    options = ENGLISH_CAMERAS[new] if language == "en" else FRENCH_CAMERAS[new]
    return Change("edit camera", {"camera": pick(rng, options)}, CAMERA_PHRASES[new][0], replace(wish, camera=new))


def style(wish: Wish, rng: Generator, language: Language) -> Change | None:
    """Another medium."""
    new = pick(rng, [k for k in ENGLISH_STYLES if k != wish.style])
    if language == "fr":
        with_preposition, bare = FRENCH_STYLES[new]
        values = {"stylein": pick(rng, with_preposition), "stylename": pick(rng, bare)}
    else:
        after_in, after_as, bare = ENGLISH_STYLES[new]
        values = {"stylein": pick(rng, after_in), "styleas": pick(rng, after_as), "stylename": pick(rng, bare)}
    return Change("edit style", values, f"as {new}", replace(wish, style=new), style=new)


MAKERS: tuple[tuple[Maker, float], ...] = (
    (color, 3.0), (material, 1.0), (count, 1.2), (remove, 2.0), (add, 2.0), (replaced, 1.5), (light, 2.0),
    (weather, 0.8), (place, 1.5), (camera, 1.2), (style, 2.0),
)  # fmt: skip


def edit(talk: Talk) -> None:
    """One change to a picture of the talk."""
    if not talk.pictures:
        return _too_early(talk)
    said, picture = ("", "last")
    if len(talk.pictures) > 1 and talk.chance(0.35):
        said, picture = talk.reference()
    wish = talk.pictures[-1 if picture == "last" else int(picture) - 1]
    change = _change(talk, wish or Wish())
    if wish is None:  # a picture that the user brought: what is on it is not known
        change = replace(change, after=replace(change.after, free=change.instruction, things=(), scene=None))
    text = talk.phrase(change.section, **change.values)
    if said:
        text = talk.phrase("edit ref", ref=said, change=text)
    talk.ask(change.section, talk.typed(talk.wrapped(text)))
    prompt = change.after.prompt() if wish else change.instruction
    arguments: dict[str, Any] = {"picture": picture, "instruction": change.instruction, "prompt": prompt}
    if change.after.style:
        arguments["style"] = change.after.style
    if talk.call("edit", arguments):
        talk.show([change.after if wish else None], "changed")
    return None


def _change(talk: Talk, wish: Wish) -> Change:
    weights = [w for _, w in MAKERS]
    total = sum(weights)
    PART[0] = talk.things
    for _ in range(50):
        maker = MAKERS[int(talk.rng.choice(len(MAKERS), p=[w / total for w in weights]))][0]
        change = maker(wish, talk.rng, talk.language)
        if change is not None:
            return change
    raise AssertionError("a light can always be changed")


def _too_early(talk: Talk) -> None:
    """A change where there is no picture yet."""
    if no_picture(talk, "upscale"):
        return


def material_phrase(thing: Thing) -> str:
    """The caption's word for its material, or nothing."""
    return material_words(thing.material)[0] if thing.material else ""
