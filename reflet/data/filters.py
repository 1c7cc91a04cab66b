"""What speaks against a picture: each filter a question with a threshold, an explanation, and a reason for each hit.

Filters mark and never delete. They read measures, not pictures, so asking again with other thresholds costs seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reflet.data.filters_text import TextFilters


@dataclass(frozen=True)
class Thresholds:
    """Where each filter draws its line; docs/data.md says what was found with these."""

    min_side: int = 96  # pixels of the shorter side
    max_aspect: float = 4.0  # longer over shorter side
    min_contrast: float = 0.05  # below, a picture is blank
    min_detail: float = 0.05  # below, it is blurred
    max_dark: float = 0.92  # share of pixels near black
    max_bright: float = 0.97  # share of pixels near white
    max_writing: float = 0.10  # share under rows of writing: above, it is a page
    max_margin: float = 0.06  # the same at the edges of a picture that is not a page: a watermark or signature
    max_tiles: float = 0.55  # how strongly a faint pattern repeats all over


Row = dict[str, Any]


@dataclass(frozen=True)
class Filter:
    """`reason(row, thresholds)` is "" where nothing is against the picture. `how` is told in the report."""

    name: str
    how: str
    reason: Callable[[Row, Thresholds], str]


def _broken(row: Row, t: Thresholds) -> str:
    return row["problem"]


def _hidden(row: Row, t: Thresholds) -> str:
    return f"the file carries {row['hidden']} beside its pixels" if row["hidden"] == "a position" else ""


def _tiny(row: Row, t: Thresholds) -> str:
    if min(row["width"], row["height"]) < t.min_side:
        return f"{row['width']} x {row['height']} pixels: the shorter side is under {t.min_side}"
    return ""


def _aspect(row: Row, t: Thresholds) -> str:
    ratio = max(row["width"], row["height"]) / max(1, min(row["width"], row["height"]))
    return f"{row['width']} x {row['height']}: {ratio:.1f} times as long as wide" if ratio > t.max_aspect else ""


def _blank(row: Row, t: Thresholds) -> str:
    return f"contrast {row['contrast']:.3f}: hardly anything to see" if row["contrast"] < t.min_contrast else ""


def _blurred(row: Row, t: Thresholds) -> str:
    if row["detail"] < t.min_detail and row["contrast"] >= t.min_contrast:
        return f"detail {row['detail']:.3f} in its sharpest part: blurred"
    return ""


def _exposure(row: Row, t: Thresholds) -> str:
    if row["dark"] > t.max_dark:
        return f"{row['dark']:.0%} of it is black"
    if row["bright"] > t.max_bright:
        return f"{row['bright']:.0%} of it is white"
    return ""


def _page(row: Row, t: Thresholds) -> str:
    return f"{row['writing']:.0%} of it is rows of writing" if row["writing"] > t.max_writing else ""


def _watermark(row: Row, t: Thresholds) -> str:
    if row["writing"] <= t.max_writing and row["margin"] > t.max_margin:
        return f"writing along its edge ({row['margin']:.0%} of the margin)"
    if row["tiles"] > t.max_tiles and row["busy"] < 0.25:
        return f"a faint pattern repeats all over it ({row['tiles']:.2f})"
    return ""


FILTERS: tuple[Filter, ...] = (
    Filter("broken", "The picture decodes, and its bytes are those that were recorded.", _broken),
    Filter("position", "No position (GPS) is left in the file. Ingest removes all metadata; other sets may hold some.",
           _hidden),
    Filter("tiny", "The shorter side has enough pixels to learn from.", _tiny),
    Filter("aspect", "No strip: the longer side is at most so many times the shorter.", _aspect),
    Filter("blank", "From the 2nd to the 98th percentile of luminance there is some contrast.", _blank),
    Filter("blurred", "Some sixteenth of the picture is sharp: second differences, relative to contrast.", _blurred),
    Filter("exposure", "Not nearly all black or all white. Drawings on white paper pass.", _exposure),
    Filter("page", "Not covered by rows of strokes of one height: no page, table or screenshot.", _page),
    Filter("watermark", "No such rows along the edges only, no faint pattern that repeats. A guess, to be looked at.",
           _watermark),
)  # fmt: skip
AFTER: dict[str, str] = {
    "words": "No word of the captions, in any language, is on the word list (glin-profanity), disguised ones included.",
    "personal": "Captions hold no e-mail address, telephone or card number, IBAN, or other number of a person.",
    "opt-out": "Neither picture nor author is on the opt-out list.",
    "copy": "No other record before it has exactly the same pixels.",
    "near-copy": "No kept picture lies on it, as it is, mirrored, or as a part of it (see docs/data.md).",
}
NAMES = (*(f.name for f in FILTERS), *AFTER)


def reasons(
    row: Row, facts: dict[str, Any], *, thresholds: Thresholds, texts: TextFilters, without: set[str]
) -> dict[str, str]:
    """Filter -> reason, for everything but copies, which need the other pictures."""
    found: dict[str, str] = {}
    if "opt-out" not in without and (why := texts.opted_out(row, facts)):
        found["opt-out"] = why
    for f in FILTERS:
        if f.name not in without and (why := f.reason(row, thresholds)):
            found[f.name] = why
            if f.name in ("broken", "tiny", "blank"):
                break  # what else is measured of such a picture says nothing
    for name, judge in (("words", texts.unsafe), ("personal", texts.personal)):
        if name not in without and (why := judge(facts)):
            found[name] = why
    return found
