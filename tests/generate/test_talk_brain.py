"""The brain: calls that are always whole, many at once as one alone, talks that go on, and honest limits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from jsonschema_rs import Draft202012Validator

from reflet.data.talk_dialogues import sample_text
from reflet.data.talk_tokens import CALL, TalkTokenizer
from reflet.evaluate.talk import Leads, call_lead
from reflet.generate.talk import Arguments, Brain, Call, Delta, End, Words
from reflet.generate.talk_brain import TalkBrain, load_brain
from reflet.generate.talk_bundle import TalkBundle, is_talk, load_talk, random_talk, save_talk
from reflet.generate.talk_tools import TOOL_NAMES, TOOLS
from reflet.models.language import LanguageConfig
from reflet.runtime.errors import UserError

CHECKS = {t["function"]["name"]: Draft202012Validator(t["function"]["parameters"]) for t in TOOLS}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


@pytest.fixture(scope="module")
def brain() -> TalkBrain:
    """Random weights, large enough that it says different things."""
    tokenizer = TalkTokenizer.train((sample_text(k) for k in range(40)), vocab_size=500)
    torch.manual_seed(3)
    bundle = TalkBundle.of(
        "toy", LanguageConfig(vocab_size=500, max_tokens=512, width=32, depth=2, num_heads=2), None, tokenizer
    )
    for parameter in bundle.model.parameters():
        parameter.add_(0.4 * torch.randn_like(parameter))
    return TalkBrain(bundle)


def called(deltas: Sequence[Delta]) -> tuple[str, dict[str, Any]]:
    names = [d.name for d in deltas if isinstance(d, Call)]
    assert len(names) == 1 and isinstance(deltas[-1], End) and deltas[-1].finish_reason == "tool_calls"
    return names[0], json.loads("".join(d.text for d in deltas if isinstance(d, Arguments)))


def words(deltas: Sequence[Delta]) -> str:
    return "".join(d.text for d in deltas if isinstance(d, Words))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("choice", ["required", *TOOL_NAMES])
def test_a_call_always_fits_its_schema(brain: TalkBrain, choice: str, seed: int) -> None:
    """Of a model that knows nothing, after random words."""
    text = " ".join(sample_text(900 + seed).split()[:30])
    name, arguments = called(list(brain.reply([user(text)], TOOLS, tool_choice=choice, max_tokens=30)))
    assert choice in ("required", name)
    CHECKS[name].validate(arguments)


def test_foreign_tools_are_called_as_they_ask(brain: TalkBrain) -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"enum": ["Oslo", "Rome"]}, "days": {"type": "integer"}},
        "required": ["city"],
    }
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": schema}}
    name, arguments = called(list(brain.reply([user("and now?")], [tool], tool_choice="required", max_tokens=5)))
    assert name == "get_weather"
    Draft202012Validator(schema).validate(arguments)


def test_without_tools_there_are_only_words(brain: TalkBrain) -> None:
    for tools, choice in ((TOOLS, "none"), ((), "auto")):
        deltas = list(brain.reply([user("draw a cube")], tools, tool_choice=choice, max_tokens=12))
        assert all(isinstance(d, Words | End) for d in deltas)
        assert isinstance(deltas[-1], End) and deltas[-1].completion_tokens <= 12


def test_many_at_once_say_what_each_says_alone(brain: TalkBrain) -> None:
    asked = [("draw a red cube", "required"), ("hello there", "none"), ("une boîte", "edit"), ("a" * 90, "auto")]
    alone = [list(brain.reply([user(t)], TOOLS, tool_choice=c, seed=1, max_tokens=25)) for t, c in asked]
    fresh = TalkBrain(brain.bundle)
    rows = [fresh.begin([user(t)], TOOLS, tool_choice=c, seed=1, max_tokens=25) for t, c in asked]
    told: list[list[Delta]] = [[] for _ in rows]
    for step in range(400):
        running = [k for k, r in enumerate(rows) if not r.done and k <= step]  # they join one after another
        if not running:
            break
        for k, deltas in zip(running, fresh.step([rows[k] for k in running]), strict=True):
            told[k] += deltas
    assert [_joined(t) for t in told] == [_joined(a) for a in alone]


def _joined(deltas: Sequence[Delta]) -> tuple[object, ...]:
    return (words(deltas), "".join(d.text for d in deltas if isinstance(d, Arguments)), deltas[-1])


def test_what_a_talk_has_in_common_is_not_read_again(brain: TalkBrain) -> None:
    talk = [user("please draw a small red cube on a wooden table in the kitchen at night")]
    fresh, reads = TalkBrain(brain.bundle), []
    read = fresh.steps.read

    def counted(rows: Any) -> torch.Tensor:
        reads.append(sum(len(tokens) for _, tokens in rows))
        return read(rows)

    fresh.steps.read = counted  # type: ignore[method-assign]
    first = words(list(fresh.reply(talk, TOOLS, tool_choice="none", max_tokens=8)))
    longer = [*talk, {"role": "assistant", "content": first}, user("and now?")]
    whole = reads[0]
    reads.clear()
    again = words(list(fresh.reply(longer, TOOLS, tool_choice="none", max_tokens=8)))
    assert reads[0] < whole
    assert again == words(list(TalkBrain(brain.bundle).reply(longer, TOOLS, tool_choice="none", max_tokens=8)))


def test_seeds_draw_words(brain: TalkBrain) -> None:
    def say(seed: int) -> str:
        return words(list(brain.reply([user("hi")], (), seed=seed, temperature=1.5, max_tokens=16)))

    assert say(1) == say(1) and len({say(s) for s in range(5)}) > 2


def test_stop_ends_before_itself(brain: TalkBrain) -> None:
    whole = words(list(brain.reply([user("hi")], (), max_tokens=20)))
    cut = whole[3:6]
    deltas = list(brain.reply([user("hi")], (), max_tokens=20, stop=[cut]))
    assert words(deltas) == whole[: whole.index(cut)]
    assert isinstance(deltas[-1], End) and deltas[-1].finish_reason == "stop"


def test_likelihoods(brain: TalkBrain) -> None:
    deltas = list(brain.reply([user("hi")], (), max_tokens=4, top_logprobs=3))
    told = [x for d in deltas if isinstance(d, Words) for x in d.likelihoods]
    assert len(told) == 4
    for one in told:
        assert one.logprob <= 0 and len(one.top) == 3 and one.top[0][1] == max(v for _, v in one.top)


def test_what_a_tool_says_is_repeated_word_for_word(brain: TalkBrain) -> None:
    call = {
        "id": "c",
        "type": "function",
        "function": {"name": "explain", "arguments": '{"picture":"last","aspect":"cost"}'},
    }
    talk = [
        user("what did it cost?"),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": json.dumps({"say": "1.3 s, 12 J, seed 4711."})},
    ]
    deltas = list(brain.reply(talk, TOOLS))
    assert words(deltas) == "1.3 s, 12 J, seed 4711." and isinstance(deltas[-1], End)


def test_a_long_talk_loses_its_beginning_and_keeps_its_numbers(brain: TalkBrain) -> None:
    shown = {"role": "tool", "tool_call_id": "c", "content": json.dumps({"pictures": [{"id": "a"}] * 3})}
    call = {"id": "c", "type": "function", "function": {"name": "generate", "arguments": '{"prompt":"a cube"}'}}
    round_ = [user("draw three cubes, please"), {"role": "assistant", "content": None, "tool_calls": [call]}, shown]
    answer = brain.begin(round_ * 9 + [user("the last one larger")], TOOLS)
    assert answer.prompt_tokens <= brain.window
    assert "pictures 2 5 2 6 2 7".replace(" ", "") in brain.tokenizer.decode(answer.pending).replace(" ", "")


@pytest.mark.parametrize(
    ("messages", "tools", "choice", "said"),
    [
        ([], TOOLS, "auto", "empty"),
        ([{"role": "wizard", "content": "hi"}], TOOLS, "auto", "wizard"),
        ([user("hi")], TOOLS, "paint", "not offered"),
        ([user("hi")], (), "required", "no tool"),
        ([user("word " * 900)], TOOLS, "auto", "shorten"),
    ],
)
def test_what_cannot_be_answered_is_said(brain: TalkBrain, messages: Any, tools: Any, choice: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        brain.reply(messages, tools, tool_choice=choice)


def test_a_call_begins_only_as_far_ahead_as_the_margin_wants(brain: TalkBrain, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is required is called whatever the margin; the lead that is told is without it."""
    talk = [user("a red cube")]
    lead = call_lead(brain, talk)
    for margin, calls in ((lead - 0.01, True), (lead + 0.01, False)):
        monkeypatch.setattr(brain.bundle, "call_margin", margin)
        assert any(isinstance(d, Call) for d in brain.reply(talk, TOOLS, seed=0, max_tokens=40)) == calls
        assert call_lead(brain, talk) == pytest.approx(lead, abs=1e-4)
        assert called(list(brain.reply(talk, TOOLS, tool_choice="required", max_tokens=30)))


