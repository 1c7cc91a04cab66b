"""ImageFlow: what it is told changes its answer, and only where it should."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from reflet.core.flow import flow_loss, interpolate, sample_times
from reflet.models.draft_code import CodePrior, Posterior
from reflet.models.image import ImageContext, ImageFlow, ImageFlowConfig
from reflet.train.start import beside_a_draft, with_draft

TINY = ImageFlowConfig(
    width=32,
    depth=3,
    num_heads=2,
    latent_channels=4,
    latent_size=4,
    patch_size=2,
    text_width=12,
)


def awake(config: ImageFlowConfig) -> ImageFlow:
    """A model whose every parameter is random: a new one answers zero to everything."""
    torch.manual_seed(0)
    model = ImageFlow(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model


@pytest.fixture
def x_BCHW() -> Tensor:
    return torch.randn(2, 4, 4, 4, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def states_BSE() -> Tensor:
    return torch.randn(2, 6, 12, generator=torch.Generator().manual_seed(1))


T_B = torch.tensor([0.3, 0.8])


def answer(model: ImageFlow, x: Tensor, context: ImageContext, **told: Tensor) -> Tensor:
    with torch.no_grad():
        return model(x, T_B, context=context, **told)


def test_a_new_model_predicts_the_mean(x_BCHW: Tensor, states_BSE: Tensor) -> None:
    model = ImageFlow(TINY)
    assert torch.equal(answer(model, x_BCHW, model.read(states_BSE)), torch.zeros(2, 4, 4, 4))


def test_one_reading_serves_every_step(x_BCHW: Tensor, states_BSE: Tensor) -> None:
    model = awake(TINY)
    context = model.read(states_BSE)
    first = answer(model, x_BCHW, context)
    assert torch.equal(answer(model, x_BCHW, context), first)
    assert torch.equal(answer(model, x_BCHW, model.read(states_BSE)), first)
    assert not torch.allclose(answer(model, x_BCHW, model.read(-states_BSE)), first, atol=1e-3)


def test_padding_of_the_prompt_changes_nothing(x_BCHW: Tensor, states_BSE: Tensor) -> None:
    model = awake(TINY)
    short = answer(model, x_BCHW, model.read(states_BSE))
    padded_BSE = torch.cat((states_BSE, torch.full((2, 3, 12), 9.0)), dim=1)
    mask_BS = torch.arange(9).expand(2, 9) < 6
    torch.testing.assert_close(answer(model, x_BCHW, model.read(padded_BSE, mask_BS)), short, atol=1e-5, rtol=1e-5)


def test_samples_do_not_see_each_other(x_BCHW: Tensor, states_BSE: Tensor) -> None:
    model = awake(TINY)
    both = answer(model, x_BCHW, model.read(states_BSE))
    with torch.no_grad():
        alone = model(x_BCHW[1:], T_B[1:], context=model.read(states_BSE[1:]))
    torch.testing.assert_close(alone, both[1:], atol=1e-5, rtol=1e-5)


def test_r_defaults_to_t_and_is_seen_by_the_last_third_only(x_BCHW: Tensor, states_BSE: Tensor) -> None:
    model = awake(TINY)
    context = model.read(states_BSE)
    silent = answer(model, x_BCHW, context)
    assert torch.equal(answer(model, x_BCHW, context, r_B=T_B), silent)
    jump = answer(model, x_BCHW, context, r_B=torch.zeros(2))
    assert not torch.allclose(jump, silent, atol=1e-3)
    # Only the last of three blocks sees r: with that block switched off, the final norm's modulation alone tells it.
    with torch.no_grad():
        model.transformer.blocks[2].attention.output.weight.zero_()  # pyright: ignore
        model.transformer.blocks[2].mlp.down.weight.zero_()  # pyright: ignore
        model.transformer.modulation.weight[6 * 32 :].zero_()  # pyright: ignore
    assert torch.equal(answer(model, x_BCHW, context, r_B=torch.zeros(2)), answer(model, x_BCHW, context))


def test_guidance_zero_means_not_told(x_BCHW: Tensor, states_BSE: Tensor) -> None:
    model = awake(TINY)
    context = model.read(states_BSE)
    silent = answer(model, x_BCHW, context)
    mixed = answer(model, x_BCHW, context, guidance_B=torch.tensor([0.0, 3.0]))
    assert torch.equal(mixed[0], silent[0])
    assert not torch.allclose(mixed[1], silent[1], atol=1e-3)


def test_new_inputs_begin_silent(x_BCHW: Tensor, states_BSE: Tensor) -> None:
    """Neither r nor guidance disturbs a model that has not learned them."""
    model = ImageFlow(TINY)
    torch.nn.init.normal_(model.patch_out.weight)
    context = model.read(states_BSE)
    silent = answer(model, x_BCHW, context)
    assert torch.equal(answer(model, x_BCHW, context, r_B=torch.zeros(2), guidance_B=torch.ones(2) * 4), silent)


@pytest.mark.parametrize("patch_size", [1, 2])
def test_shapes(patch_size: int, x_BCHW: Tensor, states_BSE: Tensor) -> None:
    config = replace(TINY, patch_size=patch_size)
    model = awake(config)
    assert config.num_tokens == (4 // patch_size) ** 2
    assert answer(model, x_BCHW, model.read(states_BSE)).shape == (2, 4, 4, 4)


@pytest.mark.parametrize("prediction", ["data", "velocity"])
def test_a_sketch_walks_ahead(prediction: str, states_BSE: Tensor) -> None:
    """Velocities follow from each channel's time and from what is predicted of it; both groups are seen together."""
    model = awake(replace(TINY, sketch_channels=3, lead=0.5, prediction=prediction))  # type: ignore[arg-type]
    x = torch.randn(2, 7, 4, 4, generator=torch.Generator().manual_seed(2))
    context, t_B = model.read(states_BSE), torch.tensor([0.5, 0.9])
    with torch.no_grad():
        data = model(x, t_B, context=context)
        velocity = model.velocity(x, t_B, context=context)
        times = torch.tensor([[0.75, 0.25], [1.0, 0.85]]).repeat_interleave(torch.tensor([4, 3]), dim=1)[
            :, :, None, None
        ]
        torch.testing.assert_close(velocity, (x - data) / times if prediction == "data" else data)
        other = x.clone()
        other[:, 4:] += 1.0
        assert not torch.allclose(model(other, t_B, context=context)[:, :4], data[:, :4], atol=1e-3)


