"""The tokenizer: any text has tokens, known words have few."""

from __future__ import annotations

import pytest

from reflet.data.tokenizer import END, PAD, START, Tokenizer
from reflet.runtime.errors import UserError

TEXTS = ["a red glass sphere on a wooden table", "two blue cubes", "a red cube at sunset"] * 20


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train(TEXTS, vocab_size=400)


def test_round_trip(tokenizer: Tokenizer) -> None:
    for text in ("a red glass sphere", "un vase d'été ☀️", "日本"):
        assert tokenizer.decode(tokenizer.encode(text)) == text.lower()


def test_known_words_are_short(tokenizer: Tokenizer) -> None:
    assert len(tokenizer.encode("a red cube")) == 5


def test_empty_is_start_and_end(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("") == tokenizer.encode("  \n ") == [START, END]


def test_case_and_spaces_do_not_matter(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("A  Red\tcube ") == tokenizer.encode("a red cube")


def test_batch_pads_and_cuts(tokenizer: Tokenizer) -> None:
    tokens = tokenizer.batch(["a red cube", "two " * 40], length=8)
    assert tokens.ids.shape == (2, 8)
    assert tokens.ids[0, 5] == PAD and not tokens.mask[0, 5]
    assert tokens.ids[1, -1] == END and tokens.mask[1].all()


def test_same_texts_same_tokenizer(tokenizer: Tokenizer) -> None:
    assert Tokenizer.train(TEXTS, vocab_size=400).to_json() == tokenizer.to_json()


def test_damaged_json_is_a_clear_error() -> None:
    with pytest.raises(UserError, match="damaged"):
        Tokenizer.from_json("{")
