"""The vectors of trees, openings, commitments, samples and fraud proofs: tests/vectors/proof/."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any, Iterable, Optional, Sequence

import commitment
import ed25519
import pow
from pow_vectors import RACE, U64_MAX
from proof_vectors import EASY, OTHER_SIGNER, SIGNER, Scene, from_gaps, sampled
from refusal import Refusal
from vector_file import Vectors

text = lambda values: [str(v) for v in values]
beacon = lambda number: bytes([number] * 32)


SHARE, SOUNDNESS = Fraction(1, 2), 8  # of the checks by sample

def quick() -> Iterable[tuple[str, Vectors]]:
    yield "proof/soundness.json", soundness()
    yield "proof/trees.json", trees()
    yield "proof/bad_openings.json", bad_openings()
    yield "proof/samples.json", samples()
    yield "proof/commitments.json", commitments()


def soundness() -> Vectors:
    cases = []
    populations = (1, 2, 3, 7, 64, 100, 899, 10_000, 1_000_003, 10_000_000, 1 << 40, U64_MAX)
    for population in populations:
        for share in (Fraction(1, 1), Fraction(1, 2), Fraction(1, 3), Fraction(1, 10), Fraction(1, 100), Fraction(99, 100)):
            for bits in (1, 7, 40, 64, 128):
                bad = commitment.marked(population, share)
                count = commitment.samples_for(population, bad, bits)
                reached = commitment.soundness(commitment.miss(population, bad, count))
                cases.append(
                    {
                        "population": str(population),
                        "numerator": str(share.numerator),
                        "denominator": str(share.denominator),
                        "marked": str(bad),
                        "bits": bits,
                        "samples": str(count),
                        "reached": reached,
                    }
                )
    return Vectors(
        "For a population, a share of false claims and a soundness: the least number of false claims, the number of samples, "
        "and the soundness that it reaches (null: it cannot miss). By rationals of any size.",
        cases=cases,
    )


def sets() -> list[tuple[str, list[int]]]:
    spread = random.Random(8)
    return [
        ("empty", []),
        ("zero", [0]),
        ("last", [U64_MAX]),
        ("0 and 1", [0, 1]),
        ("both ends", [0, U64_MAX]),
        ("middle", [(1 << 63) - 1, 1 << 63]),
        ("powers of two", [1 << i for i in range(64)]),
        ("one less", [(1 << i) - 1 for i in range(65)]),
        ("all of four bits", list(range(16))),
        ("the last ones", list(range(U64_MAX - 40, U64_MAX + 1))),
        ("1 in 2", sampled(0.5, 100, 5)),
        ("1 in 900", sampled(1 / 900, 300, 7)),
        ("sparse", sorted({spread.getrandbits(64) for _ in range(300)})),
        ("strided", [1000 * i + 7 for i in range(150)]),
        ("two machines", sampled(1 / 100, 50, 1) + [(1 << 40) + n for n in sampled(1 / 100, 50, 2)]),
        ("squares", from_gaps(i * i for i in range(60))),
    ]


def trees() -> Vectors:
    chosen = random.Random(9)
    cases = []
    for name, nonces in sets():
        tree = commitment.build(nonces)
        digest, count = commitment.root(tree)
        openings = []

        def opening(ranks: Sequence[int] = (), shown: Sequence[int] = (), ranges: Sequence[tuple[int, int]] = ()) -> None:
            cut = commitment.cut(tree, commitment.wanted(ranks, shown, ranges))
            encoded = commitment.encode_opening(cut)
            assert commitment.encode_opening(commitment.decode_opening(encoded)) == encoded
            inside = [n for n in nonces if any(a <= n <= b for a, b in ranges)]
            openings.append(
                {
                    "ranks": text(ranks),
                    "nonces": text(shown),
                    "ranges": [text(r) for r in ranges],
                    "bytes": encoded.hex(),
                    "leaves": [text(pair) for pair in commitment.leaves(cut)],
                    "present": [n in nonces for n in shown],
                    "count_in_ranges": str(len(inside)),
                    "root_in_ranges": commitment.root(commitment.build(inside))[0].hex(),
                }
            )

        opening()
        for _ in range(2):
            opening(ranks=sorted(chosen.sample(range(count), min(count, 3))))
            opening(shown=[0, U64_MAX, *(chosen.sample(nonces, min(count, 2))), chosen.getrandbits(64) >> chosen.randrange(64)])
            edges = sorted(chosen.getrandbits(64) >> chosen.randrange(64) for _ in range(4))
            if len(set(edges)) == 4:
                opening(ranges=[(edges[0], edges[1]), (edges[2], edges[3])])
        cases.append({"name": name, "nonces": text(nonces), "root": digest.hex(), "count": str(count), "openings": openings})
    return Vectors(
        "Sets of nonces, their roots, and openings that show the nonces of some ranks, some nonces (or that they are "
        "absent), and what lies in some ranges. leaves: rank and nonce of all that is shown.",
        cases=cases,
    )


def bad_openings() -> Vectors:
    good = commitment.OPENING_MAGIC + commitment.VERSION
    digest = bytes(32)
    top = lambda kind, prefix=b"": bytes([kind]) + prefix.ljust((64 - kind + 7) // 8, b"\0")
    stub = lambda count: bytes([commitment.STUB]) + count + digest
    half = commitment.leb128(1 << 63)
    cases: list[dict[str, Any]] = []

    def case(name: str, data: bytes, reason: str) -> None:
        try:
            commitment.check(commitment.decode_opening(data), commitment.root(None))
        except Refusal as refusal:
            assert refusal.reason == reason, (name, refusal.reason)
        else:
            raise AssertionError(name)
        cases.append({"name": name, "bytes": data.hex(), "reason": reason})

    case("no bytes", b"", "truncated")
    case("magic alone", good[:8], "truncated")
    case("magic", b"pouwopn2" + good[8:], "magic")
    case("version 2", good[:8] + b"\2\0\0\0", "spec_version")
    case("leaf cut off", good + top(0)[:-1], "truncated")
    case("byte after a leaf", good + top(0) + b"\0", "trailing_bytes")
    case("second tree", good + top(0) + top(0), "trailing_bytes")
    case("height 65", good + b"\x41", "height")
    case("height 254", good + b"\xfe", "height")
    case("child as high as its parent", good + top(3) + b"\3\0", "height")
    case("child above a nonce", good + top(1) + b"\1\0", "height")
    case("node without children", good + top(64), "truncated")
    case("node with one child", good + top(1) + b"\0", "truncated")
    case("prefix of 63 bits with 64", good + top(1, b"\0" * 7 + b"\x80") + b"\0\0", "prefix_bits")
    case("prefix of 1 bit with 2", good + top(3) + b"\1\2\0\0" + b"\0\0", "prefix_bits")
    case("count 0", good + stub(b"\0"), "count_form")
    case("count 1 in two bytes", good + stub(b"\x81\0"), "count_form")
    case("count 2^64", good + stub(b"\x80" * 9 + b"\2"), "overflow")
    case("count in eleven bytes", good + stub(b"\xff" * 10 + b"\0"), "overflow")
    case("count without end", good + bytes([commitment.STUB]) + b"\x80\x80", "truncated")
    case("digest cut off", good + stub(b"\1")[:-1], "truncated")
    case("two nonces where one has room", good + top(1) + stub(b"\2") + b"\0", "no_room")
    case("five where four have room", good + top(3) + stub(b"\5") + stub(b"\1"), "no_room")
    case("2^63 + 1 in a half", good + top(64) + stub(commitment.leb128((1 << 63) + 1)) + stub(b"\1"), "no_room")
    case("two full halves", good + top(64) + stub(half) + stub(half), "overflow")
    case("a leaf for the empty tree", good + top(0), "count")
    return Vectors("Byte strings that are no opening of the empty tree, and why.", cases=cases)


def samples() -> Vectors:
    cases = []
    for number, (count, wanted) in enumerate([(1, 1), (2, 2), (10, 4), (10, 20), (1000, 50), (10_000_000, 200), (U64_MAX, 30)]):
        node, root = ed25519.public_key_of(SIGNER), beacon(number)
        part = commitment.assemble(commitment.Commitment(bytes(32), RACE, node, EASY, root, count))
        ranks = commitment.sample_ranks(beacon(7 + number), node, root, count, wanted)
        assert len(set(ranks)) == len(ranks) == min(count, wanted)
        cases.append(
            {"seed": beacon(7 + number).hex(), "signed_part": part.hex(), "samples": str(wanted), "ranks": text(ranks)}
        )
    return Vectors("The ranks that a seed draws of a commitment, in order.", cases=cases)


def commitments() -> Vectors:
    scene = Scene("tiny", pow.OUTPUT_BINDING, RACE, SIGNER, EASY)
    true, false = scene.split(range(120))
    cases: list[dict[str, Any]] = []
    e = scene.expected
    ours = dict(model=pow.model_id(e.config), race_seed=RACE, node=e.node, threshold=EASY)

    def commit(nonces: Sequence[int], **other: Any) -> commitment.Commitment:
        digest, count = commitment.root(commitment.build(nonces))
        return commitment.Commitment(**{**ours, "root": digest, "count": count, **other})

    def case(
        name: str,
        nonces: Sequence[int],
        accused: Optional[int] = None,
        reason: Optional[str] = None,
        signer: bytes = SIGNER,
        change=lambda data: data,
        **other: Any,
    ) -> None:
        """Opens the samples of a seed; with an accused nonce, also the fraud proof."""
        nonces = sorted(nonces)
        tree = commitment.build(nonces)
        committed = commit(nonces, **other)
        part = commitment.assemble(committed)
        signed = change(commitment.sign(signer, part))
        seed = beacon(len(cases))
        samples = commitment.samples_for(len(nonces), commitment.marked(len(nonces), SHARE), SOUNDNESS) if nonces else 0
        ranks = commitment.sample_ranks(seed, committed.node, committed.root, len(nonces), samples)
        entry: dict[str, Any] = {
            "name": name,
            "commitment": signed.hex(),
            "signing_digest": commitment.signing_digest(part).hex(),
            "root": committed.root.hex(),
            "count": str(committed.count),
            "ranges": [text(r) for r in committed.ranges],
            "seed": seed.hex(),
            "ranks": text(sorted(ranks)),
            "opening": commitment.encode_opening(commitment.cut(tree, commitment.wanted(ranks))).hex(),
            "reason": reason,
        }
        if accused is not None:
            shown = commitment.cut(tree, commitment.wanted(nonces=[accused]))
            entry["accused"] = str(accused)
            entry["guilty"] = accused in false
            entry["fraud_proof"] = commitment.encode_fraud_proof(signed, shown).hex()
        cases.append(entry)

    case("empty", [])
    case("one nonce", true[:1], accused=true[0])
    case("a scan", true, accused=true[3])
    case("ranges", true, ranges=((0, 59), (60, 119), (1 << 40, U64_MAX)))
    case("one false nonce", [*true, false[4]], accused=false[4], reason="false_nonce")
    case("only false nonces", false[:5], accused=false[0], reason="false_nonce")
    flip = lambda offset: lambda data: data[:offset] + bytes([data[offset] ^ 1]) + data[offset + 1 :]
    case("bit of the signature", true, change=lambda data: data[:-1] + bytes([data[-1] ^ 1]), reason="signature")
    case("signed by another", true, signer=OTHER_SIGNER, reason="signature")
    case("bit of the root", true, change=flip(124), reason="signature")
    case("other race", true, race_seed=bytes(32), reason="race_seed")
    case("other threshold", true, threshold=EASY + 1, reason="threshold")
    case("other count", true, count=len(true) + 1, reason="wrong_opening")
    case("other root", true, root=bytes(32), reason="wrong_opening")
    case("truncated", true, change=lambda data: data[:-1], reason="truncated")
    case("byte appended", true, change=lambda data: data + b"\0", reason="trailing_bytes")
    case("magic", true, change=flip(0), reason="magic")
    case("version", true, change=lambda data: data[:8] + b"\2" + data[9:], reason="spec_version")
    case("threshold 0", true, threshold=0, reason="threshold_zero")
    case("count 0 with a root", true, count=0, reason="root_of_nothing")
    case("range reversed", true, ranges=((5, 4),), reason="ranges")
    case("ranges touch twice", true, ranges=((0, 200), (200, 300)), reason="ranges")
    case("ranges too small", true, ranges=((0, len(true) - 2),), reason="ranges")
    case("key of small order", true, node=bytes([1]) + bytes(31), reason="invalid_public_key")
    return Vectors(
        "Commitments under one race, the opening of the samples of a seed, and the verdict: reason is null when all is well. "
        "With an accused nonce, a fraud proof, which convicts the guilty only. signer_seed: an RFC 8032 private key.",
        expected={
            "preset": "tiny",
            "race_seed": RACE.hex(),
            "node": e.node.hex(),
            "threshold": str(EASY),
            "signer_seed": SIGNER.hex(),
            "false_fraction": text((SHARE.numerator, SHARE.denominator)),
            "soundness": str(SOUNDNESS),
        },
        cases=cases,
    )
