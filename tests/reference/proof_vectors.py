"""The vectors of nonce sets and proofs: tests/vectors/proof/."""

from __future__ import annotations

import random
from dataclasses import replace
from hashlib import sha512
from typing import Any, Iterable, Sequence

import ed25519
import nonce_set
import pow
import proof
from pow_vectors import KEY, OTHER_RACE, RACE, U64_MAX
from refusal import Refusal
from vector_file import Vectors

# The key of RFC 8032, section 7.1, test 1: its public key is the one of the specification's check values.
SIGNER = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
SIGNATURE_OF_NOTHING = (
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)
OTHER_SIGNER = bytes(range(32))
EASY = 246_000  # about one in four nonces of the tiny preset


def quick() -> Iterable[tuple[str, Vectors]]:
    assert ed25519.public_key_of(SIGNER) == KEY and ed25519.sign(SIGNER, b"").hex() == SIGNATURE_OF_NOTHING
    yield "proof/nonce_sets.json", nonce_sets()
    yield "proof/bad_nonce_sets.json", bad_nonce_sets()
    yield "proof/proofs.json", proofs()


# ---------------------------------------------------------------------------------------------------------------------
# Nonce sets


def from_gaps(gaps: Iterable[int]) -> list[int]:
    nonces, previous = [], -1
    for gap in gaps:
        previous += gap + 1
        nonces.append(previous)
    return nonces


def sampled(chance: float, count: int, seed: int) -> list[int]:
    chosen = random.Random(seed)
    # Integer comparisons only: a logarithm could differ between machines.
    limit, nonces, nonce = int(chance * (1 << 32)), [], 0
    while len(nonces) < count:
        if chosen.getrandbits(32) < limit:
            nonces.append(nonce)
        nonce += 1
    return nonces


def at_the_edge_of_escapes(count: int) -> list[int]:
    """Gaps that are, in turn, the largest short one and the smallest escape."""
    state, gaps = nonce_set.Adaptation(), []
    for i in range(count):
        k = state.k
        gaps.append((24 << k) - (i % 3 != 0))
        state.advance(gaps[-1] if i % 3 else nonce_set.escape_step(k))
    return from_gaps(gaps)


def nonce_sets() -> Vectors:
    spread = random.Random(4)
    sets: list[tuple[str, list[int]]] = [
        ("empty", []),
        ("zero", [0]),
        ("last", [U64_MAX]),
        ("both ends", [0, U64_MAX]),
        ("the last ones", list(range(U64_MAX - 40, U64_MAX + 1))),
        ("largest first short gap", [24 * 32 - 1]),
        ("smallest first escape", [24 * 32]),
        ("edge of escapes", at_the_edge_of_escapes(24)),
        ("dense", list(range(600))),
        ("dense, far", list(range(1 << 63, (1 << 63) + 600))),
        ("1 in 2", sampled(0.5, 600, 5)),
        ("1 in 100", sampled(0.01, 400, 6)),
        ("1 in 900", sampled(1 / 900, 300, 7)),
        ("sparse", sorted({spread.getrandbits(64) for _ in range(300)})),
        ("strided 1000", [1000 * i + 7 for i in range(400)]),
        ("strided 2^50", [i << 50 for i in range(400)]),
        ("strided 2^55", [i << 55 for i in range(300)]),
        ("strided 2^57", [i << 57 for i in range(128)]),
        ("jumps", [(start << 58) + i * i for start in range(16) for i in range(10)]),
        ("dense after sparse", [i << 40 for i in range(130)] + list(range(1 << 60, (1 << 60) + 270))),
    ]
    entries = []
    for name, nonces in sets:
        encoded = nonce_set.encode(nonces)
        assert nonce_set.decode(len(nonces), encoded) == nonces
        entries.append({"name": name, "count": str(len(nonces)), "nonces": text(nonces), "bytes": encoded.hex()})
    multiples = [[step * i for i in range(start, 60)] for start, step in ((0, 7), (3, 11), (0, 13))]
    merges = []
    for parts in (multiples, multiples[:1], [multiples[0], multiples[0]], [[], [5]], [[], []], [[U64_MAX], [0, 9]]):
        merged = sorted(set().union(*parts))
        merges.append(
            {
                "parts": [nonce_set.encode(part).hex() for part in parts],
                "part_counts": [str(len(part)) for part in parts],
                "count": str(len(merged)),
                "nonces": text(merged),
                "bytes": nonce_set.encode(merged).hex(),
            }
        )
    return Vectors("Nonce sets and their one encoding; unions of encoded sets.", sets=entries, merges=merges)


