"""Who takes part in an arena: bundles with settings, guests, or folders of ready pictures. The arena imports no model.

NAME=PATH@steps=4@guidance=2, the name and the settings optional. A folder with a config.json is a bundle;
diffusers:FOLDER, openai:URL#MODEL@SIZE and litellm:MODEL@SIZE are guests; any other folder holds pictures, found by
their names: the prompt's words joined by hyphens (as `reflet generate` writes them), or the prompt's place in the file:
7.png, 007-2.png for its second picture. Folders of ready sounds or answers are found likewise; voices and what answers
talks are in contestants_spoken.py.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from reflet.arena.folder import Contestant
from reflet.arena.log import Status
from reflet.arena.media import MediumName
from reflet.arena.prompts import Prompt
from reflet.cli.contestants_spoken import TALK_SETTINGS, VOICE_SETTINGS, seed_of, talker_of, voice_of
from reflet.generate.guests import open_diffusers
from reflet.generate.guests_remote import open_litellm, open_remote
from reflet.generate.image import ImageGenerator, load
from reflet.generate.places import find_bundle
from reflet.generate.provenance import encode
from reflet.generate.request import ImageRequest
from reflet.generate.stepwise import Artist, Pixels, request_for
from reflet.runtime.device import set_threads
from reflet.runtime.errors import UserError

SETTINGS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "steps": ("num_steps", int),
    "guidance": ("guidance_scale", float),
    "sampler": ("sampler", str),
    "eta": ("eta", float),
    "size": ("size", int),
    "aspect": ("aspect", str),
    "negative": ("negative_prompt", str),
}
NOISE = f"torch {torch.__version__.split('+')[0]} CPU normal, stream image/SEED"
"""How a seed becomes noise: with the seed it lets preference training draw the same noise again."""
GUESTS = {"diffusers": open_diffusers, "openai": open_remote, "litellm": open_litellm}
ENDINGS: dict[MediumName, tuple[str, ...]] = {
    "picture": (".png", ".jpg", ".jpeg", ".webp"),
    "sound": (".wav", ".flac", ".ogg", ".opus", ".mp3"),
    "talk": (".txt",),
}


def parse_contestants(
    text: str,
    prompts: list[Prompt],
    *,
    medium: MediumName = "picture",
    threads: int | None = None,
    provisional: bool = False,
) -> list[Contestant]:
    """The contestants that a command names. Raises UserError for what cannot be found or set."""
    set_threads(threads)
    loaded: dict[str, Any] = {}
    status: Status = "provisional" if provisional else "active"
    found = [_parse(item.strip(), prompts, medium, loaded, status) for item in text.split(",") if item.strip()]
    if len({c.name for c in found}) < len(found):
        raise UserError("two contestants have the same name: write NAME= in front of one of them")
    if len(found) < 1:
        raise UserError("no contestant is named: give bundles or folders of pictures, separated by commas")
    return found


def _parse(item: str, prompts: list[Prompt], medium: MediumName, loaded: dict[str, Any], status: Status) -> Contestant:
    body, *given = item.split("@")
    named = re.match(r"([^=:/]+)=(.*)", body)
    name, path = named.groups() if named else ("", body)
    guest = medium == "picture" and path.partition(":")[0] in GUESTS
    if guest and given and "=" not in given[0]:
        path = f"{path}@{given.pop(0)}"  # the size belongs to the address
    table = {"picture": SETTINGS, "sound": VOICE_SETTINGS, "talk": TALK_SETTINGS}[medium]
    wishes = _wishes(given, table, path)
    if guest:
        return guest_of(name, path, wishes, status)
    name = name or "@".join([path if "://" in path else Path(path).name, *given])
    folder = Path(path)
    if folder.is_dir() and not (folder / "config.json").is_file():
        if given:
            raise UserError(f"{path} holds ready {medium}s: settings cannot change them")
        return files_of(name, folder, prompts, medium=medium, status=status)
    if medium == "sound":
        return voice_of(name, path, wishes, loaded, status)
    if medium == "talk":
        return talker_of(name, path, wishes, loaded, status)
    where = str(find_bundle(path))
    if where not in loaded:
        loaded[where] = load(where)
    return bundle_of(name, loaded[where], wishes, status)


def _wishes(given: list[str], table: dict[str, tuple[str, Callable[[str], Any]]], path: str) -> dict[str, Any]:
    """Settings as wishes. Raises UserError."""
    wishes: dict[str, Any] = {}
    for setting in given:
        key, _, value = setting.partition("=")
        if key not in table:
            raise UserError(f"there is no setting {key!r} of a contestant: choose among {', '.join(table)}")
        field, convert = table[key]
        try:
            wishes[field] = convert(value)
        except ValueError as error:
            raise UserError(f"{setting!r} of {path!r} is no number") from error
    return wishes


def bundle_of(name: str, artist: ImageGenerator, wishes: dict[str, Any], status: Status = "active") -> Contestant:
    """A bundle with settings. Picture k of a prompt has the same seed for every contestant, so that they differ by what
    they are, not by luck."""
    request = artist.request("a test", **wishes)
    request.check(frames=artist.bundle.config.frames)
    settings = {"bundle": artist.bundle.config.name, **wishes}
    digest = hashlib.sha256(f"{artist.bundle.digest}\n{request.to_json()}".encode()).hexdigest()

    def draw(prompt: Prompt, number: int) -> tuple[bytes, dict[str, Any]]:
        seed = seed_of(prompt, number)
        picture = artist.generate(prompt.text, seed=seed, **wishes)[0]
        r = picture.request
        facts = {
            "seed": seed, "noise": NOISE, "sampler": r.sampler, "steps": r.num_steps, "guidance": r.guidance_scale,
            "guidance_interval": list(r.guidance_interval), "eta": r.eta, "negative": r.negative_prompt,
            "size": r.size, "bundle": picture.bundle_name, "bundle_sha256": picture.bundle_digest,
        }  # fmt: skip
        return picture.png(watermark=False), facts  # the mark in the pixels would tell whose the picture is

    return Contestant(name, digest, settings, draw, status)


def guest_of(name: str, address: str, wishes: dict[str, Any], status: Status = "active") -> Contestant:
    """Another's model, asked with the seeds that bundles get (a service that knows no seeds draws as it likes)."""
    kind, _, rest = address.partition(":")
    artist = GUESTS[kind](rest)
    card = artist.card
    artist.check(request_for(card, "a test", **wishes))
    settings = {"guest": f"{kind}:{card.name}", **wishes}
    digest = hashlib.sha256(f"{card.digest}\n{request_for(card, 'a test', **wishes).to_json()}".encode()).hexdigest()

    def draw(prompt: Prompt, number: int) -> tuple[bytes, dict[str, Any]]:
        request = request_for(card, prompt.text, seed=seed_of(prompt, number), **wishes)
        pixels = _asked(artist, request)
        facts = {
            "seed": request.seed, "noise": f"{kind}'s own", "sampler": f"{kind}'s own", "steps": request.num_steps,
            "guidance": request.guidance_scale, "negative": request.negative_prompt, "size": request.size,
            "bundle": f"{kind}:{card.name}", "bundle_sha256": card.digest,
        }  # fmt: skip
        return encode(pixels), facts

    return Contestant(name or f"{kind}:{card.name}", digest, settings, draw, status)


