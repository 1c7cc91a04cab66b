"""Phones laid out in time."""

from __future__ import annotations

import torch

from reflet.models.speech import lay_out


def test_each_phone_is_there_for_as_long_as_it_lasts() -> None:
    states_BPE = torch.tensor([[[1.0], [2.0], [3.0]], [[4.0], [5.0], [0.0]]])
    ends_BP = torch.tensor([[2, 2, 5], [1, 3, 3]])  # the second phone has no time; the second row is padded
    laid_BNE = lay_out(states_BPE, ends_BP, num_frames=6)
    assert laid_BNE[..., 0].tolist() == [[1, 1, 3, 3, 3, 3], [4, 5, 5, 5, 5, 5]]
    fraction, since, until, length = laid_BNE[0, :5, 1:].unbind(dim=1)
    torch.testing.assert_close(fraction, torch.tensor([0.25, 0.75, 0.5 / 3, 0.5, 2.5 / 3]))
    torch.testing.assert_close(since, torch.tensor([0.0, 1, 0, 1, 2]).log1p())
    torch.testing.assert_close(until, torch.tensor([2.0, 1, 3, 2, 1]).log())
    torch.testing.assert_close(length, torch.tensor([2.0, 2, 3, 3, 3]).log())
    assert torch.equal(laid_BNE[:, 5], laid_BNE[:, 5 - 1])
