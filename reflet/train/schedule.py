"""Warm-up, flat, decay: the trapezoid that lets a run be prolonged from any point of its flat part."""

from __future__ import annotations


def trapezoid(step: int, *, num_steps: int, warmup: float = 0.02, decay: float = 0.25) -> float:
    """The learning rate's factor at `step` in 0..num_steps-1: linear up over `warmup` of the run, linear to 0 over
    the last `decay` (Hagele et al. 2024, arXiv 2405.18392)."""
    up = max(1, round(warmup * num_steps))
    down = max(1, round(decay * num_steps))
    return max(0.0, min((step + 1) / up, 1.0, (num_steps - step) / down))
