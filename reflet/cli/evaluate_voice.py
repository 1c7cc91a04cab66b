"""`reflet evaluate` for a voice."""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from reflet.evaluate.report import STYLE
from reflet.evaluate.voice import VoiceEvaluation, VoicePlan, evaluate_voice, save_evaluation, table
from reflet.generate.speech import load
from reflet.runtime.home import home


def evaluate_voice_bundle(name: str, *, out: Path, sentences: int, steps: int | None, device: str | None) -> None:
    """Measures a voice beside its source; writes report.html and report.json, and prints the table."""
    voice = load(name, device=device)
    plan = VoicePlan(sentences=sentences, num_steps=steps)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task(voice.bundle.config.name, total=None)

        def report(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        found = evaluate_voice(voice, plan, cache=home() / "evaluations" / "voice", report=report)
    out.mkdir(parents=True, exist_ok=True)
    save_evaluation(found, out / "report.json")
    (out / "report.html").write_text(voice_page(found), encoding="utf-8")
    sys.stdout.write(f"{table(found)}\n{out / 'report.html'}\n")


def voice_page(found: VoiceEvaluation) -> str:
    """The table as one page."""
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'>"
        f"<title>{escape(found.name)}: evaluation</title><style>{STYLE}pre{{overflow-x:auto}}</style>"
        f"<h1>{escape(found.name)}</h1><p>Bundle <code>{found.digest[:16]}</code>. Words and letters are those that "
        "PocketSphinx misses, with 95 % bootstrap intervals; the rating is DNSMOS's, likeness Resemblyzer's. "
        "No listener was asked.</p>"
        f"<pre>{escape(table(found))}</pre></html>"
    )
