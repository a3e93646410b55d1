"""Proofs of docs/spec/proofs.md: encode, sign, decode and verify."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional

import ed25519
import nonce_set
import pow
from refusal import Refusal

MAGIC = b"pouwprf1"
HEADER, SIGNATURE = 132, 64


@dataclass(frozen=True)
class Proof:
    model: bytes
    race_seed: bytes
    node: bytes
    threshold: int
    nonces: tuple[int, ...]


def assemble(proof: Proof, count: Optional[int] = None, encoded_set: Optional[bytes] = None) -> bytes:
    """The signed part; `count` and `encoded_set` replace what the nonces give, so that tests can lie."""
    encoded = nonce_set.encode(proof.nonces) if encoded_set is None else encoded_set
    count = len(proof.nonces) if count is None else count
    return b"".join(
        (
            MAGIC,
            (1).to_bytes(4, "little"),
            proof.model,
            proof.race_seed,
            proof.node,
            *(pow.le64(value) for value in (proof.threshold, count, len(encoded))),
            encoded,
        )
    )


def signing_digest(signed_part: bytes) -> bytes:
    return pow.H("pouw.proof.v1", signed_part)


def sign(seed: bytes, signed_part: bytes) -> bytes:
    """The complete proof."""
    return signed_part + ed25519.sign(seed, signing_digest(signed_part))


def decode(data: bytes) -> Proof:
    number = lambda offset, size: int.from_bytes(data[offset : offset + size], "little")
    if len(data) < HEADER + SIGNATURE:
        raise Refusal("truncated")
    if data[:8] != MAGIC:
        raise Refusal("magic")
    if number(8, 4) != 1:
        raise Refusal("spec_version")
    threshold, count, length = (number(offset, 8) for offset in (108, 116, 124))
    if threshold == 0:
        raise Refusal("threshold_zero")
    if length != len(data) - HEADER - SIGNATURE:
        raise Refusal("length")
    nonces = tuple(nonce_set.decode(count, data[HEADER : HEADER + length]))
    return Proof(data[12:44], data[44:76], data[76:108], threshold, nonces)


@dataclass(frozen=True)
class Expected:
    """What the verifier brings."""

    config: pow.ModelConfig
    race_seed: bytes
    node: bytes
    threshold: int


@dataclass(frozen=True)
class Verdict:
    reason: Optional[str] = None  # None: accepted
    nonce: Optional[int] = None  # the first that does not pass

    @property
    def accept(self) -> bool:
        return self.reason is None


def verify(data: bytes, expected: Expected, passes: Callable[[int], bool]) -> Verdict:
    """`passes` tells whether a nonce is a proof under the expected values."""
    try:
        proof = decode(data)
    except Refusal as refusal:
        return Verdict(refusal.reason)
    fields = (
        ("model", proof.model, pow.model_id(expected.config)),
        ("race_seed", proof.race_seed, expected.race_seed),
        ("node", proof.node, expected.node),
        ("threshold", proof.threshold, expected.threshold),
    )
    for reason, given, wanted in fields:
        if given != wanted:
            return Verdict(reason)
    if ed25519.decode_key(proof.node) is None:
        return Verdict("invalid_public_key")
    signed_part, signature = data[:-SIGNATURE], data[-SIGNATURE:]
    if not ed25519.verify(proof.node, signing_digest(signed_part), signature):
        return Verdict("signature")
    false_nonce = next((nonce for nonce in proof.nonces if not passes(nonce)), None)
    return Verdict() if false_nonce is None else Verdict("false_nonce", false_nonce)


class Evaluator:
    """Tells whether nonces pass, and evaluates none twice."""

    def __init__(self, expected: Expected) -> None:
        self.expected = expected
        self.known: dict[int, pow.Evaluation] = {}
        self.tensors = _kept(pow.stream_tensors(pow.weights_key(pow.race_key(expected.race_seed, expected.config))))

    def evaluate(self, nonces: list[int]) -> list[pow.Evaluation]:
        new = [nonce for nonce in dict.fromkeys(nonces) if nonce not in self.known]
        if new:
            claims = [(self.expected.node, nonce) for nonce in new]
            for e in pow.evaluate(self.expected.config, self.expected.race_seed, claims, self.tensors):
                self.known[e.nonce] = e
        return [self.known[nonce] for nonce in nonces]

    def passes(self, nonce: int) -> bool:
        [e] = self.evaluate([nonce])
        return pow.passes(e.output, e.d2, self.expected.threshold)


def _kept(tensors: pow.Tensors) -> pow.Tensors:
    kept: dict[tuple[int, int, int], pow.I8] = {}

    def read(*part: int) -> pow.I8:
        if part not in kept:
            kept[part] = tensors(*part)
        return kept[part]

    return read
