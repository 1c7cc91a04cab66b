"""One transformer, four uses: the text encoder, the image flow, the causal language model, the speech flow."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reflet.core.conv import Neighbours
from reflet.core.embed import ScalarEmbedding, grid_positions
from reflet.core.flow import flow_loss, interpolate, sample_times
from reflet.core.sample import sample_euler, time_grid
from reflet.core.transformer import KeyValueCache, RMSNorm, Transformer, TransformerConfig, Visible, attend

TEXT = TransformerConfig(width=32, depth=3, num_heads=2)
LANGUAGE = replace(TEXT, attention="causal")
IMAGE = replace(TEXT, conditioning="adaln_single", context="static", num_axes=2, num_late_blocks=1)


def awake(config: TransformerConfig) -> Transformer:
    """A transformer whose every parameter is random: a new one is the identity and would pass any test."""
    torch.manual_seed(0)
    transformer = Transformer(config)
    with torch.no_grad():
        for parameter in transformer.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return transformer.eval()


def image_inputs() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return {
        "x_BTD": torch.randn(2, 12, 32, generator=generator),
        "positions_TA": grid_positions(3, 4),
        "conditioning_BD": torch.randn(2, 32, generator=generator),
    }


# ------------------------------------------------------------------------------------- the causal language model
@pytest.mark.parametrize("chunks", [(10,), (1,) * 10, (4, 1, 1, 4), (5, 5)])
def test_a_cached_pass_equals_the_full_pass(chunks: tuple[int, ...]) -> None:
    transformer, x_BTD = awake(LANGUAGE), torch.randn(2, 10, 32)
    cache = KeyValueCache(LANGUAGE, batch_size=2, max_length=10)
    with torch.no_grad():
        full_BTD = transformer(x_BTD)
        pieces = [transformer(piece, cache=cache) for piece in x_BTD.split(chunks, dim=1)]
    assert cache.length == 10
    torch.testing.assert_close(torch.cat(pieces, dim=1), full_BTD, atol=1e-5, rtol=0.0)


def test_a_cached_pass_with_static_context_equals_the_full_pass() -> None:
    config = replace(LANGUAGE, context="static")
    transformer, x_BTD = awake(config), torch.randn(2, 7, 32)
    mask_BS = torch.tensor([[True, True, True], [True, False, False]])
    with torch.no_grad():
        context = transformer.read(torch.randn(2, 3, 32), mask_BS=mask_BS)
        full_BTD = transformer(x_BTD, context=context)
        cache = KeyValueCache(config, batch_size=2, max_length=8)
        pieces = [transformer(piece, context=context, cache=cache) for piece in x_BTD.split((4, 1, 2), dim=1)]
    torch.testing.assert_close(torch.cat(pieces, dim=1), full_BTD, atol=1e-5, rtol=0.0)


@pytest.mark.parametrize("training", [False, True])
def test_causality_is_exact(training: bool) -> None:
    transformer, x_BTD = awake(LANGUAGE), torch.randn(1, 8, 32, requires_grad=training)
    changed_BTD = x_BTD.detach().clone()
    changed_BTD[:, 5:] = 100.0
    with torch.set_grad_enabled(training):
        states_BTD = transformer(x_BTD)
        changed_states_BTD = transformer(changed_BTD)
    assert torch.equal(states_BTD[:, :5], changed_states_BTD[:, :5])
    assert not torch.allclose(states_BTD[:, 5:], changed_states_BTD[:, 5:])
    if training:
        states_BTD[0, 4].sum().backward()
        assert x_BTD.grad is not None
        assert torch.equal(x_BTD.grad[0, 5:], torch.zeros(3, 32))
        assert x_BTD.grad[0, 0].abs().max() > 0


def test_a_full_cache_says_so() -> None:
    cache = KeyValueCache(LANGUAGE, batch_size=1, max_length=4)
    with pytest.raises(ValueError, match="the cache holds 4 tokens and was given 5"):
        awake(LANGUAGE)(torch.randn(1, 5, 32), cache=cache)


# ------------------------------------------------------------------------------------------------ the text encoder
def test_padding_changes_nothing() -> None:
    transformer, x_BTD = awake(TEXT), torch.randn(2, 6, 32)
    padded_BTD = torch.cat((x_BTD, torch.full((2, 3, 32), 50.0)), dim=1)
    mask_BT = torch.arange(9).expand(2, 9) < 6
    torch.testing.assert_close(transformer(padded_BTD, mask_BT=mask_BT)[:, :6], transformer(x_BTD), atol=1e-5, rtol=0.0)


def test_words_have_an_order() -> None:
    transformer, x_BTD = awake(TEXT), torch.randn(1, 6, 32)
    forth, back = transformer(x_BTD), transformer(x_BTD.flip(1)).flip(1)
    assert not torch.allclose(forth, back, atol=1e-2)
    alike = torch.zeros(6, 1)  # all tokens in one place: order must not matter
    forth = transformer(x_BTD, positions_TA=alike)
    back = transformer(x_BTD.flip(1), positions_TA=alike).flip(1)
    torch.testing.assert_close(forth, back, atol=1e-5, rtol=0.0)


# --------------------------------------------------------------------------------------------------- the image flow
def test_context_read_once_equals_context_read_again() -> None:
    transformer, inputs, context_BSD = awake(IMAGE), image_inputs(), torch.randn(2, 5, 32)
    cached = transformer.read(context_BSD)
    first = transformer(**inputs, context=cached)
    again = transformer(**inputs, context=cached)
    recomputed = transformer(**inputs, context=transformer.read(context_BSD.clone()))
    assert torch.equal(first, again)
    assert torch.equal(first, recomputed)
    other = transformer(**inputs, context=transformer.read(context_BSD + 1.0))
    assert not torch.allclose(first, other, atol=1e-3)


def test_a_context_is_a_set_and_its_padding_is_unseen() -> None:
    transformer, inputs, context_BSD = awake(IMAGE), image_inputs(), torch.randn(2, 5, 32)
    states = transformer(**inputs, context=transformer.read(context_BSD))
    shuffled = transformer(**inputs, context=transformer.read(context_BSD[:, [3, 0, 4, 2, 1]]))
    torch.testing.assert_close(shuffled, states, atol=1e-5, rtol=0.0)
    padded_BSD = torch.cat((context_BSD, torch.randn(2, 2, 32)), dim=1)
    mask_BS = torch.arange(7).expand(2, 7) < 5
    padded = transformer(**inputs, context=transformer.read(padded_BSD, mask_BS=mask_BS))
    torch.testing.assert_close(padded, states, atol=1e-5, rtol=0.0)


def test_only_late_blocks_see_the_late_conditioning() -> None:
    transformer, inputs = awake(IMAGE), image_inputs()
    context = transformer.read(torch.randn(2, 5, 32))
    early: list[torch.Tensor] = []
    transformer.blocks[1].register_forward_hook(lambda _block, _inputs, output: early.append(output[0]))
    same = transformer(**inputs, late_conditioning_BD=inputs["conditioning_BD"], context=context)
    other = transformer(**inputs, late_conditioning_BD=inputs["conditioning_BD"] + 1.0, context=context)
    plain = transformer(**inputs, context=context)
    assert torch.equal(same, plain)
    assert torch.equal(early[0], early[1])
    assert not torch.allclose(same, other, atol=1e-2)


@pytest.mark.parametrize("config", [TEXT, LANGUAGE, IMAGE])
def test_a_new_transformer_is_its_final_norm(config: TransformerConfig) -> None:
    transformer, inputs = Transformer(config), image_inputs()
    if config is IMAGE:
        states_BTD = transformer(**inputs, context=transformer.read(torch.randn(2, 5, 32)))
    else:
        states_BTD = transformer(inputs["x_BTD"])
    assert torch.equal(states_BTD, RMSNorm(32)(inputs["x_BTD"]))


def test_the_plain_attention_equals_the_fused_one() -> None:
    queries, keys, values = torch.randn(3, 2, 2, 6, 8).unbind(0)
    mask = torch.zeros(2, 1, 1, 6).masked_fill(torch.arange(6) > 3, -torch.inf)
    for visible in (Visible(None, is_causal=False), Visible(mask, is_causal=False)):
        plain = attend(queries.clone().requires_grad_(), keys, values, visible)
        torch.testing.assert_close(plain, attend(queries, keys, values, visible))
        torch.testing.assert_close(plain, F.scaled_dot_product_attention(queries, keys, values, attn_mask=visible.mask))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler on a CPU")
@pytest.mark.filterwarnings("ignore")  # the compiler warns about torch itself
def test_compiled_layers_equal_eager_ones() -> None:
    transformer, inputs = awake(replace(IMAGE, depth=2)), image_inputs()
    context_BSD = torch.randn(2, 5, 32)
    eager = transformer(**inputs, context=transformer.read(context_BSD))
    transformer.compile_layers()
    compiled = transformer(**inputs, context=transformer.read(context_BSD))
    torch.testing.assert_close(compiled, eager, atol=1e-5, rtol=1e-5)


# -------------------------------------------------------------------------------------------------- the speech flow
class SpeechFlow(nn.Module):
    """What a one-dimensional head on the same core would be: frames on a line, words as static context."""

    def __init__(self) -> None:
        super().__init__()
        config = TransformerConfig(width=32, depth=2, num_heads=2, conditioning="adaln_single", context="static")
        self.frame_in, self.frame_out = nn.Linear(4, 32), nn.Linear(32, 4)
        self.time, self.transformer = ScalarEmbedding(32), Transformer(config)
        nn.init.zeros_(self.frame_out.weight)

    def forward(self, x_BTC: Tensor, t_B: Tensor, context_BSD: Tensor) -> Tensor:
        context = self.transformer.read(context_BSD)
        output = self.transformer(self.frame_in(x_BTC), conditioning_BD=self.time(t_B), context=context)
        return self.frame_out(output)


def test_a_one_dimensional_flow_learns_and_is_sampled() -> None:
    """Two words, two waves: after a short training each word brings back its own wave from noise."""
    torch.manual_seed(0)
    model, generator = SpeechFlow(), torch.Generator().manual_seed(0)
    phase_T1 = torch.arange(16.0)[:, None] * 0.4
    waves_BTC = torch.stack([torch.sin(phase_T1 * speed + torch.arange(4.0)) for speed in (1.0, 2.5)])
    words_BSD = torch.randn(2, 3, 32)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.0)
    data, words = waves_BTC.repeat(8, 1, 1), words_BSD.repeat(8, 1, 1)
    for _ in range(120):
        noise = torch.randn(data.shape, generator=generator)
        t_B = sample_times(16, generator=generator)
        output = model(interpolate(data, noise, t_B), t_B, words)
        loss = flow_loss(output, data=data, noise=noise, t_B=t_B, prediction="velocity").mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    noise = torch.randn(waves_BTC.shape, generator=generator)
    with torch.no_grad():
        sampled = sample_euler(lambda x, t: model(x, torch.full((2,), t), words_BSD), noise, times=time_grid(12))
    assert (sampled - waves_BTC).square().mean() < 0.1 * waves_BTC.square().mean()
    assert (sampled - waves_BTC.flip(0)).square().mean() > 0.5


# ------------------------------------------------------------------------------------------------------- bad inputs
def test_inputs_that_do_not_fit_are_refused() -> None:
    inputs = image_inputs()
    with pytest.raises(ValueError, match="conditioning is 'none'"):
        Transformer(TEXT)(inputs["x_BTD"], conditioning_BD=inputs["conditioning_BD"])
    with pytest.raises(ValueError, match="context is 'static'"):
        Transformer(IMAGE)(**inputs)
    with pytest.raises(ValueError, match="reads no context"):
        Transformer(TEXT).read(inputs["x_BTD"])
    with pytest.raises(ValueError, match="a cache needs causal attention"):
        Transformer(TEXT)(inputs["x_BTD"], cache=KeyValueCache(TEXT, batch_size=2, max_length=12))
    with pytest.raises(ValueError, match="does not split into 5 heads"):
        replace(TEXT, num_heads=5)
    with pytest.raises(ValueError, match="more than the 3 blocks"):
        replace(TEXT, num_late_blocks=4)


def test_the_hidden_width_is_a_multiple_of_32() -> None:
    assert replace(TEXT, width=320).mlp_width == 864
    assert replace(TEXT, width=384).mlp_width == 1024


def test_neighbours_are_a_depthwise_convolution_and_padding_is_unheard() -> None:
    """Against conv1d; with a mask, what lies past a line's end must not matter."""
    mix = Neighbours(6, 5, start="random")
    x_BTD = torch.randn(2, 9, 6)
    expected = torch.nn.functional.conv1d(x_BTD.transpose(1, 2), mix.kernel_D1K, padding=2, groups=6)
    assert torch.allclose(mix(x_BTD), expected.transpose(1, 2), atol=1e-6)
    config = TransformerConfig(width=16, depth=2, num_heads=2, conv_kernel=5)
    model = awake(config)
    x_BTD, mask_BT = torch.randn(1, 9, 16), torch.arange(9)[None] < 6
    assert torch.allclose(model(x_BTD, mask_BT=mask_BT)[:, :6], model(x_BTD[:, :6]), atol=1e-5)
    with pytest.raises(ValueError, match="odd"):
        TransformerConfig(width=16, depth=2, num_heads=2, conv_kernel=3, attention="causal")
