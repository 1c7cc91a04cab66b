"""A flow that goes on from one whose sketch says less."""

from __future__ import annotations

from dataclasses import replace

import torch

from reflet.models.image import ImageFlow
from reflet.models.text import TextEncoder
from reflet.recipes.tiny import image_tiny
from reflet.train.start import grown


def test_new_channels_change_nothing_of_what_was_drawn() -> None:
    """The old channels of its velocity stay as they were, and the new ones stand still."""
    torch.manual_seed(0)
    recipe = image_tiny()
    config = replace(recipe.flow, sketch_channels=15).reading(recipe.text.width)
    old, new = ImageFlow(config).eval(), ImageFlow(replace(config, sketch_channels=20, refine_features=8)).eval()
    torch.nn.init.normal_(old.patch_out.weight, std=0.1)
    new.load_state_dict(new.state_dict() | grown(old.state_dict(), old, new))
    states = TextEncoder(replace(recipe.text, vocab_size=50)).eval()(torch.randint(4, 50, (2, 6)))
    side, channels = config.latent_size, config.latent_channels + 20
    x, t = torch.randn(2, channels, side, side), torch.tensor([0.3, 0.8])
    with torch.no_grad():
        before = old(x[:, :-5], t, context=old.read(states.states_BSD, states.mask_BS))
        after = new(x, t, context=new.read(states.states_BSD, states.mask_BS))
    assert before.abs().max() > 0.1
    torch.testing.assert_close(after[:, :-5], before)
    assert not after[:, -5:].any()


def test_a_flow_from_a_bundle_without_places_is_told_none_at_first() -> None:
    torch.manual_seed(0)
    recipe = image_tiny()
    config = recipe.flow.reading(recipe.text.width)
    old, new = ImageFlow(config).eval(), ImageFlow(replace(config, placed=True)).eval()
    torch.nn.init.normal_(old.patch_out.weight, std=0.1)
    new.load_state_dict(new.state_dict() | old.state_dict())
    assert new.place_TD is not None
    states = TextEncoder(replace(recipe.text, vocab_size=50)).eval()(torch.randint(4, 50, (2, 6)))
    side = config.latent_size
    x, t = torch.randn(2, config.num_channels, side, side), torch.tensor([0.3, 0.8])
    with torch.no_grad():
        before = old(x, t, context=old.read(states.states_BSD, states.mask_BS))
        torch.testing.assert_close(new(x, t, context=new.read(states.states_BSD, states.mask_BS)), before)
        torch.nn.init.normal_(new.place_TD)
        after = new(x, t, context=new.read(states.states_BSD, states.mask_BS))
        assert (after - before).abs().max() > 0.1
        wide = torch.cat((x, x), dim=3)  # a grid that the table does not know is told in between
        assert new(wide, t, context=new.read(states.states_BSD, states.mask_BS)).shape == wide.shape
