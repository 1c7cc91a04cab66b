"""What is written is said as people say it, and every spoken word knows where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from reflet.data.sentences import LONGEST, sentences, turns
from reflet.data.spoken import folded, read
from reflet.data.spoken_numbers import cardinal, ordinal, roman, year
from reflet.runtime.errors import UserError

PAIRS = [
    line.split("\t")
    for line in (Path(__file__).parent / "spoken_pairs.tsv").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("# ")
]
KNOWN = frozenset(("stop", "that", "important", "youtube", "iphone", "mcdonald"))


def spoken(text: str) -> str:
    return " ".join(word for said in read(text, known=KNOWN.__contains__) for word in said.words)


def test_there_are_enough_pairs() -> None:
    assert len({written for written, _ in PAIRS}) == len(PAIRS) >= 150


@pytest.mark.parametrize(("written", "said"), PAIRS, ids=[p[0] for p in PAIRS])
def test_written_is_spoken(written: str, said: str) -> None:
    assert spoken(written) == said


def test_numbers_count_up() -> None:
    """Names of numbers differ, and each is its tens and its ones."""
    assert len({tuple(cardinal(n)) for n in range(2000)}) == 2000
    assert all(cardinal(n) == [*cardinal(n - n % 10), *cardinal(n % 10)] for n in range(21, 100) if n % 10)
    assert ordinal(112) == ["one", "hundred", "twelfth"] and year(1900) == ["nineteen", "hundred"]
    assert [roman(x) for x in ("XIV", "MCMXCIX", "IIX", "")] == [14, 1999, None, None]


def test_words_know_their_place() -> None:
    text = "On Nov. 30, 2026 “Zoë” paid $5.50, didn’t she?"
    places = [text[s.start : s.end] for s in read(text, known=KNOWN.__contains__)]
    assert places == ["On", "Nov. 30, 2026", "Zoë", "paid", "$5.50", "didn’t", "she"]
    assert [s.mark for s in read(text, known=KNOWN.__contains__)] == ["", "", "", "", ",", "", "?"]


@pytest.mark.parametrize("text", ["ﬁne ½ ß 中 \x00 e\u0301 \U0001f600", "…—“”", "", "a\tb\nc"])
def test_folding_keeps_places(text: str) -> None:
    assert len(folded(text)) == len(text)


def test_other_scripts_are_refused_by_name() -> None:
    with pytest.raises(UserError, match="'п'"):
        spoken("say привет")


SPLIT = [
    ("Hello there. How are you? Fine!", ["Hello there.", "How are you?", "Fine!"]),
    ("Dr. Fox met Mr. Lee at 5 p.m. on Jan. 5. They left.", ["Dr. Fox met Mr. Lee at 5 p.m. on Jan. 5.", "They left."]),
    ('He said "Stop!" and ran. "Why?" asked Ada.', ['He said "Stop!" and ran.', '"Why?" asked Ada.']),
    ("No dot here\n\nNew paragraph", ["No dot here", "New paragraph"]),
    ("1. Boil water. See Fig. 3, e.g. Tea.", ["1. Boil water.", "See Fig. 3, e.g. Tea."]),
    ("Wait... what? J. R. Smith.", ["Wait... what?", "J. R. Smith."]),
    ("One line\ngoes on.", ["One line\ngoes on."]),
    (" ... !!! \n\n ", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "parts"), SPLIT, ids=[s[0][:20] for s in SPLIT])
def test_sentences(text: str, parts: list[str]) -> None:
    assert [text[s.start : s.end] for s in sentences(text)] == parts


def test_long_sentences_are_divided_and_nothing_is_lost() -> None:
    text = "and so it goes, " * 60 + "x" * 500
    parts = [text[s.start : s.end] for s in sentences(text)]
    assert max(map(len, parts)) <= LONGEST
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert parts[0].endswith(",")


def test_a_dialogue_has_turns() -> None:
    text = "Ada: Hello.\nBen: Hi.\nNote: this is not a name.\nADA:  Bye."
    found = turns(text, cast=frozenset(("ada", "ben")))
    assert found is not None
    assert [(t.speaker, text[t.start : t.end].strip()) for t in found] == [
        ("ada", "Hello."), ("ben", "Hi.\nNote: this is not a name."), ("ada", "Bye."),
    ]  # fmt: skip
    assert turns("Note: nobody speaks.", cast=frozenset(("ada",))) is None
