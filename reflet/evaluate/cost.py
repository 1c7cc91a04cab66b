"""What one picture costs: FLOP, CPU-seconds, wall seconds, memory and joules, each with how it was measured."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode

from reflet.runtime.energy import EnergyMeter


@dataclass(frozen=True)
class Cost:
    """Of one picture, warm, one at a time: medians of `num_pictures`. `peak_bytes` is of the whole process (CPU) or of
    torch on the GPU."""

    flop: float
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    joules: float
    energy_method: str
    num_pictures: int
    threads: int
    device: str


def measure_cost(make: Callable[[int], object], *, device: torch.device, num_pictures: int = 5) -> Cost:
    """`make(seed)` makes one picture. One unmeasured picture warms up; FLOP are counted on one more.

    Matrix products and convolutions are counted, forward, as torch counts them: what a remote model does is not seen,
    and shows as 0.
    """
    if num_pictures < 1:
        raise ValueError("at least one picture must be measured")
    make(0)
    with FlopCounterMode(display=False) as counter:
        make(0)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    walls: list[float] = []
    start_cpu = time.process_time()
    with EnergyMeter(device=device.type) as meter:
        for seed in range(1, num_pictures + 1):
            start = time.perf_counter()
            make(seed)
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            walls.append(time.perf_counter() - start)
    spent_cpu = time.process_time() - start_cpu
    energy = meter.energy
    assert energy is not None  # the context has ended
    if device.type == "cuda":
        peak = torch.cuda.max_memory_allocated(device)
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB
    return Cost(
        flop=float(counter.get_total_flops()),
        cpu_seconds=spent_cpu / num_pictures,
        wall_seconds=sorted(walls)[len(walls) // 2],
        peak_bytes=int(peak),
        joules=energy.joules / num_pictures,
        energy_method=energy.describe(),
        num_pictures=num_pictures,
        threads=torch.get_num_threads(),
        device=device.type,
    )
