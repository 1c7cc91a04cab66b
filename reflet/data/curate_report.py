"""One page about a curation: how much was marked, by which filter, why, and pictures of it."""

from __future__ import annotations

from dataclasses import asdict
from html import escape

from reflet.data.curate import BINS, HISTOGRAMS, CurateSettings, Curation, Example
from reflet.data.filters import AFTER, FILTERS
from reflet.data.report_page import frame, number, picture

# filter -> the measures its thresholds cut, with the threshold's field and the side that is marked
_CUTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "blank": (("contrast", "min_contrast", "below"),),
    "blurred": (("detail", "min_detail", "below"),),
    "exposure": (("dark", "max_dark", "above"), ("bright", "max_bright", "above")),
    "page": (("writing", "max_writing", "above"),),
    "watermark": (("margin", "max_margin", "above"), ("tiles", "max_tiles", "above")),
}


def curation_page(found: Curation, *, name: str, settings: CurateSettings) -> str:
    """HTML, complete in itself. Whatever a source wrote is shown as text."""
    kept = found.records - found.marked
    share = kept / max(found.records, 1)
    hows = {f.name: f.how for f in FILTERS} | AFTER | {"by hand": "Dropped by a person's decision."}
    parts = [
        f"<h1>What was left out of {escape(name)}</h1>",
        "<p class='soft'>Records are marked, never deleted. A mark goes when its filter is left out or its threshold "
        "moved, or when a person decides to keep the record.</p>",
        "<div class='big'>",
        _tile(number(found.records), "records"),
        _tile(number(kept), f"kept, {share:.1%}"),
        _tile(number(found.marked), f"marked, {1 - share:.1%}"),
        _tile(number(found.kept_by_hand), "kept by decision"),
        "</div>",
        f"<div class='bar' role='img' aria-label='{share:.1%} kept'><i style='width:{100 * share:.2f}%'></i></div>",
        _overview(found, hows, settings),
    ]
    for filter_name in sorted(hows, key=lambda n: -found.counts[n]):
        if found.counts[filter_name]:
            parts.append(_section(filter_name, hows[filter_name], found, settings))
    return frame(f"{name}: curation", "".join(parts))


def _tile(value: str, label: str) -> str:
    return f"<div><b>{value}</b><span class='soft'>{escape(label)}</span></div>"


def _overview(found: Curation, hows: dict[str, str], settings: CurateSettings) -> str:
    most = max([*found.counts.values(), 1])
    rows = []
    for name in sorted(hows, key=lambda n: (-found.counts[n], n)):
        count = found.counts[name]
        if name == "by hand" and not count:
            continue
        shown = f"<a href='#{name.replace(' ', '-')}'>{escape(name)}</a>" if count else escape(name)
        told = "left out" if name in settings.without else number(count)
        width = 9 * count / most
        rows.append(
            f"<tr><td>{shown}</td><td class='n'>{told}</td><td><span class='meter' style='width:{width:.2f}rem'></span>"
            f"</td><td class='soft'><small>{escape(hows[name])}</small></td></tr>"
        )
    return (
        "<h2>Filters</h2><table><tr><th>filter</th><th class='n'>marked</th><th></th><th>what it asks for</th></tr>"
        + "".join(rows)
        + "</table><p><small>A record may be marked by several. Leave one out with <code>--without NAME</code>, keep "
        "a record with <code>--keep KEY</code>, take every mark away with <code>--clear</code>.</small></p>"
    )


def _section(name: str, how: str, found: Curation, settings: CurateSettings) -> str:
    values = asdict(settings.thresholds)
    plots = "".join(_histogram(found, measure, values[field], side) for measure, field, side in _CUTS.get(name, ()))
    examples = found.examples.get(name, [])
    more = found.counts[name] - len(examples)
    rest = f"<p class='soft'><small>and {number(more)} more, in marks.jsonl</small></p>" if more > 0 else ""
    return (
        f"<section id='{name.replace(' ', '-')}'><div class='head'><div><h2>{escape(name)}: "
        f"{number(found.counts[name])}</h2><p>{escape(how)}</p></div>{plots}</div><div class='grid'>"
        + "".join(_example(e) for e in examples)
        + f"</div>{rest}</section>"
    )


def _example(e: Example) -> str:
    shown = picture(e.thumbnail, alt=e.caption)
    pair = (
        f"<div class='pair two'>{shown}{picture(e.of, alt='the one it copies')}</div>"
        if e.of
        else f"<div class='pair'>{shown}</div>"
    )
    facts = " · ".join(escape(t) for t in (e.license, e.author if e.author != "not stated" else "", e.name) if t)
    return (
        f"<figure>{pair}<figcaption><b>{escape(e.reason)}</b>"
        f"{escape(e.caption[:140])}<br><small>{facts}<br><code>{escape(e.key)}</code></small></figcaption></figure>"
    )


def _histogram(found: Curation, measure: str, threshold: float, side: str) -> str:
    """The set's own values as bars, with the line that was drawn."""
    counts = found.histograms[measure]
    low, high = HISTOGRAMS[measure]
    width, height = 300, 84
    top = max(int(counts.max()), 1) ** 0.5  # square roots: what is rare must be seen
    cut = (threshold - low) / (high - low) * width
    bars = []
    for k, count in enumerate(counts):
        centre = (k + 0.5) * width / BINS
        out = centre < cut if side == "below" else centre > cut
        tall = height * float(count) ** 0.5 / top
        bars.append(
            f"<rect x='{k * width / BINS:.1f}' width='{width / BINS - 1:.1f}' y='{height - tall:.1f}' "
            f"height='{tall:.1f}' fill='var(--{'bad' if out else 'mid'})'/>"
        )
    return (
        f"<svg width='{width}' height='{height + 22}' role='img' aria-label='{measure} of all records'>{''.join(bars)}"
        f"<line x1='{cut:.1f}' x2='{cut:.1f}' y1='0' y2='{height}' stroke='var(--ink)' stroke-dasharray='3 3'/>"
        f"<text y='{height + 16}' font-size='12' fill='var(--soft)'>{measure}: marked {side} {threshold:g}</text></svg>"
    )
