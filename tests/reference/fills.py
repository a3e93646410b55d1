"""Extreme tensors that a test in any language can rebuild from a mode's name.

Element e (flat index) of tensor t is, by mode:
  stream          what the specification says
  max, min        +127, -127
  alternate       +127 if e + t is even, else -127
  random_extreme  +127 if the byte of the normal stream is below 128, else -127
  one_hot         +127 if e = t (mod 97), else 0
  zero            0
The input noise counts as tensor 2^32 - 1; its normal stream is the input stream from byte 4 * sequence_length on.
"""

from __future__ import annotations

import numpy as np

from chacha20 import keystream
from pow import I8, INPUT_STREAM, LAYER_TENSORS, ModelConfig, Noise, Tensors, as_weights

MODES = ("stream", "max", "min", "alternate", "random_extreme", "one_hot", "zero")
NOISE_TENSOR = (1 << 32) - 1
KINDS = ("token_embedding", "position_embedding") + LAYER_TENSORS + ("noise",)


def fill(mode: str, key: bytes, stream_id: int, offset: int, tensor: int, first: int, count: int) -> I8:
    """Elements first .. first + count - 1 of a tensor whose element 0 is byte `offset` of the stream."""
    if mode in ("stream", "random_extreme"):
        stream = keystream(key, stream_id, offset + first, count)
        return as_weights(stream) if mode == "stream" else np.where(stream < 128, 127, -127).astype(np.int8)
    e = np.arange(first, first + count, dtype=np.int64)
    values = {
        "max": lambda: np.full(count, 127),
        "min": lambda: np.full(count, -127),
        "alternate": lambda: np.where((e + tensor) % 2 == 0, 127, -127),
        "one_hot": lambda: np.where(e % 97 == tensor % 97, 127, 0),
        "zero": lambda: np.zeros(count),
    }
    return values[mode]().astype(np.int8)


def kind_of(tensor: int) -> str:
    return KINDS[tensor] if tensor < 2 else LAYER_TENSORS[(tensor - 16) % 8]


def filled_tensors(key: bytes, modes: dict[str, str]) -> Tensors:
    """Kinds that `modes` does not name come from the stream."""
    return lambda tensor, first, count: fill(
        modes.get(kind_of(tensor), "stream"), key, tensor, 0, tensor, first, count
    )


def filled_noise(config: ModelConfig, modes: dict[str, str]) -> Noise:
    offset, count = 4 * config.sequence_length, config.sequence_length * config.model_dim
    mode = modes.get("noise", "stream")
    return lambda seed: fill(mode, seed, INPUT_STREAM, offset, NOISE_TENSOR, 0, count)
