"""Talks by the official client, unmodified, over a real socket: words, calls, streams, and what is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI
from PIL import Image

from reflet.generate.talk_tools import TOOLS
from reflet.serve.brains import load_brain
from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import color_of
from tests.serve.conftest import Live, live
from tests.serve.test_openai import picture, png

DRAW = [{"role": "user", "content": "Draw a red sphere on a table"}]


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    settings = ServeSettings(data=tmp_path_factory.mktemp("chat"), brain=partial(load_brain, "stand-in"))
    with live(settings) as running:
        yield running


@pytest.fixture
def client(talking: Live) -> Iterator[OpenAI]:
    with talking.client() as connected:
        yield connected


def test_a_whole_conversation_with_a_tool_of_the_callers(client: OpenAI) -> None:
    """The call comes in pieces, the caller makes the picture by the same service, the talk goes on."""
    messages: list[Any] = list(DRAW)
    stream = client.chat.completions.create(
        model="gpt-4o", messages=messages, tools=TOOLS, stream=True, stream_options={"include_usage": True}
    )
    name, call_id, pieces, reasons, usage, ids = None, None, [], [], None, set()
    for chunk in stream:
        ids.add((chunk.id, chunk.created))
        usage = chunk.usage or usage
        for choice in chunk.choices:
            reasons += [choice.finish_reason] if choice.finish_reason else []
            for call in choice.delta.tool_calls or ():
                name = call.function.name or name
                call_id = call.id or call_id
                pieces.append(call.function.arguments or "")
    arguments = json.loads("".join(pieces))
    assert (name, arguments, reasons) == ("generate", {"prompt": "a red sphere on a table"}, ["tool_calls"])
    assert len(ids) == 1 and len(pieces) > 2
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens > 0
    made = client.images.generate(prompt=arguments["prompt"], model="stand-in", extra_body={"seed": 5})
    found = made.data[0].model_extra["id"]
    function = {"name": name, "arguments": "".join(pieces)}
    messages += [
        {"role": "assistant", "tool_calls": [{"id": call_id, "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": call_id, "content": json.dumps({"pictures": [{"id": found}]})},
    ]
    answer = client.chat.completions.create(model="stand-in-brain", messages=messages, tools=TOOLS)
    assert answer.choices[0].message.content == "Here it is." and answer.choices[0].finish_reason == "stop"


def test_tool_choice_and_the_clients_own_helper(client: OpenAI) -> None:
    none = client.chat.completions.create(model="gpt-5", messages=DRAW, tools=TOOLS, tool_choice="none")
    assert none.choices[0].message.tool_calls is None and none.choices[0].message.content
    named = {"type": "function", "function": {"name": "battle"}}
    forced = client.chat.completions.create(model="gpt-5", messages=DRAW, tools=TOOLS, tool_choice=named)
    assert forced.choices[0].message.tool_calls[0].function.name == "battle"
    with client.chat.completions.stream(model="gpt-5", messages=DRAW, tools=TOOLS) as stream:
        final = stream.get_final_completion()
    assert json.loads(final.choices[0].message.tool_calls[0].function.arguments)["prompt"] == "a red sphere on a table"


def test_stop_length_logprobs_and_several_answers(client: OpenAI) -> None:
    def ask(**wishes: Any) -> Any:
        return client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hello"}], **wishes)

    whole = ask(logprobs=True, top_logprobs=1, n=2, seed=3)
    assert [c.message.content for c in whole.choices] == ["Hello! Tell me what to draw."] * 2
    assert "".join(t.token for t in whole.choices[1].logprobs.content) == "Hello! Tell me what to draw."
    assert whole.choices[0].logprobs.content[0].top_logprobs[0].bytes == list(b"Hello! ")
    assert whole.usage.completion_tokens == 2 * 6
    cut = ask(max_completion_tokens=2)
    assert (cut.choices[0].message.content, cut.choices[0].finish_reason) == ("Hello! Tell ", "length")
    assert ask(stop=["me", "Tell"]).choices[0].message.content == "Hello! "
    chunks = list(ask(n=2, stream=True))
    assert {c.index for chunk in chunks for c in chunk.choices} == {0, 1} and all(c.usage is None for c in chunks)


def test_the_services_own_tools_over_several_turns(client: OpenAI) -> None:
    """Drawn, changed ("make it night" keeps seed and settings), explained: pictures have their numbers."""
    talk: list[Any] = []

    def say(words: str, **options: Any) -> Any:
        talk.append({"role": "user", "content": words})
        answer = client.chat.completions.create(model="gpt-4o", messages=talk, extra_body={"assistant": options})
        talk.extend(answer.model_extra["assistant"]["messages"])
        return answer.choices[0].message.content, answer.model_extra["assistant"]["calls"]

    said, [made] = say("Draw two pictures of a red sphere")
    assert said == "Here are 2 pictures." and [p["number"] for p in made["pictures"]] == [1, 2]
    _, [night] = say("make the second one night")
    assert night["arguments"]["picture"] == "2" and night["pictures"][0]["prompt"] == "a red sphere at night"
    assert night["pictures"][0]["seed"] == made["pictures"][1]["seed"] and night["result"]["of"] == 2
    _, [vary] = say("show me variations of it")
    assert [p["kind"] for p in vary["pictures"]] == ["variation", "variation"] and vary["result"]["of"] == 3
    told, _ = say("What were the settings of the first?")
    assert f"the seed {made['pictures'][0]['seed']}" in told and "“a red sphere”" in told and "20 steps" in told
    told, _ = say("quels sont les droits de la première image ?")
    assert told.startswith("L’image 1 a été faite par stand-in")
    _, [found] = say("find my red sphere")
    assert len(found["pictures"]) >= 5 and found["pictures"][0]["number"] == 6
    told, [failed] = say("enlarge it")
    assert "error" in failed["result"] and told.startswith("That did not work")
    own, [drawn] = say("draw a small castle", rewrite=False)
    assert own == "Here it is." and drawn["pictures"][0]["prompt"] == "draw a small castle"


def test_a_picture_of_the_persons_own(client: OpenAI, talking: Live) -> None:
    """It is numbered, varied, and spoken of honestly; a link of ours leads back to the picture's record."""
    address = "data:image/png;base64," + base64.b64encode(png()).decode()
    content: list[Any] = [{"type": "text", "text": "What is in this picture?"}]
    content.append({"type": "image_url", "image_url": {"url": address}})
    answer = client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": content}], extra_body={"assistant": {}}
    )
    assert "I cannot see pictures yet, and picture 1 was not made here" in answer.choices[0].message.content
    made = client.images.generate(prompt="a blue cube", model="stand-in", response_format="url")
    content[1]["image_url"] = {"url": made.data[0].url}
    answer = client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": content}], extra_body={"assistant": {}}
    )
    assert "asked to show: “a blue cube”" in answer.choices[0].message.content
    content[1]["image_url"] = {"url": "http://169.254.169.254/latest"}
    content[0]["text"] = "show me variations of it"
    answer = client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": content}], extra_body={"assistant": {}}
    )
    assert "not fetched" in answer.choices[0].message.content