def test_a_planner_begins_and_the_flow_goes_on(states_BSE: Tensor) -> None:
    """Before the handover the planner alone moves the sketch, in its own time; after it the flow alone. Rows of one
    batch may stand on either side."""
    plan = replace(TINY, latent_channels=3, prediction="data")
    whole = replace(TINY, sketch_channels=3, lead=1.0, sketch_shift=4.0, prediction="velocity", planner=plan)
    model = awake(replace(whole, handover=0.7))
    assert model.planner is not None
    x = torch.randn(2, 7, 4, 4, generator=torch.Generator().manual_seed(2))
    context = model.read(states_BSE)
    assert context.planner is not None
    with torch.no_grad():
        mixed = model.velocity(x, torch.tensor([0.75, 0.7]), context=context)
        own = model.config.schedule().times(torch.tensor([0.75]))[:, -1]  # 0.8: half way, shifted by 4
        drawn = model.planner(x[:1, 4:], own, context=context.planner.rows(torch.tensor([0])))
        painted = model(x[1:], torch.tensor([0.7]), context=context.rows(torch.tensor([1])))
    assert own.item() == pytest.approx(0.8)
    assert not mixed[0, :4].any()
    torch.testing.assert_close(mixed[0, 4:], (x[0, 4:] - drawn[0]) / 0.8)
    torch.testing.assert_close(mixed[1], painted[0])
    for row, time in enumerate((0.75, 0.7)):
        with torch.no_grad():
            alone = model.velocity(x, torch.full((2,), time), context=context)
        torch.testing.assert_close(alone[row], mixed[row])


