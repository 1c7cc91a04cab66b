"""The dictionary, the pronouncer that learns from it, and texts in phones."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from reflet.cli.main import run
from reflet.data.lexicon import Lexicon, is_held_out, read_cmudict
from reflet.data.phones import Phones
from reflet.generate.pronounce import MOST_PHONES, FrontEnd, letters_of, load_english, spell
from reflet.models.pronounce import Pronouncer, PronouncerConfig
from reflet.runtime.errors import UserError
from reflet.train.pronounce import edit_distance

DICTIONARY = """\
hello HH AH0 L OW1 # a greeting
hello(2) HH EH0 L OW1
the DH AH0
end EH1 N D
to T UW1
act AE1 K T
cat K AE1 T
dish D IH1 SH
secondary S EH1 K AH0 N D EH2 R IY0
1st F ER1 S T
"""
TINY = PronouncerConfig(width=32, depth=1, num_heads=2)


@pytest.fixture(scope="module")
def front_end() -> FrontEnd:
    torch.manual_seed(0)
    return FrontEnd(read_cmudict(DICTIONARY.splitlines()), Pronouncer(TINY).eval())


def test_the_dictionary_is_read_and_kept(front_end: FrontEnd) -> None:
    lexicon = front_end.lexicon
    assert len(lexicon) == 8
    assert lexicon.phones("hello") == ("hh", "ax0", "l", "ow1")
    assert lexicon.phones("secondary") == ("s", "eh1", "k", "ax0", "n", "d", "eh1", "r", "iy0")
    assert Lexicon.from_bytes(lexicon.to_bytes()).entries == lexicon.entries
    with pytest.raises(UserError, match="sound"):
        read_cmudict(["bad QQ1"])
    with pytest.raises(UserError, match="damaged"):
        Lexicon.from_bytes(b"nothing")


def test_a_tenth_is_held_out() -> None:
    assert sum(is_held_out(f"word{n}") for n in range(5000)) == pytest.approx(500, abs=90)


def test_phones_words_and_pauses(front_end: FrontEnd) -> None:
    text = "Hello, the end: to act. The FBI's cat's dish's?"
    first, second = front_end(text)
    assert " ".join(first.symbols) == "pau hh ax0 l ow1 , dh iy0 eh1 n d : t uw0 ae1 k t ."
    assert " ".join(second.symbols) == "pau dh iy0 eh1 f b iy1 ay1 z k ae1 t s d ih1 sh ih0 z ?"
    assert [text[w.start : w.end] for w in second.words] == ["The", "FBI's", "FBI's", "FBI's", "cat's", "dish's"]
    assert first.words[1].first == 6 and first.symbols[first.words[1].first : first.words[1].last] == ("dh", "iy0")


def test_any_text_has_phones_or_a_reason(front_end: FrontEnd) -> None:
    for text in ("1" * 250, "Zorblax!", "a" * 5000, "x'" * 40, "!?! ok", "\x00ok\ufffd", "W" * 60 + "'s"):
        parts = front_end(text)
        assert all(isinstance(p, Phones) and len(p.symbols) <= MOST_PHONES + 40 for p in parts)
    for text, says in (("", "nothing to say"), ("😀", "nothing"), ("日本", "script"), ("x" * 1_000_000, "characters")):
        with pytest.raises(UserError, match=says):
            front_end(text)


def test_spelling_out_is_the_likeliest_path(front_end: FrontEnd) -> None:
    """The cached walk takes, at each place, what a whole pass finds likeliest."""
    model, config = front_end.model, TINY
    torch.manual_seed(3)
    for value in model.parameters():
        torch.nn.init.normal_(value, std=0.3)
    letters = torch.tensor([letters_of("zorblax"), letters_of("kittens")])
    made = model.pronounce(letters)
    longest = max(map(len, made))
    phones = torch.zeros(2, longest + 1, dtype=torch.long)
    phones[:, 0] = config.end
    for row, line in zip(phones, made, strict=True):
        row[1 : len(line) + 1] = torch.tensor(line)
    likeliest = model(letters, phones)[:, :, 1:].argmax(dim=2) + 1
    for row, line in zip(likeliest.tolist(), made, strict=True):
        assert row[: len(line)] == line
        assert len(line) == 2 * 7 + 4 or row[len(line)] == config.end
    assert spell(model, ["zorblax", "a", "kittens"])[0] == spell(model, ["zorblax"])[0]


def test_distance() -> None:
    assert [edit_distance(a, b) for a, b in (("kitten", "sitting"), ("", "abc"), ("abc", "abc"))] == [3, 3, 0]


def test_a_dictionary_becomes_a_bundle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Taught, measured, packed, opened; a bundle that was changed is refused."""
    words = "".join(f"{a}{b}{a} {c} EH1 {d}\n" for a, c in zip("bdfgk", "BDFGK", strict=True)
                    for b, d in zip("eiaou", "TPSNM", strict=True))  # fmt: skip
    (tmp_path / "cmudict.dict").write_text(DICTIONARY + words)
    sizes = ["--recipe.pronouncer.width", "32", "--recipe.pronouncer.depth", "1", "--recipe.train.num-steps", "6"]
    sizes += ["--recipe.pronouncer.num-heads", "2", "--recipe.task.batch-size", "16", "--threads", "1"]
    command = ["train", "pronouncer", "--run", str(tmp_path / "run"), "--dictionary", str(tmp_path / "cmudict.dict")]
    with pytest.raises(UserError, match="LICENSE"):
        run([*command, *sizes])
    (tmp_path / "LICENSE").write_text("Copyright the tests.")
    run([*command, *sizes, "--pack", str(tmp_path / "english")])
    assert "words never learned" in capsys.readouterr().out
    english = load_english(str(tmp_path / "english"))
    assert english.word("hello") == ("hh", "ax0", "l", "ow1") and english.word("beb")
    (tmp_path / "english" / "lexicon.xz").write_bytes(b"other")
    with pytest.raises(UserError, match="damaged"):
        load_english(str(tmp_path / "english"))
