"""Device, dtype and ranks."""

from __future__ import annotations

import os
import platform
import threading
from dataclasses import dataclass

import torch
import torch.distributed as dist

_here = threading.local()


@dataclass(frozen=True)
class Ranks:
    """This process's place among those that train together."""

    rank: int = 0
    world: int = 1


def pick_device(name: str | None = None) -> torch.device:
    """The named device, else CUDA where there is one, else the CPU."""
    if name is not None:
        return torch.device(name)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def set_threads(num_threads: int | None = None) -> int:
    """Sets torch's compute threads (default: the cores this process may use); returns the number."""
    number = num_threads or len(os.sched_getaffinity(0))
    torch.set_num_threads(number)
    return number


def compute_alone() -> None:
    """From now on torch computes on this thread without others, whatever `set_threads` said.

    A second thread that computes with a team of its own makes more threads than cores, and then libgomp lets those of
    the first team sleep at every barrier instead of waiting awake: steps took up to twice as long on two cores.
    """
    if getattr(_here, "alone", False):
        return
    _here.alone, number = True, torch.get_num_threads()
    torch.set_num_threads(1)
    # That was said for threads to come as well: they are told otherwise.
    other = threading.Thread(target=torch.set_num_threads, args=(number,))
    other.start()
    other.join()


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether bf16 matrix products run on hardware here: a GPU of this decade, or a CPU with AVX512-BF16 or AMX."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    if platform.machine() in ("arm64", "aarch64"):
        return False
    # torch has no public name for these.
    wide = torch.cpu._is_avx512_bf16_supported()  # pyright: ignore[reportPrivateUsage]
    return bool(wide or torch.cpu._is_amx_tile_supported())  # pyright: ignore[reportPrivateUsage]


def autocast(device: torch.device, *, enabled: bool = True) -> torch.autocast:
    """bf16 autocast over fp32 master weights (bf16-stored weights lose quality: PRX, FID 21.9 against 18.2).

    Off where bf16 is only emulated: a CPU with no more than AVX2 multiplied matrices at 1 GFLOP/s in bf16, and at 70 in
    float32 (one core of an AMD EPYC, 2,048 x 384 x 1,536).
    """
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled and has_fast_bfloat16(device))


def join_ranks() -> Ranks:
    """Joins the process group that torchrun describes (gloo on CPUs, NCCL on GPUs); alone without torchrun."""
    if "RANK" not in os.environ or "WORLD_SIZE" not in os.environ:
        return Ranks()
    if not dist.is_initialized():
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    return Ranks(rank=dist.get_rank(), world=dist.get_world_size())