def test_prompts_of_any_length_share_a_batch(x_BCHW: Tensor, states_BSE: Tensor) -> None:
    plan = replace(TINY, prediction="data")
    model = awake(replace(TINY, latent_channels=4, sketch_channels=4, lead=1.0, planner=plan))
    x = torch.cat((x_BCHW, x_BCHW.flip(0)), dim=1)
    contexts = [model.read(states_BSE[:1, :length]) for length in (4, 6)]
    with torch.no_grad():
        for time in (0.8, 0.3):
            t_B = torch.full((2,), time)
            together = model.velocity(x, t_B, context=ImageContext.joined(contexts))
            alone = [model.velocity(x[i : i + 1], t_B[:1], context=contexts[i]) for i in range(2)]
            torch.testing.assert_close(together, torch.cat(alone), atol=1e-5, rtol=1e-5)


def test_a_draft_is_read_with_the_words_and_shown_beside_the_noise(x_BCHW: Tensor, states_BSE: Tensor) -> None:
    """Each prompt has its own, in a batch as alone; what is drawn depends on it; a word's weight changes it."""
    model = awake(
        replace(TINY, latent_channels=1, sketch_channels=3, draft_features=8, draft_code=4, refine_features=8)
    )
    mask = torch.ones(states_BSE.shape[:2], dtype=torch.bool)
    mask[1, 3:] = False
    contexts = [model.read(states_BSE[:1]), model.read(states_BSE[1:, :3])]
    together, t_B = model.read(states_BSE, mask), torch.tensor([0.6, 0.6])
    first, second = (c.draft_BCHW for c in contexts)
    assert first is not None and second is not None and together.draft_BCHW is not None
    assert first.shape == (1, 3, 4, 4)
    torch.testing.assert_close(together.draft_BCHW, torch.cat((first, second)))
    with torch.no_grad():
        drawn = model(x_BCHW, t_B, context=together)
        torch.testing.assert_close(model(x_BCHW, t_B, context=ImageContext.joined(contexts)), drawn)
        rows = together.rows(torch.tensor([1, 0])).repeated(1)
        torch.testing.assert_close(model(x_BCHW.flip(0), t_B, context=rows).flip(0), drawn)
        other = together._replace(draft_BCHW=together.draft_BCHW + 1)
        assert not torch.allclose(model(x_BCHW, t_B, context=other), drawn, atol=1e-3)
        wider = F.interpolate(x_BCHW, scale_factor=2.0)
        assert model(wider[:1], t_B[:1], context=contexts[0].wide(1)).shape == wider[:1].shape
    heard = model.read(states_BSE[:1], weights_BS=torch.tensor([[2.0] + [1.0] * (states_BSE.shape[1] - 1)])).draft_BCHW
    assert heard is not None and not torch.allclose(heard, first, atol=1e-4)


