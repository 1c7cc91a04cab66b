"""Prompt -> pictures: read the text once, walk from noise to data, decode."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from reflet.core.sample import (
    Clock,
    Velocity,
    guided,
    sample_ddim,
    sample_euler,
    sample_heun,
    sample_jumps,
    through,
    time_grid,
)
from reflet.core.sample import Progress as StepProgress
from reflet.generate.blend import noise_of
from reflet.generate.bundle import Bundle, load_bundle
from reflet.generate.encode import BUNDLE_KEY, REQUEST_KEY, png_text, write_png
from reflet.generate.lora import apply_lora
from reflet.generate.provenance import Claim, seal
from reflet.generate.request import ImageRequest
from reflet.generate.weighing import weighed
from reflet.models.image import ImageContext, ImageFlowConfig
from reflet.runtime.checkpoint import MANIFEST, load_json
from reflet.runtime.device import has_fast_bfloat16, pick_device
from reflet.runtime.errors import UserError

SAMPLERS = {"euler": sample_euler, "heun": sample_heun}
CODE_STREAM = 1 << 20  # of a seed's noise, after those of the steps
MATERIALS = ("bom.json", "materials.json")  # a bundle's bill of materials: the standard form, else the short one


@dataclass(frozen=True)
class Picture:
    """One generated picture, with all that is needed to make it again."""

    pixels: NDArray[np.uint8]  # (H, W, 3) RGB
    request: ImageRequest  # n = 1 and this picture's own seed
    bundle_name: str
    bundle_digest: str
    materials_digest: str | None = None  # SHA-256 of the bundle's bill of materials

    def png(self, *, provenance: bool = True, watermark: bool = True) -> bytes:
        """The picture as PNG; text chunks hold the request and the bundle's name and hash.

        With `provenance` it carries a signed C2PA manifest, the IPTC field and, with `watermark`, the invisible mark in
        its pixels (docs/rights.md). Raises UserError when this installation's signing key cannot be used.
        """
        text = png_text(self.request, bundle_name=self.bundle_name, bundle_digest=self.bundle_digest)
        if not provenance:
            return write_png(self.pixels, text=text)
        return seal(self.pixels, self.claim(), text=text, watermark=watermark)

    def claim(self) -> Claim:
        """What the picture's manifest says of it."""
        return Claim(self.bundle_name, self.bundle_digest, self.materials_digest)


def read_request(path: Path) -> tuple[ImageRequest, dict[str, str]]:
    """The request a PNG of ours was made with, and its bundle's name and hash. Raises UserError for other files."""
    try:
        with Image.open(path) as image:
            text = {k: v for k, v in image.info.items() if isinstance(v, str)}
    except (OSError, UnidentifiedImageError) as error:
        raise UserError(f"{path} cannot be read as a picture ({error})") from error
    if REQUEST_KEY not in text:
        raise UserError(f"{path} carries no Reflet request: only pictures that Reflet wrote as PNG can be made again")
    return ImageRequest.from_json(text[REQUEST_KEY]), json.loads(text.get(BUNDLE_KEY, "{}"))


def materials_digest(bundle: Bundle) -> str | None:
    """SHA-256 of a bundle's bill of materials, from its manifest; None for a bundle that lies on no disk."""
    if bundle.path is None:
        return None
    sums = load_json(bundle.path, MANIFEST)["sha256"]
    return next((sums[name] for name in MATERIALS if name in sums), None)


