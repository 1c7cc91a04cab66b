"""Prompts that stay the same, and scores of readings whose truth is known."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from reflet.data.held_out import is_reserved
from reflet.evaluate.check_prompts import SKILLS, CheckPrompt, Wanted, digest, noun_phrase, scene_check
from reflet.evaluate.reading import Reading, Seen
from reflet.evaluate.scene_check import asks_otherwise, calibrate, check, passes, same_light, score_skills
from reflet.render.assets import Library
from reflet.render.grammar import build_scene

ITEMS = Library(None).items


@pytest.fixture(scope="module")
def prompts() -> list[CheckPrompt]:
    return scene_check(ITEMS)


def test_a_hundred_prompts_a_skill_and_always_the_same(prompts: list[CheckPrompt]) -> None:
    assert Counter(p.skill for p in prompts) == dict.fromkeys(SKILLS, 100)
    assert len({p.text for p in prompts if p.skill == "two objects"}) == 100
    assert digest(prompts) == digest(scene_check(ITEMS))
    assert digest(prompts) != digest(prompts[1:])


def test_prompts_ask_for_what_training_never_saw(prompts: list[CheckPrompt]) -> None:
    for prompt in prompts:
        kept = [is_reserved("color", w.name, w.color) for w in prompt.things if w.color]
        kept += [is_reserved("material", w.name, w.material) for w in prompt.things if w.material]
        kept += [is_reserved("count", w.name, w.count) for w in prompt.things if w.count > 1]
        if len(prompt.things) == 2:
            kept.append(is_reserved("pair", *(w.name for w in prompt.things)))
        assert any(kept) or prompt.skill == "environment", prompt


def test_counts_one_to_six_are_asked_alike(prompts: list[CheckPrompt]) -> None:
    numbers = Counter(p.things[0].count for p in prompts if p.skill == "counting")
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
    assert min(numbers.values()) >= 10


def test_prompts_read_as_a_person_writes(prompts: list[CheckPrompt]) -> None:
    assert noun_phrase(Wanted("apple", color="red"), ITEMS) == "a red apple"
    assert noun_phrase(Wanted("cube", 3, material="wood"), ITEMS) == "three wooden cubes"
    assert noun_phrase(Wanted("umbrella"), ITEMS) == "an umbrella"
    for prompt in prompts:
        assert "{" not in prompt.text
        assert "  " not in prompt.text
        assert 1 < len(prompt.text.split()) < 24


def test_the_renderer_can_draw_them(prompts: list[CheckPrompt]) -> None:
    """One of each skill: the scene holds what the prompt asks for."""
    for skill in SKILLS:
        prompt = next(p for p in prompts if p.skill == skill)
        scene = build_scene(prompt.spec(), seed=1_000_500, library=Library(None))
        names = Counter(o.name for o in scene.objects)
        assert all(names[w.name] >= w.count for w in prompt.things), prompt
        assert scene.views[0].style == (prompt.style or "photograph")
        if prompt.environment:
            assert scene.environment == prompt.environment


def seen(name: str, color: str = "", material: str = "", x: float = 0.5, y: float = 0.5) -> Seen:
    box = (x - 0.1, y - 0.1, x + 0.1, y + 0.1)
    return Seen(name, color, material, 1.0, (x, y), box, 0.04, np.ones((1, 1), bool))


def reading(*things: Seen, environment: str = "table", light: str = "daylight", style: str = "photograph") -> Reading:
    return Reading(things, environment, light, style, "left", 0.0, 0.0)


RED_CUBE, BLUE_BALL = Wanted("cube", color="red"), Wanted("sphere", color="blue")


@pytest.mark.parametrize(
    ("prompt", "right", "wrong"),
    [
        (CheckPrompt("single object", "", (RED_CUBE,)), reading(seen("cube", "blue")), reading(seen("sphere", "red"))),
        (
            CheckPrompt("two objects", "", (RED_CUBE, BLUE_BALL)),
            reading(seen("cube"), seen("sphere")),
            reading(seen("cube"), seen("cube")),
        ),
        (
            CheckPrompt("counting", "", (Wanted("cube", 2),)),
            reading(seen("cube"), seen("cube"), seen("sphere")),
            reading(seen("cube"), seen("cube"), seen("cube")),
        ),
        (CheckPrompt("colour", "", (RED_CUBE,)), reading(seen("cube", "red")), reading(seen("cube", "blue"))),
        (
            CheckPrompt("binding", "", (RED_CUBE, BLUE_BALL)),
            reading(seen("cube", "red"), seen("sphere", "blue")),
            reading(seen("cube", "blue"), seen("sphere", "red")),
        ),
        (
            CheckPrompt("position", "", (RED_CUBE, BLUE_BALL), "left"),
            reading(seen("cube", x=0.2), seen("sphere", x=0.8)),
            reading(seen("cube", x=0.8), seen("sphere", x=0.2)),
        ),
        (
            CheckPrompt("position", "", (RED_CUBE, BLUE_BALL), "on"),
            reading(seen("cube", y=0.2), seen("sphere", y=0.6)),
            reading(seen("cube", y=0.6), seen("sphere", y=0.2)),
        ),
        (
            CheckPrompt("material", "", (Wanted("cube", material="glass"),)),
            reading(seen("cube", material="glass")),
            reading(seen("cube", material="wood"), seen("sphere", material="glass")),
        ),
        (CheckPrompt("lighting", "", light="sunset"), reading(light="golden hour"), reading(light="night")),
        (CheckPrompt("environment", "", environment="beach"), reading(environment="beach"), reading()),
        (CheckPrompt("style", "", style="ink"), reading(style="ink"), reading(style="pencil")),
    ],
)
def test_each_skill_tells_right_from_wrong(prompt: CheckPrompt, right: Reading, wrong: Reading) -> None:
    assert passes(prompt, right)
    assert not passes(prompt, wrong)


def test_the_side_of_the_light_is_asked_where_the_prompt_says_one() -> None:
    assert passes(CheckPrompt("lighting", "", side="left"), reading())
    assert not passes(CheckPrompt("lighting", "", side="right"), reading())
    assert same_light("night", "moonlight")
    assert not same_light("night", "sunset")


def truth(prompt: CheckPrompt) -> Reading:
    """What a faultless reader reads of a faultless picture."""
    things = []
    for k, w in enumerate(prompt.things):
        place = {"left": (0.2, 0.8), "right": (0.8, 0.2)}.get(prompt.relation or "", (0.5, 0.5))[k]
        height = (0.3, 0.7)[k] if prompt.relation == "on" else 0.5
        things += [seen(w.name, w.color or "", w.material or "", x=place, y=height) for _ in range(w.count)]
    base = reading(*things, environment=prompt.environment or "table", light=prompt.light or "daylight")
    return Reading(base.things, base.environment, base.light, prompt.style or "photograph", prompt.side or "", 0.0, 0.0)


def test_real_pictures_reach_the_ceiling_and_shuffled_captions_the_floor(prompts: list[CheckPrompt]) -> None:
    readings = [[truth(p)] * 2 for p in prompts]
    calibration = calibrate(prompts, readings)
    assert set(calibration) == set(SKILLS)
    for skill, (ceiling, floor) in calibration.items():
        assert ceiling.rate == 1.0, skill
        assert floor.rate == 0.0, skill
    scores = score_skills(prompts, check(prompts, readings), calibration)
    assert all(s.raw.value == 1.0 and s.share_of_ceiling() == 1.0 for s in scores.values())
    shifted = [*readings[1:], readings[0]]
    wrong = score_skills(prompts, check(prompts, shifted), calibration)
    assert np.mean([s.raw.value for s in wrong.values()]) < 0.1


def test_a_fallible_reader_is_corrected(prompts: list[CheckPrompt]) -> None:
    """A reader that misses a third: real pictures pass at 2/3, and so does a perfect model; corrected, it is at 1."""
    rng = np.random.default_rng(1)
    colour = [p for p in prompts if p.skill == "colour"]

    def readings() -> list[list[Reading]]:
        return [[truth(p) if rng.random() < 2 / 3 else reading() for _ in range(10)] for p in colour]

    calibration = calibrate(colour, readings())
    score = score_skills(colour, check(colour, readings()), calibration)["colour"]
    assert score.raw.value == pytest.approx(2 / 3, abs=0.05)
    assert score.corrected is not None
    assert score.corrected.value > 0.93
    assert score.corrected.upper == 1.0
    assert 0.9 < score.share_of_ceiling() < 1.1


def test_uneven_groups_are_refused(prompts: list[CheckPrompt]) -> None:
    with pytest.raises(ValueError, match="same number"):
        check(prompts[:2], [[reading()], [reading(), reading()]])
    assert not asks_otherwise(prompts[0], prompts[0])
