"""A Merkle tree over entries: one hash stands for all of them, and a short proof shows that one is among them.

The tree of RFC 6962 (Certificate Transparency), section 2.1: leaves and nodes are hashed with different prefixes, so
that neither can be passed off as the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(content: bytes) -> bytes:
    """SHA-256 of 0x00 and the content."""
    return hashlib.sha256(b"\x00" + content).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(number: int) -> int:
    """The largest power of two below `number`."""
    return 1 << (number - 1).bit_length() - 1


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in their order; of none, SHA-256 of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    # Pairing neighbours and carrying an odd last one up gives the same tree as splitting at powers of two.
    while len(level) > 1:
        paired = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(level) - len(level) % 2 :]
    return level[0]


def proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root, nearest first (RFC 6962, 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"there is no leaf {index} among {len(leaves)}")
    if len(leaves) == 1:
        return []
    middle = _split(len(leaves))
    if index < middle:
        return [*proof(leaves[:middle], index), root(leaves[middle:])]
    return [*proof(leaves[middle:], index - middle), root(leaves[:middle])]


def is_included(leaf: bytes, index: int, number: int, path: Sequence[bytes], top: bytes) -> bool:
    """Whether `path` shows that `leaf` is number `index` of `number` under the root `top` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < number:
        return False
    at, last, value = index, number - 1, leaf
    for step in path:
        if last == 0:
            return False
        if at % 2 or at == last:
            value = _node(step, value)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            value = _node(value, step)
        at, last = at >> 1, last >> 1
    return last == 0 and value == top