def test_a_margin_trades_lost_calls_for_false_ones() -> None:
    leads = Leads(wanted=(5.0, 3.0, 0.5, -1.0), unwanted=(-4.0, 0.2, 1.0, -2.0, -3.0))
    assert leads.shares(0.0) == (0.25, 0.4)
    assert leads.shares(0.6) == (0.5, 0.2)
    assert leads.shares(9.0) == (1.0, 0.0)


def test_a_bundle_comes_back(tmp_path: Path) -> None:
    bundle = random_talk()
    bundle.call_margin = 1.25
    save_talk(tmp_path / "talk", bundle, card="# toy\n")
    loaded = load_brain(str(tmp_path / "talk"))
    protocol: Brain = loaded
    assert is_talk(str(tmp_path / "talk")) and protocol.name == bundle.name and loaded.bundle.call_margin == 1.25
    tokens = torch.arange(20)[None]
    assert (loaded.bundle.model(tokens) - bundle.model(tokens)).abs().max() < 0.1  # int8
    weights = tmp_path / "talk" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match="damaged"):
        load_talk(str(tmp_path / "talk"))


def test_what_is_forced_is_written_as_training_wrote_it() -> None:
    """Token by token: "speak{" and then a quotation mark is no `{"`."""
    tokenizer = TalkTokenizer.train((sample_text(k) for k in range(300)), vocab_size=900)
    config = LanguageConfig(vocab_size=900, max_tokens=512, width=32, depth=1, num_heads=1)
    brain = TalkBrain(TalkBundle.of("toy", config, None, tokenizer))
    for name, text in (("speak", 'speak{"text":"'), ("generate", 'generate{"prompt":"'), ("vary", 'vary{"picture":"')):
        written = tokenizer.encode(text)
        answer = brain.begin([user("hi")], TOOLS, tool_choice=name)
        forced = answer.pending[answer.pending.index(CALL) + 1 :]
        assert forced and forced == written[: len(forced)], name
