"""Whole talks, made from seeds: rounds of all kinds in a likely order, in English and French."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from reflet.data import talk_say as say
from reflet.data.talk_changes import edit
from reflet.data.talk_flows import NAMES, TOOL_NAMES, Talk, again, draw, no_picture, speak, story_words, upscale, vary
from reflet.data.talk_phrases import Language, Part, choose, fill, pick, sections
from reflet.data.talk_topics import (
    ASPECTS,
    BAD,
    CITIES,
    COUNTRIES,
    FAQ,
    FOODS,
    FREE,
    TOPICS,
    TOPICS_ASKED,
)
from reflet.data.talk_wish import (
    Thing,
    Wish,
    draw_noun,
    draw_thing,
    draw_unknown,
    draw_wish,
    dressed,
    invented_word,
    surrounded,
    with_changed,
)
from reflet.data.talk_world import COLOR_NAMES, ENGLISH_LIGHTS, PLACES
from reflet.render.wording import article

Round = Callable[[Talk], None]


def free_wish(talk: Talk) -> Wish:
    """Words that no grammar made a caption of: they go to the image model as they are."""
    rng = talk.rng
    parts = [pick(rng, FREE["how"]), pick(rng, FREE["who"]), pick(rng, FREE["does"]), pick(rng, FREE["where"])]
    if talk.chance(0.3):
        parts[0 if talk.chance(0.5) else 1] = invented_word(rng)
    text = article(" ".join(p for p in parts if p)).replace("{odd}", invented_word(rng))
    return surrounded(Wish(free=text), rng) if talk.chance(0.4) else Wish(free=text)


def free(talk: Talk) -> None:
    """A picture in free words; English only, for nothing else could be sent on as it is."""
    draw(talk, free_wish(talk) if talk.language == "en" else None)


def twins(talk: Talk) -> None:
    """Two things of one name and two colours: what "the red one" is said of."""
    rng = talk.rng
    noun = draw_noun(rng, talk.things)
    first, second = (COLOR_NAMES[int(i)] for i in rng.choice(len(COLOR_NAMES), 2, replace=False))
    wish = Wish(things=(Thing(noun, color=first), Thing(noun, color=second)))
    draw(talk, surrounded(wish, rng, style=0.1))
    edit(talk)


def unknown(talk: Talk) -> None:
    """Something the image model never saw: said plainly, with what is near; then what the user makes of it."""
    rng, english = talk.rng, talk.language == "en"
    found = draw_unknown(rng, talk.things)
    count = int(rng.integers(2, 5)) if talk.chance(0.15) else 1
    thing = dressed(Thing(found.noun, count=count, unknown=found), rng, look=0.2)
    things = (thing, draw_thing(rng, talk.things)) if talk.chance(0.25) else (thing,)
    wish = surrounded(Wish(things=things), rng, style=0.15)
    said = say.wish(wish, rng, talk.language)
    pics = "a picture" if english else "une image"
    talk.ask("unknown", talk.typed(talk.wrapped(talk.phrase("draw", x=said, pics=pics))))
    if "generate" not in talk.tools:
        talk.reply("missing tool")
        return
    noun = found.noun
    one = article(noun.name) if english else noun.french_article()
    what = (noun.plural if english else f"des {noun.french_plural}") if count > 1 else one
    near = [article(n.name) if english else n.french_article() for n in found.near]
    talk.reply("unknown", what=what, near=(" or " if english else " ou ").join(near))
    _after_unknown(talk, wish)


def _after_unknown(talk: Talk, wish: Wish) -> None:
    rng = talk.rng
    found = wish.things[0].unknown
    assert found is not None
    draw_it = rng.random()
    if draw_it < 0.35:
        near = found.near[int(rng.integers(len(found.near)))]
        text = talk.phrase("yesnear", near=near.name if talk.language == "en" else near.french)
        chosen = with_changed(wish, 0, replace(wish.things[0], noun=near, unknown=None))
    elif draw_it < 0.6:
        text, chosen = talk.phrase("tryanyway"), wish
    elif draw_it < 0.75:
        text = talk.phrase("yes")
        chosen = with_changed(wish, 0, replace(wish.things[0], noun=found.near[0], unknown=None))
    elif draw_it < 0.85:
        talk.ask("no", talk.typed(talk.phrase("no")))
        talk.reply("no")
        return
    else:
        return
    talk.ask("unknown again", talk.typed(text))
    arguments: dict[str, Any] = {"prompt": chosen.prompt()} | ({"style": chosen.style} if chosen.style else {})
    if talk.call("generate", arguments):
        talk.show([chosen], "made")


def find(talk: Talk) -> None:
    """Pictures of the gallery."""
    rng = talk.rng
    wish = draw_wish(rng, talk.things, style=0.0)
    wish = replace(wish, things=wish.things[:1], relation=None, camera=None)
    if talk.chance(0.6):
        wish = replace(wish, light=None, weather=None, place=None)
    said = say.wish(wish, rng, talk.language)
    talk.ask("find", talk.typed(talk.wrapped(talk.phrase("find", q=said))))
    if not talk.call("find", {"query": wish.prompt()}):
        return
    if talk.chance(0.25):
        talk.result({"pictures": []})
        talk.reply("found none")
        return
    talk.show([wish] * int(rng.integers(1, 5)), "found")


def explain(talk: Talk) -> None:
    """How a picture was made, who may use it, what it cost, what is in it; what a picture of the user's shows."""
    rng = talk.rng
    aspect = ASPECTS[int(rng.integers(4))]
    brought = aspect == "content" and talk.chance(0.5)
    if not brought and no_picture(talk, aspect):
        return
    said, picture = ("this" if talk.language == "en" else "cette image", "last") if brought else talk.reference()
    talk.ask(aspect, talk.typed(talk.wrapped(talk.phrase(aspect, ref=said))), images=int(brought))
    if talk.call("explain", {"picture": picture, "aspect": aspect}):
        told = f"seed {rng.integers(10**5)}, 30 steps, {rng.integers(2, 90)} J"
        talk.result({"say": told})
        talk.answer(told)


