"""/v1/audio: the official client, files that an independent library reads, refusals, what is counted."""

from __future__ import annotations

import base64
import io
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openai
import pytest
from openai import OpenAI

from reflet.generate.sound import decode_sound, resampled
from reflet.generate.sound_mark import find_sound_mark
from reflet.generate.verify_sound import examine
from reflet.generate.voice_bundle import save_voice
from reflet.serve.provenance import Credentials
from reflet.serve.settings import Limits, ServeSettings
from tests.serve.conftest import Live, live
from tests.tiny_voice import tiny_voice

av = pytest.importorskip("av")
TEXT = "Hello there. The cat sat on the mat, and 3 dogs ran! Was it so? It was."


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("speaking")
    save_voice(folder / "voice", tiny_voice(), card="# untrained\n")
    settings = ServeSettings(data=folder / "data", voice=str(folder / "voice"), provenance=Credentials())
    with live(settings) as running:
        yield running


@pytest.fixture
def client(speaking: Live) -> Iterator[OpenAI]:
    with speaking.client() as connected:
        yield connected


def played(content: bytes) -> tuple[np.ndarray, str]:
    """(samples at 16 kHz, the comment), by FFmpeg's libraries."""
    with av.open(io.BytesIO(content)) as file:
        to_16k = av.AudioResampler(format="flt", layout="mono", rate=16_000)
        frames = [f for frame in file.decode(audio=0) for f in to_16k.resample(frame)] + to_16k.resample(None)
        tags = {k.lower(): v for k, v in {**file.metadata, **file.streams.audio[0].metadata}.items()}
    return np.concatenate([f.to_ndarray()[0] for f in frames]), tags.get("comment", "")


def asked(client: OpenAI, **fields: object) -> bytes:
    wanted = {"model": "tts-1", "voice": "ada", "input": TEXT, "extra_body": {"seed": 1}, **fields}
    return client.audio.speech.create(**wanted).content  # type: ignore[arg-type]


def test_every_format_plays_and_says_what_it_is(client: OpenAI) -> None:
    pcm = np.frombuffer(asked(client, response_format="pcm"), "<i2").astype(np.float32) / 32768
    truth = resampled(pcm, 24_000, 16_000)
    assert truth.std() > 0.001
    for kind in ("mp3", "opus", "flac", "wav"):
        samples, comment = played(asked(client, response_format=kind))
        assert len(samples) / 16_000 == pytest.approx(len(truth) / 16_000, abs=0.15), kind
        assert "synthetic speech" in comment and "untrained" in comment and "ada" in comment, kind
    lossless, _ = played(asked(client, response_format="flac"))
    np.testing.assert_allclose(lossless[2000:8000], truth[2000:8000], atol=0.2 * truth.std())


def test_the_official_client_streams(speaking: Live, client: OpenAI) -> None:
    """The first bytes come before the last sentence is spoken."""
    text = " ".join(["The cat sat on the mat and looked at the moon."] * 25)
    began = time.perf_counter()
    wanted = {"model": "gpt-4o-mini-tts", "voice": "alloy", "input": text, "response_format": "wav"}
    with client.audio.speech.with_streaming_response.create(**wanted) as answer:  # type: ignore[arg-type]
        assert answer.headers["content-type"] == "audio/wav" and "content-length" not in answer.headers
        times = [time.perf_counter() - began for _ in answer.iter_bytes(4096)]
    assert len(times) > 20 and times[0] < 0.5 * times[-1]


