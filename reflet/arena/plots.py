"""Plots of boards as SVG: no script, both colour schemes, readable without colour."""

from __future__ import annotations

import math
from html import escape

import numpy as np

from reflet.arena.rating import Board, Entry

PALETTE = ("#2f6f9f", "#c2603a", "#4a9a5b", "#8a63b8", "#b08a1e", "#3d8f94", "#b44a72", "#6b7480")


def rounded(x: float) -> str:
    """A number of points; what no votes bound has a sign of its own."""
    return f"{x:.0f}" if math.isfinite(x) else "∞" if x > 0 else "-∞"


def color_of(board: Board, name: str) -> str:
    """A contestant's colour, by its place among the contestants: the same in every plot."""
    return PALETTE[board.models.index(name) % len(PALETTE)]


def scale_of(board: Board) -> tuple[float, float]:
    """Points at the left and right end of interval plots: round numbers around all finite intervals."""
    rated = [e for e in board.entries if e.rating is not None]
    ends = [x for e in rated for x in (e.rating_lower, e.rating_upper) if math.isfinite(x)]
    ends += [e.rating for e in rated if e.rating is not None] or [1000.0]
    low, high = min(ends), max(ends)
    margin = max(20.0, 0.06 * (high - low))
    return 50.0 * math.floor((low - margin) / 50.0), 50.0 * math.ceil((high + margin) / 50.0)


def interval(entry: Entry, scale: tuple[float, float], color: str, *, width: int = 300) -> str:
    """One row: a bar from lower to upper, a dot at the rating."""
    low, high = scale
    if entry.rating is None:
        return f"<svg class='bar' viewBox='0 0 {width} 20' aria-hidden='true'></svg>"

    def x(points: float) -> float:
        return round((min(max(points, low), high) - low) / (high - low) * width, 1)

    a, b, at = x(entry.rating_lower), x(entry.rating_upper), x(entry.rating)
    faint = " opacity='.45'" if entry.status == "preliminary" else ""
    return (
        f"<svg class='bar' viewBox='0 0 {width} 20' role='img' aria-label='{entry.rating:.0f} points, "
        f"{entry.rating_lower:.0f} to {entry.rating_upper:.0f}'><g{faint}>"
        f"<rect x='{a}' y='7' width='{max(1.0, b - a):.1f}' height='6' rx='3' fill='{color}' opacity='.35'/></g>"
        f"<circle cx='{at}' cy='10' r='4.5' fill='{color}'/></svg>"
    )


def axis(scale: tuple[float, float], *, width: int = 300) -> str:
    """The scale under the intervals."""
    low, high = scale
    step = next(s for s in (50, 100, 200, 250, 500, 1000, 2000, 10**9) if (high - low) / s <= 6)
    ticks = np.arange(step * math.ceil(low / step), high + 1, step)
    out = [f"<svg class='bar' viewBox='0 0 {width} 16' aria-hidden='true'>"]
    for t in ticks:
        x = (t - low) / (high - low) * width
        anchor = "start" if x < 12 else "end" if x > width - 12 else "middle"
        out.append(f"<text x='{x:.1f}' y='12' font-size='11' text-anchor='{anchor}' fill='var(--soft)'>{t:.0f}</text>")
    return "".join(out) + "</svg>"


def win_matrix(board: Board) -> str:
    """How often the row is preferred to the column when one of them is: observed, with the number of decided votes; the
    tint says the same."""
    names = [e.name for e in board.entries if e.rating is not None]
    places = [board.models.index(n) for n in names]
    wins = board.tally.wins()[np.ix_(places, places)]
    heads = "".join(f"<th class='turn'><span>{escape(n)}</span></th>" for n in names)
    rows = []
    for i, name in enumerate(names):
        cells = []
        for j, other in enumerate(names):
            total = wins[i, j] + wins[j, i]
            if i == j:
                cells.append("<td class='self'></td>")
            elif total == 0:
                cells.append(f"<td title='{escape(name)} and {escape(other)} have no decided vote'>–</td>")
            else:
                share = wins[i, j] / total
                tint = "47,111,159" if share >= 0.5 else "194,96,58"
                strength = min(0.85, abs(share - 0.5) * 1.7)
                cells.append(
                    f"<td style='background:rgba({tint},{strength:.2f})' title='{escape(name)} was preferred to "
                    f"{escape(other)} {wins[i, j]:.0f} times of {total:.0f}'>{100 * share:.0f}"
                    f"<small>{total:.0f}</small></td>"
                )
        rows.append(f"<tr><th>{escape(name)}</th>{''.join(cells)}</tr>")
    return f"<div class='wide'><table class='matrix'><tr><th></th>{heads}</tr>{''.join(rows)}</table></div>"


