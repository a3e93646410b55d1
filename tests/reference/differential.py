#!/usr/bin/env python3
"""Writes random evaluations of small shapes, one case a line of JSON, for other implementations to repeat.

A case has config (the 16 fields), race_seed, public_key, fill and results: nonce (decimal string), tokens, output (int8
as hex), d2. `fill` names a mode of fills.py for each kind of tensor that does not come from its stream.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import asdict
from typing import Any, Sequence

import pow
from fills import KINDS, MODES, filled_noise, filled_tensors

U64_MAX = (1 << 64) - 1
# A case with more scores than this would take seconds.
MOST_SCORES = 1 << 21


def random_shift(rng: random.Random, least: int, most: int, usual: int) -> int:
    kind = rng.randrange(10)
    if kind < 5:
        return min(most, max(least, usual + rng.randint(-2, 2)))
    return rng.choice((least, most)) if kind < 7 else rng.randint(least, most)


def random_config(rng: random.Random) -> pow.ModelConfig:
    model_dim = rng.choice((64, 128, 192))
    length = rng.randint(1, 9)
    long_one = rng.randrange(16) == 0
    if long_one:
        length = rng.choice((64, 65, 100, 511, 512, rng.randint(10, 512)))
    heads = rng.choice([h for h in range(1, model_dim + 1) if model_dim % h == 0 and h * length**2 <= MOST_SCORES])
    kind = rng.randrange(2)
    config = pow.ModelConfig(
        spec_version=1,
        vocab_size=1 << rng.randint(0, 10),
        sequence_length=length,
        layers=rng.randint(1, 2 if long_one else 4),
        model_dim=model_dim,
        heads=heads,
        ffn_dim=64 * rng.randint(1, 4),
        ffn_kind=kind,
        qkv_shift=random_shift(rng, 1, 24, 9),
        score_shift=random_shift(rng, 0, 14, 10),
        ffn_shift=random_shift(rng, 1, 24, 7),
        up_shift=random_shift(rng, 1, 24, 9) if kind == pow.GATED else 0,
        gate_shift=random_shift(rng, 1, 24, 6) if kind == pow.GATED else 0,
        attention_residual_shift=random_shift(rng, 0, 16, 10),
        ffn_residual_shift=random_shift(rng, 0, 16, 11),
        permutation_binding=rng.randrange(2),
    )
    assert pow.violated_field(config) is None
    return config


def random_fill(rng: random.Random) -> dict[str, str]:
    if rng.randrange(4) == 0:
        return dict.fromkeys(KINDS, rng.choice(MODES[1:]))
    return {kind: rng.choice(MODES[1:]) for kind in KINDS if rng.randrange(2)}


def case(
    config: pow.ModelConfig, race: bytes, key: bytes, nonces: Sequence[int], modes: dict[str, str]
) -> dict[str, Any]:
    tensors = filled_tensors(pow.weights_key(pow.race_key(race, config)), modes)
    results = pow.evaluate(config, race, [(key, nonce) for nonce in nonces], tensors, filled_noise(config, modes))
    return {
        "config": asdict(config),
        "race_seed": race.hex(),
        "public_key": key.hex(),
        "fill": modes,
        "results": [
            {"nonce": str(e.nonce), "tokens": e.tokens, "output": e.output.hex(), "d2": e.d2} for e in results
        ],
    }


def random_case(rng: random.Random) -> dict[str, Any]:
    config = random_config(rng)
    race, key = rng.randbytes(32), rng.randbytes(rng.randint(1, 64))
    modes = random_fill(rng) if rng.randrange(3) == 0 else {}
    count = 1 if config.sequence_length > 9 else rng.randint(1, 4)
    nonces = [rng.choice((0, 1, U64_MAX, rng.getrandbits(64), rng.getrandbits(64))) for _ in range(count)]
    return case(config, race, key, nonces, modes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    with open(arguments.out, "w", encoding="ascii") as out:
        for _ in range(arguments.cases):
            out.write(json.dumps(random_case(rng), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
