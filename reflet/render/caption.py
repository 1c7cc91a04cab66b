"""A scene graph -> many captions of varied length and wording, all true of the picture.

Captions are a function of the graph alone (visible.py), so a set that was rendered once can be captioned anew. A
thing is named only when it is visible, a count only when every one of its kind is, an attribute only with the part
that has it (the catalogue's phrase says where: "a cactus in a {look} pot").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from numpy.random import Generator

from reflet.render.vocabulary import COLORS
from reflet.render.wording import (
    CAMERA_PHRASES,
    COLOR_WORDS,
    LIGHT_PHRASES,
    MATERIAL_WORDS,
    NUMBERS,
    RELATION_PHRASES,
    SIDE_PHRASES,
    STYLE_PREFIXES,
    STYLE_TAGS,
    WEATHER_PHRASES,
    article,
)

Graph = dict[str, Any]

PREPOSITIONS = tuple(
    f"{p} "
    for p in (
        "on", "in", "at", "by", "beside", "under", "near", "above", "along", "over", "inside", "against", "before",
        "from", "among", "next to", "across", "through", "between",
    )
)  # fmt: skip
PLACE_FAMILIES = ("interior", "street", "landscape")
GREY_STYLES = ("ink", "pencil", "black and white")  # pictures without colours: no colour is said of them
STRONG_LIGHTS = ("neon",)  # lights so coloured that things lose their own colours: none is said either
MIN_DETAIL_AREA = 0.004  # below this share of the picture a material can hardly be read, so only the name is said


@dataclass(frozen=True)
class Group:
    """Visible things that look alike: they are said together."""

    objects: tuple[Graph, ...]
    complete: bool  # every thing of this name is visible, so a number may be said

    @property
    def first(self) -> Graph:
        return self.objects[0]

    @property
    def area(self) -> float:
        return sum(o["area"] for o in self.objects)


def without_colors(graph: Graph) -> Graph:
    """The graph as a picture without colours shows it: objects, place and details lose their colour words."""
    said = re.compile(r"\b(?:" + "|".join(sorted(COLORS, key=len, reverse=True)) + r")(?:-and-\w+)?\s")
    objects = [{**o, "color": None} for o in graph["objects"]]
    details = [said.sub("", d) for d in graph["details"]]
    return {**graph, "objects": objects, "place": said.sub("", graph["place"] or ""), "details": details}


def _pick(rng: Generator, options: tuple[str, ...] | list[str], *, plain: float = 0.6) -> str:
    """The plain (first) variant with probability `plain`, else any."""
    if len(options) == 1 or rng.random() < plain:
        return options[0]
    return options[int(rng.integers(len(options)))]


def groups(graph: Graph, *, role: str = "subject") -> list[Group]:
    """Visible objects of a role, grouped by what can be said of them, the largest first."""
    kept = [o for o in graph["objects"] if o["role"] == role]
    names: dict[tuple[Any, ...], list[Graph]] = {}
    hidden = {o["name"] for o in kept if not o["visible"]}
    for o in kept:
        if o["visible"]:
            names.setdefault((o["name"], o["color"], o["material"], o["finish"]), []).append(o)
    found = [Group(objects=tuple(v), complete=v[0]["name"] not in hidden) for v in names.values()]
    return sorted(found, key=lambda g: -g.area)


def _adjectives(o: Graph, rng: Generator, *, detail: str, plain: float) -> str:
    """The look before a noun. `detail`: "name" nothing, "color" or "material" one of both, "full" everything."""
    color = _pick(rng, COLOR_WORDS.get(o["color"], (o["color"],)), plain=plain) if o["color"] else None
    material = _pick(rng, MATERIAL_WORDS.get(o["material"], (o["material"],)), plain=plain) if o["material"] else None
    finish = o["finish"]
    if finish and material and finish in material:
        finish = None
    if o["area"] < MIN_DETAIL_AREA:
        material, finish = None, None
    if detail == "name":
        return ""
    if detail == "color" and color:
        return color
    if detail == "material" and material:
        return material
    words = (
        [finish, color, material]
        if finish not in ("striped", "checked", "polka-dot", "floral")
        else [color, finish, material]
    )
    return " ".join(w for w in words if w)


def _noun(o: Graph, rng: Generator, *, detail: str, many: bool, plain: float) -> str:
    name = _pick(rng, (o["name"], *o["synonyms"]), plain=max(plain, 0.75)) if not many else o["name"]
    look = _adjectives(o, rng, detail=detail, plain=plain)
    if many:
        # The plural is of the head noun; a phrase such as "cactus in a {look} pot" holds the name once.
        phrase = o["phrase"].replace("{name}", o["plural"])
        if "{name}" not in o["phrase"]:
            phrase = o["phrase"].replace(o["name"], o["plural"], 1)
            if o["plural"] not in phrase:
                phrase = "{look} " + o["plural"]
    else:
        phrase = o["phrase"].replace("{name}", name)
    color = "" if detail in ("name", "material") or not o["color"] else o["color"]
    said = " ".join(phrase.replace("{look}", look).replace("{color}", color).split())
    return re.sub(r"\b(\w+) \1\b", r"\1", said)  # a stone of stone is a stone


def noun_phrase(group: Group, rng: Generator, *, detail: str = "full", plain: float = 0.6) -> str:
    """ "a red glass sphere", "three wooden cubes", "some eggs" (when not all of them can be counted)."""
    count = len(group.objects)
    if count == 1 and group.complete:
        return _fix_articles(article(_noun(group.first, rng, detail=detail, many=False, plain=plain)))
    noun = _noun(group.first, rng, detail=detail, many=count > 1, plain=plain)
    if count == 1:
        return _fix_articles(article(noun))
    if not group.complete:
        return _fix_articles(f"some {noun}")
    number = NUMBERS[count] if count < len(NUMBERS) and rng.random() < 0.85 else str(count)
    return _fix_articles(f"{number} {noun}")


def _fix_articles(phrase: str) -> str:
    """ "in a orange pot" -> "in an orange pot" after a look was put into a phrase."""
    words = phrase.split(" ")
    for i in range(len(words) - 1):
        if words[i] in ("a", "an") and i > 0:
            words[i] = article(words[i + 1]).split(" ", 1)[0]
    return " ".join(words)


def _join(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def _place(graph: Graph) -> tuple[str, str]:
    """The place as (locative phrase or "", noun phrase): ("on a wooden table", "a wooden table")."""
    place = graph["place"] or ""
    for p in PREPOSITIONS:
        if place.startswith(p):
            return place, place[len(p) :]
    return "", place


def _light(graph: Graph, rng: Generator, *, plain: float) -> list[str]:
    """Phrases of light and weather, the most telling first."""
    light = graph["light"]
    out: list[str] = []
    options = LIGHT_PHRASES.get(light["kind"], ())
    if options:
        out.append(_pick(rng, options, plain=plain))
    if light["weather"] in WEATHER_PHRASES:
        out.append(_pick(rng, WEATHER_PHRASES[light["weather"]], plain=plain))
    return out


def _extras(graph: Graph, rng: Generator, *, plain: float) -> list[str]:
    """True but secondary: camera, side of the light, words of the light, further details."""
    out = [str(d) for d in graph["details"]]
    out += [_pick(rng, CAMERA_PHRASES[w], plain=plain) for w in graph["camera"]["words"] if CAMERA_PHRASES.get(w)]
    out += [str(w) for w in graph["light"]["words"]]
    told = any("light from" in w or "backlit" in w for w in graph["light"]["words"])
    if graph["light"]["side"] and not told:
        out.append(_pick(rng, SIDE_PHRASES[graph["light"]["side"]], plain=plain))
    seen: set[str] = set()
    return [e for e in out if not (e in seen or seen.add(e))]


def _subjects(graph: Graph, rng: Generator, *, detail: str, plain: float, limit: int = 6) -> str:
    """Everything that must be said of the subjects; empty where a scene is its place (a landscape, a room)."""
    found = groups(graph)[:limit]
    names = [g.first["name"] for g in found]
    if len(set(names)) < len(names):
        detail = "full"  # two things of one name are told apart by all that is known of them
    return _join([noun_phrase(g, rng, detail=detail, plain=plain) for g in found]) if found else ""


def _core(graph: Graph, rng: Generator, *, detail: str, plain: float, place: bool) -> str:
    locative, noun = _place(graph)
    if graph["family"] in PLACE_FAMILIES:  # a room is a room with things in it, not things in a room
        share = rng.random()
        limit = 0 if share < 0.3 or not place else int(rng.integers(1, 5))
        subjects = _subjects(graph, rng, detail=detail, plain=plain, limit=limit) if limit else ""
        joint = "and" if " with " in noun else "with"
        return f"{noun} {joint} {subjects}" if subjects else noun
    subjects = _subjects(graph, rng, detail=detail, plain=plain)
    if not subjects:
        return noun
    if not place:
        return subjects
    return f"{subjects} {locative}" if locative else f"{noun} with {subjects}"


def relation_phrases(graph: Graph, rng: Generator, *, plain: float = 0.6, limit: int = 2) -> list[str]:
    """Sentences such as "the red cube is to the left of the gold vase", for things that one name tells apart."""
    named = {g.first["id"]: g for g in groups(graph) if len(g.objects) == 1 and g.complete}
    options = [r for r in graph["relations"] if r["first"] in named and r["second"] in named]
    if not options:
        return []
    out = []
    for k in rng.permutation(len(options))[:limit]:
        r = options[int(k)]
        first, second = (_definite(named[r[e]], rng, plain=plain) for e in ("first", "second"))
        out.append(f"{first} is {_pick(rng, RELATION_PHRASES[r['relation']], plain=plain)} {second}")
    return out


def _definite(group: Group, rng: Generator, *, plain: float, detail: str = "full") -> str:
    # The plain name, for a synonym may be a plural ("cherries") and the verb is "is".
    phrase = noun_phrase(group, rng, detail=detail, plain=1.0)
    return "the " + phrase.split(" ", 1)[1]


def _relational(graph: Graph, rng: Generator, *, plain: float) -> str | None:
    """ "a red cube to the left of a gold vase" for two single things, with the place."""
    named = {g.first["id"]: g for g in groups(graph) if len(g.objects) == 1 and g.complete}
    options = [r for r in graph["relations"] if r["first"] in named and r["second"] in named]
    if not options or len(groups(graph)) != 2:
        return None
    r = options[int(rng.integers(len(options)))]
    a, b = (noun_phrase(named[r[e]], rng, plain=plain) for e in ("first", "second"))
    locative, _ = _place(graph)
    return f"{a} {_pick(rng, RELATION_PHRASES[r['relation']], plain=plain)} {b} {locative}".strip()


def _tags(graph: Graph, rng: Generator) -> str:
    """Keywords with commas, as many people type them."""
    items = [
        noun_phrase(g, rng, detail=_detail(rng), plain=0.8).removeprefix("a ").removeprefix("an ")
        for g in groups(graph)[:3]
    ]
    _, noun = _place(graph)
    items.append(noun.removeprefix("a ").removeprefix("an "))
    items += [p for p in _light(graph, rng, plain=0.7)]
    items.append(_pick(rng, STYLE_TAGS[graph["style"]], plain=0.5))
    keep = [i for i in items if i and (i in items[:1] or rng.random() < 0.75)]
    return ", ".join(keep)


def _short(graph: Graph, rng: Generator) -> str:
    """Two or three words: the largest thing with one attribute, or the bare place."""
    found = groups(graph)
    if found and graph["family"] not in PLACE_FAMILIES:
        detail = ("color", "material", "full")[int(rng.integers(3))]
        phrase = noun_phrase(found[0], rng, detail=detail, plain=0.8)
    else:
        phrase = _place(graph)[1].split(" with ", 1)[0]
    return re.sub(r"^(?:an?|the) ", "", phrase)


def _detail(rng: Generator) -> str:
    return ("full", "full", "full", "color", "material")[int(rng.integers(5))]


def _long(graph: Graph, rng: Generator, *, plain: float) -> str:
    """Two or three sentences: the picture, its relations or furniture, its light and camera."""
    prefix = _pick(rng, STYLE_PREFIXES[graph["style"]], plain=plain)
    light = _light(graph, rng, plain=plain)
    sentences = [" ".join([prefix, _core(graph, rng, detail="full", plain=plain, place=True), *light[:1]])]
    furniture = groups(graph, role="furniture")[:4]
    if furniture:
        sentences.append("there is " + _join([noun_phrase(g, rng, plain=plain) for g in furniture]))
    sentences += relation_phrases(graph, rng, plain=plain, limit=2 if not furniture else 1)
    extras = light[1:] + _extras(graph, rng, plain=plain)
    if extras:
        order = rng.permutation(len(extras))[:3]
        sentences.append(_join([extras[int(i)] for i in order]))
    return ". ".join(s[:1].upper() + s[1:] for s in sentences) + "."


def captions(graph: Graph, rng: Generator, *, number: int = 8) -> list[str]:
    """`number` >= 6 captions of one graph, from a few words to three sentences; duplicates are replaced.

    The first is always the plain middle-length one: subjects with their looks, the place, the light.
    """
    plain = 0.72
    if graph["style"] in GREY_STYLES or graph["light"]["kind"] in STRONG_LIGHTS:
        graph = without_colors(graph)
    light = _light(graph, rng, plain=1.0)
    styled = graph["style"] != "photograph"
    lead = _pick(rng, STYLE_PREFIXES[graph["style"]], plain=0.8) + " " if styled else ""
    out = [lead + " ".join([_core(graph, rng, detail="full", plain=1.0, place=True), *light[:1]])]
    makers = [
        lambda: _short(graph, rng),
        lambda: _core(graph, rng, detail="full", plain=plain, place=False),
        lambda: lead + _core(graph, rng, detail="full", plain=plain, place=True),
        lambda: _long(graph, rng, plain=plain),
        lambda: _tags(graph, rng),
        lambda: " ".join(
            [
                _pick(rng, STYLE_PREFIXES[graph["style"]]),
                _core(graph, rng, detail=_detail(rng), plain=plain, place=True),
                *_light(graph, rng, plain=plain),
            ]
        ),
        lambda: _relational(graph, rng, plain=plain) or _with_extras(graph, rng, plain=plain),
        lambda: _with_extras(graph, rng, plain=plain),
        lambda: _long(graph, rng, plain=0.4),
        lambda: lead + _core(graph, rng, detail=_detail(rng), plain=0.4, place=bool(rng.random() < 0.5)),
    ]
    turn = 0
    while len(out) < number and turn < 6 * len(makers):
        made = _fix_articles(" ".join(makers[turn % len(makers)]().split()))
        turn += 1
        if made and made not in out:
            out.append(made)
    while len(out) < max(number, 6):  # a bare sky has few true words: say its style and light again
        out.append(f"{out[len(out) % 2]}, {_pick(rng, STYLE_TAGS[graph['style']], plain=0.3)}")
    return out[:number]


def _with_extras(graph: Graph, rng: Generator, *, plain: float) -> str:
    parts = [_core(graph, rng, detail="full", plain=plain, place=True)]
    extras = _light(graph, rng, plain=plain) + _extras(graph, rng, plain=plain)
    if extras:
        parts += [extras[int(i)] for i in sorted(rng.permutation(len(extras))[:3])]
    if graph["style"] != "photograph":
        parts.append(_pick(rng, STYLE_TAGS[graph["style"]], plain=0.5))
    return ", ".join(parts)
