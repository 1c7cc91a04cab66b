"""A brain elsewhere in the place of our own: a second server that speaks OpenAI's chat completions, and broken ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import openai
import pytest

from reflet.generate.guests_talk import BRIEFING, RemoteBrain, Unavailable, open_remote_brain
from reflet.generate.talk import Arguments, Call, End, Words
from reflet.generate.talk_tools import TOOLS
from reflet.runtime.errors import UserError
from reflet.serve.brains import load_brain
from reflet.serve.settings import ServeSettings
from tests.serve.conftest import Live, live

ASK = [{"role": "user", "content": "draw a blue cube"}]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Live, str]]:
    """The second server, which asks for a key."""
    settings = ServeSettings(
        data=tmp_path_factory.mktemp("elsewhere"), require_keys=True, brain=partial(load_brain, "stand-in")
    )
    with live(settings) as running:
        yield running, running.service.keys.create("us", scopes=["chat", "read"])[1]


def test_it_answers_with_the_same_tools(
    elsewhere: tuple[Live, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, key = elsewhere
    monkeypatch.setenv("REFLET_BRAIN_KEY", key)
    address = f"{other.url}/v1#stand-in-brain"
    with live(ServeSettings(data=tmp_path, brain=partial(load_brain, address))) as here, here.client() as client:
        answer = client.chat.completions.create(model="gpt-4o", messages=ASK, extra_body={"assistant": {}})
        assert answer.choices[0].message.content == "Here it is."
        [made] = answer.model_extra["assistant"]["calls"]
        assert made["pictures"][0]["prompt"] == "a blue cube"
        assert len(here.service.jobs.counts()) and here.service.pictures.get(made["pictures"][0]["id"]) is not None
        assert other.service.jobs.spent_today("key") == 0  # the pictures are made here
        assert answer.model_extra["assistant"]["cost"]["seconds"] == 0 and answer.usage.completion_tokens > 0
        [brain] = [m for m in client.models.list() if m.model_extra["talks"]]
        assert brain.model_extra["remote"] and brain.id == "stand-in-brain"
        text = client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "hello"}], logprobs=True, max_tokens=2
        )
        assert text.choices[0].finish_reason == "length" and len(text.choices[0].logprobs.content) == 2


def test_addresses_and_keys_that_do_not_work(
    elsewhere: tuple[Live, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, key = elsewhere
    for wrong in ("https://#m", "http:///v1"):
        with pytest.raises(UserError, match="not understood"):
            open_remote_brain(wrong)
    with pytest.raises(UserError, match="REFLET_BRAIN_KEY"):
        open_remote_brain(f"{other.url}/v1")  # no key: nothing is listed
    monkeypatch.setenv("REFLET_BRAIN_KEY", key)
    assert open_remote_brain(f"{other.url}/v1").name == "stand-in"
    monkeypatch.setenv("REFLET_BRAIN_KEY", "wrong")
    settings = ServeSettings(data=tmp_path, brain=partial(load_brain, f"{other.url}/v1#stand-in-brain"))
    with live(settings) as here, here.client() as client, pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model="gpt-4o", messages=ASK)
    assert (caught.value.status_code, caught.value.code) == (502, "brain_unavailable")
    assert "401" not in str(caught.value)  # the operator's matter


@contextmanager
def saying(status: int, body: str) -> Iterator[tuple[RemoteBrain, list[bytes]]]:
    """A server that always answers the same."""
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    brain = open_remote_brain(f"http://127.0.0.1:{server.server_port}/v1#m")
    try:
        yield brain, asked
    finally:
        brain.http.close()
        server.shutdown()
        thread.join()
        server.server_close()


def chunk(delta: str, reason: str = "null") -> str:
    return f'data: {{"choices": [{{"index": 0, "delta": {delta}, "finish_reason": {reason}}}]}}\n\n'


def test_streams_of_other_servers() -> None:
    """As Ollama sends calls (each whole, all with the index 0), and as OpenAI does (in pieces); what breaks off."""
    whole = [
        f'{{"tool_calls": [{{"index": 0, "id": "{i}", "function": {{"name": "{n}", "arguments": "{{}}"}}}}]}}'
        for i, n in (("a", "vary"), ("b", "find"))
    ]
    with saying(200, "".join(map(chunk, whole)) + chunk("{}", '"stop"') + "data: [DONE]\n\n") as (brain, asked):
        found = list(brain.reply(ASK, TOOLS, tool_choice="generate"))
        calls = [Call(0, "vary"), Arguments(0, "{}"), Call(1, "find"), Arguments(1, "{}")]
        assert found == [*calls, End("tool_calls", 0, 0)]
        assert BRIEFING[:40].encode() in asked[0] and b'{"type":"function","function":{"name":"generate"}}' in asked[0]
        list(brain.reply(ASK, []))
        assert BRIEFING[:40].encode() not in asked[1] and b"tool_choice" not in asked[1]
    pieces = [
        '{"role": "assistant", "content": "I "}',
        '{"tool_calls": [{"index": 0, "id": "a", "function": {"name": "find", "arguments": ""}}]}',
        '{"tool_calls": [{"index": 0, "function": {"arguments": "{\\"query\\": "}}]}',
        '{"tool_calls": [{"index": 0, "function": {"arguments": "\\"x\\"}"}}]}',
    ]
    told = "".join(map(chunk, pieces))
    usage = 'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}\n\n'
    with saying(200, told + chunk("{}", '"tool_calls"') + usage + "data: [DONE]\n\n") as (brain, _):
        found = list(brain.reply(ASK, TOOLS))
        assert found[:2] == [Words("I "), Call(0, "find")] and found[-1] == End("tool_calls", 3, 4)
        assert "".join(a.text for a in found if isinstance(a, Arguments)) == '{"query": "x"}'
    with saying(200, told) as (brain, _), pytest.raises(Unavailable, match="broke off"):
        list(brain.reply(ASK, TOOLS))
    with saying(400, '{"error": {"message": "too long"}}') as (brain, _), pytest.raises(UserError, match="too long"):
        list(brain.reply(ASK, TOOLS))
    with saying(500, "secret") as (brain, _), pytest.raises(Unavailable, match=r"answered 500$"):
        list(brain.reply(ASK, TOOLS))


def test_pictures_are_told_by_their_numbers() -> None:
    content = [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": "data:..."}}]
    messages = [{"role": "tool", "content": '{"pictures": [{}, {}]}'}, {"role": "user", "content": content}]
    with saying(200, chunk('{"content": "ok"}', '"stop"')) as (brain, asked):
        list(brain.reply(messages, TOOLS))
    assert b"Look\\n[picture 3]" in asked[0] and b"data:..." not in asked[0]