def over_time(history: list[tuple[float, Board]], main: Board) -> str:
    """Ratings as votes came in, each with its interval as a band."""
    if len(history) < 2:
        return ""
    width, height, left, right = 900, 340, 46, 150
    final = history[-1][1]
    low, high = scale_of(final)
    votes = [b.num_votes for _, b in history]

    def x(k: int) -> float:
        return left + (width - left - right) * votes[k] / votes[-1]

    def y(points: float) -> float:
        return 12 + (height - 40) * (high - min(max(points, low), high)) / (high - low)

    out = [f"<svg viewBox='0 0 {width} {height}' role='img' aria-label='ratings over votes'>"]
    step = next(s for s in (50, 100, 200, 500, 10**9) if (high - low) / s <= 6)
    for t in np.arange(step * math.ceil(low / step), high + 1, step):
        out.append(f"<line x1='{left}' x2='{width - right}' y1='{y(t):.1f}' y2='{y(t):.1f}' stroke='var(--line)'/>")
        out.append(f"<text x='{left - 8}' y='{y(t) + 4:.1f}' font-size='12' text-anchor='end' fill='var(--soft)'>"
                   f"{t:.0f}</text>")  # fmt: skip
    for k in (0, len(votes) // 2, len(votes) - 1):
        out.append(f"<text x='{x(k):.1f}' y='{height - 6}' font-size='12' text-anchor='middle' fill='var(--soft)'>"
                   f"{votes[k]} votes</text>")  # fmt: skip
    ends: list[tuple[float, str, str]] = []
    for name in (e.name for e in final.entries if e.rating is not None):
        points = [(k, b.entry(name)) for k, (_, b) in enumerate(history)]
        points = [(k, e) for k, e in points if e.rating is not None]
        color = color_of(main, name)
        upper = " ".join(f"{x(k):.1f},{y(e.rating_upper):.1f}" for k, e in points)
        lower = " ".join(f"{x(k):.1f},{y(e.rating_lower):.1f}" for k, e in reversed(points))
        line = " ".join(f"{x(k):.1f},{y(e.rating or 0):.1f}" for k, e in points)
        out.append(f"<polygon points='{upper} {lower}' fill='{color}' opacity='.12'/>")
        out.append(f"<polyline points='{line}' fill='none' stroke='{color}' stroke-width='2.2'/>")
        ends.append((y(points[-1][1].rating or 0), name, color))
    at = -math.inf
    for place, name, color in sorted(ends):
        at = max(at + 16, place)
        out.append(
            f"<text x='{width - right + 10}' y='{at + 4:.1f}' font-size='13' fill='{color}'>{escape(name)}</text>"
        )
    return "".join(out) + "</svg>"


def categories(boards: dict[str, Board], main: Board) -> str:
    """A row a contestant, a column a category: points above or below its own mean over categories."""
    names = [e.name for e in main.entries if e.rating is not None]
    heads = "".join(f"<th class='turn'><span>{escape(c)}</span></th>" for c in boards)
    rows = []
    for name in names:
        entries = [b.entry(name) for b in boards.values()]
        known = [e.rating for e in entries if e.rating is not None]
        mean = sum(known) / len(known) if known else 0.0
        cells = []
        for e in entries:
            if e.rating is None:
                cells.append("<td>–</td>")
                continue
            off = e.rating - mean
            tint = "47,111,159" if off >= 0 else "194,96,58"
            sure = min(0.8, abs(off) / max(e.half_width, 20.0) * 0.35)
            cells.append(
                f"<td style='background:rgba({tint},{sure:.2f})' title='{rounded(e.rating_lower)} to "
                f"{rounded(e.rating_upper)}'>{e.rating:.0f}<small>±{rounded(e.half_width)}</small></td>"
            )
        rows.append(f"<tr><th>{escape(name)}</th>{''.join(cells)}</tr>")
    return f"<div class='wide'><table class='matrix'><tr><th></th>{heads}</tr>{''.join(rows)}</table></div>"
