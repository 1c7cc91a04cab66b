"""Grids of other shapes: what is square stays square, in the middle, and comes back as it was."""

from __future__ import annotations

import pytest
import torch

from reflet.core.embed import grid_positions
from reflet.core.frame import fitted, spread_positions, unfitted


def test_its_own_size_is_left_as_it_is() -> None:
    table_BCHW = torch.randn(2, 3, 16, 16)
    assert fitted(table_BCHW, 16, 16) is table_BCHW
    assert unfitted(table_BCHW, 16) is table_BCHW


@pytest.mark.parametrize(("height", "width"), [(12, 22), (22, 12), (12, 18), (18, 12), (32, 32), (24, 36)])
def test_a_disc_stays_round_and_in_the_middle(height: int, width: int) -> None:
    y, x = torch.meshgrid(torch.arange(16) - 7.5, torch.arange(16) - 7.5, indexing="ij")
    disc_BCHW = (y.square() + x.square() < 25).float()[None, None]
    seen_HW = fitted(disc_BCHW, height, width)[0, 0]
    assert seen_HW.shape == (height, width)
    rows, columns = seen_HW.sum(dim=1), seen_HW.sum(dim=0)
    across, down = (columns > 1).sum().item(), (rows > 1).sum().item()
    assert across == down > 6
    assert torch.allclose(rows, rows.flip(0), atol=1e-4) and torch.allclose(columns, columns.flip(0), atol=1e-4)


def test_borders_go_on_to_the_edges() -> None:
    halves_BCHW = torch.cat((torch.zeros(1, 1, 8, 16), torch.ones(1, 1, 8, 16)), dim=2)  # sky above ground
    wide_HW = fitted(halves_BCHW, 16, 28)[0, 0]
    assert torch.equal(wide_HW[:, :1].expand(-1, 28), wide_HW)
    tall_HW = fitted(halves_BCHW, 28, 16)[0, 0]
    assert not tall_HW[:14].any() and tall_HW[14:].all()


@pytest.mark.parametrize(("height", "width"), [(16, 22), (22, 16)])
def test_the_middle_comes_back(height: int, width: int) -> None:
    table_BCHW = torch.randn(2, 3, 16, 16)
    assert torch.equal(unfitted(fitted(table_BCHW, height, width), 16), table_BCHW)


def test_the_middle_comes_back_smaller_and_larger() -> None:
    y, x = torch.meshgrid(torch.linspace(-1, 1, 16), torch.linspace(-1, 1, 16), indexing="ij")
    smooth_BCHW = torch.stack((y + x, y * x))[None]
    for height, width in ((12, 22), (32, 48)):
        back_BCHW = unfitted(fitted(smooth_BCHW, height, width), 16)
        assert (back_BCHW - smooth_BCHW).abs().max() < 0.12


def test_positions_are_those_of_training_on_its_grid_and_span_them_on_others() -> None:
    assert torch.equal(spread_positions(8, 8, side=8), grid_positions(8, 8))
    wide_TA = spread_positions(6, 11, side=8)
    assert wide_TA.shape == (66, 2)
    assert torch.allclose(wide_TA.amax(dim=0), torch.tensor([7.0, 7.0])) and not wide_TA.amin(dim=0).any()
    assert torch.equal(spread_positions(1, 2, side=8)[:, 0], torch.zeros(2))
