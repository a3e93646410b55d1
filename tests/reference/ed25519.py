"""Ed25519 of RFC 8032, with the strict verification that docs/spec/proofs.md asks for. For tests: not constant time."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha512
from typing import Optional

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]  # extended coordinates: x = X/Z, y = Y/Z, x y = T/Z
IDENTITY: Point = (0, 1, 1, 0)


def add(a: Point, b: Point) -> Point:
    """Complete: also doubles."""
    m = (a[1] - a[0]) * (b[1] - b[0]) % P
    n = (a[1] + a[0]) * (b[1] + b[0]) % P
    t = 2 * D * a[3] * b[3] % P
    z = 2 * a[2] * b[2] % P
    e, f, g, h = n - m, z - t, z + t, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(a: Point) -> Point:
    return -a[0] % P, a[1], a[2], -a[3] % P


def is_identity(a: Point) -> bool:
    return a[0] == 0 and a[1] == a[2]


@lru_cache(maxsize=64)
def _table(point: Point) -> list[list[Point]]:
    """_table(A)[i][j] = j 16^i A. Worth its price for the few points that a test multiplies again and again."""
    table = []
    for _ in range(64):
        row = [IDENTITY]
        for _ in range(15):
            row.append(add(row[-1], point))
        table.append(row)
        point = add(row[-1], point)
    return table


def multiply(scalar: int, point: Point) -> Point:
    """For scalars below 2^256."""
    result = IDENTITY
    for i, row in enumerate(_table(point)):
        digit = scalar >> (4 * i) & 15
        if digit:
            result = add(result, row[digit])
    return result


def encode(a: Point) -> bytes:
    inverse = pow(a[2], -1, P)
    x, y = a[0] * inverse % P, a[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(data: bytes) -> Optional[Point]:
    """None for what is no point and for encodings that are not canonical."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * SQRT_MINUS_ONE % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
assert BASE is not None


@lru_cache(maxsize=64)
def decode_key(public_key: bytes) -> Optional[Point]:
    """A canonical encoding of a point of the prime-order subgroup other than the identity; None for all else."""
    point = decode(public_key)
    if point is None or is_identity(point) or not is_identity(multiply(Q, point)):
        return None
    return point


def expand(seed: bytes) -> tuple[int, bytes]:
    digest = sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
    return scalar, digest[32:]


def challenge(r: bytes, public_key: bytes, message: bytes) -> int:
    return int.from_bytes(sha512(r + public_key + message).digest(), "little") % Q


@lru_cache(maxsize=64)
def public_key_of(seed: bytes) -> bytes:
    return encode(multiply(expand(seed)[0], BASE))


def sign(seed: bytes, message: bytes) -> bytes:
    scalar, prefix = expand(seed)
    r = int.from_bytes(sha512(prefix + message).digest(), "little") % Q
    encoded = encode(multiply(r, BASE))
    s = (r + challenge(encoded, public_key_of(seed), message) * scalar) % Q
    return encoded + s.to_bytes(32, "little")


def sign_with_identity(seed: bytes, message: bytes) -> bytes:
    """A signature with R = identity: the equation holds, yet R is of small order."""
    r = encode(IDENTITY)
    s = challenge(r, public_key_of(seed), message) * expand(seed)[0] % Q
    return r + s.to_bytes(32, "little")


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    key = decode_key(public_key)
    if key is None or len(signature) != 64:
        return False
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= Q:
        return False
    computed = add(multiply(s, BASE), multiply(challenge(r, public_key, message), negate(key)))
    # Both S B and A lie in the prime-order subgroup, and so does R where it is right: its one point of small order is
    # the identity.
    return not is_identity(computed) and encode(computed) == r
