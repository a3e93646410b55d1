"""The nonce set of docs/spec/proofs.md, section 1: gaps in an adaptive Rice code."""

from __future__ import annotations

from typing import Sequence

from refusal import Refusal

U64_MAX = (1 << 64) - 1
LONGEST_SHORT = 24  # quotients from here on are escapes
LARGEST_K = 51


class Adaptation:
    """The two integers that coder and decoder keep in step."""

    def __init__(self) -> None:
        self.sum, self.weight = 64, 1

    @property
    def k(self) -> int:
        return next((k for k in range(LARGEST_K) if self.weight << (k + 1) >= self.sum), LARGEST_K)

    def advance(self, step: int) -> None:
        self.sum += step
        self.weight += 1
        if self.weight == 256:
            self.sum, self.weight = self.sum // 2, 128
        assert self.sum <= U64_MAX


def escape_step(k: int) -> int:
    return 1 << min(k + 6, 55)


class BitWriter:
    """Least significant bit first."""

    def __init__(self) -> None:
        self.bits: list[int] = []

    def write(self, value: int, count: int) -> None:
        self.bits.extend(value >> i & 1 for i in range(count))

    def finish(self) -> bytes:
        self.bits.extend([0] * (-len(self.bits) % 8))
        groups = (self.bits[i : i + 8] for i in range(0, len(self.bits), 8))
        return bytes(sum(bit << i for i, bit in enumerate(group)) for group in groups)


class BitReader:
    def __init__(self, data: bytes) -> None:
        self.value, self.left = int.from_bytes(data, "little"), 8 * len(data)

    def read(self, count: int) -> int:
        if count > self.left:
            raise Refusal("ends_inside_gap")
        result = self.value & ((1 << count) - 1)
        self.value >>= count
        self.left -= count
        return result


def write_short(bits: BitWriter, gap: int, k: int) -> None:
    bits.write((1 << (gap >> k)) - 1, (gap >> k) + 1)
    bits.write(gap, k)


def write_escape(bits: BitWriter, gap: int) -> None:
    bits.write((1 << LONGEST_SHORT) - 1, LONGEST_SHORT)
    bits.write(gap, 64)


def encode(nonces: Sequence[int]) -> bytes:
    assert all(0 <= n <= U64_MAX for n in nonces) and all(a < b for a, b in zip(nonces, nonces[1:]))
    state, bits, previous = Adaptation(), BitWriter(), -1
    for nonce in nonces:
        gap, k = nonce - previous - 1, state.k
        previous = nonce
        if gap >> k < LONGEST_SHORT:
            write_short(bits, gap, k)
            state.advance(gap)
        else:
            write_escape(bits, gap)
            state.advance(escape_step(k))
    return bits.finish()


def decode(count: int, data: bytes) -> list[int]:
    if count > 8 * len(data):
        raise Refusal("count_too_large")
    state, bits, previous = Adaptation(), BitReader(data), -1
    nonces = []
    for _ in range(count):
        k, quotient = state.k, 0
        while quotient < LONGEST_SHORT and bits.read(1):
            quotient += 1
        if quotient < LONGEST_SHORT:
            gap = quotient << k | bits.read(k)
            state.advance(gap)
        else:
            gap = bits.read(64)
            if gap >> k < LONGEST_SHORT:
                raise Refusal("noncanonical_escape")
            state.advance(escape_step(k))
        previous += gap + 1
        if previous > U64_MAX:
            raise Refusal("nonce_too_large")
        nonces.append(previous)
    if bits.left >= 8:
        raise Refusal("byte_left_over")
    if bits.value:
        raise Refusal("padding_bit")
    return nonces