def brought(talk: Talk) -> None:
    """A picture that the user gives, with a wish for it."""
    rng, english = talk.rng, talk.language == "en"
    ref = pick(rng, ("this", "this picture", "it", "my picture") if english else ("cette image", "mon image"))
    section = pick(rng, ("vary", "upscale"))
    text = talk.phrase(section, ref=ref, nvar="variations", nmore="more" if english else "d'autres")
    talk.ask(section, talk.typed(text), images=1)
    if talk.call(section, {"picture": "last"}):
        talk.show([None], "varied" if section == "vary" else "enlarged")


def battle(talk: Talk) -> None:
    """An arena battle."""
    wish = draw_wish(talk.rng, talk.things)
    said = say.wish(wish, talk.rng, talk.language)
    talk.ask("battle", talk.typed(talk.wrapped(talk.phrase("battle", x=said))))
    if talk.call("battle", {"prompt": wish.prompt()} | ({"style": wish.style} if wish.style else {})):
        talk.result({"battle": f"{talk.rng.integers(16**6):06x}"})
        talk.reply("battled")


def story(talk: Talk) -> None:
    """A short story, then perhaps its picture."""
    rng, english = talk.rng, talk.language == "en"
    things = tuple(
        Thing(draw_noun(rng, talk.things), color=pick(rng, COLOR_NAMES) if talk.chance(0.4) else None) for _ in range(2)
    )
    wish = Wish(things=things, place=pick(rng, list(PLACES)), light=pick(rng, list(ENGLISH_LIGHTS)))
    words = story_words(talk, wish)
    pair = f"{words['a']} and {words['b']}" if english else f"{words['a']} et {words['b']}"
    talk.ask("story", talk.typed(talk.wrapped(talk.phrase("story", pair=pair))))
    talk.reply("story", **words)
    if talk.chance(0.5):
        talk.ask("drawit", talk.typed(talk.phrase("drawit")))
        if talk.call("generate", {"prompt": wish.prompt()}):
            talk.show([wish], "made")


def small_talk(talk: Talk) -> None:
    """Greetings, thanks, who are you ..."""
    topic = pick(talk.rng, TOPICS_ASKED)
    talk.ask(topic, talk.typed(talk.phrase(topic)))
    talk.reply(topic)


