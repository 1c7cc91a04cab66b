"""The optimiser: dealt out to threads it does what one thread does, and its state follows names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from reflet.train.muon import Muon, dealt, orthogonalized
from reflet.train.optimizer import Optimizer, OptimizerConfig


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


class Net(nn.Module):
    def __init__(self, *, head: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.blocks = nn.ModuleList(nn.Linear(n, 24, bias=False) for n in (24, 24, 40, 8))
        self.norm = nn.Parameter(torch.ones(24))
        if head:
            self.head = nn.Linear(24, 3)


def train(optimizer: Optimizer, *, steps: int, first: int = 0) -> None:
    for step in range(first, first + steps):
        draw = torch.Generator().manual_seed(step)
        for parameter in optimizer.parameters():
            parameter.grad = torch.randn(parameter.shape, generator=draw)
        optimizer.step(factor=1.0)
    assert all(p.grad is None for p in optimizer.parameters())


def make(model: nn.Module) -> Optimizer:
    return Optimizer(model, OptimizerConfig(muon_lr=0.02), scale=lambda name: 0.5 if "blocks.1" in name else 1.0)


def weights(model: nn.Module) -> dict[str, Tensor]:
    return {k: v.clone() for k, v in model.state_dict().items()}


def test_dealt_out_is_the_same(two_threads: None) -> None:
    dealt_net, whole_net = Net(), Net()
    dealt = make(dealt_net)
    torch.set_num_threads(1)
    whole = make(whole_net)
    assert (len(dealt.parts), len(whole.parts)) == (3, 2)
    for optimizer in (dealt, whole):
        train(optimizer, steps=3)
    for name, value in weights(whole_net).items():
        assert torch.equal(dealt_net.state_dict()[name], value), name


def test_state_goes_from_one_dealing_to_another(two_threads: None) -> None:
    first, second = Net(), Net()
    dealt = make(first)
    train(dealt, steps=2)
    torch.set_num_threads(1)
    second.load_state_dict(first.state_dict())
    whole = make(second)
    whole.load_state_tensors(dealt.state_tensors())
    for optimizer in (dealt, whole):
        train(optimizer, steps=1, first=2)
    for name, value in weights(first).items():
        assert torch.equal(second.state_dict()[name], value), name


def test_a_head_that_joins_starts_afresh() -> None:
    old, new = Net(), Net(head=True)
    before = make(old)
    train(before, steps=2)
    after = make(new)
    after.load_state_tensors(before.state_tensors())
    assert {n.rpartition("/")[0] for n in after.state_tensors()} == set(old.state_dict())
    train(after, steps=1)
    assert {n.rpartition("/")[0] for n in after.state_tensors()} == set(new.state_dict())


def test_muon_in_float32_is_torchs_muon() -> None:
    """The same updates but for bf16's rounding, from the same state; tall, wide and square matrices."""
    config = {"lr": 0.02, "weight_decay": 0.1, "adjust_lr_fn": "match_rms_adamw"}
    parameters = [[nn.Parameter(p.detach().clone()) for p in Net().blocks.parameters()] for _ in range(2)]
    theirs, ours = torch.optim.Muon(parameters[0], **config), Muon(parameters[1], lr=0.02, weight_decay=0.1)
    for step in range(4):
        draw = torch.Generator().manual_seed(step)
        for a, b in zip(*parameters, strict=True):
            a.grad = torch.randn(a.shape, generator=draw)
            b.grad = a.grad.clone()
        before = [b.detach().clone() for b in parameters[1]]
        theirs.step()
        ours.step()
        for a, b, old in zip(*parameters, before, strict=True):
            assert (a - b).norm() < 0.03 * (b - old).norm() * (step + 1)
    ours.load_state_dict(theirs.state_dict())
    for a, b in zip(*parameters, strict=True):
        torch.testing.assert_close(ours.state[b]["momentum_buffer"], theirs.state[a]["momentum_buffer"])


def test_a_matrix_is_made_orthogonal() -> None:
    torch.manual_seed(0)
    for shape in ((24, 24), (8, 40), (40, 8)):
        values = torch.linalg.svdvals(orthogonalized(torch.randn(shape), (3.4445, -4.775, 2.0315), steps=5, eps=1e-7))
        assert values.min() > 0.5 and values.max() < 1.3


def test_matrices_are_dealt_by_their_work() -> None:
    shapes = [(24, 24), (8, 40), (40, 40), (24, 8)]
    assert dealt(shapes, hands=1) == [[2, 0, 1, 3]]
    assert dealt(shapes, hands=2) == [[2], [0, 1, 3]]
    assert dealt(shapes[:1], hands=3) == [[0], [], []]