@torch.no_grad()
def test_a_code_draws_one_of_what_the_words_leave_open(states_BSE: Tensor) -> None:
    """A code changes the draft, none is the mean; a new encoder knows nothing; what is imagined heeds the words."""
    fresh = ImageFlow(replace(TINY, latent_channels=1, sketch_channels=3, draft_features=8, draft_code=5)).eval()
    sketch, noise = torch.randn(2, 3, 4, 4), torch.randn(2, 5)
    unknown = fresh.posterior(fresh.read(states_BSE), sketch)
    assert unknown is not None and float(unknown.divergence().abs().max()) < 1e-6
    model = awake(fresh.config)
    context = model.read(states_BSE)
    told = model.with_code(context, torch.stack((noise[0], torch.full((5,), torch.nan))))
    assert told.draft_BCHW is not None and context.draft_BCHW is not None
    torch.testing.assert_close(told.draft_BCHW[1], context.draft_BCHW[1])
    assert not torch.allclose(told.draft_BCHW[0], context.draft_BCHW[0], atol=1e-3)
    posterior = model.posterior(context, sketch)
    assert posterior is not None and posterior.mean_BK.shape == (2, 5) and float(posterior.divergence().min()) > 0
    wide = model.posterior(context, F.interpolate(sketch, scale_factor=2.0))
    assert wide is not None
    torch.testing.assert_close(wide.mean_BK, posterior.mean_BK)
    first = model.imagined(context, noise)
    assert first is not None and torch.equal(first, model.imagined(context, noise))  # type: ignore[arg-type]
    for other in (
        model.imagined(context, noise.flip(0)),
        model.imagined(context.rows(torch.tensor([1, 0])), noise),
        model.imagined(context, noise, negative=context.rows(torch.tensor([1, 0])), guidance_scale=3.0),
    ):
        assert other is not None and not torch.allclose(other, first, atol=1e-4)
    assert model.imagined(context._replace(told_BF=None), noise) is None


def test_the_divergence_of_a_posterior() -> None:
    """Against torch's own formula."""
    mean, log_variance = torch.randn(3, 4), torch.randn(3, 4)
    normal = torch.distributions.Normal(mean, (0.5 * log_variance).exp())
    expected = torch.distributions.kl_divergence(normal, torch.distributions.Normal(0.0, 1.0)).sum(dim=1)
    torch.testing.assert_close(Posterior(mean, log_variance).divergence(), expected)


def test_a_prior_of_the_exact_velocity_finds_the_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the velocity to one code, whatever the noise, the walk ends there."""
    prior, goal = CodePrior(features=4, code=3), torch.tensor([[1.0, -2.0, 0.5]])
    monkeypatch.setattr(CodePrior, "forward", lambda self, x, t, told: (x - goal) / t[:, None])
    torch.testing.assert_close(prior.sample(torch.randn(6, 3), torch.zeros(6, 4)), goal.expand(6, 3))


def test_a_flow_is_given_a_draft_later(x_BCHW: Tensor, states_BSE: Tensor) -> None:
    """A trained flow draws at first what it drew."""
    config = replace(TINY, latent_channels=1, sketch_channels=3, refine_features=8)
    known = awake(config)
    model = awake(replace(config, draft_features=8, draft_code=4))
    model.load_state_dict(beside_a_draft(model.state_dict() | known.state_dict(), model))
    torch.testing.assert_close(
        answer(model, x_BCHW, model.read(states_BSE)), answer(known, x_BCHW, known.read(states_BSE))
    )


def test_a_draft_is_deepened_later(states_BSE: Tensor) -> None:
    """A deeper one that begins with a trained one's tensors draws at first what that drew; another begins anew."""
    config = replace(TINY, latent_channels=1, sketch_channels=3, draft_features=8, draft_code=4)
    known, model, code = awake(config), ImageFlow(replace(config, draft_depth=3)).eval(), torch.randn(2, 4)
    model.load_state_dict(with_draft(known.state_dict(), known, model))

    def drawn(flow: ImageFlow) -> Tensor:
        told = flow.with_code(flow.read(states_BSE), code).draft_BCHW
        assert told is not None
        return told

    torch.testing.assert_close(drawn(model), drawn(known))
    assert not torch.allclose(drawn(awake(model.config)), drawn(known), atol=1e-3)
    placing = ImageFlow(replace(config, draft_things=2)).eval()
    placing.load_state_dict(with_draft(known.state_dict(), known, placing))
    torch.testing.assert_close(drawn(placing), drawn(known))
    wider = ImageFlow(replace(config, draft_features=12))
    wider.load_state_dict(with_draft(known.state_dict(), known, wider))
    assert torch.equal(wider.patch_in.weight, known.patch_in.weight)
    assert not drawn(wider).any()  # as before its first step


