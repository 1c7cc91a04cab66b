"""One self-contained page for one evaluation, or two side by side: numbers, intervals, plots and pictures.

No script, no request: pictures and plots are inside the page, so it can be kept, mailed and opened anywhere.
"""

from __future__ import annotations

import base64
from html import escape
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reflet.evaluate.estimates import mean_difference
from reflet.evaluate.run import Evaluation

SHOWN = 6  # prompts of each skill with pictures
THUMBNAIL = 128
COLORS = ("#2f6f9f", "#c2603a")

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;
color:#1b2430;background:#fcfcfa}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.3rem .8rem;text-align:right;border-bottom:1px solid #ddd}
th:first-child,td:first-child{text-align:left}figure{margin:.5rem 0}figcaption{color:#555;font-size:.85rem}
.pass img{outline:3px solid #4a9a5b}.fail img{outline:3px solid #d8d8d4}.row{display:flex;flex-wrap:wrap;gap:.5rem}
.row span{display:inline-block}small{color:#666}svg{max-width:100%;height:auto}
@media (prefers-color-scheme:dark){
body{background:#14181d;color:#e6e6e2}th,td{border-color:#333}figcaption,small{color:#aaa}}
"""


def page(evaluations: list[Evaluation]) -> str:
    """HTML of one evaluation, or of two of the same prompts."""
    first = evaluations[0]
    names = " and ".join(escape(e.name) for e in evaluations)
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width,initial-scale=1'>",
        f"<title>{names}: evaluation</title><style>{STYLE}</style><h1>{names}</h1>",
        f"<p>{len(first.prompts)} prompts, {first.hits.shape[1]} pictures of each. Prompts "
        f"<code>{first.prompts_digest[:16]}</code>, metric encoder <code>{first.instruments_digest[:16]}</code>, "
        + ", ".join(f"{escape(e.name)} <code>{e.digest[:16]}</code>" for e in evaluations)
        + ".</p>",
        "<h2>Scene check</h2><p>Share of pictures that show what the prompt says, as the reader reads them, with 95 % "
        "bootstrap intervals over prompts. Ceiling: real renders of the same prompts. Floor: renders of other prompts. "
        "Corrected: for the reader's errors, by both.</p>",
        skill_plot(evaluations),
        skill_table(evaluations),
    ]
    if len(evaluations) == 2:
        parts.append(comparison(*evaluations))
    parts += ["<h2>Light, colour, texture, perspective</h2>", inside_table(evaluations), texture_table(evaluations)]
    parts += ["<h2>Distance from real pictures, diversity</h2>", measure_table(evaluations)]
    parts += ["<h2>Memorisation</h2><p>Generated beside its nearest training picture, the closest pairs.</p>"]
    parts += [memorisation_part(e) for e in evaluations]
    parts += ["<h2>Cost of a picture</h2>", cost_table(evaluations)]
    parts += ["<h2>Pictures</h2><p>Green frame: the reader finds what the prompt says.</p>"]
    parts += [gallery(e) for e in evaluations]
    return "\n".join(parts) + "\n"


def _table(head: list[str], rows: list[list[str]]) -> str:
    cells = "".join(f"<th>{escape(h)}</th>" for h in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table><tr>{cells}</tr>{body}</table>"


def skill_table(evaluations: list[Evaluation]) -> str:
    """A row a skill and model."""
    rows: list[list[str]] = []
    for skill in evaluations[0].skills:
        for e in evaluations:
            s = e.skills[skill]
            row = [skill, e.name, str(s.raw), str(s.corrected) if s.corrected else "the reader cannot tell"]
            rows.append([*row, f"{s.ceiling.rate:.3f}", f"{s.floor.rate:.3f}", f"{s.share_of_ceiling():.2f}"])
    return _table(["skill", "model", "raw", "corrected", "ceiling", "floor", "share of ceiling"], rows)


def skill_plot(evaluations: list[Evaluation]) -> str:
    """Bars from floor to ceiling with the models' intervals, as SVG."""
    skills = list(evaluations[0].skills)
    left, width, step = 150, 640, 34
    height = step * len(skills) + 40
    out = [f"<svg viewBox='0 0 {left + width + 20} {height}' role='img' aria-label='scene check by skill'>"]
    for tick in range(0, 11, 2):
        x = left + width * tick / 10
        out.append(f"<line x1='{x}' x2='{x}' y1='10' y2='{height - 26}' stroke='#8884'/>")
        out.append(
            f"<text x='{x}' y='{height - 8}' font-size='12' text-anchor='middle' fill='#888'>{tick * 10} %</text>"
        )
    for k, skill in enumerate(skills):
        y = 12 + step * k
        score = evaluations[0].skills[skill]
        low, high = left + width * score.floor.rate, left + width * score.ceiling.rate
        out.append(
            f"<text x='{left - 8}' y='{y + 17}' font-size='14' text-anchor='end' fill='currentColor'>{skill}</text>"
        )
        out.append(f"<rect x='{low}' width='{max(1, high - low)}' y='{y}' height='{step - 10}' fill='#8883'/>")
        for i, e in enumerate(evaluations):
            raw, at = e.skills[skill].raw, y + 7 + 9 * i
            x1, x2, x = (left + width * v for v in (raw.lower, raw.upper, raw.value))
            out.append(f"<line x1='{x1}' x2='{x2}' y1='{at}' y2='{at}' stroke='{COLORS[i]}' stroke-width='2'/>")
            out.append(f"<circle cx='{x}' cy='{at}' r='4' fill='{COLORS[i]}'/>")
    legend = ", ".join(
        f"<span style='color:{c}'>●</span> {escape(e.name)}" for c, e in zip(COLORS, evaluations, strict=False)
    )
    return "".join(out) + f"</svg><p><small>{legend}; grey: from floor to ceiling</small></p>"


def comparison(a: Evaluation, b: Evaluation) -> str:
    """Differences on the same prompts, with what is significant. Raises ValueError for other prompts."""
    if [p.text for p in a.prompts] != [p.text for p in b.prompts]:
        raise ValueError("the two were measured on different prompts: evaluate both with the same numbers")
    rows: list[list[str]] = []
    for skill in a.skills:
        mine = [i for i, p in enumerate(a.prompts) if p.skill == skill]
        d = mean_difference(a.hits[mine], b.hits[mine])
        verdict = "no difference shown"
        if d.lower > 0 or d.upper < 0:
            verdict = f"{a.name if d.value > 0 else b.name} is better"
        rows.append([skill, str(d), verdict])
    return f"<h2>{escape(a.name)} less {escape(b.name)}</h2>" + _table(["skill", "difference", "at 95 %"], rows)


def inside_table(evaluations: list[Evaluation]) -> str:
    """A row a measure, a column a model, and what real renders of all prompts measure."""
    names = sorted({n for e in evaluations for n in e.inside})
    rows: list[list[str]] = []
    for n in names:
        real = evaluations[0].real_inside.get(n)
        row = [n, *(str(e.inside[n]) if n in e.inside else "–" for e in evaluations)]
        rows.append([*row, "–" if real is None else f"{real:.3f}"])
    return _table(["measure", *(e.name for e in evaluations), "real renders"], rows)


def texture_table(evaluations: list[Evaluation]) -> str:
    """Distances of textures' spectra from real ones, by material."""
    found = [e.measures.get("textures", {}) for e in evaluations]
    words = sorted({w for f in found if isinstance(f, dict) for w in f})
    rows = [[w, *(f"{f[w]:.2f}" if isinstance(f, dict) and w in f else "–" for f in found)] for w in words]
    if not rows:
        return "<p>No material has enough patches to be compared.</p>"
    return _table(["texture spectrum, natural logarithms of power", *(e.name for e in evaluations)], rows)


def memorisation_part(e: Evaluation) -> str:
    """Shares, tests and the closest pairs: generated, then training."""
    if e.memorisation is None:
        return f"<p>{escape(e.name)}: not measured; give its training set with --training.</p>"
    rows = []
    for name, share in e.memorisation.shares.items():
        test = e.memorisation.tests[name]
        rows.append([name, f"{share:.4f}", f"{test.share:.3f}", f"{test.p_value:.2g}"])
    head = ["by", "called memorised", "nearer than a held-out picture", "p"]
    shown = "".join(
        f"<figure><img width='{THUMBNAIL}' alt='' src='{_data_url(made)}'> "
        f"<img width='{THUMBNAIL}' alt='' src='{_data_url(known)}'><figcaption>ratio {ratio:.2f}</figcaption></figure>"
        for made, known, ratio in e.closest
    )
    return f"<h3>{escape(e.name)}</h3>" + _table(head, rows) + f"<div class='row'>{shown}</div>"


def measure_table(evaluations: list[Evaluation]) -> str:
    """Distances and diversity. Numbers of another encoder are not comparable."""
    names = list(dict.fromkeys(n for e in evaluations for n, v in e.measures.items() if isinstance(v, float)))
    rows = []
    for name in names:
        values = [e.measures.get(name) for e in evaluations]
        rows.append([name.replace("_", " "), *(f"{v:.4g}" if isinstance(v, float) else "–" for v in values)])
    return _table(["measure", *(e.name for e in evaluations)], rows)


def cost_table(evaluations: list[Evaluation]) -> str:
    """What one picture costs, and how that was measured."""
    rows = [
        ["FLOP", *(f"{e.cost.flop:.3g}" for e in evaluations)],
        ["wall seconds", *(f"{e.cost.wall_seconds:.3f}" for e in evaluations)],
        ["CPU-seconds", *(f"{e.cost.cpu_seconds:.3f}" for e in evaluations)],
        ["peak memory, MB", *(f"{e.cost.peak_bytes / 1e6:.0f}" for e in evaluations)],
        ["joules", *(f"{e.cost.joules:.3g}" for e in evaluations)],
        ["joules by", *(e.cost.energy_method for e in evaluations)],
        ["on", *(f"{e.cost.device}, {e.cost.threads} threads" for e in evaluations)],
    ]
    return _table(["one picture", *(e.name for e in evaluations)], rows)


def gallery(e: Evaluation) -> str:
    """Some prompts of each skill with their pictures."""
    out = [f"<h3>{escape(e.name)}</h3>"]
    for skill in e.skills:
        rows = [i for i, p in enumerate(e.prompts) if p.skill == skill][:SHOWN]
        out.append(f"<h4>{escape(skill)}</h4><div class='row'>")
        for i in rows:
            shown = "".join(
                f"<span class='{'pass' if hit else 'fail'}'><img width='{THUMBNAIL}' height='{THUMBNAIL}' alt='' "
                f"src='{_data_url(picture)}'></span> "
                for picture, hit in zip(e.pictures[i][:2], e.hits[i], strict=False)
            )
            out.append(f"<figure>{shown}<figcaption>{escape(e.prompts[i].text)}</figcaption></figure>")
        out.append("</div>")
    return "".join(out)


def _data_url(picture: NDArray[np.uint8]) -> str:
    content = BytesIO()
    Image.fromarray(picture).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS).save(content, "WEBP", quality=80)
    return "data:image/webp;base64," + base64.b64encode(content.getvalue()).decode()
