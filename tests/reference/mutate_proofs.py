#!/usr/bin/env python3
"""Writes mutated proofs of the preset tiny and the verdict on each, for other implementations to agree with.

The first line of the output holds what the verifier expects: preset, permutation_binding, race_seed, node,
threshold. Each further line is one mutant of a right proof: mutation, proof, accept, reason (null where accepted). No
two are the same. Only `accept` is normative: a proof with two faults may be refused for either.
"""

from __future__ import annotations

import argparse
import json
import random
from typing import Callable

import ed25519
import nonce_set
import pow
import proof
from proof_vectors import (
    EASY,
    MIXED_KEY,
    NO_POINT,
    NONCANONICAL_KEYS,
    SIGNER,
    SMALL_ORDER_KEYS,
    Scene,
    with_larger_s,
)

HEADER_FIELDS = (0, 8, 12, 44, 76, 108, 116, 124, 132)
U64_MAX = (1 << 64) - 1


class Mutator:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        race = pow.race_seed(b"mutants", 7, bytes(32), bytes(range(32)))
        self.scene = Scene("tiny", pow.OUTPUT_BINDING, race, SIGNER, EASY)
        # Two scans and some jumps, so that sets hold escapes as well.
        near, self.false = self.scene.split([*range(300), *range(1 << 40, (1 << 40) + 60)])
        far, _ = self.scene.split(i << 58 for i in range(1, 12))
        self.true, self.more = sorted(near[:30] + near[-10:] + far), near[30:-10]
        self.draw()

    def draw(self) -> None:
        """Takes another set, from which the next mutant is made."""
        self.nonces = self.some(self.true)
        self.encoded = nonce_set.encode(self.nonces)
        self.base = self.scene.prove(self.nonces)
        self.unsigned = self.base[:-64]

    def some(self, nonces: list[int]) -> list[int]:
        """Most of them."""
        return [n for n in nonces if self.rng.randrange(4)]

    # Mutations of the bytes: whoever relays a proof can do these.

    def flip_bits(self, data: bytes, most: int = 1) -> bytes:
        changed = bytearray(data)
        for _ in range(self.rng.randint(1, most)):
            bit = self.rng.randrange(8 * len(data))
            changed[bit // 8] ^= 1 << bit % 8
        return bytes(changed)

    def put(self, data: bytes, offset: int, value: bytes) -> bytes:
        return data[:offset] + value + data[offset + len(value) :]

    def truncated(self) -> bytes:
        return self.base[: self.rng.randrange(len(self.base))]

    def beheaded(self) -> bytes:
        return self.base[self.rng.randint(1, 64) :]

    def extended(self) -> bytes:
        more = self.rng.randint(1, 80)
        return self.base + self.rng.choice((bytes(more), self.rng.randbytes(more), self.base[:more]))

    def inserted(self) -> bytes:
        at = self.rng.randrange(len(self.base))
        return self.base[:at] + self.rng.randbytes(self.rng.randint(1, 8)) + self.base[at:]

    def swapped(self) -> bytes:
        changed = bytearray(self.base)
        a, b = (self.rng.randrange(len(changed)) for _ in range(2))
        changed[a], changed[b] = changed[b], changed[a]
        return bytes(changed)

    def reordered(self, data: bytes) -> bytes:
        parts = [data[a:b] for a, b in zip(HEADER_FIELDS, HEADER_FIELDS[1:])]
        self.rng.shuffle(parts)
        return b"".join(parts) + data[132:]

    def odd_number(self, around: int) -> bytes:
        choices = (0, 1, around - 1, around + 1, around << 8, 1 << 63, U64_MAX, U64_MAX - 195, self.rng.getrandbits(64))
        return pow.le64(self.rng.choice(choices) & U64_MAX)

    def magic(self, data: bytes) -> bytes:
        others = (b"pouwprf0", b"pouwprf2", b"POUWPRF1", b"1frpwuop", bytes(8), self.rng.randbytes(8))
        return self.put(data, 0, self.rng.choice(others))

    def version(self, data: bytes) -> bytes:
        return self.put(data, 8, self.rng.choice((0, 2, 256, 1 << 24, 1 << 31, (1 << 32) - 1)).to_bytes(4, "little"))

    def count(self, data: bytes) -> bytes:
        return self.put(data, 116, self.odd_number(len(self.nonces)))

    def length(self, data: bytes) -> bytes:
        return self.put(data, 124, self.odd_number(len(self.encoded)))

    def signature(self) -> bytes:
        return self.unsigned + self.flip_bits(self.base[-64:], 3)

    # Mutations by the key's holder, signed again.

    def sign(self, unsigned: bytes) -> bytes:
        return proof.sign(SIGNER, unsigned)

    def with_set(self, count: int, encoded: bytes) -> bytes:
        return self.sign(proof.assemble(self.scene.claim([]), count, encoded))

    def with_key(self, key: bytes) -> bytes:
        return self.scene.prove(self.nonces, node=key)

    def false_added(self) -> bytes:
        return self.scene.prove(self.nonces + [self.rng.choice(self.false)])

    def far_added(self) -> bytes:
        far = self.rng.choice((U64_MAX, U64_MAX - self.rng.randrange(1000), self.rng.getrandbits(64)))
        return self.scene.prove({*self.nonces, far})

    def true_added(self) -> bytes:
        return self.scene.prove(self.nonces + self.some(self.more))

    def one_dropped(self) -> bytes:
        return self.scene.prove(set(self.nonces) - {self.rng.choice(self.nonces)})

    def replaced(self) -> bytes:
        by = self.rng.choice((self.rng.choice(self.more), self.rng.choice(self.false)))
        return self.scene.prove({*self.nonces, by} - {self.rng.choice(self.nonces)})

    def count_off_by_one(self) -> bytes:
        count = len(self.nonces) + self.rng.choice((-1, 1))
        return self.sign(proof.assemble(self.scene.claim(self.nonces), count=count))

    def other_threshold(self) -> bytes:
        threshold = self.rng.choice((0, 1, EASY - 1, EASY + 1, EASY << 8, U64_MAX, self.rng.getrandbits(64)))
        return self.scene.prove(self.nonces, threshold=threshold)

    def other_race(self) -> bytes:
        return self.scene.prove(self.nonces, race_seed=self.flip_bits(self.scene.expected.race_seed))

    def other_model(self) -> bytes:
        others = (pow.preset("tiny", pow.INPUT_BINDING), pow.preset("tiny-gated"), pow.preset("whitepaper"))
        return self.scene.prove(self.nonces, model=pow.model_id(self.rng.choice(others)))

    def needless_escape(self) -> bytes:
        """One gap is written as an escape although it is short; the rest is as if it were not."""
        state, bits, previous = nonce_set.Adaptation(), nonce_set.BitWriter(), -1
        chosen, like_an_escape = self.rng.choice(self.nonces), self.rng.randrange(2)
        for nonce in self.nonces:
            gap, k = nonce - previous - 1, state.k
            previous = nonce
            if nonce == chosen or gap >> k >= nonce_set.LONGEST_SHORT:
                nonce_set.write_escape(bits, gap)
                state.advance(nonce_set.escape_step(k) if like_an_escape else gap)
            else:
                nonce_set.write_short(bits, gap, k)
                state.advance(gap)
        return self.with_set(len(self.nonces), bits.finish())

    def padding(self) -> bytes:
        # A bit that is padding most of the time; else it belongs to the last gap, and the set is another one.
        top = self.encoded[-1] | 0x80 >> self.rng.randrange(2)
        return self.with_set(len(self.nonces), self.encoded[:-1] + bytes([top]))

    def left_over(self) -> bytes:
        more = self.rng.choice((b"\0", b"\0\0\0", b"\x01", b"\xff"))
        return self.with_set(len(self.nonces), self.encoded + more)

    def short_set(self) -> bytes:
        return self.with_set(len(self.nonces), self.encoded[: self.rng.randrange(len(self.encoded))])

    def changed_set(self) -> bytes:
        return self.with_set(len(self.nonces), self.flip_bits(self.encoded, 2))

    def random_set(self) -> bytes:
        size = self.rng.randint(1, 24)
        return self.with_set(self.rng.randint(0, 12), self.rng.randbytes(size))

    def beyond_the_last(self) -> bytes:
        bits = nonce_set.BitWriter()
        nonce_set.write_escape(bits, U64_MAX - self.rng.randrange(3))
        for _ in range(4):
            bits.write(0, self.rng.randint(4, 60))
        return self.with_set(self.rng.randint(2, 4), bits.finish())

    def larger_s(self) -> bytes:
        return with_larger_s(self.scene.prove(self.nonces))

    def identity_r(self) -> bytes:
        unsigned = proof.assemble(self.scene.claim(self.nonces))
        return unsigned + ed25519.sign_with_identity(SIGNER, proof.signing_digest(unsigned))

    def mutations(self) -> list[tuple[int, str, Callable[[], bytes]]]:
        """(weight, name, mutation); those that end in "signed" carry a right signature over the changed bytes."""
        pick = self.rng.choice
        return [
            (10, "flip a bit", lambda: self.flip_bits(self.base)),
            (4, "flip bits", lambda: self.flip_bits(self.base, 8)),
            (4, "truncate", self.truncated),
            (2, "behead", self.beheaded),
            (3, "extend", self.extended),
            (3, "insert", self.inserted),
            (3, "swap bytes", self.swapped),
            (2, "reorder fields", lambda: self.reordered(self.base)),
            (2, "magic", lambda: self.magic(self.base)),
            (2, "version", lambda: self.version(self.base)),
            (2, "count", lambda: self.count(self.base)),
            (2, "length", lambda: self.length(self.base)),
            (2, "signature", self.signature),
            (4, "flip a bit, signed", lambda: self.sign(self.flip_bits(self.unsigned))),
            (1, "reorder fields, signed", lambda: self.sign(self.reordered(self.unsigned))),
            (1, "magic, signed", lambda: self.sign(self.magic(self.unsigned))),
            (1, "version, signed", lambda: self.sign(self.version(self.unsigned))),
            (2, "count, signed", lambda: self.sign(self.count(self.unsigned))),
            (2, "length, signed", lambda: self.sign(self.length(self.unsigned))),
            (4, "false nonce added, signed", self.false_added),
            (2, "far nonce added, signed", self.far_added),
            (3, "true nonces added, signed", self.true_added),
            (3, "true nonce dropped, signed", self.one_dropped),
            (2, "true nonces only, signed", lambda: self.scene.prove(self.nonces)),
            (4, "nonce replaced, signed", self.replaced),
            (2, "count off by one, signed", self.count_off_by_one),
            (3, "other threshold, signed", self.other_threshold),
            (2, "other race, signed", self.other_race),
            (2, "other model, signed", self.other_model),
            (3, "needless escape, signed", self.needless_escape),
            (3, "padding bit, signed", self.padding),
            (2, "byte left over, signed", self.left_over),
            (2, "short set, signed", self.short_set),
            (4, "changed set, signed", self.changed_set),
            (3, "random set, signed", self.random_set),
            (2, "beyond the last nonce, signed", self.beyond_the_last),
            (1, "small-order key, signed", lambda: self.with_key(pick((*SMALL_ORDER_KEYS, MIXED_KEY)))),
            (1, "key not canonical, signed", lambda: self.with_key(pick((*NONCANONICAL_KEYS, NO_POINT)))),
            (1, "empty, signed", lambda: self.scene.prove([])),
            (1, "unchanged", lambda: self.base),
            (2, "S + q, signed", self.larger_s),
            (1, "R the identity, signed", self.identity_r),
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    mutator = Mutator(arguments.seed)
    scene, mutations = mutator.scene, mutator.mutations()
    weights = [weight for weight, _, _ in mutations]
    with open(arguments.out, "w", encoding="ascii") as out:

        def line(**content: object) -> None:
            out.write(json.dumps(content, separators=(",", ":")) + "\n")

        e = scene.expected
        line(
            preset=scene.preset,
            permutation_binding=e.config.permutation_binding,
            race_seed=e.race_seed.hex(),
            node=e.node.hex(),
            threshold=str(e.threshold),
        )
        seen = set()
        while len(seen) < arguments.count:
            [(_, name, mutation)] = mutator.rng.choices(mutations, weights)
            mutator.draw()
            mutant = mutation()
            if mutant in seen:
                continue
            seen.add(mutant)
            verdict = proof.verify(mutant, e, scene.evaluator.passes)
            line(mutation=name, proof=mutant.hex(), accept=verdict.accept, reason=verdict.reason)


if __name__ == "__main__":
    main()
