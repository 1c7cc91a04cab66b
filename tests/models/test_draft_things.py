"""Things in boxes of their own: put where they are said to be, nearer ones before farther ones, learned from boxes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import torch
from torch import Tensor

from reflet.data.things import boxes_of
from reflet.models.draft import Draft
from reflet.models.draft_things import FEATURES, SIDE, WIDTH, Placed, Things, looks_loss, placing_loss

GRID = 16


@pytest.fixture
def things() -> Things:
    torch.manual_seed(0)
    return Things(text_width=12, number=2, code=5, grid=GRID)


def logit(share: float) -> float:
    return float(np.log(share / (1 - share)))


def set_place(
    things: Things, *, centre: tuple[float, float], size: float, there: float = 9.0, near: float = 0.0
) -> None:
    """The same for all things, whatever is said; the first feature is 1 all over."""
    with torch.no_grad():
        things.place.weight.zero_()
        things.place.bias.copy_(torch.tensor([*map(logit, centre), *[logit((size - 0.04) / 0.96)] * 2, there, near]))
        things.table.weight.zero_()
        bias = torch.zeros(FEATURES + 1, SIDE, SIDE)
        bias[0], bias[-1] = 1.0, 20.0
        things.table.bias.copy_(bias.flatten())


def test_a_thing_is_drawn_in_its_box_and_nowhere_else(things: Things) -> None:
    set_place(things, centre=(0.75, 0.25), size=0.25)
    drawn_FGG = things.draw(torch.zeros(1, 2, WIDTH))[0]
    left, top, right, bottom = things.placed(torch.zeros(1, 2, WIDTH)).boxes_BKR[0, 0].tolist()
    assert (left, top, right, bottom) == pytest.approx((0.625, 0.125, 0.875, 0.375), abs=1e-4)
    inside = torch.zeros(GRID, GRID)
    inside[3:5, 11:13] = 1  # well within: its edges are soft
    assert (drawn_FGG[0][inside > 0] > 0.6).all()
    outside = torch.ones(GRID, GRID, dtype=torch.bool)
    outside[1:7, 9:15] = False
    assert not drawn_FGG[:, outside].any()


def test_what_is_absent_is_not_drawn_and_what_is_near_hides_the_ground(things: Things) -> None:
    said = torch.zeros(1, 2, WIDTH)
    middle = (0, 0, GRID // 2, GRID // 2)
    seen: list[float] = []
    for there, near in ((-9.0, 0.0), (9.0, 0.0), (9.0, 2.0)):
        set_place(things, centre=(0.5, 0.5), size=0.6, there=there, near=near)
        seen.append(things.draw(said)[middle].item())
    assert seen[0] < 1e-3 and 0.6 < seen[1] < 0.7 and seen[2] > 0.98


def test_a_code_moves_things_and_none_leaves_them(things: Things) -> None:
    with torch.no_grad():
        things.code_in.weight.normal_()
    said, code = torch.randn(2, 2, WIDTH), torch.randn(2, 5)
    code[1] = float("nan")
    told = things.told(said, code)
    assert torch.equal(told[1], said[1]) and not torch.equal(told[0], said[0])
    assert torch.equal(things.told(said), said)


def test_the_loss_knows_what_is_there_and_what_is_not_known() -> None:
    boxes = torch.tensor([[[0.1, 0.2, 0.3, 0.4], [torch.nan] * 4], [[torch.inf] * 4] * 2])
    right = Placed(
        torch.tensor([[[0.1, 0.2, 0.3, 0.4], [0.0, 0, 1, 1]]]).expand(2, -1, -1), torch.tensor([[9.0, -9.0]] * 2)
    )
    distance, entropy = placing_loss(right, boxes)
    assert float(distance) < 1e-6 and float(entropy) < 1e-3
    wrong = Placed(right.boxes_BKR + 0.1, -right.present_BK)
    distance, entropy = placing_loss(wrong, boxes)
    assert float(distance) == pytest.approx(0.1, abs=1e-6) and float(entropy) == pytest.approx(9.0, abs=1e-2)
    unknown = placing_loss(wrong, boxes[1:].expand(2, -1, -1))
    assert float(unknown[0]) == 0.0 and float(unknown[1]) == 0.0


def test_what_things_look_like_is_asked_where_they_are() -> None:
    seen = torch.zeros(3, 2, 4, 4)
    seen[:, 1, :2] = 1.0  # figure in the upper half
    seen[:, 0, :2] = 0.5
    boxes = torch.zeros(3, 1, 4)
    boxes[2] = torch.inf
    drawn = torch.cat((seen, torch.full((3, 1, 4, 4), 7.0)), dim=1)  # what comes after is the convolutions' own
    drawn[2] = 9.0
    assert [float(x) for x in looks_loss(drawn, seen, boxes, figure=1)] == [0.0, 0.0]
    drawn[:, 0, 2:] = 3.0  # below there is no thing to have that colour
    assert float(looks_loss(drawn, seen, boxes, figure=1)[0]) == 0.0
    drawn[:2, 1] = 0.0
    looks, outline = looks_loss(drawn, seen, boxes, figure=1)
    assert float(looks) == pytest.approx(0.5) and float(outline) == pytest.approx(0.5)
    assert [float(x) for x in looks_loss(drawn, seen, boxes + torch.inf, figure=1)] == [0.0, 0.0]


def test_boxes_that_no_caption_orders_stand_from_left_to_right_the_largest_of_many() -> None:
    def thing(left: float, *, area: float = 0.1, role: str = "subject", visible: bool = True) -> dict[str, object]:
        return {"name": "cube", "role": role, "visible": visible, "area": area, "box": [left, 0.5, left + 0.1, 0.7]}

    objects = [thing(0.8), thing(0.1), thing(0.4, area=0.01), thing(0.5, role="scenery"), thing(0.6, visible=False)]
    graphs = [{"family": "tabletop", "objects": objects}, {"family": "interior", "objects": objects}, {}]
    boxes = boxes_of(graphs, [""] * 3, number=2)
    np.testing.assert_allclose(boxes[0, :, 0], [0.1, 0.8], atol=1e-6)
    assert np.isinf(boxes[1:]).all()
    three = boxes_of(graphs[:1], ["two cubes"], number=4)[0]
    np.testing.assert_allclose(three[:3, 0], [0.1, 0.4, 0.8], atol=1e-6)
    assert np.isnan(three[3]).all()


@pytest.mark.parametrize(
    ("caption", "lefts"),
    [
        ("a red cube and a blue cube on a table", [0.7, 0.1]),
        ("A blue cube beside a red cube.", [0.1, 0.7]),
        ("two vases, a red wooden cube and a blue cube", [0.3, 0.5, 0.7, 0.1]),
        ("a plant in a clay pot behind a blue cube", [0.9, 0.1]),
        ("houseplant, blue cube", [0.9, 0.1]),
        ("things", [0.1, 0.3]),
    ],
)
def test_boxes_come_in_the_order_of_the_caption(caption: str, lefts: list[float]) -> None:
    def thing(name: str, left: float, **said: object) -> dict[str, object]:
        return {"name": name, "role": "subject", "visible": True, "area": 1 - left, "box": [left, 0, 1, 1], **said}

    things = [
        thing("cube", 0.1, color="blue"),
        thing("vase", 0.5, plural="vases"),
        thing("vase", 0.3, plural="vases"),
        thing("cube", 0.7, color="red", material=None),
        thing("potted plant", 0.9, material="clay", synonyms=["plant", "houseplant"]),
    ]
    boxes = boxes_of([{"family": "outdoors", "objects": things}], [caption], number=6)[0]
    np.testing.assert_allclose(boxes[: len(lefts), 0], lefts, atol=1e-6)
    assert np.isnan(boxes[5]).all()  # those that it does not name are there too


def held_out_error(number_of_things: int) -> tuple[float, float]:
    """A draft learns six words, each a colour in a place of its own, alone and in eleven of fifteen pairs. Its error in
    those pairs, and in the other four; 1 is that of drawing nothing."""
    torch.manual_seed(2)
    words = torch.randn(6, 12)
    captions = [(k,) for k in range(6)] + list(combinations(range(6), 2))
    count = len(captions)
    states, known = torch.zeros(count, 2, 12), torch.ones(count, 2, dtype=torch.bool)
    boxes, data = torch.full((count, 2, 4), torch.nan), torch.zeros(count, 3, GRID, GRID)
    for row, said in enumerate(captions):
        known[row, len(said) :] = False
        for k, word in enumerate(said):
            column, line = divmod(word, 2)
            states[row, k] = words[word]
            boxes[row, k] = torch.tensor([column / 3, line / 2, column / 3 + 0.28, line / 2 + 0.4])
            left, top, right, bottom = (boxes[row, k] * GRID).round().int().tolist()
            data[row, word % 3, top:bottom, left:right] = 1.0
    unseen = torch.tensor([6, 9, 12, 15])
    seen = torch.tensor([k for k in range(count) if k not in unseen])
    draft = Draft(text_width=12, features=16, channels=3, grid=GRID, code=4, things=number_of_things)
    optimizer = torch.optim.Adam(draft.parameters(), lr=2e-3)

    def error(which: Tensor, told: Tensor) -> Tensor:
        return (draft.draw(told) - data[which]).square().mean() / data[which].square().mean()

    learned = 1.0
    for _ in range(120):
        told = draft.hear(states[seen], known[seen])
        placed, loss = draft.placed(told), error(seen, told)
        learned = float(loss.detach())
        if placed is not None:
            distance, entropy = placing_loss(placed, boxes[seen])
            loss = loss + distance + entropy
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return learned, float(error(unseen, draft.hear(states[unseen], known[unseen])))


@pytest.mark.slow
def test_pairs_that_were_never_seen_are_better_known_by_things() -> None:
    (learned, without), (also_learned, with_things) = held_out_error(0), held_out_error(2)
    assert max(learned, also_learned) < 0.05
    assert with_things < 0.8 * without
