"""ChaCha20 keystream of RFC 8439, vectorised over blocks and seekable to any byte."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 64
LIMIT = BLOCK << 32  # the block counter is 32 bits wide

# The working state of this many blocks stays in the second-level cache.
_CHUNK = 2048
_CONSTANTS = np.frombuffer(b"expand 32-byte k", "<u4")
_LEFT = {n: [(i + n) % 4 for i in range(4)] for n in (1, 2, 3)}


def keystream(key: bytes, stream_id: int, offset: int, count: int) -> NDArray[np.uint8]:
    """Bytes offset .. offset + count - 1 of the stream with nonce LE32(stream_id) and eight zero bytes."""
    if len(key) != 32 or not 0 <= stream_id < 1 << 32:
        raise ValueError("a key has 32 bytes, a stream id 32 bits")
    if offset < 0 or count < 0 or offset + count > LIMIT:
        raise ValueError("beyond the end of the stream")
    first, skip = divmod(offset, BLOCK)
    blocks = -(-(skip + count) // BLOCK)
    out = np.empty((blocks, 16), "<u4")
    for start in range(0, blocks, _CHUNK):
        part = min(_CHUNK, blocks - start)
        out[start : start + part] = _blocks(key, stream_id, first + start, part).T
    return out.reshape(-1).view(np.uint8)[skip : skip + count]


def keystreams(keys: NDArray[np.uint32], stream_ids: NDArray[np.integer], words: int) -> NDArray[np.uint32]:
    """The first words of many streams, a row each; a key is a row of eight words."""
    blocks = -(-words // 16)
    out = np.empty((len(keys), blocks * 16), np.uint32)
    for start in range(0, len(keys), max(1, _CHUNK // blocks)):
        part = slice(start, start + max(1, _CHUNK // blocks))
        counters = np.tile(np.arange(blocks, dtype=np.uint32), len(keys[part]))
        state = _permuted(np.repeat(keys[part], blocks, axis=0).T, counters, np.repeat(stream_ids[part], blocks))
        out[part] = state.T.reshape(-1, blocks * 16)
    return out[:, :words]


def _blocks(key: bytes, stream_id: int, first: int, count: int) -> NDArray[np.uint32]:
    """The blocks first .. first + count - 1 as 16 rows of words, one column a block."""
    counters = np.arange(first, first + count, dtype=np.uint64)
    return _permuted(np.frombuffer(key, "<u4")[:, None], counters, stream_id)


def _permuted(key, counters, stream_ids) -> NDArray[np.uint32]:
    """Blocks of these counters; keys and ids are one for all, or a column each."""
    start = np.zeros((16, len(counters)), np.uint32)
    start[0:4] = _CONSTANTS[:, None]
    start[4:12] = key
    start[12] = counters
    start[13] = stream_ids
    # Four rows of the 4 x 4 state at a time: one quarter round then does all columns, and a turn of the rows makes the
    # diagonals columns.
    a, b, c, d = (start[4 * row : 4 * row + 4].copy() for row in range(4))
    scratch = np.empty_like(a)
    for _ in range(10):
        _quarter_round(a, b, c, d, scratch)
        b, c, d = b[_LEFT[1]], c[_LEFT[2]], d[_LEFT[3]]
        _quarter_round(a, b, c, d, scratch)
        b, c, d = b[_LEFT[3]], c[_LEFT[2]], d[_LEFT[1]]
    return np.concatenate((a, b, c, d)) + start


def _quarter_round(a, b, c, d, scratch) -> None:
    for augend, addend, target, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        augend += addend
        target ^= augend
        np.right_shift(target, np.uint32(32 - bits), out=scratch)
        np.left_shift(target, np.uint32(bits), out=target)
        target |= scratch
