"""The tree of nonces, openings, commitments, samples and fraud proofs of docs/spec/proofs.md, sections 4 to 8."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Callable, Optional, Sequence

import ed25519
import pow
from chacha20 import keystream
from refusal import Refusal

TOP = 64  # bits of a nonce
STUB = 255
MAGIC, OPENING_MAGIC, FRAUD_MAGIC = b"pouwcmt1", b"pouwopn1", b"pouwfrd1"
VERSION = (1).to_bytes(4, "little")


# ---------------------------------------------------------------------------------------------------------------------
# The tree, by its definition: one bit after the other, from the top


@dataclass(frozen=True)
class Tree:
    """A subtree: a leaf (height 0), a node with two children, or a stub of which only digest and count are known."""

    height: Optional[int]
    prefix: int
    count: int
    digest: bytes
    children: tuple["Tree", ...] = ()


def leaf(nonce: int) -> Tree:
    return Tree(0, nonce, 1, pow.H("pouw.set-leaf.v1", pow.le64(nonce)))


def node(height: int, prefix: int, left: Tree, right: Tree) -> Tree:
    counts = pow.le64(left.count) + pow.le64(right.count)
    data = bytes([height]) + pow.le64(prefix) + counts + left.digest + right.digest
    return Tree(height, prefix, left.count + right.count, pow.H("pouw.set-node.v1", data), (left, right))


def stub(count: int, digest: bytes) -> Tree:
    return Tree(None, 0, count, digest)


def build(nonces: Sequence[int], bits: int = TOP) -> Optional[Tree]:
    if len(nonces) <= 1:
        return leaf(nonces[0]) if nonces else None
    half = 1 << bits - 1
    left = build([n for n in nonces if not n & half], bits - 1)
    right = build([n for n in nonces if n & half], bits - 1)
    if left and right:
        return node(bits, nonces[0] >> bits << bits, left, right)
    return left or right


def root(tree: Optional[Tree]) -> tuple[bytes, int]:
    count, digest = (tree.count, tree.digest) if tree else (0, b"")
    return pow.H("pouw.set-root.v1", pow.le64(count) + digest), count


# ---------------------------------------------------------------------------------------------------------------------
# Openings


def cut(tree: Optional[Tree], keep: Callable[[int, int, int, int], bool], bits: int = TOP, low: int = 0, rank: int = 0):
    """Cuts down every subtree whose place low..high, of the ranks first..last, `keep` does not want."""
    if tree is None:
        return None
    if not keep(low, low + (1 << bits) - 1, rank, rank + tree.count - 1):
        return stub(tree.count, tree.digest)
    if tree.height == 0:
        return tree
    half, (left, right) = tree.height - 1, tree.children
    return Tree(
        tree.height,
        tree.prefix,
        tree.count,
        tree.digest,
        (
            cut(left, keep, half, tree.prefix, rank),
            cut(right, keep, half, tree.prefix + (1 << half), rank + left.count),
        ),
    )


def wanted(ranks=(), nonces=(), ranges=()):
    bounds = {edge for first, last in ranges for edge in (first, last + 1)}

    def keep(low: int, high: int, first: int, last: int) -> bool:
        return (
            any(first <= r <= last for r in ranks)
            or any(low <= n <= high for n in nonces)
            or any(low < b <= high for b in bounds)
        )

    return keep


def encode_body(tree: Optional[Tree], bits: int = TOP) -> bytes:
    if tree is None:
        return b""
    if tree.height is None:
        return bytes([STUB]) + leb128(tree.count) + tree.digest
    open_bits = bits - tree.height
    prefix = (tree.prefix >> tree.height) & ((1 << open_bits) - 1)
    head = bytes([tree.height]) + prefix.to_bytes((open_bits + 7) // 8, "little")
    return head + b"".join(encode_body(child, tree.height - 1) for child in tree.children)


def encode_opening(tree: Optional[Tree]) -> bytes:
    return OPENING_MAGIC + VERSION + encode_body(tree)


def leb128(value: int) -> bytes:
    out = []
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes(out + [value])


class _Parser:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, size: int) -> bytes:
        if self.at + size > len(self.data):
            raise Refusal("truncated")
        self.at += size
        return self.data[self.at - size : self.at]

    def count(self) -> int:
        value, shift = 0, 0
        while True:
            [byte] = self.take(1)
            value |= (byte & 127) << shift
            if shift == 63 and byte > 1:
                raise Refusal("overflow")
            if byte < 128:
                break
            shift += 7
        if byte == 0:
            raise Refusal("count_form")
        return value

    def place(self, low: int, bits: int) -> Tree:
        [kind] = self.take(1)
        if kind == STUB:
            count, digest = self.count(), self.take(32)
            if count > 1 << bits:
                raise Refusal("no_room")
            return stub(count, digest)
        if kind > bits:
            raise Refusal("height")
        prefix = int.from_bytes(self.take((bits - kind + 7) // 8), "little")
        if prefix >> (bits - kind):
            raise Refusal("prefix_bits")
        prefix = low + (prefix << kind)
        if kind == 0:
            return leaf(prefix)
        left = self.place(prefix, kind - 1)
        right = self.place(prefix + (1 << kind - 1), kind - 1)
        if left.count + right.count < 1 << 64:
            return node(kind, prefix, left, right)
        return Tree(kind, prefix, left.count + right.count, b"", (left, right))


def decode_body(data: bytes) -> Optional[Tree]:
    if not data:
        return None
    parser = _Parser(data)
    tree = parser.place(0, TOP)
    if parser.at != len(data):
        raise Refusal("trailing_bytes")
    return tree


def decode_opening(data: bytes) -> Optional[Tree]:
    _start(data, OPENING_MAGIC)
    return decode_body(data[12:])


def _start(data: bytes, magic: bytes) -> None:
    if len(data) < 8:
        raise Refusal("truncated")
    if data[:8] != magic:
        raise Refusal("magic")
    if len(data) < 12:
        raise Refusal("truncated")
    if data[8:12] != VERSION:
        raise Refusal("spec_version")


def check(tree: Optional[Tree], expected: tuple[bytes, int]) -> None:
    if tree and tree.count >= 1 << 64:
        raise Refusal("overflow")
    digest, count = root(tree)
    if count != expected[1]:
        raise Refusal("count")
    if digest != expected[0]:
        raise Refusal("root")


def leaves(tree: Optional[Tree], rank: int = 0) -> list[tuple[int, int]]:
    """(rank, nonce) of every nonce that is shown."""
    if tree is None or tree.height is None:
        return []
    if tree.height == 0:
        return [(rank, tree.prefix)]
    left, right = tree.children
    return leaves(left, rank) + leaves(right, rank + left.count)


def shows_leaves_only(tree: Optional[Tree]) -> bool:
    if tree is None or not tree.height:
        return True
    return any(child.height is not None for child in tree.children) and all(map(shows_leaves_only, tree.children))


# ---------------------------------------------------------------------------------------------------------------------
# Commitments


@dataclass(frozen=True)
class Commitment:
    model: bytes
    race_seed: bytes
    node: bytes
    threshold: int
    root: bytes
    count: int
    ranges: tuple[tuple[int, int], ...] = ()


def assemble(c: Commitment) -> bytes:
    """The signed part."""
    numbers = [c.threshold, c.count]
    return b"".join(
        (
            MAGIC,
            VERSION,
            c.model,
            c.race_seed,
            c.node,
            *map(pow.le64, numbers),
            c.root,
            len(c.ranges).to_bytes(4, "little"),
            *(pow.le64(edge) for r in c.ranges for edge in r),
        )
    )


def signing_digest(signed_part: bytes) -> bytes:
    return pow.H("pouw.commit.v1", signed_part)


def sign(seed: bytes, signed_part: bytes) -> bytes:
    return signed_part + ed25519.sign(seed, signing_digest(signed_part))


# ---------------------------------------------------------------------------------------------------------------------
# Samples


def sample_ranks(seed: bytes, node: bytes, root: bytes, count: int, samples: int) -> list[int]:
    key = pow.H("pouw.sample.v1", seed + node + root)
    places, out = {}, []
    for i in range(min(samples, count)):
        word = int.from_bytes(keystream(key, 0, 16 * i, 16).tobytes(), "little")
        j = i + (word * (count - i) >> 128)
        out.append(places.get(j, j))
        places[j] = places.get(i, i)
    return out


def marked(population: int, share: Fraction) -> int:
    return min(population, max(1, -(-population * share.numerator // share.denominator)))


def miss(population: int, bad: int, samples: int) -> Fraction:
    top, bottom = 1, 1
    for i in range(samples):
        top *= max(0, population - bad - i)
        bottom *= population - i
    return Fraction(top, bottom)


def soundness(chance: Fraction) -> Optional[int]:
    """The largest s with chance <= 2^-s; None: every s."""
    if chance == 0:
        return None
    s = 0
    while chance.numerator << (s + 1) <= chance.denominator:
        s += 1
    return s


def samples_for(population: int, bad: int, bits: int) -> int:
    top, bottom, samples = 1, 1, 0
    while top << bits > bottom:
        top *= max(0, population - bad - samples)
        bottom *= population - samples
        samples += 1
    return samples


# ---------------------------------------------------------------------------------------------------------------------
# Fraud proofs


def encode_fraud_proof(commitment: bytes, tree: Optional[Tree]) -> bytes:
    return FRAUD_MAGIC + VERSION + len(commitment).to_bytes(4, "little") + commitment + encode_body(tree)
