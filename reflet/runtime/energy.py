"""What a computation costs in joules: a counter where the machine has one, else an estimate that says it is one."""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

POWERCAP = Path("/sys/class/powercap")
WATTS_A_CORE = 9.0  # of a busy server core with its share of cache and memory: an assumption, stated with the number

Method = Literal["nvml", "rapl", "estimate"]


@dataclass(frozen=True)
class Energy:
    """`joules`, and how they were obtained in words that may stand in a report."""

    joules: float
    method: Method

    def describe(self) -> str:
        """The method as a reader of the report should know it."""
        return {
            "nvml": "the GPU's own energy counter (NVML), without the rest of the machine",
            "rapl": "the processor's energy counters (RAPL), packages only, with whatever else ran",
            "estimate": f"an estimate: CPU-seconds times {WATTS_A_CORE:g} W a core",
        }[self.method]


class EnergyMeter:
    """A context: `with EnergyMeter(device="cpu") as meter: ...; meter.energy`.

    On a GPU the NVML counter of device `index` is read (needs the package nvidia-ml-py); on a CPU the RAPL counters
    below `powercap`, which many systems let only root read; else CPU-seconds are multiplied by WATTS_A_CORE.
    """

    def __init__(self, *, device: str = "cpu", index: int = 0, powercap: Path = POWERCAP) -> None:
        self.energy: Energy | None = None
        self._counters = _rapl_counters(powercap) if device == "cpu" else ()
        self._gpu = _nvml_handle(index) if device == "cuda" else None
        self._start: list[float] = []

    def __enter__(self) -> EnergyMeter:
        self._start = self._read()
        return self

    def __exit__(self, *_: object) -> None:
        spent = [b - a for a, b in zip(self._start, self._read(), strict=True)]
        if self._gpu is not None:
            self.energy = Energy(spent[0], "nvml")
        elif self._counters:
            # A counter that has turned over since shows a negative difference: add its range.
            ranges = [_number(c.with_name("max_energy_range_uj")) for c in self._counters]
            joules = sum(s if s >= 0 else s + r for s, r in zip(spent, ranges, strict=True)) / 1e6
            self.energy = Energy(joules, "rapl")
        else:
            self.energy = Energy(spent[0] * WATTS_A_CORE, "estimate")

    def _read(self) -> list[float]:
        if self._gpu is not None:
            nvml, handle = self._gpu
            return [nvml.nvmlDeviceGetTotalEnergyConsumption(handle) / 1000.0]
        if self._counters:
            return [_number(c) for c in self._counters]
        return [time.process_time()]


def _number(path: Path) -> float:
    return float(path.read_text())


@lru_cache(maxsize=4)  # an engine meters every step: looking for them took longer than reading them
def _rapl_counters(powercap: Path) -> tuple[Path, ...]:
    """Package counters that can be read: intel-rapl:0, intel-rapl:1 ..., not their parts (intel-rapl:0:0)."""
    found: list[Path] = []
    for zone in sorted(powercap.glob("intel-rapl:*")):
        counter = zone / "energy_uj"
        if zone.name.count(":") > 1:
            continue
        try:
            known = [_number(counter), _number(zone / "max_energy_range_uj")]
        except (OSError, ValueError):
            continue
        if known[1] > 0:
            found.append(counter)
    return tuple(found)


def _nvml_handle(index: int) -> tuple[Any, Any] | None:
    try:
        nvml = importlib.import_module("pynvml")
        nvml.nvmlInit()
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
        nvml.nvmlDeviceGetTotalEnergyConsumption(handle)  # cards before Volta have no counter
    except Exception:  # no package, no driver, no card, no counter: each leads to the same estimate
        return None
    return nvml, handle
