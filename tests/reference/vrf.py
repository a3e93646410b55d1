#!/usr/bin/env python3
"""ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381 from its text, and the vectors of tests/vectors/vrf.

Run: vrf.py [--check]. The RFC's own examples (tests/vectors/vrf/rfc9381.json) are an input, never written.
"""

from __future__ import annotations

import hashlib
import json
import sys
from typing import Any, Dict, List, Optional, Tuple

import edwards
from edwards import Q, Point
from vector_file import FOLDER, write_or_check

SUITE = b"\x03"


def hash512(*parts: bytes) -> bytes:
    return hashlib.sha512(b"".join(parts)).digest()


def encode_to_curve(salt: bytes, alpha: bytes) -> Tuple[Point, int]:
    for attempt in range(256):
        candidate = edwards.decode(hash512(SUITE, b"\x01", salt, alpha, bytes([attempt]), b"\x00")[:32])
        if candidate is not None:
            point = edwards.multiply(8, candidate)
            if not edwards.equal(point, edwards.IDENTITY):
                return point, attempt
    raise ValueError("no attempt reaches the curve")


def challenge(*points: Point) -> bytes:
    return hash512(SUITE, b"\x02", *map(edwards.encode, points), b"\x00")[:16]


def gamma_to_hash(gamma: Point) -> bytes:
    return hash512(SUITE, b"\x03", edwards.encode(edwards.multiply(8, gamma)), b"\x00")


def prove(seed: bytes, alpha: bytes, torsion: Point = edwards.IDENTITY, key_torsion: Point = edwards.IDENTITY,
          nonce: Optional[int] = None) -> Dict[str, Any]:
    """`ECVRF_prove` with its intermediate values. A dishonest prover adds points of small order to Gamma or Y."""
    secret, nonce_key = edwards.expand_seed(seed)
    key = edwards.add(edwards.multiply(secret, edwards.BASE), key_torsion)
    hashed, attempt = encode_to_curve(edwards.encode(key), alpha)
    gamma = edwards.add(edwards.multiply(secret, hashed), torsion)
    nonce_string = hash512(nonce_key, edwards.encode(hashed))
    k = int.from_bytes(nonce_string, "little") % Q if nonce is None else nonce
    u, v = edwards.multiply(k, edwards.BASE), edwards.multiply(k, hashed)
    c = challenge(key, hashed, gamma, u, v)
    s = (k + int.from_bytes(c, "little") * secret) % Q
    proof = edwards.encode(gamma) + c + edwards.scalar(s)
    return {"SK": seed, "PK": edwards.encode(key), "alpha": alpha, "x": secret.to_bytes(32, "little"), "ctr": attempt,
            "H": edwards.encode(hashed), "k_string": nonce_string, "k": edwards.scalar(k), "U": edwards.encode(u),
            "V": edwards.encode(v), "pi": proof, "beta": gamma_to_hash(gamma)}


def verify(public_key: bytes, alpha: bytes, proof: bytes) -> Optional[bytes]:
    """`ECVRF_verify` with validate_key."""
    key = edwards.decode(public_key)
    if key is None or edwards.equal(edwards.multiply(8, key), edwards.IDENTITY) or len(proof) != 80:
        return None
    gamma = edwards.decode(proof[:32])
    c, s = int.from_bytes(proof[32:48], "little"), int.from_bytes(proof[48:], "little")
    if gamma is None or s >= Q:
        return None
    hashed, _ = encode_to_curve(public_key, alpha)
    u = edwards.subtract(edwards.multiply(s, edwards.BASE), edwards.multiply(c, key))
    v = edwards.subtract(edwards.multiply(s, hashed), edwards.multiply(c, gamma))
    return gamma_to_hash(gamma) if challenge(key, hashed, gamma, u, v) == proof[32:48] else None


def small_order_points() -> List[Point]:
    """The eight points of order 1, 2, 4, 8."""
    y = 0
    while True:
        y += 1
        x = edwards.recover_x(y, 0)
        if x is None:
            continue
        candidate = edwards.multiply(Q, (x, y, 1, x * y % edwards.P))
        if not edwards.equal(edwards.multiply(4, candidate), edwards.IDENTITY):
            return [edwards.multiply(i, candidate) for i in range(8)]


def seed_of(index: int) -> bytes:
    return hashlib.sha256(b"pouw vrf test" + index.to_bytes(4, "little")).digest()


def check_examples() -> None:
    for example in json.loads((FOLDER / "vrf" / "rfc9381.json").read_text())["vectors"]:
        got = prove(bytes.fromhex(example["SK"]), bytes.fromhex(example["alpha"]))
        for name, value in got.items():
            assert example[name] == (value if name == "ctr" else value.hex()), (example["example"], name)
        assert verify(got["PK"], got["alpha"], got["pi"]) == got["beta"]


