"""`reflet data speech`."""

from __future__ import annotations

import sys
from pathlib import Path

from reflet.data.engine import EngineName, open_engine


def speech_command(
    *,
    out: Path,
    count: int = 9000,
    seed: int = 0,
    own: float = 0.4,
    plain: float = 0.5,
    workers: int | None = None,
    engine: EngineName = "embedded",
) -> None:
    """Make a set of speech with exact phone times: Flite's voices say sentences of a grammar, and WordNet's examples.

    Needs `apt-get install flite wordnet-base`. Pace, pitch and liveliness vary and are told in each record. An
    interrupted run goes on where it stopped; more records can be added with a larger --count.

    Args:
        out: The folder of shards.
        count: Records, of 3.3 s each on average; the four voices take turns.
        seed: The same seed makes the same set.
        own: Share of texts that our grammar made (1: no WordNet needed).
        plain: Share of records said without a style.
        workers: Processes (default: one a core).
        engine: Where it runs: processes of this machine, or Ray (extra `ray`).
    """
    # Imported here: the other commands of `reflet data` do not need soundfile, and cli.data imports this module.
    from reflet.cli.data import bar
    from reflet.data.speech_set import SpeechJob, speak_set

    job = SpeechJob(count=count, seed=seed, own=own, plain=plain)
    with open_engine(engine, workers=workers) as doing, bar("speaking shards") as report:
        speak_set(job, out, engine=doing, report=report)
    sys.stdout.write(f"{out}\n")
