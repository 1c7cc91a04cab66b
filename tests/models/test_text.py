"""The text encoder reads words, not padding."""

from __future__ import annotations

import pytest
import torch

from reflet.models.text import TextConfig, TextEncoder, TextHeads

TINY = TextConfig(vocab_size=50, max_tokens=8, width=16, depth=2, num_heads=2)


def awake() -> TextEncoder:
    torch.manual_seed(0)
    encoder = TextEncoder(TINY)
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return encoder


def test_padding_changes_neither_states_nor_pool() -> None:
    encoder = awake()
    short = encoder(torch.tensor([[3, 7, 9]]))
    padded = encoder(torch.tensor([[3, 7, 9, 0, 0]]))
    torch.testing.assert_close(padded.states_BSD[:, :3], short.states_BSD, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(padded.pooled_BD, short.pooled_BD, atol=1e-5, rtol=1e-5)
    assert padded.mask_BS.tolist() == [[True, True, True, False, False]]
    torch.testing.assert_close(short.pooled_BD, short.states_BSD.mean(dim=1))


def test_every_word_sees_every_other_and_their_order() -> None:
    encoder = awake()
    base = encoder(torch.tensor([[3, 7, 9]])).states_BSD
    for changed in ([[4, 7, 9]], [[3, 7, 8]]):
        assert not torch.allclose(encoder(torch.tensor(changed)).states_BSD[:, 1], base[:, 1], atol=1e-3)
    swapped = encoder(torch.tensor([[9, 7, 3]])).states_BSD
    assert not torch.allclose(swapped[:, 1], base[:, 1], atol=1e-3)


def test_the_heads_learn_to_fill_in_and_to_name() -> None:
    """Both pretraining losses fall on four captions; the tied embedding learns too."""
    torch.manual_seed(0)
    encoder, heads = TextEncoder(TINY), TextHeads(TINY, num_labels=4)
    tokens_BS = torch.tensor([[3, 10, 20, 2], [3, 11, 21, 2], [3, 12, 22, 2], [3, 13, 23, 2]])
    masked_BS = tokens_BS.clone()
    masked_BS[:, 2] = 1
    labels_BG = torch.eye(4)
    optimizer = torch.optim.AdamW([*encoder.parameters(), *heads.parameters()], lr=1e-2)
    for _ in range(60):
        states = encoder(masked_BS)
        words = heads.words(states.states_BSD[:, 2], embedding=encoder.embedding)
        graph = heads.graph(states.pooled_BD)
        loss = torch.nn.functional.cross_entropy(words, tokens_BS[:, 2])
        loss = loss + torch.nn.functional.binary_cross_entropy_with_logits(graph, labels_BG)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert words.argmax(dim=1).tolist() == [20, 21, 22, 23]
    assert torch.equal(graph > 0, labels_BG > 0)


def test_too_long_a_caption_is_refused() -> None:
    with pytest.raises(ValueError, match="has 9 tokens and the text encoder reads 8"):
        awake()(torch.ones(1, 9, dtype=torch.long))
