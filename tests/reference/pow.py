"""The transformer proof of work, written from its specification (docs/spec/pow.md) and from nothing else.

Matrix products run in float64, where they are exact: every sum stays below 2^31. All else is int64, uint64 or Python's
own integers. Clarity comes before speed; nothing here is meant for mining.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass, fields, replace
from hashlib import blake2b
from typing import Callable, Optional, Sequence

import numpy as np
from numpy.typing import NDArray

from chacha20 import keystream

I64 = NDArray[np.int64]
I8 = NDArray[np.int8]

# (tensor id, first element, elements) -> that part of the flattened tensor.
Tensors = Callable[[int, int, int], I8]
# (name of the step, its value), in the order of the computation.
Record = Callable[[str, np.ndarray], None]

TOKEN_EMBEDDING, POSITION_EMBEDDING, TARGET = 0, 1, 2
INPUT_STREAM, PERMUTATION_STREAM = 0, 1
WQ, WK, WV, WO, W1, W3, W2 = range(7)
PLAIN, GATED = 0, 1
INPUT_BINDING, OUTPUT_BINDING = 0, 1
LAYER_TENSORS = ("wq", "wk", "wv", "wo", "w1", "w3", "w2")


# ---------------------------------------------------------------------------------------------------------------------
# Configurations


@dataclass(frozen=True)
class ModelConfig:
    """The 16 fields in the order of their encoding."""

    spec_version: int
    vocab_size: int
    sequence_length: int
    layers: int
    model_dim: int
    heads: int
    ffn_dim: int
    ffn_kind: int
    qkv_shift: int
    score_shift: int
    ffn_shift: int
    up_shift: int
    gate_shift: int
    attention_residual_shift: int
    ffn_residual_shift: int
    permutation_binding: int

    @property
    def gated(self) -> bool:
        return self.ffn_kind == GATED

    @property
    def head_dim(self) -> int:
        return self.model_dim // self.heads

    def encode(self) -> bytes:
        return b"".join(value.to_bytes(4, "little") for value in astuple(self))

    def shape(self, tensor: int) -> tuple[int, int]:
        if tensor == TOKEN_EMBEDDING:
            return self.vocab_size, self.model_dim
        if tensor == POSITION_EMBEDDING:
            return self.sequence_length, self.model_dim
        kind = (tensor - 16) % 8
        if kind in (W1, W3):
            return self.ffn_dim, self.model_dim
        return self.model_dim, self.ffn_dim if kind == W2 else self.model_dim

    @property
    def parameters(self) -> int:
        ffn_matrices = 3 if self.gated else 2
        layer = 4 * self.model_dim**2 + ffn_matrices * self.ffn_dim * self.model_dim
        return (self.vocab_size + self.sequence_length) * self.model_dim + self.layers * layer


FIELDS = tuple(field.name for field in fields(ModelConfig))

PRESETS = {
    "whitepaper": ModelConfig(1, 8192, 4, 64, 512, 128, 8192, PLAIN, 10, 10, 7, 0, 0, 11, 14, OUTPUT_BINDING),
    "whitepaper-2.3b": ModelConfig(1, 8192, 4, 64, 512, 128, 22528, GATED, 10, 10, 7, 10, 6, 11, 14, OUTPUT_BINDING),
    "tiny": ModelConfig(1, 256, 4, 4, 128, 32, 512, PLAIN, 9, 10, 7, 0, 0, 10, 12, OUTPUT_BINDING),
    "tiny-gated": ModelConfig(1, 256, 4, 4, 128, 32, 512, GATED, 9, 10, 7, 9, 6, 10, 12, OUTPUT_BINDING),
}


def preset(name: str, binding: int = OUTPUT_BINDING) -> ModelConfig:
    return replace(PRESETS[name], permutation_binding=binding)


def violated_field(config: ModelConfig) -> Optional[str]:
    """A field that breaks a rule; None for a valid config.

    The bound on sums is blamed on ffn_dim: a model_dim within its own bound cannot break it.
    """
    c = config
    multiple_of_64 = lambda value: value > 0 and value % 64 == 0
    shift = lambda value, used: 1 <= value <= 24 if used else value == 0
    rules = (
        ("spec_version", c.spec_version == 1),
        ("vocab_size", 1 <= c.vocab_size <= 1 << 24 and c.vocab_size & (c.vocab_size - 1) == 0),
        ("sequence_length", 1 <= c.sequence_length <= 512),
        ("layers", 1 <= c.layers <= 4096),
        ("model_dim", multiple_of_64(c.model_dim) and c.model_dim <= 8192),
        ("heads", c.heads >= 1 and c.model_dim % c.heads == 0),
        ("ffn_dim", multiple_of_64(c.ffn_dim)),
        ("ffn_kind", c.ffn_kind in (PLAIN, GATED)),
        ("qkv_shift", shift(c.qkv_shift, True)),
        ("score_shift", c.score_shift <= 14),
        ("ffn_shift", shift(c.ffn_shift, True)),
        ("up_shift", shift(c.up_shift, c.gated)),
        ("gate_shift", shift(c.gate_shift, c.gated)),
        ("attention_residual_shift", c.attention_residual_shift <= 16),
        ("ffn_residual_shift", c.ffn_residual_shift <= 16),
        ("permutation_binding", c.permutation_binding in (INPUT_BINDING, OUTPUT_BINDING)),
    )
    for field, holds in rules:
        if not holds:
            return field
    # The bounds that join fields, once each field is within its own. (Only the last one can still fail.)
    if c.vocab_size * c.model_dim > 1 << 38:
        return "vocab_size"
    largest_residual = 127 << max(c.attention_residual_shift, c.ffn_residual_shift)
    if (
        c.ffn_dim * c.model_dim > 1 << 38
        or 16129 * max(c.model_dim, c.ffn_dim) + max(largest_residual, 1 << 23) >= 1 << 31
    ):
        return "ffn_dim"
    return None


# ---------------------------------------------------------------------------------------------------------------------
# Seeds


def H(tag: str, data: bytes) -> bytes:
    return blake2b(data, digest_size=32, person=tag.encode("ascii")).digest()


def le64(value: int) -> bytes:
    return value.to_bytes(8, "little")


def race_seed(chain_id: bytes, height: int, block_hash: bytes, beacon: bytes) -> bytes:
    assert len(block_hash) == 32 and len(beacon) == 32
    return H("pouw.race.v1", le64(len(chain_id)) + chain_id + le64(height) + block_hash + beacon)


def node_seed(public_key: bytes) -> bytes:
    assert 1 <= len(public_key) <= 64
    return H("pouw.node.v1", le64(len(public_key)) + public_key)


def model_id(config: ModelConfig) -> bytes:
    return H("pouw.model.v1", config.encode())


def race_key(race: bytes, config: ModelConfig) -> bytes:
    return H("pouw.race-key.v1", race + model_id(config))


def weights_key(key: bytes) -> bytes:
    return H("pouw.weights.v1", key)


def input_seed(key: bytes, node: bytes, nonce: int) -> bytes:
    return H("pouw.input.v1", key + node + le64(nonce))


# ---------------------------------------------------------------------------------------------------------------------
# Tensors and inputs


def as_weights(stream: NDArray[np.uint8]) -> I8:
    """Bytes as int8 with -128 read as 0."""
    values = stream.view(np.int8).copy()
    values[values == -128] = 0
    return values


def stream_tensors(key: bytes) -> Tensors:
    return lambda tensor, first, count: as_weights(keystream(key, tensor, first, count))


def read_inputs(config: ModelConfig, seed: bytes) -> tuple[I64, I8]:
    """Tokens and the input noise [sequence_length][model_dim] of one nonce."""
    head = 4 * config.sequence_length
    stream = keystream(seed, INPUT_STREAM, 0, head + config.sequence_length * config.model_dim)
    tokens = stream[:head].view("<u4").astype(np.int64) % config.vocab_size
    return tokens, as_weights(stream[head:]).reshape(config.sequence_length, config.model_dim)


def shuffle(key: bytes, stream_id: int, size: int) -> list[int]:
    words = keystream(key, stream_id, 0, 4 * max(size - 1, 0)).view("<u4").tolist()
    p = list(range(size))
    for i, u in zip(range(size - 1, 0, -1), words):
        j = (u * (i + 1)) >> 32
        p[i], p[j] = p[j], p[i]
    return p


def target(config: ModelConfig, key: bytes) -> I64:
    p = np.array(shuffle(key, TARGET, config.model_dim))
    return np.where(p < config.model_dim // 2, 32, -32)


# ---------------------------------------------------------------------------------------------------------------------
# Forward pass


def sat(x: I64) -> I64:
    return np.clip(x, -127, 127)


def rounded(x: I64, shift: int) -> I64:
    return (x + (1 << (shift - 1))) >> shift


def product(x: np.ndarray, w: np.ndarray) -> I64:
    """x times the transpose of w over the last two axes."""
    return (x.astype(np.float64) @ np.swapaxes(w, -1, -2).astype(np.float64)).astype(np.int64)


def norm(y: I64) -> I64:
    """Over the last axis."""
    unsigned = y.astype(np.uint64)  # two's complement: products below are modulo 2^64
    squares = (unsigned * unsigned).sum(axis=-1, dtype=np.uint64)
    scale = math.isqrt(y.shape[-1] << 48) * 32
    gains = [scale // max(1, math.isqrt(int(square))) for square in squares.flat]
    gain = np.array(gains, np.uint64).reshape(squares.shape + (1,))
    scaled = (unsigned * gain).view(np.int64)
    # Equal to (scaled + 2^23) >> 24, without the overflow at the ends of int64.
    return sat((scaled >> 24) + ((scaled >> 23) & 1))


def softmax_weights(e: I64, score_shift: int) -> I64:
    octave = e >> score_shift
    mantissa = ((2 << score_shift) - (e & ((1 << score_shift) - 1))) << (14 - score_shift)
    return np.where(octave > 15, 0, mantissa >> np.minimum(octave, 15))


def attention(q: I64, k: I64, v: I64, heads: int, score_shift: int, record: Optional[Record] = None) -> I64:
    """q, k, v: [batch][position][model_dim]. Recorded values: [batch][head][query][key]."""
    batch, length, model_dim = q.shape
    split = lambda x: x.reshape(batch, length, heads, model_dim // heads).transpose(0, 2, 1, 3)
    scores = product(split(q), split(k))
    w = softmax_weights(scores.max(axis=-1, keepdims=True) - scores, score_shift)
    z = w.sum(axis=-1)
    sums = product(w, np.swapaxes(split(v), -1, -2))
    context = sat(rounded(sums * ((1 << 24) // z)[..., None], 24))
    context = context.transpose(0, 2, 1, 3).reshape(batch, length, model_dim)
    if record:
        for name, value in (("scores", scores), ("softmax_weights", w), ("softmax_sums", z), ("context", context)):
            record(name, value)
    return context


def fold(z: I64) -> I64:
    t = (z + 128) & 511
    return sat(np.minimum(t, 512 - t) - 128)


def forward(config: ModelConfig, tensors: Tensors, tokens: I64, noise: I8, record: Optional[Record] = None) -> I64:
    """Output [batch][model_dim] for tokens [batch][position] and noise [batch][position][model_dim].

    `record` is given the value after each step up to the end of layer 0. Weights are read a matrix at a time, so memory
    holds one of them however large the model is.
    """
    c = config

    def read(tensor: int) -> I8:
        rows, columns = c.shape(tensor)
        return tensors(tensor, 0, rows * columns).reshape(rows, columns)

    def note(name: str, value: np.ndarray) -> np.ndarray:
        if record and layer < 1:
            record(name, value)
        return value

    layer = -1
    total = note("input_sum", read(TOKEN_EMBEDDING)[tokens].astype(np.int64) + read(POSITION_EMBEDDING) + noise)
    h = note("input_norm", norm(total))
    for layer in range(c.layers):
        base = 16 + 8 * layer
        q, k, v = (
            note(name, sat(rounded(product(h, read(base + kind)), c.qkv_shift)))
            for name, kind in (("q", WQ), ("k", WK), ("v", WV))
        )
        context = attention(q, k, v, c.heads, c.score_shift, note)
        branch = note("attention_product", product(context, read(base + WO)))
        h = note("attention_norm", norm((h << c.attention_residual_shift) + branch))

        a = note("ffn_fold", fold(rounded(note("ffn_product", product(h, read(base + W1))), c.ffn_shift)))
        if c.gated:
            up = note("up", sat(rounded(note("up_product", product(h, read(base + W3))), c.up_shift)))
            a = note("gated", sat(rounded(a * up, c.gate_shift)))
        branch = note("ffn_out_product", product(a, read(base + W2)))
        h = note("ffn_norm", norm((h << c.ffn_residual_shift) + branch))
    return h[:, -1]


# ---------------------------------------------------------------------------------------------------------------------
# Proof condition


@dataclass(frozen=True)
class Evaluation:
    nonce: int
    tokens: list[int]
    output: bytes  # int8
    d2: int


def output_bytes(output: I64) -> bytes:
    return output.astype(np.int8).tobytes()


def permutation(config: ModelConfig, seed: bytes, output: bytes) -> list[int]:
    key = seed if config.permutation_binding == INPUT_BINDING else H("pouw.bind.v1", seed + output)
    return shuffle(key, PERMUTATION_STREAM, config.model_dim)


def squared_distance(output: I64, p: Sequence[int], goal: I64) -> int:
    return int(((output[p] - goal) ** 2).sum())


def passes(output: bytes, d2: int, threshold: int) -> bool:
    x = np.frombuffer(output, np.int8).astype(np.int64)
    return int((x * x).sum()) >= 960 * len(x) and d2 < threshold


Noise = Callable[[bytes], I8]  # input seed -> the flattened noise


def evaluate(
    config: ModelConfig,
    race: bytes,
    claims: Sequence[tuple[bytes, int]],
    tensors: Optional[Tensors] = None,
    noise: Optional[Noise] = None,
    record: Optional[Record] = None,
) -> list[Evaluation]:
    """Evaluates (public key, nonce) pairs of one race in one batch.

    `tensors` and `noise` replace what the streams give for the layers and embeddings; tokens, target and permutation
    stay those of the specification.
    """
    assert violated_field(config) is None
    key = race_key(race, config)
    weights = weights_key(key)
    seeds = [input_seed(key, node_seed(public_key), nonce) for public_key, nonce in claims]
    inputs = [read_inputs(config, seed) for seed in seeds]
    tokens = np.stack([t for t, _ in inputs])
    shape = (len(seeds), config.sequence_length, config.model_dim)
    used = np.stack([noise(seed) if noise else n for seed, (_, n) in zip(seeds, inputs)]).reshape(shape)
    outputs = forward(config, tensors or stream_tensors(weights), tokens, used, record)
    goal = target(config, weights)
    results = []
    for (_, nonce), seed, row, output in zip(claims, seeds, tokens, outputs):
        raw = output_bytes(output)
        d2 = squared_distance(output, permutation(config, seed, raw), goal)
        results.append(Evaluation(nonce, row.tolist(), raw, d2))
    return results