def honest() -> List[Dict[str, Any]]:
    """Inputs of many lengths, and the first input at which each number of attempts is needed."""
    out = [prove(seed_of(n), bytes(i & 0xff for i in range(n))) for n in (0, 1, 2, 31, 32, 63, 64, 111, 112, 127, 128, 129, 1000)]
    key = edwards.public_key(seed_of(0))
    wanted = set(range(10))
    counter = 0
    while wanted:
        alpha = counter.to_bytes(4, "little")
        attempt = encode_to_curve(key, alpha)[1]
        if attempt in wanted:
            wanted.remove(attempt)
            out.append(prove(seed_of(0), alpha))
        counter += 1
    return out


def adversarial() -> List[Dict[str, Any]]:
    cases: List[Dict[str, Any]] = []

    def case(comment: str, key: bytes, alpha: bytes, proof: bytes) -> None:
        beta = verify(key, alpha, proof)
        cases.append({"comment": comment, "PK": key.hex(), "alpha": alpha.hex(), "pi": proof.hex(),
                      "beta": beta.hex() if beta else ""})

    base = prove(seed_of(100), b"input")
    key, proof = base["PK"], base["pi"]
    case("honest", key, b"input", proof)
    s = int.from_bytes(proof[48:], "little")
    for comment, bad in (("s + q", s + Q), ("s = q", Q), ("s = 2^256 - 1", 2**256 - 1), ("s with bit 255", s | 2**255),
                         ("s = 0", 0), ("s = q - 1", Q - 1)):
        case(comment, key, b"input", proof[:48] + bad.to_bytes(32, "little"))
    secret, _ = edwards.expand_seed(seed_of(100))
    gamma, k = edwards.decode(base["pi"][:32]), int.from_bytes(base["k"], "little")
    for comment, front, back in (("challenge without Y, as in drafts up to 10", b"\x02", b"\x00"),
                                 ("challenge without Y and the closing byte", b"\x02", b"")):
        old = hash512(SUITE, front, base["H"], edwards.encode(gamma), base["U"], base["V"], back)[:16]
        case(comment, key, b"input",
             proof[:32] + old + edwards.scalar(k + int.from_bytes(old, "little") * secret))
    for suite in (b"\x01", b"\x04"):
        other = hash512(suite, b"\x02", key, base["H"], proof[:32], base["U"], base["V"], b"\x00")[:16]
        case(f"challenge of suite {suite[0]}", key, b"input",
             proof[:32] + other + edwards.scalar(k + int.from_bytes(other, "little") * secret))
    small = small_order_points()
    for i, point in enumerate(small):
        case(f"key of small order {i}", edwards.encode(point), b"input", proof)
        case(f"Gamma of small order {i}", key, b"input", edwards.encode(point) + proof[32:])
    aliases = [(edwards.P + y).to_bytes(32, "little") for y in range(19)]
    aliases += [(edwards.P + y | 1 << 255).to_bytes(32, "little") for y in (0, 1, 3, 4)]
    aliases += [(1 | 1 << 255).to_bytes(32, "little"), (edwards.P - 1 | 1 << 255).to_bytes(32, "little"),
                (2).to_bytes(32, "little")]
    for alias in aliases:
        case("key not canonical or not on the curve", alias, b"input", proof)
        case("Gamma not canonical or not on the curve", key, b"input", alias + proof[32:])
    for i in range(1, 8):
        for nonce in range(1, 13):
            bad_gamma = prove(seed_of(101), b"torsion", torsion=small[i], nonce=nonce)
            case(f"Gamma plus a point of small order {i}", bad_gamma["PK"], b"torsion", bad_gamma["pi"])
            bad_key = prove(seed_of(102), b"mixed", key_torsion=small[i], nonce=nonce)
            case(f"key plus a point of small order {i}", bad_key["PK"], b"mixed", bad_key["pi"])
    both = [prove(seed_of(103), b"both", small[1], small[3], nonce) for nonce in range(1, 40)]
    for got in both:
        case("both", got["PK"], b"both", got["pi"])
    return cases


def plain(vector: Dict[str, Any]) -> Dict[str, Any]:
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in vector.items()}


def encode_file(description: str, vectors: List[Dict[str, Any]]) -> bytes:
    lines = ",\n".join("  " + json.dumps(vector, separators=(",", ":")) for vector in vectors)
    return (f'{{\n "description":{json.dumps(description)},\n "source":"tests/reference/vrf.py",\n "vectors":[\n'
            f"{lines}\n ]\n}}\n").encode("ascii")


def produce() -> Dict[str, bytes]:
    return {
        "vrf/honest.json": encode_file("ECVRF-EDWARDS25519-SHA512-TAI, members named as in RFC 9381 appendix B.",
                                       [plain(vector) for vector in honest()]),
        "vrf/verdicts.json": encode_file("Verdicts of ECVRF_verify with validate_key; an empty beta is INVALID.",
                                         adversarial()),
    }


def main() -> int:
    check_examples()
    return write_or_check(__doc__, lambda: produce().items())


if __name__ == "__main__":
    sys.exit(main())