def question(talk: Talk) -> None:
    """What people ask about the service."""
    topic = "faq " + pick(talk.rng, FAQ)
    talk.ask(topic, talk.typed(talk.wrapped(talk.phrase(topic)) if talk.chance(0.3) else talk.phrase(topic)))
    talk.reply(topic)


def idle(talk: Talk) -> None:
    """ "Yes", "no" or "read it aloud" when nothing was asked or said."""
    if talk.messages:
        return
    topic = pick(talk.rng, ("yes", "no", "speaklast"))
    talk.ask(topic, talk.typed(talk.phrase(topic)))
    talk.reply({"yes": "yes what", "no": "no", "speaklast": "nothing said"}[topic])


def outside(talk: Talk) -> None:
    """What has nothing to do with pictures or speech."""
    rng = talk.rng
    values = {
        "city": pick(rng, CITIES),
        "city2": pick(rng, CITIES),
        "country": pick(rng, COUNTRIES),
        "food": pick(rng, FOODS),
        "topic": pick(rng, TOPICS) if talk.chance(0.8) else invented_word(rng),
        "name": pick(rng, NAMES),
        "odd": invented_word(rng),
        "odd2": invented_word(rng),
        "n": str(rng.integers(2, 200)),
        "m": str(rng.integers(2, 99)),
    }
    pattern = pick(rng, sections("outside")[talk.language].learned)
    talk.ask(
        "outside",
        talk.typed(
            talk.wrapped(fill(choose(pattern, rng), values)) if talk.chance(0.3) else fill(choose(pattern, rng), values)
        ),
    )
    talk.reply("outside")


def unsafe(talk: Talk) -> None:
    """What is refused."""
    bad = pick(talk.rng, BAD[talk.language])
    pics = "a picture" if talk.language == "en" else "une image"
    talk.ask("unsafe", talk.typed(talk.wrapped(talk.phrase("unsafe", bad=bad, pics=pics))))
    talk.reply("unsafe")


ROUNDS: tuple[tuple[Round, float], ...] = (
    (draw, 6.0),
    (free, 1.2),
    (edit, 8.0),
    (twins, 0.5),
    (vary, 1.5),
    (upscale, 1.2),
    (speak, 2.0),
    (find, 1.2),
    (explain, 2.2),
    (battle, 0.8),
    (story, 0.5),
    (unknown, 1.6),
    (again, 0.5),
    (brought, 0.3),
    (small_talk, 1.6),
    (question, 1.4),
    (outside, 3.0),
    (unsafe, 0.5),
    (idle, 0.3),
)


def dialogue(seed: int, *, part: Part = "learned", language: Language | None = None, rounds: int | None = None) -> Talk:
    """The talk of a seed: one to six rounds, two thirds of them English."""
    rng = np.random.default_rng([2030, {"learned": 0, "reserved": 1}[part], seed])
    language = language or ("en" if rng.random() < 0.67 else "fr")
    tools = TOOL_NAMES
    if rng.random() < 0.04:
        tools = tuple(t for t in TOOL_NAMES if rng.random() < 0.6)
    talk = Talk(rng, language, part, part, tools)
    weights = np.array([w for _, w in ROUNDS])
    number = rounds or 1 + min(int(rng.geometric(0.36)) - 1, 5)
    if number > 1 and rng.random() < 0.6:
        draw(talk)
    while len(talk.asked) < number:
        ROUNDS[int(rng.choice(len(ROUNDS), p=weights / weights.sum()))][0](talk)
    return talk


def one_round(kind: Round, seed: int, *, part: Part, things: Part, language: Language) -> Talk:
    """A talk of one kind of round; where it needs a picture, one is drawn before."""
    talk = Talk(np.random.default_rng([2031, seed]), language, part, things)
    if kind in (edit, vary, upscale, explain, again):
        draw(talk)
        talk.asked.clear()
    kind(talk)
    return talk


def sample_text(seed: int) -> str:
    """The words of a talk, for the tokenizer to learn from."""
    lines = []
    for m in dialogue(seed).messages:
        content = m["content"]
        lines.append(content if isinstance(content, str) else content[-1]["text"] if content else "")
        lines += [c["function"]["arguments"] for c in m.get("tool_calls", ())]
    return "\n".join(lines)