def _asked(artist: Artist, request: ImageRequest) -> Pixels:
    """One picture of a guest. Raises UserError also where a service elsewhere fails: what was drawn before is kept."""
    artist.check(request)
    try:
        row = artist.prepare(request)
        while row.left:
            artist.schedule([row], artist.step([row]))
        return artist.decode(row)
    except Exception as error:
        if isinstance(error, UserError) or not artist.card.remote:
            raise
        raise UserError(
            f"{artist.card.name} gave no picture ({str(error)[:200]}): mend that, the same command goes on"
        ) from error


def files_of(
    name: str, folder: Path, prompts: list[Prompt], *, medium: MediumName = "picture", status: Status = "active"
) -> Contestant:
    """A folder of ready pictures, sounds or answers."""
    files = sorted(f for f in folder.iterdir() if f.suffix.lower() in ENDINGS[medium])
    if not files:
        raise UserError(
            f"{folder} holds no {medium}: it is neither a bundle nor a folder of {', '.join(ENDINGS[medium])} files"
        )
    whole = hashlib.sha256()
    for f in files:
        whole.update(f"{f.name}\n{hashlib.sha256(f.read_bytes()).hexdigest()}\n".encode())
    places = {p.text: k + 1 for k, p in enumerate(prompts)}
    ending = ENDINGS[medium][0]

    def draw(prompt: Prompt, number: int) -> tuple[bytes, dict[str, Any]]:
        slug = re.sub(r"[^a-z0-9]+", "-", prompt.text.lower()).strip("-")[:60]
        mine = [f for f in files if re.fullmatch(re.escape(slug) + r"(-\d+)?", f.stem)]
        if not mine:
            place = places[prompt.text]
            mine = [f for f in files if re.fullmatch(rf"0*{place}(-\d+)?", f.stem)]
        if number >= len(mine):
            raise UserError(
                f"{folder} has {len(mine)} {medium}s of {prompt.text!r} and {number + 1} are needed: name them "
                f"{slug}-1{ending}, ..., or {places[prompt.text]}-1{ending}, ..."
            )
        return mine[number].read_bytes(), {"file": mine[number].name}

    return Contestant(name, whole.hexdigest(), {"folder": folder.name}, draw, status)
