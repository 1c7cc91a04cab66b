"""Talks in the shape of responses, by the official client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import openai
import pytest
from openai import OpenAI

from reflet.generate.talk_tools import TOOLS
from reflet.serve.brains import load_brain
from reflet.serve.settings import ServeSettings
from reflet.serve.stand_in import color_of
from tests.serve.conftest import Live, live
from tests.serve.test_openai import picture

FUNCTIONS: Any = [{"type": "function", **tool["function"], "strict": False} for tool in TOOLS]


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(ServeSettings(data=tmp_path_factory.mktemp("chat"), brain=partial(load_brain, "stand-in"))) as running:
        yield running


@pytest.fixture
def client(talking: Live) -> Iterator[OpenAI]:
    with talking.client() as connected:
        yield connected


def test_words_and_a_whole_conversation_with_a_function(client: OpenAI) -> None:
    plain = client.responses.create(model="gpt-5", input="hello", instructions="be kind", metadata={"a": "b"})
    assert plain.output_text == "Hello! Tell me what to draw." and plain.status == "completed"
    assert plain.usage.total_tokens > 8 and plain.metadata == {"a": "b"}
    items: list[Any] = [{"role": "user", "content": [{"type": "input_text", "text": "draw a red sphere"}]}]
    with client.responses.stream(model="gpt-5", input=items, tools=FUNCTIONS) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert kinds[:2] == ["response.created", "response.in_progress"] and kinds[-1] == "response.completed"
    [call] = final.output
    assert (call.type, call.name, json.loads(call.arguments)) == (
        "function_call",
        "generate",
        {"prompt": "a red sphere"},
    )
    items += [
        call.model_dump(),
        {"type": "function_call_output", "call_id": call.call_id, "output": '{"pictures": [{}]}'},
    ]
    assert client.responses.create(model="gpt-5", input=items, tools=FUNCTIONS).output_text == "Here it is."
    cut = client.responses.create(model="gpt-5", input="hello", max_output_tokens=2)
    assert (cut.status, cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")


def test_the_service_draws_and_the_talk_goes_on(client: OpenAI) -> None:
    """A picture's item, sent back with the next question, is the picture that "it" means."""
    tools: Any = [{"type": "image_generation", "partial_images": 2}]
    items: list[Any] = [{"role": "user", "content": "draw a red sphere"}]
    events = list(client.responses.create(model="gpt-5", input=items, tools=tools, stream=True))
    looks = [e for e in events if e.type == "response.image_generation_call.partial_image"]
    assert [picture(e.partial_image_b64).format for e in looks] == ["JPEG", "JPEG"]
    assert [e.sequence_number for e in events] == list(range(len(events)))
    final = events[-1].response
    made, said = final.output
    assert made.type == "image_generation_call" and said.content[0].text == "Here it is."
    seed = made.model_extra["seed"]
    assert picture(made.result).getpixel((0, 0)) == color_of(seed)
    items += [item.model_dump() for item in final.output]
    items.append({"role": "user", "content": "make it night"})
    night = client.responses.create(model="gpt-5", input=items, tools=[{"type": "image_generation"}]).output[0]
    assert (night.revised_prompt, night.model_extra["seed"]) == ("a red sphere at night", seed)
    refused = client.responses.create(model="gpt-5", input="draw a nude woman", tools=[{"type": "image_generation"}])
    assert refused.output[0].content[0].type == "refusal"


@pytest.mark.parametrize(
    ("wishes", "param"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tools": [{"type": "image_generation"}, FUNCTIONS[0]]}, "tools"),
        ({"input": [{"type": "function_call_output", "output": "x"}]}, None),
    ],
)
def test_what_is_refused(client: OpenAI, wishes: dict[str, Any], param: str | None) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(**{"model": "gpt-5", "input": "hello", **wishes})
    assert param is None or caught.value.param == param
