"""One page about what a set is made of: its map, its shares, the plan that balances it, and its holes."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from html import escape

import numpy as np

from reflet.data.diversity import Composition, effective_number, shares
from reflet.data.diversity_map import Layout
from reflet.data.diversity_script import SCRIPT, STYLE
from reflet.data.facets import BALANCED, FACETS, OPEN
from reflet.data.holes import Wish
from reflet.data.map_file import SHOWN as ON_MAP
from reflet.data.map_file import author_of, categories
from reflet.data.report_page import frame, number
from reflet.data.sampling_plan import Plan

SHOWN = 14  # categories of a facet in its table


@dataclass(frozen=True)
class Vendi:
    """Effective numbers of different pictures among so many drawn: evenly, and by the plan."""

    drawn: int
    before: float
    after: float


def diversity_page(
    composition: Composition, plan: Plan, wishes: list[Wish], vendi: Vendi, *, layout: Layout, name: str, features: str
) -> str:
    """HTML, complete in itself. `layout` is of the sample; `features` says in which features likeness was measured."""
    script_hash = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    body = [
        STYLE,
        f"<h1>What {escape(name)} is made of</h1>",
        f"<p class='soft'>{number(len(composition))} records; {number(composition.marked)} marked ones are left out."
        "</p>",
        _tiles(composition, plan, vendi),
        _map(composition, plan, layout),
        "<h2>Shares</h2><p class='soft'>Bars: the share as it is; the line: as the plan draws it. "
        "<span class='over'>Over</span>: more than twice the fair share, which is one over the effective number of "
        "categories. <span class='under'>Under</span>: less than a quarter of it.</p><div class='facets'>",
        *(_facet(composition, plan, facet) for facet in FACETS),
        "</div>",
        _holes(wishes),
        f"<p class='soft'><small>Likeness is measured in {escape(features)}. The map and the Vendi scores are of "
        f"a sample of {number(len(composition.sample))}. Subjects, environments and styles of pictures that were not "
        "rendered are read from captions and tags by lists of words: they are as good as those.</small></p>",
    ]
    return frame(f"{name}: diversity", "".join(body), script=SCRIPT, script_hash=script_hash)


def _tiles(composition: Composition, plan: Plan, vendi: Vendi) -> str:
    subjects = effective_number(composition.facets["subject"])
    after = effective_number(composition.facets["subject"], weights=plan.weights)
    told = [
        (
            f"{vendi.before:.0f} → {vendi.after:.0f}",
            f"Vendi score of {number(vendi.drawn)} drawn, evenly and by the plan",
        ),
        (f"{subjects:.0f} → {after:.0f}", "effective number of subjects"),
        (number(round(plan.worth)), "equally weighted records the plan is worth"),
    ]
    return (
        "<div class='big'>" + "".join(f"<div><b>{v}</b><span class='soft'>{t}</span></div>" for v, t in told) + "</div>"
    )


def _map(composition: Composition, plan: Plan, layout: Layout) -> str:
    points = []
    for sampled, (x, y) in zip(composition.sample, layout.spots.tolist(), strict=True):
        points.append({
            "x": x, "y": y, "k": sampled.key, "c": sampled.caption[:200], "l": sampled.license,
            "f": categories(composition, sampled), "a": author_of(sampled),
            "w": round(float(plan.weights[sampled.number]), 3),
            "t": "data:image/webp;base64," + base64.b64encode(sampled.thumbnail).decode(),
        })  # fmt: skip
    data = json.dumps(
        {"across": layout.across, "down": layout.down, "points": points}, ensure_ascii=False, separators=(",", ":")
    )
    safe = data.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    options = "".join(f"<option>{f}</option>" for f in ON_MAP)
    return (
        "<div class='tools'><label>Frame by <select id='facet'><option value=''>nothing</option>"
        f"{options}</select></label><button id='in'>+</button><button id='out'>−</button><button id='whole'>whole map"
        "</button><div id='legend'></div></div><div class='map'><canvas id='map' tabindex='0' "
        "aria-label='map of the set: pictures that are alike lie together'></canvas><div id='info'></div></div>"
        f"<script type='application/json' id='map-data'>{safe}</script>"
    )


def _facet(composition: Composition, plan: Plan, name: str) -> str:
    facet = composition.facets[name]
    found = shares(name, facet)
    planned = {s.name: s.share for s in shares(name, facet, weights=plan.weights)}
    met = [s for s in found if s.verdict != "missing"]
    missing = [s.name for s in found if s.verdict == "missing"]
    top = max([s.share for s in met] + [planned.get(s.name, 0) for s in met] + [1e-9])
    rows = []
    for s in met[:SHOWN]:
        line = 11 * planned[s.name] / top
        rows.append(
            f"<tr><td title='{escape(s.name, quote=True)}'>{escape(s.name)}</td><td><svg width='12rem' height='.8rem' "
            f"style='width:12rem;height:.8rem'><rect width='{11 * s.share / top:.2f}rem' height='100%' rx='3' "
            f"fill='var(--mid)' opacity='.55'/><rect x='{line:.2f}rem' width='2' height='100%' "
            f"fill='var(--ink)'/></svg></td><td class='n'>{s.share:.1%}</td>"
            f"<td class='n {s.verdict}'>{s.verdict}</td></tr>"
        )
    rest = len(met) - SHOWN
    notes = [f"{number(rest)} more"] if rest > 0 else []
    notes += [f"<span class='missing'>missing</span>: {escape(', '.join(missing))}"] if missing else []
    said = float(facet.counts().sum() - sum(s.count for s in met))
    notes += [f"not said of {said / len(composition):.0%}"] if said else []
    before, after = effective_number(facet), effective_number(facet, weights=plan.weights)
    numbers = f"{before:.1f} → {after:.1f}" if name in BALANCED else f"{before:.1f}"
    kind = ", as the sources name it" if name in OPEN and name != "subject" else ""
    return (
        f"<div><h3>{name}<small class='soft'>{kind} · effective number {numbers}</small></h3>"
        f"<table>{''.join(rows)}</table>"
        f"<p><small class='soft'>{'; '.join(notes)}</small></p></div>"
    )


def _holes(wishes: list[Wish]) -> str:
    if not wishes:
        return "<h2>Holes</h2><p>Nothing that the renderer could show is lacking.</p>"
    kinds: dict[str, list[Wish]] = {}
    for w in wishes:
        kinds.setdefault(w.kind or "family", []).append(w)
    rows = "".join(
        f"<tr><td>{kind}</td><td>{escape(', '.join(f'{w.word or w.family} ({w.count})' for w in found))}</td></tr>"
        for kind, found in kinds.items()
    )
    total = int(np.sum([w.count for w in wishes]))
    return (
        f"<h2>Holes</h2><p>What is missing or rare and the renderer can show: {number(total)} pictures, as "
        f"<code>holes.json</code> asks for them. <code>reflet render --fill holes.json --out DIR</code> makes them.</p>"
        f"<table>{rows}</table>"
    )
