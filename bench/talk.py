"""The talk's brain: calls, rewriting, changes, false calls, bits per byte, speed, first token, energy.

`python bench/talk.py [--bundle reflet-talk] [--number 40] [--threads 2]` prints tables, mistakes, then one JSON line;
`--only-speed` leaves the questions out; `--margins` asks nothing else than what each call margin would lose and keep
out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time

import torch
from torch.nn import functional as F

from reflet.data.talk_phrases import Part
from reflet.evaluate.talk import (
    Tally,
    bits_per_byte,
    call_leads,
    false_calls,
    judge_calls,
    outside_queries,
    total,
)
from reflet.generate.talk import End
from reflet.generate.talk_brain import TalkBrain, load_brain
from reflet.generate.talk_tools import TOOLS
from reflet.runtime.energy import EnergyMeter

SETS: dict[str, tuple[Part, Part]] = {  # phrasings, things
    "known phrasings, known things": ("learned", "learned"),
    "unseen phrasings, known things": ("reserved", "learned"),
    "known phrasings, unseen things": ("learned", "reserved"),
    "unseen phrasings, unseen things": ("reserved", "reserved"),
}
TALK = [{"role": "user", "content": "could you draw three red glass cubes on a wooden table at sunset, please"}]


def row(name: str, tally: Tally) -> dict[str, float]:
    """Prints one line, returns its numbers."""
    names = ("tool_right", "exact", "prompt_exact", "all_kept")
    shares = {n: round(tally.share(n), 4) for n in names}
    out = {
        "asked": tally.asked,
        **shares,
        "facts": round(tally.facts_kept / max(tally.facts, 1), 4),
        "f1": round(tally.f1(), 4),
    }
    print(f"{name:<34}" + "".join(f"{v:>9}" if isinstance(v, int) else f"{100 * v:>8.1f}%" for v in out.values()))
    return out


def quality(brain: TalkBrain, number: int, mistakes: int) -> dict[str, object]:
    """All that is right or wrong."""
    out: dict[str, object] = {}
    print(
        f"{'':<34}" + "".join(f"{h:>9}" for h in ("asked", "tool", "exact", "caption", "all words", "words", "slot F1"))
    )
    for name, (part, things) in SETS.items():
        tallies = judge_calls(brain, part=part, things=things, number=number)
        kinds = {kind: row("  " + kind, tally) for kind, tally in tallies.items()}
        out[name] = {**row(name, total(tallies)), "kinds": kinds}
        if part == "reserved":
            for asked, wanted, got in total(tallies).wrong[:: max(1, len(total(tallies).wrong) // max(mistakes, 1))][
                :mistakes
            ]:
                print(f"    asked  {asked}\n    wanted {wanted}\n    got    {got}")
    wrong = false_calls(brain)
    out["outside"] = {"queries": len(outside_queries()), "false_calls": len(wrong)}
    print(f"out of scope: {len(wrong)} calls in {len(outside_queries())} queries")
    for query, said in wrong[:mistakes]:
        print(f"    {query} -> {said.tool} {said.arguments}")
    parts: tuple[Part, ...] = ("learned", "reserved")
    out["bits_per_byte"] = {p: [round(v, 4) for v in bits_per_byte(brain, number=200, part=p)] for p in parts}
    print("bits per byte (answers, whole talks):", out["bits_per_byte"])
    return out


def margins(brain: TalkBrain, number: int) -> dict[str, list[float]]:
    """What each margin loses of wanted calls and leaves of false ones. It is chosen by the first pair (known phrasings,
    every other question from outside) and judged by the second (unseen phrasings, the other questions)."""
    outside = outside_queries()
    chosen = call_leads(brain, part="learned", things="reserved", number=number, queries=outside[::2])
    judged = call_leads(brain, part="reserved", things="learned", number=number, queries=outside[1::2])
    print(f"{'margin':>8}{'lost':>9}{'false':>9}  unseen:{'lost':>8}{'false':>9}")
    out: dict[str, list[float]] = {}
    for margin in (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0):
        shares = [*chosen.shares(margin), *judged.shares(margin)]
        out[str(margin)] = [round(s, 4) for s in shares]
        print(f"{margin:>8}" + "".join(f"{100 * s:>8.1f}%" for s in shares))
    return out


def speed(brain: TalkBrain, seconds: float) -> dict[str, float]:
    """One stream: tokens a second, first token, joules; the floor is the time of its matrix products alone."""
    firsts: list[float] = []
    steps: list[float] = []
    tokens, start = 0, time.perf_counter()
    with EnergyMeter() as meter:
        while time.perf_counter() - start < seconds:
            fresh = TalkBrain.__new__(TalkBrain)
            fresh.__dict__.update(brain.__dict__, _kept=[])  # nothing is remembered of the run before
            began = time.perf_counter()
            answer = fresh.begin(TALK, TOOLS, tool_choice="none", max_tokens=100, temperature=1.0, seed=len(firsts))
            while not answer.done:
                before, reads = time.perf_counter(), len(answer.pending)
                told = fresh.step([answer])[0]
                if reads == 1:
                    steps.append(time.perf_counter() - before)
                else:
                    firsts.append(time.perf_counter() - began)
                if isinstance(told[-1], End):
                    tokens += told[-1].completion_tokens
        spent = time.perf_counter() - start
    assert meter.energy is not None
    floor = products(brain)
    step = statistics.median(steps)
    return {
        "tokens_per_second": round(tokens / spent, 1),
        "step_ms": round(1000 * step, 3),
        "floor_ms": round(1000 * floor, 3),
        "share_of_floor": round(floor / step, 3),
        "first_token_ms": round(1000 * statistics.median(firsts), 2),
        "joules_per_token": round(meter.energy.joules / max(tokens, 1), 5),
    }


def products(brain: TalkBrain) -> float:
    """Median seconds of the matrix products of one token, nothing between them."""
    steps = brain.steps
    matrices = [m for x in steps.layers for m in (x.joined, x.output, x.gate_up, x.down) if m is not None] + [
        steps.head
    ]
    inputs = [torch.randn(1, m.shape[1], dtype=m.dtype) for m in matrices]
    times = []
    with torch.inference_mode():
        for _ in range(300):
            start = time.perf_counter()
            for x, m in zip(inputs, matrices, strict=True):
                F.linear(x, m)
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Measures, prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bundle", default="reflet-talk")
    parser.add_argument("--number", type=int, default=40)
    parser.add_argument("--mistakes", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--only-speed", action="store_true")
    parser.add_argument("--margins", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    brain = load_brain(given.bundle)
    number = sum(p.numel() for p in brain.bundle.model.parameters())
    out: dict[str, object] = {"bundle": brain.bundle.digest, "parameters": number, "threads": given.threads}
    if given.margins:
        print(json.dumps(out | {"margins": margins(brain, given.number)}))
        return
    out["speed"] = speed(brain, given.seconds)
    print("one stream:", out["speed"])
    if not given.only_speed:
        out |= quality(brain, given.number, given.mistakes)
    print(json.dumps(out))


if __name__ == "__main__":
    main()