class ImageGenerator:
    """A bundle, ready to answer. `precision`: "bfloat16" where the machine computes it fast, else "float32"."""

    def __init__(
        self,
        bundle: Bundle,
        *,
        device: torch.device | None = None,
        precision: Literal["auto", "bfloat16", "float32"] = "auto",
    ) -> None:
        self.bundle = bundle
        self.jumps = bundle.config.sampling.jumps
        self.materials_digest = materials_digest(bundle)
        self.device = device or pick_device()
        bundle.modules().to(self.device)
        if precision == "auto":
            precision = "bfloat16" if has_fast_bfloat16(self.device) else "float32"
        self.precision = precision

    def request(self, prompt: str, **wishes: Any) -> ImageRequest:
        """A request with this bundle's sampling defaults where nothing else is wished."""
        s = self.bundle.config.sampling
        defaults = {
            "size": self.bundle.config.sizes[0],
            "num_steps": s.num_steps,
            "guidance_scale": s.guidance_scale,
            "guidance_interval": cast("tuple[float, float]", s.guidance_interval),
            "sampler": s.sampler,
            "eta": s.eta,
        }
        return ImageRequest(prompt=prompt, **{**defaults, **{k: v for k, v in wishes.items() if v is not None}})

    def generate(
        self, prompt: str, *, progress: Callable[[int, int], None] | None = None, **wishes: Any
    ) -> list[Picture]:
        """`n` pictures of a prompt. Wishes are fields of ImageRequest: size, aspect, n, seed, num_steps,
        guidance_scale, guidance_interval, sampler, eta, negative_prompt. `progress(done, of)` follows the steps.
        Raises UserError."""
        return self.answer(self.request(prompt, **wishes), progress=progress)

    @torch.inference_mode()
    def answer(self, request: ImageRequest, *, progress: Callable[[int, int], None] | None = None) -> list[Picture]:
        """The pictures of one request, each bit-identical whenever the same request is made on the same machine."""
        request.check(frames=self.bundle.config.frames)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.precision == "bfloat16"):
            latents = self.sample(request, progress=progress)
            images = self.bundle.autoencoder.decode(latents)
        pixels = to_pixels(images)
        return [
            Picture(
                pixels=pixels[k],
                request=request.alone(k),
                bundle_name=self.bundle.config.name,
                bundle_digest=self.bundle.digest,
                materials_digest=self.materials_digest,
            )
            for k in range(request.n)
        ]

    def sample(self, request: ImageRequest, *, progress: Callable[[int, int], None] | None = None) -> Tensor:
        """The latents (n, C, h, w) of a request, before decoding."""
        return self.walk(request, progress=progress)[:, : self.bundle.config.flow.latent_channels]

    def walk(self, request: ImageRequest, *, progress: Callable[[int, int], None] | None = None) -> Tensor:
        """Latents and, where the flow draws one, the sketch: (n, C + S, h, w)."""
        config = self.bundle.config
        schedule = config.flow.schedule()
        frame, factor = config.frame(request.size, request.aspect), config.autoencoder.factor
        shape = (schedule.num_channels, frame.height // factor, frame.width // factor)
        # Each picture's noise is drawn from its own seed alone, so it never depends on its neighbours in the batch.
        x = torch.stack([self.noise(request, shape, number=k) for k in range(request.n)]).to(self.device)
        walk = self._jumps if self.jumps else self._steps
        return walk(
            request,
            x,
            clock=lambda t: schedule.times(torch.tensor([t], device=self.device))[0],
            progress=None if progress is None else lambda done, _: progress(done, request.num_steps),
        )

    def noise(self, request: ImageRequest, shape: tuple[int, ...], *parts: int, number: int = 0) -> Tensor:
        """Noise (C + S, h, w) of picture `number` of a request, that of the sketch as wide as the bundle wants it."""
        noise = noise_of(request, shape, *parts, number=number)
        noise[self.bundle.config.flow.latent_channels :] *= self.bundle.config.sampling.sketch_noise
        return noise

    def _steps(self, request: ImageRequest, x: Tensor, *, clock: Clock, progress: StepProgress | None) -> Tensor:
        """Many small steps along the velocity, guided."""
        guide = request.guidance_scale != 1.0
        positive = self.read(request.prompt).wide(request.n)
        negative = self.read(request.negative_prompt).wide(request.n) if guide else None
        code = self.imagined(request, positive, negative)
        velocity = self._velocity(positive, code)
        if request.second_prompt is not None:
            second = self._velocity(self.read(request.second_prompt).wide(request.n), code)
            velocity = _mixed(velocity, second, blend=request.blend)
        if negative is not None:
            velocity = guided(
                velocity,
                self._velocity(negative, code),
                guidance_scale=request.guidance_scale,
                interval=request.guidance_interval,
            )
        times = step_grid(request.num_steps, self.bundle.flow.config, shift=self.bundle.config.sampling.shift)
        if request.sampler == "ddim":
            # Drawn, like the first noise, from each picture's own seed.
            def fresh(step: int) -> Tensor:
                drawn = [self.noise(request, tuple(x.shape[1:]), step, number=k) for k in range(request.n)]
                return torch.stack(drawn).to(self.device)

            return sample_ddim(velocity, x, times=times, fresh=fresh, eta=request.eta, clock=clock, progress=progress)
        return SAMPLERS[request.sampler](velocity, x, times=times, clock=clock, progress=progress)

    def _jumps(self, request: ImageRequest, x: Tensor, *, clock: Clock, progress: StepProgress | None) -> Tensor:
        """A few jumps of a distilled flow: one evaluation each. Its guidance is that which it learned."""
        if request.negative_prompt or request.guidance_scale != 1.0:
            raise UserError(
                "this bundle was distilled, its guidance is built in: leave guidance and negative prompt out"
            )
        flow, context = self.bundle.flow, self.read(request.prompt).wide(request.n)
        code = None if flow.draft is None else self.imagined(request, context, self.read("").wide(request.n))
        context = flow.with_code(context, code)
        second = None
        if request.second_prompt is not None:
            second = flow.with_code(self.read(request.second_prompt).wide(request.n), code)

        def mean_velocity(x: Tensor, t: float, r: float) -> Tensor:
            t_B, r_B = (torch.full((request.n,), time, device=self.device) for time in (t, r))
            slope = flow.velocity(x, t_B, context=context, r_B=r_B)
            if second is None:
                return slope
            return slope.lerp(flow.velocity(x, t_B, context=second, r_B=r_B), request.blend)

        times = jump_grid(request.num_steps, self.bundle.flow.config, shift=self.bundle.config.sampling.shift)
        return sample_jumps(mean_velocity, x, times=times, clock=clock, progress=progress)

    def read(self, prompt: str) -> ImageContext:
        """A prompt as the context of every step (batch of one), with the weights in it (weighing.py). Raises UserError
        when it is too long to be read."""
        said = weighed(prompt)
        tokens = self.bundle.tokenizer.encode(said.text)
        limit = self.bundle.config.text.max_tokens
        if len(tokens) > limit:
            raise UserError(
                f"the prompt is {len(tokens)} tokens long and this bundle reads {limit}: shorten it by "
                f"about {math.ceil((len(tokens) - limit) / len(tokens) * 100)} %"
            )
        ids = torch.tensor([tokens], device=self.device)
        states = self.bundle.text(ids)
        weights = None
        if said.spans:
            weights = torch.tensor([said.of_tokens(self.bundle.tokenizer.offsets(said.text))], device=self.device)
        return self.bundle.flow.read(states.states_BSD, weights_BS=weights)

    def imagined(
        self, request: ImageRequest, context: ImageContext, negative: ImageContext | None, *, number: int = 0
    ) -> Tensor | None:
        """The codes (B, K) of the pictures from `number` on, each from its own seed alone; None for a flow without."""
        size = self.bundle.config.flow.draft_code
        if size == 0:
            return None
        pictures = range(number, number + len(context.pooled_BD))
        noise_BK = torch.stack([noise_of(request, (size,), CODE_STREAM, number=k) for k in pictures]).to(self.device)
        wanted = self.bundle.config.sampling
        return self.bundle.flow.imagined(
            context, noise_BK * wanted.code_noise, negative=negative, guidance_scale=wanted.code_guidance
        )

    def _velocity(self, context: ImageContext, code: Tensor | None) -> Velocity:
        told = self.bundle.flow.with_code(context, code)

        def velocity(x: Tensor, t: float) -> Tensor:
            return self.bundle.flow.velocity(x, torch.full((len(x),), t, device=self.device), context=told)

        return velocity


NEEDS_TWO = "this bundle needs at least 2 steps: one network begins a picture, another goes on"


def step_grid(num_steps: int, config: ImageFlowConfig, *, shift: float) -> tuple[float, ...]:
    """The times of a walk by steps along the velocity; no step crosses the end of a phase, where steps suffice.

    With fewer steps than phases the last steps do both: two phases fit exactly into a step from where the latents
    begin to move; a single step asks for the latents' velocity at a time at which it was never trained, and its
    picture shows that. Raises UserError for a single step where two networks share the walk.
    """
    times, knots = time_grid(num_steps, shift=shift), config.schedule().knots()
    if num_steps < 2 and config.planner is not None:
        raise UserError(NEEDS_TWO)
    return through(times, knots[: num_steps - 1])


def _mixed(first: Velocity, second: Velocity, *, blend: float) -> Velocity:
    """Partly the one way, partly the other (generate/blend.py)."""

    def velocity(x: Tensor, t: float) -> Tensor:
        return first(x, t).lerp(second(x, t), blend)

    return velocity


def jump_grid(num_steps: int, config: ImageFlowConfig, *, shift: float) -> tuple[float, ...]:
    """The times of a distilled flow's walk. Raises UserError when there are not even as many steps as networks."""
    times, knots = time_grid(num_steps, shift=shift), config.jump_knots
    if num_steps > len(knots):
        return through(times, knots)
    if config.planner is None:
        return times
    if num_steps < 2:
        raise UserError(NEEDS_TWO)
    return through(times, (config.handover,))


def to_pixels(images: Tensor) -> NDArray[np.uint8]:
    """(B, 3, H, W) in about [-1, 1] -> (B, H, W, 3) uint8."""
    scaled = ((images.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return scaled.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def load(name: str = "image", *, device: str | None = None) -> ImageGenerator:
    """The generator of a bundle, by short name ("image"), folder name or path: `reflet.load("image")`. A file of
    adapters joins after a plus sign: "image+style.safetensors"."""
    picked = pick_device(device)
    base, plus, file = name.partition("+")
    if not plus or Path(name).is_dir():
        return ImageGenerator(load_bundle(name, device=picked), device=picked)
    return ImageGenerator(apply_lora(load_bundle(base, device=picked), Path(file)), device=picked)