def test_looks_on_the_way_in_a_stream(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model="gpt-4o", messages=DRAW, stream=True, extra_body={"assistant": {"previews": 2}}
    )
    told = [c.model_extra["assistant"] for c in stream if "assistant" in (c.model_extra or {})]
    assert [t["type"] for t in told] == ["call", "look", "look", "result", "messages"]
    assert picture(told[1]["b64_json"]).format == "JPEG"
    [made] = told[3]["pictures"]
    shown = httpx.get(made["url"])
    assert Image.open(BytesIO(shown.content)).getpixel((0, 0)) == color_of(made["seed"])
    assert [m["role"] for m in told[4]["messages"]] == ["assistant", "tool", "assistant"]


def test_refused_words_are_not_talked_about(client: OpenAI) -> None:
    for options in ({}, {"extra_body": {"assistant": {}}}):
        answer = client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "draw a nude woman"}], **options
        )
        choice = answer.choices[0]
        assert (choice.finish_reason, choice.message.content) == ("content_filter", None) and choice.message.refusal


@pytest.mark.parametrize(
    ("wishes", "kind", "param", "code"),
    [
        ({"model": "llama"}, openai.NotFoundError, "model", "model_not_found"),
        ({"messages": []}, openai.BadRequestError, "messages", "invalid_value"),
        ({"messages": [{"role": "tool", "content": "x"}]}, openai.BadRequestError, "messages.0", "invalid_value"),
        ({"top_p": 0.5}, openai.BadRequestError, "top_p", "invalid_value"),
        ({"extra_body": {"colour": 1}}, openai.BadRequestError, "colour", "unknown_parameter"),
        ({"tool_choice": "required"}, openai.BadRequestError, "tool_choice", "invalid_value"),
        ({"top_logprobs": 2}, openai.BadRequestError, "top_logprobs", "invalid_value"),
        ({"stream_options": {"include_usage": True}}, openai.BadRequestError, "stream_options", "invalid_value"),
        ({"extra_body": {"assistant": {}}, "tools": TOOLS}, openai.BadRequestError, "tools", "invalid_value"),
        ({"response_format": {"type": "json_object"}}, openai.BadRequestError, "response_format.type", "invalid_value"),
    ],
)
def test_errors_have_openais_shape(
    client: OpenAI, wishes: dict[str, Any], kind: type[openai.APIStatusError], param: str, code: str
) -> None:
    with pytest.raises(kind) as caught:
        client.chat.completions.create(**{"model": "gpt-4o", "messages": DRAW, **wishes})
    assert (caught.value.param, caught.value.code) == (param, code)


def test_scopes_models_and_a_service_without_a_brain(talking: Live, shared: Live, client: OpenAI) -> None:
    listed = {m.id: m for m in client.models.list()}
    assert listed["stand-in-brain"].model_extra["talks"] and not listed["stand-in"].model_extra["talks"]
    assert client.models.retrieve("stand-in-brain").id == "stand-in-brain"
    with shared.client() as silent, pytest.raises(openai.NotFoundError, match="--brain"):
        silent.chat.completions.create(model="gpt-4o", messages=DRAW)
    _, only_read = talking.service.keys.create("reader", scopes=["read"])
    _, only_chat = talking.service.keys.create("talker", scopes=["chat"])
    with talking.client(only_read) as reader, pytest.raises(openai.PermissionDeniedError):
        reader.chat.completions.create(model="gpt-4o", messages=DRAW)
    with talking.client(only_chat) as talker:
        answer = talker.chat.completions.create(model="gpt-4o", messages=DRAW, extra_body={"assistant": {}})
    assert "no scope 'images'" in answer.choices[0].message.content
