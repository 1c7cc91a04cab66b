"""Energy from counters whose values are known, and the estimate where there are none."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from reflet.runtime.energy import WATTS_A_CORE, EnergyMeter


def zone(folder: Path, name: str, microjoules: int) -> Path:
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "energy_uj").write_text(f"{microjoules}\n")
    (folder / name / "max_energy_range_uj").write_text("1000000000\n")
    return folder / name / "energy_uj"


def test_packages_are_added_and_their_parts_are_not(tmp_path: Path) -> None:
    first, second = zone(tmp_path, "intel-rapl:0", 5_000_000), zone(tmp_path, "intel-rapl:1", 7_000_000)
    part = zone(tmp_path, "intel-rapl:0:0", 0)
    with EnergyMeter(powercap=tmp_path) as meter:
        first.write_text("8000000")
        second.write_text("7500000")
        part.write_text("9000000")
    assert meter.energy is not None
    assert (meter.energy.joules, meter.energy.method) == (pytest.approx(3.5), "rapl")
    assert "RAPL" in meter.energy.describe()


def test_a_counter_that_turns_over(tmp_path: Path) -> None:
    counter = zone(tmp_path, "intel-rapl:0", 999_000_000)
    with EnergyMeter(powercap=tmp_path) as meter:
        counter.write_text("2000000")
    assert meter.energy is not None
    assert meter.energy.joules == pytest.approx(3.0)


def test_without_counters_it_is_called_an_estimate(tmp_path: Path) -> None:
    with EnergyMeter(powercap=tmp_path) as meter:
        start = time.process_time()
        while time.process_time() - start < 0.2:
            pass
    assert meter.energy is not None
    assert meter.energy.method == "estimate"
    assert meter.energy.joules == pytest.approx(0.2 * WATTS_A_CORE, rel=0.3)
    assert "estimate" in meter.energy.describe()
