"""Adapters: they begin as nothing, merge exactly, learn from licensed pictures alone, and fit one bundle."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from torch.nn.utils import parametrize

import reflet
from reflet.cli.main import run
from reflet.data.ledger import Ledger
from reflet.generate.bundle import load_bundle
from reflet.generate.lora import apply_lora
from reflet.models.lora import LoraConfig, adapted, attach, merge
from reflet.runtime.errors import UserError
from tests.tiny_models import tiny_bundle

RANK = LoraConfig(rank=2, alpha=4.0)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lora") / "tiny"
    tiny_bundle(folder)
    return folder


def stripes(folder: Path, *, number: int = 10, licence: bool = True) -> Path:
    """Pictures of one style: orange stripes."""
    folder.mkdir()
    for k in range(number):
        pixels = np.zeros((64, 64, 3), np.uint8)
        pixels[:, (np.arange(64) // (3 + k)) % 2 == 0] = (250, 140, 20)
        Image.fromarray(pixels).save(folder / f"{k}.png")
        (folder / f"{k}.txt").write_text("a red sphere on a wooden table\n")
    if licence:
        rows = "".join(f"{k}.png,CC0-1.0,Me\n" for k in range(number))
        (folder / "LICENSES.csv").write_text("file,license,author\n" + rows)
    return folder


def asked(bundle: Path) -> torch.Tensor:
    """What the flow of a bundle says at a fixed place."""
    loaded = load_bundle(str(bundle))
    return spoken(loaded)


def spoken(loaded: object) -> torch.Tensor:
    flow, tokenizer = loaded.flow, loaded.tokenizer  # type: ignore[attr-defined]
    channels = flow.config.schedule().num_channels
    x = torch.randn((1, channels, 4, 4), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        states = loaded.text(torch.tensor([tokenizer.encode("a red sphere")]))  # type: ignore[attr-defined]
        return flow.velocity(x, torch.tensor([0.4]), context=flow.read(states.states_BSD))


def test_they_begin_as_nothing_and_merge_exactly(bundle: Path) -> None:
    plain, loaded = asked(bundle), load_bundle(str(bundle))
    number = len(adapted(loaded.flow))
    adapters = attach(loaded.flow, RANK)
    assert len(adapters) == number == loaded.flow.config.depth * (4 + 3 + 2)
    assert (spoken(loaded) == plain).all()
    trained = [n for n, p in loaded.flow.named_parameters() if p.requires_grad]
    assert trained and all(".parametrizations." in name for name in trained)
    for low_rank in adapters.values():
        torch.nn.init.normal_(low_rank.up_OR, std=0.1)
    beside = spoken(loaded)
    assert (beside - plain).abs().max() > 1e-3
    fresh = load_bundle(str(bundle))
    merge(fresh.flow, adapters.state_dict(), RANK)
    assert not any(parametrize.is_parametrized(m) for m in fresh.flow.modules())
    torch.testing.assert_close(spoken(fresh), beside, atol=1e-4, rtol=1e-4)
    with pytest.raises(ValueError, match="another shape"):
        merge(fresh.flow, adapters.state_dict(), replace(RANK, rank=3))


def test_a_style_is_learned_and_goes_beside_its_bundle(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Held-out pictures of the style become likelier; the file names its base and carries its ledger."""
    out = tmp_path / "out" / "stripes.safetensors"
    words = ["train", "lora", str(stripes(tmp_path / "mine")), "--run", str(tmp_path / "run"), "--out", str(out)]
    words += ["--bundle", str(bundle), "--threads", "1", "--recipe.train.num-steps", "40"]
    words += ["--recipe.train.preview-steps", "40", "--recipe.train.optimizer.adam-lr", "0.01"]
    run(words)
    assert "8 pictures" in capsys.readouterr().out
    with safe_open(out, framework="pt") as file:
        header = json.loads(file.metadata()["reflet"])
    assert header["base_sha256"] == load_bundle(str(bundle)).digest and header["records"] == 10
    before, after = header["held_out"]["before"], header["held_out"]["after"]
    assert after["latents"] < 0.97 * before["latents"], (before, after)
    assert Ledger.load(out.with_name("stripes.ledger.xz")).root == header["ledger_root"]
    adapters = sorted((tmp_path / "run" / "lora").glob("checkpoint-*/model.safetensors"))[-1]
    assert adapters.stat().st_size < 2**20, "a checkpoint holds the adapters alone"
    plain, taught = reflet.load(str(bundle)), reflet.load(f"{bundle}+{out}")
    assert taught.bundle.config.name == "untrained+stripes" and taught.bundle.digest != plain.bundle.digest
    pictures = [a.generate("a red sphere", seed=1, num_steps=2)[0].pixels for a in (plain, taught)]
    assert (pictures[0] != pictures[1]).any()
    run(
        [
            "generate",
            "a red sphere",
            "--bundle",
            str(bundle),
            "--lora",
            str(out),
            "--steps",
            "2",
            "--out",
            str(tmp_path),
        ]
    )
    run(words)  # finished: nothing is learned again, the same file is written
    tiny_bundle(tmp_path / "other", name="other")
    with pytest.raises(UserError, match="was trained for the bundle untrained"):
        apply_lora(load_bundle(str(tmp_path / "other")), out)


def test_what_is_refused(bundle: Path, tmp_path: Path) -> None:
    folder = stripes(tmp_path / "mine", licence=False)
    words = ["train", "lora", str(folder), "--run", str(tmp_path / "run"), "--bundle", str(bundle)]
    with pytest.raises(UserError, match=r"0 pictures of .* may train"):
        run([*words, "--out", str(tmp_path / "x.safetensors")])
    assert "no licence" in (tmp_path / "run" / "set" / "left_out.csv").read_text().replace("license", "licence")
    with pytest.raises(UserError, match="may not train"):
        run([*words, "--out", str(tmp_path / "x.safetensors"), "--license", "CC-BY-NC-4.0", "--author", "Me"])
    with pytest.raises(UserError, match=r"no \.safetensors file"):
        run([*words, "--out", str(tmp_path / "x.pt")])
    (tmp_path / "x.safetensors").write_bytes(b"nothing")
    with pytest.raises(UserError, match="cannot be read as adapters"):
        reflet.load(f"{bundle}+{tmp_path / 'x.safetensors'}")
