"""`reflet chat`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import httpx
import tyro
from rich.console import Console
from rich.markup import escape as plain

from reflet.cli.terminal import blocks, escape, way_to_show
from reflet.runtime.errors import UserError
from reflet.runtime.home import home
from reflet.serve.brains import load_brain
from reflet.serve.catalogue import load_models
from reflet.serve.provenance import Credentials
from reflet.serve.run import serving
from reflet.serve.settings import ServeSettings

KEY = "REFLET_KEY"
COLUMNS = 48
HELP = "/own draws the last picture of your own words · /rewrite on|off · /new begins anew · /quit (the talk is kept)"


def chat(
    message: Annotated[str, tyro.conf.Positional] = "",
    *,
    url: str | None = None,
    brain: str = "",
    model: tuple[str, ...] = ("image",),
    talk: Path | None = None,
    out: Path = Path("out"),
    data: Path | None = None,
    rewrite: bool = True,
) -> None:
    """Talk in the terminal: ask for pictures, then for changes. Pictures are shown where the terminal can show them.

    Without --url a service of its own is started for as long as the talk lasts.

    Args:
        message: Say this, print the answer, and end; without it there is a conversation.
        url: A running service, e.g. http://127.0.0.1:8000; its key is in REFLET_KEY.
        brain: What answers, as in `reflet serve` (only without --url).
        model: What draws, as in `reflet serve` (only without --url).
        talk: A file that the talk is kept in, and gone on from (default: none is kept).
        out: The folder that pictures are put into.
        data: Folder of the own service's database (default: $REFLET_HOME/chat).
        rewrite: Let the brain put your words into a caption; off: they are drawn as you wrote them.
    """
    if url is None:
        settings = ServeSettings(
            data=data or home() / "chat", provenance=Credentials(), brain=partial(load_brain, brain), drain_seconds=2.0
        )
        place = serving(settings, partial(load_models, model))
    else:
        place = nullcontext(url.rstrip("/"))
    with place as address, _client(address) as http:
        conversation = Conversation(http, Console(), out, rewrite, talk)
        conversation.load()
        if message:
            conversation.say(message)
        else:
            conversation.run()


@contextmanager
def _client(address: str) -> Iterator[httpx.Client]:
    key = os.environ.get(KEY)
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=address, headers=headers, timeout=600) as http:
        yield http


@dataclass
class Conversation:
    """A talk on the terminal. `messages` is all that the service is sent; `file` keeps it."""

    http: httpx.Client
    console: Console
    out: Path
    rewrite: bool
    file: Path | None
    messages: list[dict[str, Any]] = field(default_factory=list)

    def load(self) -> None:
        """What was said before. Raises UserError for a file that is no talk."""
        if self.file is None or not self.file.exists():
            return
        try:
            self.messages = json.loads(self.file.read_text("utf-8"))["messages"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(f"{self.file} is no talk of `reflet chat`: name another file") from error
        said = sum(m["role"] == "user" for m in self.messages)
        self.console.print(f"[dim]{said} questions so far: the talk goes on.[/dim]")

    def keep(self) -> None:
        """Writes the talk, whole or not at all."""
        if self.file is not None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self.file.with_name(f".{self.file.name}.tmp")
            fresh.write_text(json.dumps({"messages": self.messages}, ensure_ascii=False, indent=1), "utf-8")
            fresh.replace(self.file)

    def run(self) -> None:
        """Until the end of the input, or /quit."""
        self.console.print(f"[dim]{plain(HELP)}[/dim]")
        while True:
            try:
                line = self.console.input("[bold]you[/bold]  ").strip()
            except (EOFError, KeyboardInterrupt):
                return
            if line == "/quit":
                return
            try:
                self.obey(line)
            except UserError as error:
                self.console.print(f"[red]{plain(str(error))}[/red]")
            except KeyboardInterrupt:
                self.console.print("[dim]stopped[/dim]")

    def obey(self, line: str) -> None:
        """One line: a command, or words."""
        if line == "/new":
            self.messages = []
            self.keep()
        elif line.startswith("/rewrite"):
            self.rewrite = not line.endswith("off")
        elif line == "/own":
            last = max((k for k, m in enumerate(self.messages) if m["role"] == "user"), default=None)
            if last is None:
                raise UserError("nothing was said yet")
            said = str(self.messages[last]["content"])
            self.messages = self.messages[:last]
            self.say(said, rewrite=False)
        elif line.startswith("/"):
            self.console.print(f"[dim]{plain(HELP)}[/dim]")
        elif line:
            self.say(line)

    def say(self, words: str, *, rewrite: bool | None = None) -> None:
        """Asks, and shows the answer as it comes. Raises UserError for what is refused; then nothing was said."""
        asked = [*self.messages, {"role": "user", "content": words}]
        options = {"rewrite": self.rewrite if rewrite is None else rewrite}
        body = {"messages": asked, "stream": True, "assistant": options}
        added: list[dict[str, Any]] = []
        try:
            with self.http.stream("POST", "/v1/chat/completions", json=body) as answer:
                if answer.status_code != 200:
                    answer.read()
                    raise UserError(answer.json()["error"]["message"])
                for line in answer.iter_lines():
                    if line.startswith("data: {"):
                        self._show(json.loads(line.removeprefix("data: ")), added)
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise UserError(f"{self.http.base_url} does not answer as a Reflet service: check --url") from error
        self.console.print()
        self.messages = [*asked, *added]
        self.keep()

    def _show(self, chunk: dict[str, Any], added: list[dict[str, Any]]) -> None:
        if "error" in chunk:
            raise UserError(chunk["error"]["message"])
        for choice in chunk["choices"]:
            text = choice["delta"].get("content") or choice["delta"].get("refusal")
            if text:
                self.console.print(plain(text), end="", highlight=False, soft_wrap=True)
        told = chunk.get("assistant") or {"type": ""}
        if told["type"] == "call" and "prompt" in told["arguments"]:
            self.console.print(f"[dim]{told['name']}: “{plain(told['arguments']['prompt'])}”[/dim]")
        elif told["type"] == "result":
            for picture in told["pictures"]:
                self._picture(picture)
        elif told["type"] == "messages":
            added += told["messages"]

    def _picture(self, picture: dict[str, Any]) -> None:
        answer = self.http.get(f"/v1/pictures/{picture['id']}/content")
        if answer.status_code != 200:
            return
        kind = answer.headers["content-type"].partition("/")[2]
        path = self.out / f"{picture['id']}.{kind}"
        self.out.mkdir(parents=True, exist_ok=True)
        path.write_bytes(answer.content)
        way = way_to_show()
        if way == "blocks":
            self.console.print(blocks(answer.content, columns=min(COLUMNS, self.console.width)))
        else:
            sys.stdout.write(escape(answer.content, way))
            sys.stdout.flush()
        self.console.print(f"[bold]{picture['number']}[/bold]  [dim]{plain(str(path))}[/dim]")
