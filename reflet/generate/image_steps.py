"""A bundle of our own, one step at a time: rows with prompts, times, guidance and seeds of their own in one batch.

The arithmetic is that of core.sample; the same request, walked here or by ImageGenerator.answer, is the same picture up
to floating point (docs/api.md states how close, tests/generate/test_image_steps.py holds it).

Shapes: B rows, N evaluations (guided rows count twice), C channels of latents and sketch, H and W of the latents,
S text tokens.
"""

from __future__ import annotations

import operator
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import Tensor

from reflet.core.flow import NOISE_TIME
from reflet.core.sample import ddim_step
from reflet.generate.compose import compose
from reflet.generate.edit import Hold, hold_picture, known_code, sketch_pixels
from reflet.generate.image import ImageGenerator, jump_grid, step_grid, to_pixels
from reflet.generate.request import ImageRequest
from reflet.generate.stepwise import Card, Edit, Pixels, Row
from reflet.generate.weighing import weighed
from reflet.models.image import ImageContext
from reflet.runtime.device import compute_alone
from reflet.runtime.errors import UserError

REMEMBERED = 32  # texts as read, the last that were used


@dataclass
class Walk:
    """What a row carries: where it stands, which way it goes, what it was told."""

    x: Tensor  # (C, H, W)
    times: tuple[float, ...]
    positive: ImageContext
    negative: ImageContext | None
    second: ImageContext | None = None  # of the prompt that the picture is on the way to
    hold: Hold | None = None
    edit: Edit | None = None
    estimate: Tensor | None = None  # (C, H, W), the data as the last step saw it


