"""edwards25519 (RFC 8032) and ristretto255 (RFC 9496) in plain integers: slow, not constant time, for vectors only."""

from __future__ import annotations

import hashlib
from typing import Optional, Tuple

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)

Point = Tuple[int, int, int, int]  # extended coordinates X, Y, Z, T
IDENTITY: Point = (0, 1, 1, 0)


def add(a: Point, b: Point) -> Point:
    k = (a[1] - a[0]) * (b[1] - b[0]) % P
    m = (a[1] + a[0]) * (b[1] + b[0]) % P
    c = 2 * a[3] * b[3] * D % P
    d = 2 * a[2] * b[2] % P
    e, f, g, h = m - k, d - c, d + c, m + k
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(a: Point) -> Point:
    return -a[0] % P, a[1], a[2], -a[3] % P


def subtract(a: Point, b: Point) -> Point:
    return add(a, negate(b))


def multiply(n: int, a: Point) -> Point:
    out = IDENTITY
    while n > 0:
        if n & 1:
            out = add(out, a)
        a = add(a, a)
        n >>= 1
    return out


def equal(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def recover_x(y: int, sign: int) -> Optional[int]:
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P != 0:
        return None
    return P - x if x & 1 != sign else x


def decode(data: bytes) -> Optional[Point]:
    """RFC 8032 section 5.1.3."""
    if len(data) != 32:
        return None
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def encode(a: Point) -> bytes:
    inverse = pow(a[2], P - 2, P)
    x, y = a[0] * inverse % P, a[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = decode(bytes.fromhex("58" + "66" * 31))
assert BASE is not None


def scalar(n: int) -> bytes:
    return (n % Q).to_bytes(32, "little")


def expand_seed(seed: bytes) -> Tuple[int, bytes]:
    """RFC 8032 section 5.1.5: the clamped scalar and the nonce key."""
    digest = hashlib.sha512(seed).digest()
    return int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254, digest[32:]


def sign(seed: bytes, message: bytes) -> bytes:
    """Ed25519."""
    secret, nonce_key = expand_seed(seed)
    key = encode(multiply(secret, BASE))
    r = int.from_bytes(hashlib.sha512(nonce_key + message).digest(), "little") % Q
    commitment = encode(multiply(r, BASE))
    challenge = int.from_bytes(hashlib.sha512(commitment + key + message).digest(), "little") % Q
    return commitment + scalar(r + challenge * secret)


def public_key(seed: bytes) -> bytes:
    return encode(multiply(expand_seed(seed)[0], BASE))


# ristretto255

INVSQRT_A_MINUS_D = None  # set below


def _is_negative(x: int) -> bool:
    return x % P & 1 == 1


def _abs(x: int) -> int:
    x %= P
    return P - x if x & 1 else x


def sqrt_ratio(u: int, v: int) -> Tuple[bool, int]:
    """RFC 9496 section 4.2: whether u/v is square, and the root of u/v or of SQRT_M1·u/v."""
    r = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * r * r % P
    correct, flipped = check == u % P, check == -u % P
    flipped_i = check == -u * SQRT_M1 % P
    if flipped or flipped_i:
        r = r * SQRT_M1 % P
    return correct or flipped, _abs(r)


INVSQRT_A_MINUS_D = sqrt_ratio(1, (-1 - D) % P)[1]
SQRT_AD_MINUS_ONE = sqrt_ratio((-D - 1) % P, 1)[1]
if SQRT_AD_MINUS_ONE != 25063068953384623474111414158702152701244531502492656460079210482610430750235:
    SQRT_AD_MINUS_ONE = P - SQRT_AD_MINUS_ONE
assert SQRT_AD_MINUS_ONE == 25063068953384623474111414158702152701244531502492656460079210482610430750235
ONE_MINUS_D_SQ = (1 - D * D) % P
D_MINUS_ONE_SQ = (D - 1) ** 2 % P


def ristretto_encode(a: Point) -> bytes:
    x0, y0, z0, t0 = a
    u1 = (z0 + y0) * (z0 - y0) % P
    u2 = x0 * y0 % P
    inverse = sqrt_ratio(1, u1 * u2 * u2)[1]
    den1, den2 = inverse * u1 % P, inverse * u2 % P
    z_inverse = den1 * den2 * t0 % P
    if _is_negative(t0 * z_inverse):
        x, y, den = y0 * SQRT_M1 % P, x0 * SQRT_M1 % P, den1 * INVSQRT_A_MINUS_D % P
    else:
        x, y, den = x0, y0, den2
    if _is_negative(x * z_inverse):
        y = -y
    return _abs(den * (z0 - y)).to_bytes(32, "little")


def ristretto_decode(data: bytes) -> Optional[Point]:
    if len(data) != 32:
        return None
    s = int.from_bytes(data, "little")
    if s >= P or s & 1:
        return None
    ss = s * s % P
    u1, u2 = (1 - ss) % P, (1 + ss) % P
    u2s = u2 * u2 % P
    v = (-(D * u1 * u1) - u2s) % P
    square, inverse = sqrt_ratio(1, v * u2s)
    den_x = inverse * u2 % P
    den_y = inverse * den_x * v % P
    x = _abs(2 * s * den_x)
    y = u1 * den_y % P
    t = x * y % P
    if not square or _is_negative(t) or y == 0:
        return None
    return x, y, 1, t


def _map(data: bytes) -> Point:
    t = int.from_bytes(data, "little") & (2**255 - 1)
    t %= P
    r = SQRT_M1 * t * t % P
    u = (r + 1) * ONE_MINUS_D_SQ % P
    v = (-1 - r * D) * (r + D) % P
    square, s = sqrt_ratio(u, v)
    c = -1
    if not square:
        s = -_abs(s * t) % P
        c = r
    n = (c * (r - 1) * D_MINUS_ONE_SQ - v) % P
    w0, w1 = 2 * s * v % P, n * SQRT_AD_MINUS_ONE % P
    w2, w3 = (1 - s * s) % P, (1 + s * s) % P
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P


def ristretto_from_hash(data: bytes) -> Point:
    return add(_map(data[:32]), _map(data[32:]))


def ristretto_equal(a: Point, b: Point) -> bool:
    return (a[0] * b[1] - a[1] * b[0]) % P == 0 or (a[1] * b[1] - a[0] * b[0]) % P == 0
