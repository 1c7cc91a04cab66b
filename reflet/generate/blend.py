"""On the way from one picture to another: between two seeds, between two prompts, or both.

Between seeds the noise is turned from one to the other on the sphere that Gaussian noise lies on, so that every point
of the way is as noisy as its ends (slerp, as in DDIM, https://arxiv.org/abs/2010.02502, section 5.3). Between prompts
the velocities are mixed: at each moment the picture moves partly as the one prompt wants it, partly as the other.
"""

from __future__ import annotations

import math

from torch import Tensor

from reflet.generate.request import ImageRequest
from reflet.runtime.seed import noise_like_shape


def noise_of(request: ImageRequest, shape: tuple[int, ...], *parts: int, number: int = 0) -> Tensor:
    """Standard normal noise of picture `number` of a request, from the stream of its seed and `parts`."""
    noise = noise_like_shape(shape, "image", request.seed + number, *parts)
    if request.blend_seed is None or request.blend == 0.0:
        return noise
    other = noise_like_shape(shape, "image", request.blend_seed + number, *parts)
    angle = request.blend * math.pi / 2
    return math.cos(angle) * noise + math.sin(angle) * other