class SteppedBundle:
    """An ImageGenerator behind the contract of stepwise.py."""

    def __init__(self, artist: ImageGenerator) -> None:
        self.artist = artist
        self.bundle = artist.bundle
        config = artist.bundle.config
        self.schedule_of_times = config.flow.schedule()
        self.num_latents, self.num_leading = config.flow.latent_channels, config.flow.sketch_channels
        defaults = artist.request("")
        self.card = Card(
            name=config.name,
            digest=artist.bundle.digest,
            frames=config.frames,
            edits=not artist.jumps,
            blends=True,
            folder=artist.bundle.path,
            defaults={
                name: getattr(defaults, name)
                for name in ("size", "num_steps", "guidance_scale", "guidance_interval", "sampler", "eta")
            },
        )
        self._wide: tuple[list[ImageContext], ImageContext] | None = None
        self._texts: OrderedDict[str, ImageContext] = OrderedDict()
        self._stepping: int | None = None  # the thread that has a team of cores

    @property
    def max_tokens(self) -> int:
        """The longest prompt, its start and end included."""
        return self.bundle.config.text.max_tokens

    def num_tokens(self, text: str) -> int:
        """How long a text is, start and end included."""
        return len(self.bundle.tokenizer.encode(weighed(text).text))

    def has_word(self, word: str) -> bool:
        """Whether the word is one token."""
        return self.num_tokens(word) == 3

    def begins_longer(self, word: str) -> bool:
        """Whether a longer token begins like the word: then it may be no word of the captions, only a beginning."""
        return any(len(w) > len(word) and w.startswith(word) for w in self.bundle.tokenizer.whole_words)

    def check(self, request: ImageRequest, *, edit: Edit | None = None) -> None:
        """Raises UserError: what the bundle cannot make, read or edit."""
        said = request if request.prompt.strip() or edit is None else replace(request, prompt="-")
        said.check(frames=self.card.frames)
        for text in (request.prompt, request.negative_prompt, request.blend_prompt):
            limit = self.bundle.config.text.max_tokens
            number = self.num_tokens(text)
            if number > limit:
                raise UserError(f"the prompt is {number} tokens long and this bundle reads {limit}: shorten it")
        if self.artist.jumps and (request.negative_prompt or request.guidance_scale != 1.0):
            raise UserError(
                "this bundle was distilled, its guidance is built in: leave guidance and negative prompt out"
            )
        if edit is not None and self.artist.jumps:
            raise UserError("this bundle was distilled and cannot start from a picture: choose another model")
        if edit is not None and not 0.0 < edit.strength <= 1.0:
            raise UserError(f"strength is {edit.strength}: choose above 0 (keep the picture) to 1 (forget it)")
        self._times(request)

    def _times(self, request: ImageRequest) -> tuple[float, ...]:
        grid = jump_grid if self.artist.jumps else step_grid
        return grid(request.num_steps, self.bundle.config.flow, shift=self.bundle.config.sampling.shift)

    @torch.inference_mode()
    def prepare(self, request: ImageRequest, *, edit: Edit | None = None) -> Row:
        """Reads the prompts and draws the noise of the picture's own seed. Raises UserError."""
        self.check(request, edit=edit)
        config = self.bundle.config
        frame, factor = config.frame(request.size, request.aspect), config.autoencoder.factor
        shape = (self.schedule_of_times.num_channels, frame.height // factor, frame.width // factor)
        noise = self.artist.noise(request, shape).to(self.artist.device)
        guided = request.guidance_scale != 1.0 and not self.artist.jumps
        with self._autocast():
            walk = Walk(
                x=noise,
                times=self._times(request),
                positive=self._read(request.prompt),
                negative=self._read(request.negative_prompt) if guided else None,
                second=None if request.second_prompt is None else self._read(request.second_prompt),
            )
            if edit is not None:
                walk.edit = edit
                walk.hold = hold_picture(self.bundle, edit, noise=noise)
                walk.times = walk.hold.shorten(walk.times, schedule=self.schedule_of_times)
                walk.x = walk.hold.apply(noise, own=self._own(walk.times[0]))
            self._draft(walk, request)
        key = (self.bundle.digest, request.size, request.aspect, self.artist.precision)
        row = Row(request=request, key=key, num_steps=0)
        row.state, row.num_steps = walk, len(walk.times) - 1
        row.load = self._load(row)
        return row

    def _read(self, text: str) -> ImageContext:
        """What the text encoder makes of a text; the last ones are remembered. Pictures of one prompt read it once, and
        the empty negative prompt is always there: a draft of four steps would spend a tenth of its time on it."""
        if text not in self._texts:
            self._texts[text] = self.artist.read(text)
            if len(self._texts) > REMEMBERED:
                self._texts.popitem(last=False)
        self._texts.move_to_end(text)
        return self._texts[text]

    def _draft(self, walk: Walk, request: ImageRequest) -> None:
        """The draft of the picture's own code: imagined, or that of the picture it begins from. What a mask leaves free
        has no code: it is drawn around what is kept, from the mean."""
        flow = self.bundle.flow
        if walk.hold is not None and walk.hold.masked:
            return
        if walk.hold is None or walk.hold.strength >= 1.0:
            code = self.artist.imagined(request, walk.positive, walk.negative)
        else:
            code = known_code(self.bundle, walk.positive, walk.hold)
        walk.positive = flow.with_code(walk.positive, code)
        walk.negative = None if walk.negative is None else flow.with_code(walk.negative, code)
        walk.second = None if walk.second is None else flow.with_code(walk.second, code)

    def _autocast(self) -> torch.autocast:
        return torch.autocast(
            self.artist.device.type, dtype=torch.bfloat16, enabled=self.artist.precision == "bfloat16"
        )

    def _own(self, t: float) -> Tensor:
        """The channels' own times (C, 1, 1)."""
        return self.schedule_of_times.times(torch.tensor([t], device=self.artist.device))[0, :, None, None]

    def _guided(self, row: Row, t: float) -> bool:
        low, high = row.request.guidance_interval
        return cast("Walk", row.state).negative is not None and low <= t <= high

    def _load(self, row: Row) -> int:
        if row.left < 1:
            return 1
        walk = cast("Walk", row.state)
        sides = 1 + self._guided(row, walk.times[row.step]) + (walk.second is not None)
        return sides * (2 if row.request.sampler == "heun" else 1)

    @torch.inference_mode()
    def step(self, rows: Sequence[Row]) -> Tensor:
        """The guided velocity (B, C, H, W) of each row at its own time; for heun the mean of both ends of the step."""
        self._stepping = threading.get_ident()
        walks = [cast("Walk", r.state) for r in rows]
        x = torch.stack([w.x for w in walks])
        times = [w.times[r.step] for w, r in zip(walks, rows, strict=True)]
        nexts = [w.times[r.step + 1] for w, r in zip(walks, rows, strict=True)]
        with self._autocast():
            slope = self._velocity(rows, x, times, nexts)
            # The step that reaches the data is an Euler step, as in core.sample.
            second = [k for k, r in enumerate(rows) if r.request.sampler == "heun" and nexts[k] > 0.0]
            if second and not self.artist.jumps:
                spans = torch.stack([self._own(nexts[k]) - self._own(times[k]) for k in second])
                proposal = x[second] + spans * slope[second]
                again = [nexts[k] for k in second]
                far = self._velocity([rows[k] for k in second], proposal, again, again)
                slope[second] = 0.5 * (slope[second] + far)
        return slope

    def _velocity(self, rows: Sequence[Row], x: Tensor, times: list[float], nexts: list[float]) -> Tensor:
        """One pass through the network: all rows, the negative side of those that are guided now, and the second prompt
        of those that have one."""
        guided = [k for k, row in enumerate(rows) if self._guided(row, times[k])]
        walks = [cast("Walk", r.state) for r in rows]
        mixed = [k for k, walk in enumerate(walks) if walk.second is not None]
        order = [*range(len(rows)), *guided, *mixed]
        contexts = [w.positive for w in walks] + [cast("ImageContext", walks[k].negative) for k in guided]
        contexts += [cast("ImageContext", walks[k].second) for k in mixed]
        t_N = torch.tensor([times[k] for k in order], device=x.device)
        r_N = torch.tensor([nexts[k] for k in order], device=x.device) if self.artist.jumps else None
        out = self.bundle.flow.velocity(
            x[order] if len(order) > len(rows) else x, t_N, context=self._join(contexts), r_B=r_N
        )
        slope, negative, second = out.split((len(rows), len(guided), len(mixed)))
        if mixed:
            weights = torch.tensor([rows[k].request.blend for k in mixed], device=x.device)
            slope = slope.clone()
            slope[mixed] = slope[mixed].lerp(second, weights[:, None, None, None].to(slope.dtype))
        if guided:
            scales = torch.tensor([rows[k].request.guidance_scale for k in guided], device=x.device)
            slope = slope.clone()
            slope[guided] = negative + scales[:, None, None, None] * (slope[guided] - negative)
        return slope

    def _join(self, contexts: list[ImageContext]) -> ImageContext:
        """Prompts of unequal lengths side by side; what is padded is masked. Kept while the batch stays the same."""
        # The contexts themselves are held: an id alone may come again with another text behind it.
        held, wide = self._wide if self._wide is not None else ([], None)
        if wide is not None and len(held) == len(contexts) and all(map(operator.is_, held, contexts)):
            return wide
        wide = ImageContext.joined(contexts)
        self._wide = (contexts, wide)
        return wide

    @torch.inference_mode()
    def schedule(self, rows: Sequence[Row], output: Tensor) -> None:
        """Each row's sampler moves it to its next time; what an edit holds is put back."""
        for row, slope in zip(rows, output, strict=True):
            walk = cast("Walk", row.state)
            now, then = self._own(walk.times[row.step]), self._own(walk.times[row.step + 1])
            walk.estimate = walk.x - now * slope
            # Every step has its own stream; steps that an edit leaves out leave theirs out as well.
            number = row.step + 1 + (row.request.num_steps - row.num_steps)
            if row.request.sampler == "ddim" and not self.artist.jumps:
                fresh = self.artist.noise(row.request, tuple(walk.x.shape), number).to(walk.x.device)
                walk.x = ddim_step(walk.x, slope, now=now, then=then, fresh=fresh, eta=row.request.eta)
            else:
                walk.x = walk.x + (then - now) * slope
            if walk.hold is not None:
                walk.x = walk.hold.apply(walk.x, own=then)
            row.step += 1
            row.load = self._load(row)

    @torch.inference_mode()
    def decode(self, row: Row, *, rough: bool = False) -> Pixels:
        """The picture of a row. `rough`: of the last step's estimate; as long as the sketch walks alone, the colours of
        the sketch, which cost nothing, then the decoder's picture (a linear map of these latents shows noise)."""
        if self.artist.device.type == "cpu" and self._stepping not in (None, threading.get_ident()):
            compute_alone()
        walk = cast("Walk", row.state)
        x = walk.x if walk.estimate is None or not rough else walk.estimate
        with self._autocast():
            if rough and self.num_leading and float(self._own(walk.times[row.step])[0]) >= NOISE_TIME:
                return to_pixels(sketch_pixels(x[self.num_latents :]))[0]
            pixels = to_pixels(self.bundle.autoencoder.decode(x[None, : self.num_latents]))[0]
        return pixels if walk.edit is None else compose(walk.edit, pixels)