def test_events(client: OpenAI) -> None:
    """OpenAI's events through the client; with timestamps, each word's characters and when they are heard."""
    wanted = {"model": "tts-1", "voice": {"id": "ben"}, "input": TEXT, "response_format": "pcm"}
    extra = {"seed": 5, "timestamps": True}
    with client.audio.speech.with_streaming_response.create(  # type: ignore[call-overload]
        **wanted, stream_format="sse", extra_body=extra
    ) as answer:
        events = [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: ")]
    kinds = [e["type"] for e in events]
    assert kinds[-1] == "speech.audio.done" and kinds.count("speech.audio.words") == 4
    usage = events[-1]["usage"]
    sound = b"".join(base64.b64decode(e["audio"]) for e in events if e["type"] == "speech.audio.delta")
    seconds = len(sound) / 48_000
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert usage["output_tokens"] == pytest.approx(seconds / 0.032, abs=2)
    words = [w for e in events if e["type"] == "speech.audio.words" for w in e["words"]]
    assert [TEXT[w["first"] : w["last"]] for w in words][:4] == ["Hello", "there", "The", "cat"]
    starts = [w["start"] for w in words]
    assert starts == sorted(starts) and words[-1]["end"] <= seconds


def test_a_dialogue_changes_voices(client: OpenAI) -> None:
    both = asked(client, input="Ada: Hello.\nBen: Hello.", response_format="pcm")
    alone = [asked(client, input="Hello.", voice=v, response_format="pcm") for v in ("ada", "ben")]
    assert len(both) == pytest.approx(len(alone[0]) + len(alone[1]) + 0.2 * 48_000, abs=0.2 * 48_000)


def test_marked_and_signed(client: OpenAI) -> None:
    """The mark is in every stream that is long enough; a manifest comes on demand, and tells of a change."""
    long = " ".join([TEXT] * 3)
    stream = asked(client, input=long, response_format="opus")
    samples, rate, _ = decode_sound(stream)
    assert find_sound_mark(samples, rate).present
    assert examine(stream).standing == "stripped"
    for kind in ("wav", "mp3", "flac"):
        signed = asked(client, response_format=kind, extra_body={"manifest": True, "seed": 1})
        verdict = examine(signed)
        assert verdict.standing == "signed" and verdict.model == "untrained", (kind, verdict.words)
        assert len(played(signed)[0]) > 16_000
    changed = bytearray(asked(client, response_format="wav", extra_body={"manifest": True, "seed": 1}))
    changed[-50:] = bytes(50)
    assert examine(bytes(changed)).standing == "tampered"


def test_how_it_is_said(speaking: Live, client: OpenAI) -> None:
    def length(**fields: object) -> int:
        return len(asked(client, response_format="pcm", **fields))

    assert length(speed=4.0) < 0.6 * length() < 0.6 * length(speed=0.25)
    with speaking.http() as http:
        body = {"model": "tts-1", "voice": "nova", "input": "Hi.", "instructions": "Read this like a bedtime story."}
        answer = http.post("/v1/audio/speech", json=body)
        assert answer.headers["x-reflet-style"] == "story" and answer.headers["x-reflet-voice"] in ("ada", "ben")
        listed = http.get("/v1/audio/voices").json()
    assert [v["id"] for v in listed["data"]] == ["ada", "ben"]
    assert any("nova" in v["aliases"] for v in listed["data"])


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"input": ""}, "input", "invalid_value"),
        ({"input": " \n "}, "input", "invalid_value"),
        ({"input": "\U0001f600"}, "input", "invalid_value"),
        ({"input": "привет"}, "input", "invalid_value"),
        ({"input": "a\x00b"}, "input", "invalid_value"),
        ({"input": "x" * 4097}, "input", "string_above_max_length"),
        ({"input": "word " * 200_000}, "input", "string_above_max_length"),
        ({"voice": "zoe"}, "voice", "invalid_value"),
        ({"response_format": "aac"}, "response_format", "unsupported_value"),
        ({"response_format": "mp4"}, "response_format", "invalid_value"),
        ({"speed": 5}, "speed", "invalid_value"),
        ({"style": "sad"}, "style", "invalid_value"),
        ({"tempo": 2}, "tempo", "unknown_parameter"),
        ({"manifest": True, "response_format": "opus"}, "manifest", "unsupported_value"),
        ({"model": "whisper-1"}, "model", "model_not_found"),
    ],
)
def test_refusals(speaking: Live, fields: dict[str, object], param: str, code: str) -> None:
    with speaking.http() as http:
        answer = http.post("/v1/audio/speech", json={"model": "tts-1", "voice": "ada", "input": "Hi.", **fields})
    error = answer.json()["error"]
    assert answer.status_code in (400, 404) and (error["param"], error["code"]) == (param, code), error


def test_counted_but_not_written_down(speaking: Live, client: OpenAI, caplog: pytest.LogCaptureFixture) -> None:
    """Characters count as pixel-steps, the ceiling holds, and no word of a text is in the log."""
    before = speaking.service.jobs.spent_today("local")
    with caplog.at_level(logging.DEBUG, logger="reflet"):
        asked(client, input="Xylophone quarterly.")
    end = time.monotonic() + 5
    while speaking.service.jobs.spent_today("local") < before + 20_000 and time.monotonic() < end:
        time.sleep(0.02)
    assert speaking.service.jobs.spent_today("local") >= before + 20_000
    assert "xylophone" not in caplog.text.lower()


def test_keys_scopes_and_ceilings(speaking: Live, tmp_path: Path) -> None:
    settings = ServeSettings(
        data=tmp_path, voice=speaking.service.settings.voice, require_keys=True, limits=Limits(pixel_steps_per_day=5.0)
    )
    with live(settings) as guarded:
        _, deaf = guarded.service.keys.create("deaf", scopes=("images",))
        _, key = guarded.service.keys.create("speaks", scopes=("audio",))
        with guarded.client(deaf) as client, pytest.raises(openai.PermissionDeniedError):
            asked(client)
        with guarded.client(key) as client:
            asked(client, input="Hi.")
            time.sleep(0.3)
            with pytest.raises(openai.RateLimitError, match="used up"):
                asked(client, input="Hi.")


def test_without_a_voice(shared: Live) -> None:
    with shared.client() as client, pytest.raises(openai.NotFoundError, match="nobody speaks"):
        asked(client)
