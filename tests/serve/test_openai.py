"""The official client, unmodified, over a real socket."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from io import BytesIO

import numpy as np
import openai
import pytest
from openai import OpenAI
from PIL import Image

from reflet.serve.stand_in import color_of
from tests.serve.conftest import Live


@pytest.fixture
def client(shared: Live) -> Iterator[OpenAI]:
    with shared.client() as connected:
        yield connected


def picture(text: str | None) -> Image.Image:
    assert text is not None
    return Image.open(BytesIO(base64.b64decode(text)))


def png(size: int = 64, *, hole: bool = False) -> bytes:
    image = Image.new("RGBA", (size, size), (10, 200, 30, 255))
    if hole:
        image.paste((0, 0, 0, 0), (16, 16, 48, 48))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_a_picture_and_what_it_cost(client: OpenAI) -> None:
    made = client.images.generate(prompt="a red sphere", model="stand-in", extra_body={"seed": 7})
    image = picture(made.data[0].b64_json)
    assert image.size == (64, 64)
    assert image.getpixel((3, 3)) == color_of(7)
    assert (made.size, made.output_format, made.quality, made.background) == ("64x64", "png", "medium", "opaque")
    assert made.usage.output_tokens == 16 and made.usage.input_tokens_details.text_tokens == 3
    cost = made.model_extra["cost"]
    assert (cost["steps"], cost["evaluations"], cost["method"]) == (20, 20, "estimate")
    assert 20 * 0.002 <= cost["seconds"] < 5
    assert made.data[0].model_extra["seed"] == 7


def test_n_pictures_each_reproducible_from_its_seed(client: OpenAI) -> None:
    made = client.images.generate(prompt="x", model="stand-in", n=3, extra_body={"seed": 40})
    assert [picture(d.b64_json).getpixel((0, 0)) for d in made.data] == [color_of(40 + k) for k in range(3)]
    assert [d.model_extra["seed"] for d in made.data] == [40, 41, 42]


@pytest.mark.parametrize(("name", "kind"), [("jpeg", "JPEG"), ("webp", "WEBP"), ("png", "PNG")])
def test_output_format_is_honoured_and_echoed(client: OpenAI, name: str, kind: str) -> None:
    made = client.images.generate(prompt="x", model="stand-in", output_format=name, output_compression=60)
    assert picture(made.data[0].b64_json).format == kind and made.output_format == name


def test_clients_with_fixed_models_and_sizes(client: OpenAI) -> None:
    made = client.images.generate(prompt="x", model="gpt-image-1", size="1536x1024", quality="high")
    assert picture(made.data[0].b64_json).size == (1536, 1024)
    assert made.size == "1536x1024" and made.quality == "high" and made.model_extra["cost"]["steps"] == 30
    linked = client.images.generate(prompt="x", model="dall-e-3", style="vivid")
    content = client._client.get(linked.data[0].url, headers={"Authorization": ""})
    assert content.status_code == 200 and Image.open(BytesIO(content.content)).size == (64, 64)
    broken = client._client.get(linked.data[0].url.replace("signature=", "signature=0")[:-1])
    assert broken.status_code == 403


def test_pictures_of_other_shapes(client: OpenAI, shared: Live) -> None:
    """A listed size is made as it is; what is made from a wide picture is wide, unless a size is named."""
    with shared.http() as http:
        sizes = http.get("/v1/models/stand-in").json()["sizes"]
        assert sizes == ["64x64", "72x48", "48x72", "88x48", "48x88"]
        body = {"prompt": "x", "model": "stand-in", "stream": True, "partial_images": 1, "size": "88x48"}
        lines = http.post("/v1/images/generations", json=body).text.splitlines()
    looks = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]
    assert [picture(look["b64_json"]).size for look in looks] == [(88, 48), (88, 48)]
    made = client.images.generate(prompt="x", model="stand-in", size="48x72", extra_body={"seed": 4})
    assert picture(made.data[0].b64_json).size == (48, 72) and made.size == "48x72"
    tall = ("a.png", base64.b64decode(made.data[0].b64_json or ""))
    edited = client.images.edit(image=tall, prompt="y", model="stand-in")
    assert picture(edited.data[0].b64_json).size == (48, 72)
    squared = client.images.edit(image=tall, prompt="y", model="stand-in", size="64x64")  # type: ignore[call-overload]
    assert picture(squared.data[0].b64_json).size == (64, 64)


def test_streaming_with_partials(client: OpenAI) -> None:
    events = list(client.images.generate(prompt="x", model="stand-in", stream=True, partial_images=2))
    kinds = [e.type for e in events]
    assert kinds == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]
    assert [e.partial_image_index for e in events[:2]] == [0, 1]
    assert picture(events[0].b64_json).format == "JPEG" and picture(events[2].b64_json).size == (64, 64)
    assert events[2].usage.output_tokens == 16


def test_an_error_after_the_stream_began(client: OpenAI) -> None:
    with pytest.raises(openai.APIError, match="could not be made"):
        list(client.images.generate(prompt="broken", model="stand-in", stream=True))


def test_edits_with_a_mask_keep_the_rest(client: OpenAI) -> None:
    made = client.images.edit(
        image=("a.png", png()),
        mask=("m.png", png(hole=True)),
        prompt="a hole",
        model="stand-in",
        extra_body={"seed": 5},
    )
    image = picture(made.data[0].b64_json)
    assert image.size == (64, 64)
    assert made.usage.input_tokens_details.image_tokens == 16


def test_edits_of_a_list_by_stream_and_as_json(client: OpenAI, shared: Live) -> None:
    assert client.images.edit(image=[("a.png", png())], prompt="x", model="stand-in").data[0].b64_json
    events = list(client.images.edit(image=("a.png", png()), prompt="x", model="stand-in", stream=True))
    assert events[-1].type == "image_edit.completed"
    address = "data:image/png;base64," + base64.b64encode(png()).decode()
    body = {"prompt": "x", "images": [{"image_url": address}], "strength": 0.5}
    with shared.http() as http:
        assert http.post("/v1/images/edits", json=body).status_code == 200
        uploaded = client.files.create(file=("a.png", png()), purpose="vision")
        body = {"prompt": "x", "images": [{"file_id": uploaded.id}]}
        assert http.post("/v1/images/edits", json=body).status_code == 200
        body = {"prompt": "x", "images": [{"image_url": "http://169.254.169.254/latest"}]}
        refused = http.post("/v1/images/edits", json=body)
        assert refused.status_code == 400 and "not fetched" in refused.json()["error"]["message"]


def test_variations(client: OpenAI) -> None:
    with pytest.warns(DeprecationWarning):  # by OpenAI, not by us
        made = client.images.create_variation(image=("a.png", png()), model="stand-in", n=2, response_format="b64_json")
    assert len(made.data) == 2 and picture(made.data[0].b64_json).size == (64, 64)


def test_models(client: OpenAI) -> None:
    assert [m.id for m in client.models.list()] == ["stand-in"]
    assert client.models.retrieve("gpt-image-1").object == "model"
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("gpt-5")
    assert caught.value.code == "model_not_found"


def test_moderations(client: OpenAI) -> None:
    found = client.moderations.create(input=["a red sphere", "n.u.d.e woman"])
    assert [r.flagged for r in found.results] == [False, True]
    assert found.results[1].categories.sexual


@pytest.mark.parametrize(
    ("wishes", "kind", "param", "code"),
    [
        ({"size": "999x999"}, openai.BadRequestError, "size", "invalid_size"),
        ({"model": "gpt-5"}, openai.NotFoundError, "model", "model_not_found"),
        ({"extra_body": {"colour": "red"}}, openai.BadRequestError, "colour", "unknown_parameter"),
        ({"extra_body": {"num_inference_steps": 0}}, openai.BadRequestError, "num_inference_steps", "invalid_value"),
        ({"background": "transparent"}, openai.BadRequestError, "background", "unsupported_value"),
        ({"partial_images": 2}, openai.BadRequestError, "partial_images", "invalid_value"),
        ({"prompt": "a nude woman"}, openai.BadRequestError, "prompt", "moderation_blocked"),
        ({"prompt": "unreadable"}, openai.BadRequestError, None, "invalid_value"),
        ({"prompt": "broken"}, openai.InternalServerError, None, "internal_error"),
        ({"n": 11}, openai.BadRequestError, "n", "invalid_value"),
    ],
)
def test_errors_have_openais_shape(
    client: OpenAI, wishes: dict[str, object], kind: type[openai.APIStatusError], param: str | None, code: str
) -> None:
    with pytest.raises(kind) as caught:
        client.images.generate(**{"prompt": "x", "model": "stand-in", **wishes})
    assert (caught.value.param, caught.value.code) == (param, code)
    assert set(caught.value.body) == {"message", "type", "param", "code"}
    assert caught.value.response.headers["x-request-id"].startswith("req_")


def test_a_batch_from_file_to_file(client: OpenAI) -> None:
    lines = [
        {"custom_id": f"c{k}", "method": "POST", "url": "/v1/images/generations", "body": {"prompt": p, "seed": k}}
        for k, p in enumerate(["x", "broken"])
    ]
    content = "\n".join(json.dumps(line) for line in lines).encode()
    file = client.files.create(file=("b.jsonl", content), purpose="batch")
    batch = client.batches.create(
        input_file_id=file.id, endpoint="/v1/images/generations", completion_window="24h", metadata={"a": "b"}
    )
    for _ in range(100):
        batch = client.batches.retrieve(batch.id)
        if batch.status == "completed":
            break
        time.sleep(0.05)
    assert (batch.request_counts.completed, batch.request_counts.failed) == (1, 1)
    good = json.loads(client.files.content(batch.output_file_id).text)
    bad = json.loads(client.files.content(batch.error_file_id).text)
    assert good["custom_id"] == "c0" and bad["custom_id"] == "c1" and bad["response"]["status_code"] == 500
    made = picture(good["response"]["body"]["data"][0]["b64_json"])
    assert np.asarray(made)[0, 0].tolist() == list(color_of(0))
    assert client.batches.list().data[0].id == batch.id
    assert client.files.delete(file.id).deleted


def test_a_batch_with_a_wrong_line_is_refused_whole(client: OpenAI) -> None:
    file = client.files.create(
        file=("b.jsonl", b'{"custom_id": "a", "body": {"prompt": "x", "n": 99}}\n'), purpose="batch"
    )
    batch = client.batches.create(input_file_id=file.id, endpoint="/v1/images/generations", completion_window="24h")
    assert batch.status == "failed" and batch.errors.data[0].line == 1


def test_microsofts_shape(shared: Live) -> None:
    """Width and height of at least 768 and 1,048,576 pixels in all; a square where the model may choose."""
    with shared.http() as http:

        def size(**wishes: object) -> tuple[int, int] | str:
            body = {"model": "MAI-Image-1", "prompt": "x", **wishes}
            answer = http.post("/mai/v1/images/generations", json=body).json()
            return answer["error"]["param"] if "error" in answer else picture(answer["data"][0]["b64_json"]).size

        assert size(width=1365, height=768) == (1365, 768) and size() == (1024, 1024)
        assert size(width=1365, height=768, auto_aspect_ratio=True) == (1024, 1024)
        assert (size(width=767), size(width=1365, height=769)) == ("width", "width")
        assert (size(web_grounding=True), size(seed=1)) == ("web_grounding", "seed")
        content = BytesIO()
        Image.new("RGB", (80, 64), "grey").save(content, "JPEG")
        fields = {"model": "MAI-Image-1", "prompt": "x", "auto_aspect_ratio": "true"}
        edited = http.post("/mai/v1/images/edits", data=fields, files={"image": ("a.jpg", content.getvalue())})
        assert edited.status_code == 200
