"""What speech says of where it comes from: an inaudible mark, words in the file's tags, a signed C2PA manifest.

The mark (`sound_mark.py`) and the tags travel in every file and every stream; the manifest needs the whole file, and a
container that has a place for it: WAV, MP3, FLAC.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import reflet
from reflet.generate.provenance import BINDING, MODEL, SOURCE_TYPES, installed_signer
from reflet.generate.sound import Samples, SoundFormat, Tags, encode_sound, sound_kind
from reflet.generate.sound_mark import mark_sound
from reflet.generate.verify import SOUNDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from reflet.generate.voice_bundle import VoiceBundle

WATERMARK = "org.reflet.sound-watermark.1"


@dataclass(frozen=True)
class Sealing:
    """How one bundle's speech is marked and signed. `sign` False: it leaves as it is, with its tags alone."""

    bundle: VoiceBundle
    voice: str
    sign_files: bool = True
    watermark: bool = True

    @property
    def tags(self) -> Tags:
        """What the file's tags say."""
        return Tags(self.bundle.config.name, self.voice, marked=self.watermark)

    def marker(self, rate: int) -> Callable[[Samples, int], Samples] | None:
        """What marks the pieces of a stream; None where nothing is marked."""
        if not self.watermark:
            return None
        return lambda samples, start: mark_sound(samples, rate, start=start)

    def sign(self, content: bytes) -> bytes:
        """The file with a manifest, where its format carries one. Raises UserError when the key cannot be used."""
        media_type = SOUNDS.get(sound_kind(content) or "")
        if not self.sign_files or media_type is None:
            return content
        return installed_signer().sign_sound(content, self.manifest(media_type), media_type)

    def manifest(self, media_type: str) -> dict[str, Any]:
        """The manifest's definition as c2pa takes it: a model made this; no words of the text."""
        agent = {"name": "Reflet", "version": reflet.__version__}
        name = self.bundle.config.name
        made = {
            "action": "c2pa.created",
            "digitalSourceType": SOURCE_TYPES + "trainedAlgorithmicMedia",
            "softwareAgent": agent,
            "description": f"spoken by the model {name}",
        }
        model = {
            "model": name,
            "voice": self.voice,
            "bundle_sha256": self.bundle.digest,
            "bill_of_materials_sha256": self.bundle.materials_digest,
        }
        assertions = [
            {"label": "c2pa.actions.v2", "data": {"actions": [made]}},
            {"label": MODEL, "data": {k: v for k, v in model.items() if v is not None}},
        ]
        if self.watermark:
            value = base64.b64encode(hashlib.sha256(WATERMARK.encode()).digest()[:4]).decode()
            binding = {"alg": WATERMARK, "blocks": [{"scope": {}, "value": value}]}
            assertions.append({"label": BINDING, "data": binding})
        return {
            "claim_generator_info": [agent],
            "title": "synthetic speech",
            "format": media_type,
            "assertions": assertions,
        }


def seal_sound(samples: Samples, rate: int, kind: SoundFormat, sealing: Sealing) -> bytes:
    """Samples -> a file that is marked, tagged and, where its format carries it, signed."""
    marker = sealing.marker(rate)
    return sealing.sign(encode_sound(samples if marker is None else marker(samples, 0), rate, kind, sealing.tags))
