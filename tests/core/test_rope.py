"""Rotary positions against their closed form."""

from __future__ import annotations

import math

import pytest
import torch

from reflet.core.embed import grid_positions, line_positions
from reflet.core.rope import pairs_per_axis, rotary_table, rotate


def test_one_step_turns_the_fastest_pair_by_one_radian() -> None:
    x_BTHK = torch.zeros(1, 3, 1, 4)
    x_BTHK[..., 0] = 1.0  # the first number of the first pair
    turned = rotate(x_BTHK, rotary_table(line_positions(3), head_width=4))
    for position in range(3):
        expected = torch.tensor([math.cos(position), 0.0, math.sin(position), 0.0])
        torch.testing.assert_close(turned[0, position, 0], expected)


def test_products_depend_on_distance_only() -> None:
    query, key = torch.randn(2, 8, generator=torch.Generator().manual_seed(0))
    near = rotary_table(torch.tensor([[2.0, 7.0], [5.0, 3.0]]), head_width=8)
    far = rotary_table(torch.tensor([[12.0, 107.0], [15.0, 103.0]]), head_width=8)
    products: list[torch.Tensor] = []
    for table in (near, far):
        q, k = rotate(torch.stack((query, key)).reshape(1, 2, 1, 8), table)[0, :, 0]
        products.append(q @ k)
    torch.testing.assert_close(products[0], products[1], atol=1e-4, rtol=1e-4)


def test_turning_keeps_length() -> None:
    x_BTHK = torch.randn(2, 12, 3, 10, generator=torch.Generator().manual_seed(0))
    turned = rotate(x_BTHK, rotary_table(grid_positions(3, 4), head_width=10))
    torch.testing.assert_close(turned.norm(dim=-1), x_BTHK.norm(dim=-1))


def test_each_axis_turns_its_own_pairs() -> None:
    table = rotary_table(torch.tensor([[0.0, 0.0], [3.0, 0.0]]), head_width=8)
    x_BTHK = torch.ones(1, 2, 1, 8)
    still, moved = rotate(x_BTHK, table)[0, :, 0]
    second_axis = [2, 3, 6, 7]
    assert torch.equal(moved[second_axis], still[second_axis])
    assert not torch.allclose(moved[[0, 1, 4, 5]], still[[0, 1, 4, 5]])


@pytest.mark.parametrize(
    ("head_width", "num_axes", "shares"), [(64, 1, (32,)), (64, 2, (16, 16)), (64, 3, (11, 11, 10))]
)
def test_pairs_are_shared_among_axes(head_width: int, num_axes: int, shares: tuple[int, ...]) -> None:
    assert pairs_per_axis(head_width, num_axes=num_axes) == shares


def test_a_head_too_narrow_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be turned along 3 axes"):
        pairs_per_axis(4, num_axes=3)
