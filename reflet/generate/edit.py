"""From a picture: all of it a little anew (`strength`), or one part of it anew and the rest unchanged (`mask`).

No model of edits is trained here; a flow from noise to pictures can be led by a picture on its way. What is known of
the result is held on the straight path between the picture and noise until it may go its own way:

* Known are the latents, by the autoencoder, and of the sketch the colours and their detail, from the picture itself;
  what stands where (depth, outlines, names) is not known of a foreign picture, so the flow sketches it anew, from the
  prompt, around the colours that are held.
* Without a mask everything known is held until its own time has come down to `strength`: there SDEdit
  (https://arxiv.org/abs/2108.01073) would have begun. Steps in which nothing is free are left out.
* With a mask what is kept is held to the end (RePaint, https://arxiv.org/abs/2201.09865, without its repetitions), and
  what is made anew is held until `strength`. At last the kept pixels are put back as they were: outside the feathered
  mask the result equals the picture exactly.

Shapes: C channels of latents and sketch, H and W of the latents; pictures and masks have rows and columns of pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from reflet.core.flow import Lead
from reflet.data.sketch_channels import DETAIL_CHANNELS, SAMPLES, SKETCH_CHANNELS, colors_of, detail
from reflet.generate.bundle import Bundle
from reflet.generate.stepwise import Edit
from reflet.models.image import ImageContext


def sketch_pixels(sketch: Tensor) -> Tensor:
    """(S, G, G) -> (1, 3, 4 G, 4 G) in about -1..1: the small picture that a sketch is, smooth without detail."""
    if len(sketch) == SKETCH_CHANNELS:
        return torch.from_numpy(colors_of(sketch.float().cpu().numpy()))[None] / 2
    return F.interpolate(sketch[None, :3] / 2, scale_factor=float(SAMPLES), mode="bilinear")


@dataclass(frozen=True)
class Hold:
    """What is known of the result, and until when it is held."""

    known: Tensor  # (C, H, W), data; 0 where nothing is known
    noise: Tensor  # (C, H, W)
    channels: Tensor  # (C, 1, 1), 1 for a known channel
    keep: Tensor  # (1, H, W), 1 where it is held to the end
    strength: float

    @property
    def masked(self) -> bool:
        """Whether a part of it is held to the end."""
        return bool(self.keep.any())

    def apply(self, x: Tensor, *, own: Tensor) -> Tensor:
        """x (C, H, W) at the channels' own times (C, 1, 1), with what is held put on the path from data to noise."""
        held = (1.0 - own) * self.known + own * self.noise
        weight = self.channels * torch.where(own >= self.strength, torch.ones_like(self.keep), self.keep)
        return torch.where(weight > 0, held, x)

    def shorten(self, times: tuple[float, ...], *, schedule: Lead) -> tuple[float, ...]:
        """The walk without the steps in which the sketch is done and every latent still held."""
        start = self.strength / (1.0 + schedule.lead)
        alone = max(schedule.knots(), default=1.0)  # where the latents begin to move
        if start >= alone or schedule.lead not in (0.0, 1.0):
            return times  # at other leads sketch and latents move together: no step is idle
        ahead = tuple(t for t in times if t >= alone) if schedule.num_leading else ()
        return (*ahead, start, *(t for t in times if t < start))


def hold_picture(bundle: Bundle, edit: Edit, *, noise: Tensor) -> Hold:
    """Encodes the picture at the size of the noise and says what of the walk's channels (C, H, W) it fixes, and
    where."""
    flow, factor = bundle.config.flow, bundle.config.autoencoder.factor
    size = noise.shape[2] * factor, noise.shape[1] * factor
    image = Image.fromarray(edit.picture).resize(size, Image.Resampling.LANCZOS)
    pixels = torch.from_numpy(np.asarray(image, np.float32).copy()).to(noise.device)
    picture_3HW = pixels.permute(2, 0, 1) / 127.5 - 1.0
    known = torch.zeros_like(noise)
    known[: flow.latent_channels] = bundle.autoencoder.encode(picture_3HW[None])[0]
    channels = torch.zeros(noise.shape[0], 1, 1, device=noise.device)
    channels[: flow.latent_channels] = 1.0
    colors = slice(flow.latent_channels, flow.latent_channels + 3)  # the sketch begins with red, green and blue
    if flow.sketch_channels >= 3:
        known[colors] = 2.0 * F.adaptive_avg_pool2d(picture_3HW, noise.shape[1:])
        channels[colors] = 1.0
    if flow.sketch_channels == SKETCH_CHANNELS:
        within = slice(flow.latent_channels + DETAIL_CHANNELS.start, flow.latent_channels + DETAIL_CHANNELS.stop)
        fine = F.adaptive_avg_pool2d(picture_3HW, [SAMPLES * cells for cells in noise.shape[1:]])
        known[within] = torch.from_numpy(detail(2.0 * fine.cpu().numpy())).to(noise.device)
        channels[within] = 1.0
    keep = torch.zeros(1, *noise.shape[1:], device=noise.device)
    if edit.mask is not None:
        # A cell is kept when no pixel of it is to change.
        wide = torch.from_numpy(np.ascontiguousarray(edit.mask)).to(noise.device)[None, None]
        keep = (F.adaptive_max_pool2d(wide, noise.shape[1:])[0] <= 0.0).float()
    return Hold(known, noise, channels, keep, edit.strength)


def known_code(bundle: Bundle, context: ImageContext, hold: Hold) -> Tensor | None:
    """The likeliest code (1, K) of the picture that is held, for a flow whose draft has one."""
    sketch = bundle.config.flow.schedule().groups()[1]
    posterior = bundle.flow.posterior(context, hold.known[None, sketch])
    return None if posterior is None else posterior.mean_BK