def text(numbers: Sequence[int]) -> list[str]:
    return [str(number) for number in numbers]


def bits(*parts: tuple[int, int]) -> bytes:
    """(value, bits) pairs, packed by the writer of the coder."""
    writer = nonce_set.BitWriter()
    for value, count in parts:
        writer.write(value, count)
    return writer.finish()


def bad_nonce_sets() -> Vectors:
    escape = (1 << 24) - 1, 24
    dense, half = nonce_set.encode(range(100)), nonce_set.encode(sampled(0.5, 100, 5))
    far = nonce_set.encode([1 << 40, 1 << 50])
    cases = [
        ("no bytes for one nonce", 1, b"", "count_too_large"),
        ("count above the number of bits", 8 * len(dense) + 1, dense, "count_too_large"),
        ("largest count", U64_MAX, dense, "count_too_large"),
        ("bytes without nonces", 0, b"\0", "byte_left_over"),
        ("ends in the ones", 1, b"\xff", "ends_inside_gap"),
        ("ends after three bytes of ones", 1, b"\xff" * 3, "ends_inside_gap"),
        ("ends in the low bits", 1, b"\x3f", "ends_inside_gap"),
        ("ends in an escape", 1, far[:10], "ends_inside_gap"),
        ("ends in the second escape", 2, far[:-1], "ends_inside_gap"),
        ("one byte short", 100, half[:-1], "ends_inside_gap"),
        ("zero as an escape", 1, bits(escape, (0, 64)), "noncanonical_escape"),
        ("the largest short gap as an escape", 1, bits(escape, (24 * 32 - 1, 64)), "noncanonical_escape"),
        # Gap 0 is short with k = 5; the sum is then 64 and the weight 2, so that k is 4.
        ("a second gap as an escape", 2, bits((0, 1), (0, 5), escape, (24 * 16 - 1, 64)), "noncanonical_escape"),
        ("gap after the last nonce", 2, bits(escape, (U64_MAX, 64), (0, 1), (0, 40)), "nonce_too_large"),
        ("two escapes of 2^63", 2, bits(escape, (1 << 63, 64), escape, (1 << 63, 64)), "nonce_too_large"),
        ("two escapes, one too far", 2, bits(escape, (1 << 63, 64), escape, ((1 << 63) - 1, 64)), "nonce_too_large"),
        ("padding bit", 1, bits((0, 1), (3, 5), (1, 1)), "padding_bit"),
        ("last padding bit", 1, bits((0, 1), (3, 5), (0, 1), (1, 1)), "padding_bit"),
        ("zero byte left over", 100, dense + b"\0", "byte_left_over"),
        ("byte left over", 100, half + b"\x80", "byte_left_over"),
        ("more nonces in the bytes", 90, half, "byte_left_over"),
    ]
    entries = []
    for name, count, encoded, reason in cases:
        try:
            nonce_set.decode(count, encoded)
            found = None
        except Refusal as refusal:
            found = refusal.reason
        assert found == reason, (name, found)
        entries.append({"name": name, "count": str(count), "bytes": encoded.hex(), "reason": reason})
    return Vectors("Byte strings that are no nonce set of the given count, and why.", cases=entries)


# ---------------------------------------------------------------------------------------------------------------------
# Proofs

# A generator of the eight points of small order.
TORSION = ed25519.decode(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))
assert TORSION is not None and ed25519.is_identity(ed25519.multiply(8, TORSION))
SMALL_ORDER_KEYS = tuple(ed25519.encode(ed25519.multiply(i, TORSION)) for i in range(8))


def little(value: int) -> bytes:
    return value.to_bytes(32, "little")


NONCANONICAL_KEYS = (
    little(ed25519.P),  # y = 0, of order 4
    little(ed25519.P + 1),  # y = 1, the identity
    little(1 | 1 << 255),  # x = 0 with the sign bit
    little(ed25519.P - 1 | 1 << 255),
    little(ed25519.P + 3),
    b"\xff" * 32,
)
NO_POINT = little(2)
MIXED_KEY = ed25519.encode(ed25519.add(ed25519.decode(KEY), TORSION))