def test_a_planner_hands_over_before_latents_move() -> None:
    whole = replace(TINY, sketch_channels=3, lead=1.0)
    with pytest.raises(ValueError, match="has as many latent_channels"):
        replace(whole, planner=TINY)
    with pytest.raises(ValueError, match="latents have begun to move"):
        replace(whole, planner=replace(TINY, latent_channels=3), handover=0.4)


@pytest.mark.parametrize("prediction", ["data", "velocity"])
def test_the_velocity_follows_from_the_prediction(prediction: str, x_BCHW: Tensor, states_BSE: Tensor) -> None:
    model = awake(replace(TINY, prediction=prediction))  # type: ignore[arg-type]
    context = model.read(states_BSE)
    predicted = answer(model, x_BCHW, context)
    expected = predicted if prediction == "velocity" else (x_BCHW - predicted) / T_B[:, None, None, None]
    with torch.no_grad():
        torch.testing.assert_close(model.velocity(x_BCHW, T_B, context=context), expected)


@pytest.mark.parametrize("prediction", ["data", "velocity"])
def test_it_learns_a_tiny_batch(prediction: str, states_BSE: Tensor) -> None:
    torch.manual_seed(0)
    model, generator = ImageFlow(replace(TINY, prediction=prediction)), torch.Generator().manual_seed(0)  # type: ignore[arg-type]
    data, states = torch.randn(2, 4, 4, 4).repeat(4, 1, 1, 1), states_BSE.repeat(4, 1, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=6e-3)
    losses: list[float] = []
    for _ in range(90):
        noise, t_B = torch.randn(data.shape, generator=generator), sample_times(8, generator=generator)
        output = model(interpolate(data, noise, t_B), t_B, context=model.read(states))
        loss = flow_loss(output, data=data, noise=noise, t_B=t_B, prediction=model.config.prediction).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-10:]) < 0.3 * sum(losses[:10])


def test_every_parameter_of_a_trained_model_is_used(x_BCHW: Tensor, states_BSE: Tensor) -> None:
    model = awake(TINY)
    model(x_BCHW, T_B, context=model.read(states_BSE), guidance_B=torch.ones(2) * 2).square().sum().backward()
    assert [name for name, parameter in model.named_parameters() if parameter.grad is None] == []


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="do not split into patches of 3"):
        replace(TINY, patch_size=3)


def test_a_refiner_changes_nothing_at_first_and_mends_edges_between_patches() -> None:
    """Given to a trained flow it is zero. Then it learns what one token cannot know: what stands in the next patch."""
    plain = awake(replace(TINY, latent_channels=2, latent_size=8, text_width=16)).requires_grad_(False)
    refined = ImageFlow(replace(plain.config, refine_features=16, refine_blocks=2))
    assert refined.refiner is not None
    refined.requires_grad_(False)
    missing = refined.load_state_dict(plain.state_dict(), strict=False)
    assert missing.unexpected_keys == [] and all(k.startswith("refiner.") for k in missing.missing_keys)
    x, t, words = torch.randn(4, 2, 8, 8), torch.rand(4), torch.randn(4, 3, 16)
    context = refined.read(words)
    torch.testing.assert_close(refined(x, t, context=context), plain(x, t, context=plain.read(words)))
    # The neighbour's value, one cell to the left, across every patch's border.
    refined.refiner.requires_grad_(True)
    optimizer = torch.optim.Adam(refined.refiner.parameters(), lr=3e-3)
    for _ in range(250):
        x = torch.randn(16, 2, 8, 8)
        guess = refined(x, torch.rand(16), context=context.rows(torch.zeros(16, dtype=torch.long)))
        loss = (guess[..., 1:] - x[..., :-1]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.2, loss
