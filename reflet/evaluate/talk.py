"""How well a talk's brain does what it is for: calls, rewriting, changes, silence where nothing is asked of it.

Questions are made by the generator from phrasings, or things, that training never saw; the answers that are right are
known exactly. A call is right when its tool is; it is exact when every argument is. Facts are the slots of a wish:
names, numbers, colours, materials, places, lights ...
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F

from reflet.data.talk_changes import edit
from reflet.data.talk_dialogues import battle, dialogue, explain, find, free, one_round, twins, unknown
from reflet.data.talk_flows import Talk, draw, speak, upscale, vary
from reflet.data.talk_phrases import Language, Part
from reflet.data.talk_tokens import talk_tokens
from reflet.generate.talk import Arguments, Call, End
from reflet.generate.talk_brain import TalkBrain
from reflet.generate.talk_tools import TOOLS

OUTSIDE = Path(__file__).parent / "talk_outside.txt"
KINDS: dict[str, Callable[[Talk], None]] = {
    "draw": draw, "free": free, "edit": edit, "twins": twins, "vary": vary, "upscale": upscale, "speak": speak,
    "find": find, "explain": explain, "battle": battle, "unknown": unknown,
}  # fmt: skip
SEED = 10**7


@dataclass(frozen=True)
class Said:
    """What a brain answered: a call, or words."""

    tool: str | None
    arguments: dict[str, Any]
    words: str
    tokens: int


@dataclass
class Tally:
    """Counts of one kind of question."""

    asked: int = 0
    tool_right: int = 0
    exact: int = 0
    facts: int = 0
    facts_kept: int = 0
    all_kept: int = 0
    prompt_exact: int = 0
    with_facts: int = 0
    slots_right: int = 0
    slots_said: int = 0
    slots_wanted: int = 0
    wrong: list[tuple[str, str, str]] = field(default_factory=list)  # asked, wanted, got

    def f1(self) -> float:
        """Of the arguments: each with its value is one slot."""
        return 2 * self.slots_right / max(self.slots_said + self.slots_wanted, 1)

    def share(self, name: str) -> float:
        """Of the questions asked; "all_kept" (each word that says something, in any order)
        and "prompt_exact" (the caption as it should be) of those with facts."""
        return getattr(self, name) / max(self.with_facts if name in ("all_kept", "prompt_exact") else self.asked, 1)


def ask(brain: TalkBrain, messages: Sequence[dict[str, Any]]) -> Said:
    """One answer, with the eight tools offered."""
    tool, arguments, words, tokens = None, "", "", 0
    for delta in brain.reply(messages, TOOLS, seed=0):
        if isinstance(delta, Call):
            tool = delta.name
        elif isinstance(delta, Arguments):
            arguments += delta.text
        elif isinstance(delta, End):
            tokens = delta.completion_tokens
        else:
            words += delta.text
    return Said(tool, json.loads(arguments) if tool else {}, words, tokens)


def questions(
    kind: str, number: int, *, part: Part, things: Part, language: Language
) -> Iterator[tuple[list[dict[str, Any]], dict[str, Any], str]]:
    """(the talk up to the question, the right answer's message, the section) for each question of a kind."""
    seed = SEED
    while number > 0:
        talk = one_round(KINDS[kind], seed, part=part, things=things, language=language)
        seed += 1
        for end, section in talk.asked[:1]:
            yield talk.messages[:end], talk.messages[end], section
            number -= 1


def score(tally: Tally, messages: list[dict[str, Any]], wanted: dict[str, Any], said: Said) -> None:
    """Counts one answer."""
    calls = wanted.get("tool_calls")
    tool = calls[0]["function"]["name"] if calls else None
    arguments = json.loads(calls[0]["function"]["arguments"]) if calls else {}
    tally.asked += 1
    tally.tool_right += said.tool == tool
    exact = said.tool == tool and (said.arguments == arguments if tool else said.words == wanted["content"])
    tally.exact += exact
    left, right = ({(k, str(v)) for k, v in a.items()} for a in (arguments, said.arguments))
    tally.slots_wanted += len(left)
    tally.slots_said += len(right)
    tally.slots_right += len(left & right) if said.tool == tool else 0
    for key in ("prompt", "query"):
        if key in arguments:
            facts = Counter(words_of(arguments[key]))
            kept = Counter(words_of(str(said.arguments.get(key, ""))))
            tally.with_facts += 1
            tally.facts += sum(facts.values())
            tally.facts_kept += sum((facts & kept).values())
            style = key == "query" or arguments.get("style") == said.arguments.get("style")
            tally.all_kept += facts == kept and style
            tally.prompt_exact += arguments[key] == said.arguments.get(key) and style
    if not exact:
        content = messages[-1]["content"]
        asked = content if isinstance(content, str) else content[-1]["text"]
        got = json.dumps(said.arguments, ensure_ascii=False) if said.tool else said.words
        want = calls[0]["function"]["arguments"] if calls else wanted["content"]
        tally.wrong.append((asked, f"{tool or ''} {want}", f"{said.tool or ''} {got}"))


def words_of(caption: str) -> list[str]:
    """The words of a caption that say something: all but articles and "and"; order does not matter for a fact."""
    return [w for w in caption.lower().replace(",", " ").split() if w not in ("a", "an", "the", "and")]


def judge_calls(
    brain: TalkBrain, *, part: Part, things: Part, number: int, languages: Sequence[Language] = ("en", "fr")
) -> dict[str, Tally]:
    """`number` questions of each kind and language."""
    out: dict[str, Tally] = defaultdict(Tally)
    for language in languages:
        for kind in KINDS:
            if kind == "free" and language == "fr":
                continue
            for messages, wanted, _ in questions(kind, number, part=part, things=things, language=language):
                score(out[kind], messages, wanted, ask(brain, messages))
    return dict(out)


def total(tallies: dict[str, Tally]) -> Tally:
    """All kinds together."""
    out = Tally()
    for t in tallies.values():
        for name in vars(out):
            setattr(out, name, getattr(out, name) + getattr(t, name))
    return out


def outside_queries() -> list[str]:
    """What has nothing to do with pictures or speech; no line of it is in any training."""
    return [line for line in OUTSIDE.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def false_calls(brain: TalkBrain, queries: Sequence[str] | None = None) -> list[tuple[str, Said]]:
    """The queries that were answered with a call."""
    found = []
    for query in outside_queries() if queries is None else queries:
        said = ask(brain, [{"role": "user", "content": query}])
        if said.tool:
            found.append((query, said))
    return found


def call_lead(brain: TalkBrain, messages: Sequence[dict[str, Any]]) -> float:
    """By how much a call is ahead of the likeliest word, in logits, where the answer begins."""
    answer = brain.begin(messages, TOOLS, seed=0)
    brain.step([answer])
    if answer.lead is None:
        raise ValueError("this answer is known word for word: nothing is decided there")
    return answer.lead


@dataclass(frozen=True)
class Leads:
    """`call_lead` of questions that want a call, and of those that do not."""

    wanted: tuple[float, ...]
    unwanted: tuple[float, ...]

    def shares(self, margin: float) -> tuple[float, float]:
        """(calls that a margin loses, false calls that it leaves), of all questions of the kind."""
        lost = sum(lead < margin for lead in self.wanted) / len(self.wanted)
        return lost, sum(lead >= margin for lead in self.unwanted) / len(self.unwanted)


def call_leads(brain: TalkBrain, *, part: Part, things: Part, number: int, queries: Sequence[str]) -> Leads:
    """`number` questions of each kind and language, beside `queries` from outside."""
    wanted: list[float] = []
    unwanted = [call_lead(brain, [{"role": "user", "content": query}]) for query in queries]
    languages: tuple[Language, ...] = ("en", "fr")
    for language in languages:
        for kind in KINDS:
            if kind == "free" and language == "fr":
                continue
            for messages, right, _ in questions(kind, number, part=part, things=things, language=language):
                (wanted if right.get("tool_calls") else unwanted).append(call_lead(brain, messages))
    return Leads(tuple(wanted), tuple(unwanted))


@torch.no_grad()
def bits_per_byte(brain: TalkBrain, *, number: int, part: Part) -> tuple[float, float]:
    """(the assistant's turns, whole talks): bits for each byte of text, of talks never trained on."""
    bits, size = [0.0, 0.0], [0, 0]
    bytes_of = brain.tokenizer.bytes_of
    for k in range(number):
        talk = dialogue(SEED + k, part=part)
        turns = talk_tokens(brain.tokenizer, talk.messages, talk.tools)
        ids = torch.tensor(turns.ids[: brain.bundle.model.config.max_tokens])
        logits = brain.bundle.model(ids[None, :-1])[0]
        loss = F.cross_entropy(logits.float(), ids[1:], reduction="none") / math.log(2)
        for token, answer, value in zip(ids[1:].tolist(), turns.answers[1:], loss.tolist(), strict=False):
            for which in (0, 1) if answer else (1,):
                bits[which] += value
                size[which] += len(bytes_of[token])
    return bits[0] / max(size[0], 1), bits[1] / max(size[1], 1)