def sign_where_torsion_vanishes(scalar: int, public_key: bytes, message: bytes) -> bytes:
    """A signature under A = scalar B + T, T of small order, whose challenge is a multiple of 8: its equation holds."""
    for attempt in range(1000):
        r = int.from_bytes(sha512(b"torsion" + bytes([attempt % 256, attempt // 256])).digest(), "little") % ed25519.Q
        encoded = ed25519.encode(ed25519.multiply(r, ed25519.BASE))
        h = ed25519.challenge(encoded, public_key, message)
        if h % 8 == 0:
            return encoded + little((r + h * scalar) % ed25519.Q)
    raise AssertionError


def with_larger_s(complete: bytes) -> bytes:
    """S + q in place of S: congruent, so only the bound on S refuses it."""
    return complete[:-32] + little(int.from_bytes(complete[-32:], "little") + ed25519.Q)


class Scene:
    """A race, a key and what passes there."""

    def __init__(self, preset: str, binding: int, race: bytes, signer: bytes, threshold: int) -> None:
        self.preset, self.signer = preset, signer
        self.expected = proof.Expected(pow.preset(preset, binding), race, ed25519.public_key_of(signer), threshold)
        self.evaluator = proof.Evaluator(self.expected)

    def split(self, nonces: Iterable[int]) -> tuple[list[int], list[int]]:
        """Those that pass, and those that do not."""
        nonces = list(nonces)
        self.evaluator.evaluate(nonces)
        true = [n for n in nonces if self.evaluator.passes(n)]
        return true, [n for n in nonces if n not in set(true)]

    def claim(self, nonces: Iterable[int], **other: Any) -> proof.Proof:
        e = self.expected
        right = proof.Proof(pow.model_id(e.config), e.race_seed, e.node, e.threshold, tuple(sorted(nonces)))
        return replace(right, **other)

    def prove(self, nonces: Iterable[int], **other: Any) -> bytes:
        return proof.sign(self.signer, proof.assemble(self.claim(nonces, **other)))


def proofs() -> Vectors:
    cases: list[dict[str, Any]] = []

    def case(name: str, scene: Scene, complete: bytes, reason: str | None) -> None:
        verdict = proof.verify(complete, scene.expected, scene.evaluator.passes)
        assert verdict.reason == reason, (name, verdict)
        e = scene.expected
        expected = {
            "preset": scene.preset,
            "permutation_binding": e.config.permutation_binding,
            "race_seed": e.race_seed.hex(),
            "node": e.node.hex(),
            "threshold": str(e.threshold),
        }
        entry: dict[str, Any] = {"name": name, "expected": expected, "proof": complete.hex(), "accept": verdict.accept}
        if verdict.accept:
            entry["signer_seed"] = scene.signer.hex()
            entry["nonces"] = text(proof.decode(complete).nonces)
            entry["signing_digest"] = proof.signing_digest(complete[:-64]).hex()
        else:
            entry["reason"] = reason
            if verdict.nonce is not None:
                entry["false_nonce"] = str(verdict.nonce)
        cases.append(entry)

    main = Scene("tiny", pow.OUTPUT_BINDING, RACE, SIGNER, EASY)
    true, false = main.split(range(120))
    high, _ = main.split(range(U64_MAX - 15, U64_MAX + 1))
    case("empty", main, main.prove([]), None)
    case("one nonce", main, main.prove(true[:1]), None)
    case("a scan", main, main.prove(true), None)
    case("two scans merged", main, main.prove(true[:8] + high), None)
    for preset, binding, race, signer in (
        ("tiny", pow.INPUT_BINDING, RACE, SIGNER),
        ("tiny", pow.OUTPUT_BINDING, OTHER_RACE, OTHER_SIGNER),
        ("tiny-gated", pow.OUTPUT_BINDING, RACE, SIGNER),
        ("tiny-gated", pow.INPUT_BINDING, OTHER_RACE, OTHER_SIGNER),
    ):
        scene = Scene(preset, binding, race, signer, EASY)
        case("another setting", scene, scene.prove(scene.split(range(60))[0]), None)
    largest = Scene("tiny", pow.OUTPUT_BINDING, RACE, SIGNER, U64_MAX)
    case("largest threshold, dense", largest, largest.prove(range(40)), None)
    best = min(main.evaluator.evaluate(true), key=lambda e: e.d2)
    for threshold, reason in ((best.d2, "false_nonce"), (best.d2 + 1, None)):
        scene = Scene("tiny", pow.OUTPUT_BINDING, RACE, SIGNER, threshold)
        case("threshold at d2" + (" + 1" if reason is None else ""), scene, scene.prove([best.nonce]), reason)
    least = Scene("tiny", pow.OUTPUT_BINDING, RACE, SIGNER, 1)
    case("threshold 1, empty", least, least.prove([]), None)

    good = main.prove(true[:4])
    signed_part = good[:-64]
    resigned = lambda changed: proof.sign(SIGNER, changed)
    at = lambda offset, value: resigned(signed_part[:offset] + value + signed_part[offset + len(value) :])
    case("no bytes", main, b"", "truncated")
    case("one byte less than the smallest", main, main.prove([])[:-1], "truncated")
    case("magic", main, at(0, b"pouwprf2"), "magic")
    case("version 0", main, at(8, b"\0"), "spec_version")
    case("version 2", main, at(8, b"\2"), "spec_version")
    case("version 2^24 + 1", main, at(8, b"\1\0\0\1"), "spec_version")
    case("threshold 0", main, main.prove(true[:4], threshold=0), "threshold_zero")
    case("last byte missing", main, good[:-1], "length")
    case("byte appended", main, good + b"\0", "length")
    case("length one more", main, at(124, bytes([len(signed_part) - 131])), "length")
    case("length 2^63", main, at(124, pow.le64(1 << 63)), "length")
    case("length 2^64 - 196", main, at(124, pow.le64((1 << 64) - 196)), "length")
    case("count 2^64 - 1", main, at(116, pow.le64(U64_MAX)), "count_too_large")
    case("count 5", main, at(116, b"\5"), "ends_inside_gap")
    case("count 2", main, at(116, b"\2"), "byte_left_over")
    case("false nonce", main, main.prove(true[:3] + false[2:3]), "false_nonce")
    case("only false nonces", main, main.prove(false[:3]), "false_nonce")
    case("other model id", main, main.prove(true[:4], model=pow.model_id(pow.preset("tiny-gated"))), "model")
    case("other race seed", main, main.prove(true[:4], race_seed=OTHER_RACE), "race_seed")
    case("other key", main, main.prove([], node=ed25519.public_key_of(OTHER_SIGNER)), "node")
    case("threshold one more", main, main.prove(true[:4], threshold=EASY + 1), "threshold")
    case("threshold one less", main, main.prove(true[:4], threshold=EASY - 1), "threshold")
    flipped = lambda data, i: data[:i] + bytes([data[i] ^ 1]) + data[i + 1 :]
    case("bit of R", main, flipped(good, len(good) - 64), "signature")
    case("bit of S", main, flipped(good, len(good) - 32), "signature")
    case("signed by another", main, proof.sign(OTHER_SIGNER, signed_part), "signature")
    case("the digest without its tag signed", main, signed_part + ed25519.sign(SIGNER, signed_part), "signature")
    case("S + q", main, with_larger_s(good), "signature")
    identity = ed25519.sign_with_identity(SIGNER, proof.signing_digest(signed_part))
    case("R the identity", main, signed_part + identity, "signature")

    # Keys that nobody may use, each expected by the verifier, with the best signature there is for it.
    def under(key: bytes, scalar: int) -> tuple[Scene, bytes]:
        scene = Scene("tiny", pow.OUTPUT_BINDING, RACE, SIGNER, EASY)
        scene.expected = proof.Expected(scene.expected.config, RACE, key, EASY)
        unsigned = proof.assemble(scene.claim([]))
        return scene, unsigned + sign_where_torsion_vanishes(scalar, key, proof.signing_digest(unsigned))

    for order, key in zip((1, 8, 4, 8, 2, 8, 4, 8), SMALL_ORDER_KEYS):
        case(f"key of order {order}", *under(key, 0), "invalid_public_key")
    for key in NONCANONICAL_KEYS:
        case("key not canonical", *under(key, 0), "invalid_public_key")
    case("key that is no point", *under(NO_POINT, 0), "invalid_public_key")
    case("key of mixed order", *under(MIXED_KEY, ed25519.expand(SIGNER)[0]), "invalid_public_key")
    return Vectors(
        "Complete proofs, what the verifier expects, and the verdict. signer_seed: an RFC 8032 private key. Reasons: "
        "tests/reference/README.md.",
        cases=cases,
    )
