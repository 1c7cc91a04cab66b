"""The metric encoder: pictures -> a few numbers in which likeness can be measured. Trained here, without labels.

Shapes: B batch, H and W pixels, T patches, V of them visible, P numbers in a patch, D width, F features.

A masked autoencoder (https://arxiv.org/abs/2111.06377) on the project's transformer: three quarters of the patches are
hidden, and guessed from the rest. It is trained on renders of its own seeds, apart from any model it measures, and it
is named by its hash wherever its distances are: they mean nothing beside those of another encoder, FID included.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from reflet.core.embed import grid_positions, patchify
from reflet.core.transformer import Transformer, TransformerConfig


@dataclass(frozen=True)
class MetricEncoderConfig:
    """The numbers of the encoder, and of the decoder that only its training needs."""

    size: int = 256
    patch_size: int = 16
    width: int = 192
    depth: int = 6
    num_heads: int = 3
    decoder_width: int = 128
    decoder_depth: int = 2
    decoder_heads: int = 2
    visible_share: float = 0.25

    @property
    def grid(self) -> int:
        """Patches a side."""
        return self.size // self.patch_size

    @property
    def num_features(self) -> int:
        return self.width


class MetricEncoder(nn.Module):
    """`forward` gives features (B, F); training (train/features.py) uses `states` of visible patches."""

    def __init__(self, config: MetricEncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.patch_in = nn.Linear(3 * config.patch_size**2, config.width)
        self.transformer = Transformer(
            TransformerConfig(
                width=config.width, depth=config.depth, num_heads=config.num_heads, num_axes=2, rope_base=100.0
            )
        )
        nn.init.normal_(self.patch_in.weight, std=self.patch_in.in_features**-0.5)
        nn.init.zeros_(self.patch_in.bias)

    def forward(self, images_BCHW: Tensor) -> Tensor:
        """Pictures in [-1, 1] -> features, float32. Raises ValueError for pictures of another size."""
        size = self.config.size
        if images_BCHW.shape[2:] != (size, size):
            raise ValueError(f"pictures are {tuple(images_BCHW.shape[2:])}, this encoder reads {size} x {size}")
        patches_BTP = patchify(images_BCHW, patch_size=self.config.patch_size)
        return self.states(patches_BTP).float().mean(dim=1)

    def states(self, patches_BTP: Tensor, visible_V: Tensor | None = None) -> Tensor:
        """States of all patches, or of those at the places `visible_V`: (B, T or V, D)."""
        positions_TA = grid_positions(self.config.grid, self.config.grid, device=patches_BTP.device)
        if visible_V is not None:
            patches_BTP, positions_TA = patches_BTP[:, visible_V], positions_TA[visible_V]
        return self.transformer(self.patch_in(patches_BTP), positions_TA=positions_TA)

    def digest(self) -> str:
        """SHA-256 of the weights, as the name of the features."""
        sums = hashlib.sha256()
        for name, tensor in sorted(self.state_dict().items()):
            sums.update(name.encode())
            sums.update(tensor.detach().cpu().float().numpy().tobytes())
        return sums.hexdigest()


class PatchGuesser(nn.Module):
    """What training adds: a small transformer that guesses hidden patches from the states of the visible ones."""

    def __init__(self, config: MetricEncoderConfig) -> None:
        super().__init__()
        self.config = config
        width = config.decoder_width
        self.state_in = nn.Linear(config.width, width)
        self.hidden_D = nn.Parameter(torch.zeros(width))
        self.transformer = Transformer(
            TransformerConfig(
                width=width, depth=config.decoder_depth, num_heads=config.decoder_heads, num_axes=2, rope_base=100.0
            )
        )
        self.patch_out = nn.Linear(width, 3 * config.patch_size**2)
        for layer in (self.state_in, self.patch_out):
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
            nn.init.zeros_(layer.bias)
        nn.init.normal_(self.hidden_D, std=0.02)

    def forward(self, states_BVD: Tensor, visible_V: Tensor) -> Tensor:
        """A guess of every patch: (B, T, P)."""
        config = self.config
        known_BVD = self.state_in(states_BVD)
        filled_BTD = self.hidden_D.to(known_BVD.dtype).expand(len(states_BVD), config.grid**2, -1).clone()
        filled_BTD[:, visible_V] = known_BVD
        positions_TA = grid_positions(config.grid, config.grid, device=states_BVD.device)
        return self.patch_out(self.transformer(filled_BTD, positions_TA=positions_TA))


@torch.inference_mode()
def features_of(encoder: MetricEncoder, pictures_NHWC: NDArray[np.uint8], *, batch_size: int = 32) -> Tensor:
    """Features (N, F) of pictures (N, S, S, 3), float32, on the CPU."""
    device = next(encoder.parameters()).device
    encoder.eval()
    out: list[Tensor] = []
    for start in range(0, len(pictures_NHWC), batch_size):
        pixels = torch.from_numpy(np.ascontiguousarray(pictures_NHWC[start : start + batch_size])).to(device)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
            out.append(encoder(pixels.permute(0, 3, 1, 2).float() / 127.5 - 1).cpu())
    return torch.cat(out)
