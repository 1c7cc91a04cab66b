"""`reflet chat`: a talk in the terminal, kept in a file and gone on from; pictures where the terminal can show them."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from reflet.cli.main import run
from reflet.cli.terminal import blocks, escape, way_to_show
from reflet.runtime.errors import UserError
from reflet.serve.brains import load_brain
from reflet.serve.settings import ServeSettings
from tests.serve.conftest import Live, live
from tests.serve.test_openai import png


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(ServeSettings(data=tmp_path_factory.mktemp("chat"), brain=partial(load_brain, "stand-in"))) as running:
        yield running


def test_a_talk_goes_on_from_its_file(talking: Live, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    talk, out = tmp_path / "talk.json", tmp_path / "out"
    options = ["--url", talking.url, "--talk", str(talk), "--out", str(out)]
    run(["chat", "draw a red sphere", *options])
    told = capsys.readouterr().out
    assert "generate: “a red sphere”" in told and "Here it is." in told
    [made] = out.glob("pic_*.png")
    with Image.open(made) as opened:
        assert opened.size == (64, 64)
    run(["chat", "make it night", *options])
    told = capsys.readouterr().out
    assert "1 questions so far" in told and "edit: “a red sphere at night”" in told
    messages = json.loads(talk.read_text())["messages"]
    assert [m["role"] for m in messages] == ["user", "assistant", "tool", "assistant"] * 2
    assert len(list(out.glob("pic_*.png"))) == 2


def test_a_conversation_takes_a_rewriting_back(
    talking: Live, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = iter(["/own", "draw a blue cube", "/own", "/help", "/quit"])
    monkeypatch.setattr("builtins.input", lambda *_: next(lines))
    talk = tmp_path / "talk.json"
    run(["chat", "--url", talking.url, "--talk", str(talk), "--out", str(tmp_path)])
    told = capsys.readouterr().out
    assert "nothing was said yet" in told and told.count("Here it is.") == 2
    [message] = [m for m in json.loads(talk.read_text())["messages"] if m["role"] == "tool"]
    assert json.loads(message["content"])["pictures"][0]["prompt"] == "draw a blue cube"


def test_what_cannot_be_is_said(talking: Live, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--url"):
        run(["chat", "hello", "--url", "http://127.0.0.1:1"])
    (tmp_path / "no.json").write_text("[]")
    with pytest.raises(UserError, match="no talk"):
        run(["chat", "hello", "--url", talking.url, "--talk", str(tmp_path / "no.json")])


def test_each_terminal_is_shown_what_it_can_show() -> None:
    assert way_to_show({"TERM": "xterm-kitty"}, terminal=True) == "kitty"
    assert way_to_show({"TERM_PROGRAM": "iTerm.app"}, terminal=True) == "iterm"
    assert way_to_show({"TERM": "xterm-kitty", "TMUX": "x"}, terminal=True) == "blocks"
    assert way_to_show({"TERM": "xterm-kitty"}, terminal=False) == "none"
    content = png(200) + b"x" * 8000
    whole = "".join(re.findall(r"\x1b_G[^;]*;([^\x1b]*)\x1b", escape(content, "kitty")))
    assert base64.b64decode(whole) == content and escape(content, "kitty").count("m=1") > 1
    assert base64.b64decode(escape(content, "iterm").partition(":")[2].rstrip("\x07\n")) == content
    image = Image.new("RGB", (4, 4), (255, 0, 0))
    image.paste((0, 0, 255), (0, 2, 4, 4))
    file = io.BytesIO()
    image.save(file, "PNG")
    console = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(blocks(file.getvalue(), columns=4))
    shown = console.file.getvalue()
    assert shown.count("▀") == 8 and "38;2;25" in shown.splitlines()[0] and "48;2;" in shown.splitlines()[1]
