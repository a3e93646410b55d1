"""The vectors of the proof of work: tests/vectors/pow/."""

from __future__ import annotations

import math
import random
from dataclasses import asdict, replace
from hashlib import blake2b
from typing import Any, Iterable, Sequence

import numpy as np

import differential
import pow as p
from chacha20 import LIMIT, keystream
from fills import KINDS, fill
from vector_file import Vectors

U32_MAX, U64_MAX = (1 << 32) - 1, (1 << 64) - 1

GENESIS_HASH = bytes.fromhex("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f")
RACE = p.race_seed(b"bitcoin", 0, GENESIS_HASH, bytes(32))
OTHER_RACE = p.race_seed("pouw-\u03a9".encode(), U64_MAX, bytes(range(32)), b"\xa5" * 32)
KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
OTHER_KEYS = (b"\0", b"\xff" * 33, bytes(range(64)))
NONCES = (0, 1, 1 << 63, U64_MAX)

# Section 7 of the specification: (preset, binding, nonce) -> tokens, first outputs, digest of the output, d2.
CHECK_VALUES = {
    ("tiny", 1, 0): (
        [42, 24, 206, 217],
        [17, 3, 11, -34],
        "f55321ed39b5d4605feb26145fa018d69c4e9cb488a6530f8bd690d0539a5d32",
        277113,
    ),
    ("tiny", 1, 1): (
        [241, 243, 224, 166],
        [-31, -22, 23, -5],
        "aa0dafbc51c1199d276f8d4923cd7a5851e949bf90f82af0fa3d8218f59d26a3",
        300111,
    ),
    ("tiny", 1, U64_MAX): (
        [38, 35, 76, 150],
        [-19, 0, 13, -36],
        "a9c752195ed125f5e9dd3baaa9a018df187e4d66c4979c644e9d263149ec08d1",
        308493,
    ),
    ("tiny", 0, 0): (
        [224, 105, 170, 16],
        [-9, -12, -3, -1],
        "41465d9ecb76525b50376ee1ca56f299f97ce417a02be7c7b7c85c5f11216cac",
        296629,
    ),
    ("tiny-gated", 1, 0): (
        [210, 208, 57, 170],
        [-4, -7, 1, -2],
        "b8bf963c059fd983560c1c74b5821fab927d9421ec47ee9d89b74def7f0dd9ab",
        231857,
    ),
    ("tiny-gated", 1, 1): (
        [182, 7, 15, 237],
        [2, 7, 61, -13],
        "b73c458c489cd775d4c003f3e19b074c115c0121b36a0871025a7d9b92c9342b",
        298880,
    ),
    ("whitepaper", 1, 0): (
        [2058, 5791, 321, 1690],
        [17, -40, -9, 32],
        "9fa73d510eb191d736c759c2d43688728137bfafe0eb97d9be17f8bf4986819c",
        1109047,
    ),
    ("whitepaper", 1, 1): (
        [5316, 1508, 5688, 7710],
        [14, -11, 38, -4],
        "57c43c9fa7ca88d52963433706a687027722e3471af3fc8cbde07ae3f4c20d66",
        1040478,
    ),
    ("whitepaper-2.3b", 1, 0): (
        [5238, 189, 2665, 6759],
        [-40, 10, 14, -88],
        "c371f0f6681dcb9040ca3b32a02c7ae06ad860e9b66e3ef856cd6ab615490399",
        984428,
    ),
    ("whitepaper-2.3b", 1, 1): (
        [3827, 5499, 2940, 4781],
        [5, -14, -23, -5],
        "28934dd772fe05ec91fe5b12cecbd9bca6003d41b0effc5412fa4f74f03f9d46",
        1052888,
    ),
}
CHECK_MODEL_IDS = {
    ("tiny", 1): "e07372af941b3c45",
    ("tiny", 0): "6b190d672b3f242f",
    ("tiny-gated", 1): "cdf9fd9742df6457",
    ("whitepaper", 1): "a68fbb7a6c530ae1",
    ("whitepaper-2.3b", 1): "8c4f2563065a248c",
}
CHECK_PARAMETERS = {
    "whitepaper": 608_176_128,
    "whitepaper-2.3b": 2_285_897_728,
    "tiny": 819_712,
    "tiny-gated": 1_081_856,
}


def quick() -> Iterable[tuple[str, Vectors]]:
    check_seeds()
    yield "pow/configs.json", configs()
    yield "pow/seeds.json", seeds()
    yield "pow/streams.json", streams()
    yield "pow/shuffle.json", shuffles()
    yield "pow/isqrt.json", isqrt()
    yield "pow/norm.json", norm()
    yield "pow/fold.json", fold()
    yield "pow/attention.json", attention()
    yield "pow/condition.json", condition()
    yield "pow/extremes.json", extremes()
    yield "pow/first_layer_tiny.json", first_layer("tiny")
    yield "pow/first_layer_tiny_gated.json", first_layer("tiny-gated")
    yield "pow/self_test.json", self_test()
    tiny = [
        (name, binding, race, [(key, nonce) for key in (KEY, *OTHER_KEYS) for nonce in NONCES])
        for name in ("tiny", "tiny-gated")
        for binding in (p.OUTPUT_BINDING, p.INPUT_BINDING)
        for race in (RACE, OTHER_RACE)
    ]
    yield "pow/evaluate_tiny.json", evaluations("Evaluations of the tiny presets.", tiny)


def whitepaper() -> Iterable[tuple[str, Vectors]]:
    claims = [(key, nonce) for key in (KEY, OTHER_KEYS[2]) for nonce in NONCES]
    cases = [
        ("whitepaper", p.OUTPUT_BINDING, RACE, claims),
        ("whitepaper", p.INPUT_BINDING, RACE, claims[:4]),
        ("whitepaper", p.OUTPUT_BINDING, OTHER_RACE, claims[4:]),
    ]
    yield "pow/evaluate_whitepaper.json", evaluations("Evaluations of the whitepaper preset.", cases)
    cases = [("whitepaper-2.3b", binding, RACE, claims[:4]) for binding in (p.OUTPUT_BINDING, p.INPUT_BINDING)]
    yield "pow/evaluate_whitepaper_2_3b.json", evaluations("Evaluations of the whitepaper-2.3b preset.", cases)
    yield "pow/whitepaper_outputs.json", whitepaper_outputs(96)


# ---------------------------------------------------------------------------------------------------------------------


def digest(data: bytes) -> str:
    """Plain BLAKE2b-256, without personalisation."""
    return blake2b(data, digest_size=32).hexdigest()


def hex8(values: np.ndarray) -> str:
    return values.astype(np.int8).tobytes().hex()


def check_seeds() -> None:
    assert RACE.hex() == "633756fa774c8cfa0c64779e47a17abe94f548a739d36f23b85e1fb179486a36"
    assert p.node_seed(KEY).hex() == "f1e6919610f4eb099d02d24721e9fad18c04980573f8b0238815af08d1469c94"
    config = p.preset("tiny")
    key = p.race_key(RACE, config)
    signs = np.sign(p.target(config, p.weights_key(key))[:8]).tolist()
    assert signs == [-1, 1, -1, 1, -1, -1, -1, -1]
    _, noise = p.read_inputs(config, p.input_seed(key, p.node_seed(KEY), 0))
    assert noise[0, :8].tolist() == [-47, 3, 81, 122, -81, -25, 127, -24]


def configs() -> Vectors:
    presets = []
    for name in p.PRESETS:
        for binding in (p.OUTPUT_BINDING, p.INPUT_BINDING):
            config = p.preset(name, binding)
            assert config.parameters == CHECK_PARAMETERS[name]
            assert p.model_id(config).hex().startswith(CHECK_MODEL_IDS.get((name, binding), ""))
            presets.append({"name": name, **described(config), "parameters": str(config.parameters)})

    plain, gated = p.preset("tiny"), p.preset("tiny-gated")
    both = (plain, gated)
    # (configs to start from, field, values within the bounds, values outside)
    large = (1 << 31, U32_MAX)
    bounds: Sequence[tuple[Sequence[p.ModelConfig], str, Sequence[int], Sequence[int]]] = (
        (both, "spec_version", (1,), (0, 2, U32_MAX)),
        (both, "vocab_size", (1, 2, 1 << 24), (0, 3, 255, 257, (1 << 24) - 1, (1 << 24) + 1, 1 << 25, *large)),
        (both, "sequence_length", (1, 2, 3, 64, 65, 512), (0, 513, *large)),
        (both, "layers", (1, 4096), (0, 4097, *large)),
        (both, "model_dim", (64, 192, 8192), (0, 32, 63, 65, 96, 8191, 8256, 1 << 14, 1 << 31, (1 << 32) - 64)),
        (both, "heads", (1, 2, 64, 128), (0, 3, 127, 129, 256, *large)),
        (both, "ffn_dim", (64, 192, 132608), (0, 32, 63, 65, 132607, 132609, 132672, 1 << 18, 1 << 31, (1 << 32) - 64)),
        (both, "ffn_kind", (), (2, 3, *large)),
        (both, "qkv_shift", (1, 24), (0, 25, 32, *large)),
        (both, "score_shift", (0, 14), (15, 16, 32, *large)),
        (both, "ffn_shift", (1, 24), (0, 25, 32, *large)),
        ((gated,), "up_shift", (1, 24), (0, 25, 32, *large)),
        ((plain,), "up_shift", (0,), (1, 9, 24, 25, *large)),
        ((gated,), "gate_shift", (1, 24), (0, 25, 32, *large)),
        ((plain,), "gate_shift", (0,), (1, 6, 24, 25, *large)),
        (both, "attention_residual_shift", (0, 16), (17, 31, 32, 64, *large)),
        (both, "ffn_residual_shift", (0, 16), (17, 31, 32, 64, *large)),
        (both, "permutation_binding", (0, 1), (2, 3, *large)),
    )
    valid, invalid = [], []
    for starts, field, inside, outside in bounds:
        for start in starts:
            # heads = 32 does not divide each model_dim.
            start = replace(start, heads=1) if field == "model_dim" else start
            for value in inside:
                valid.append(replace(start, **{field: value}))
            for value in outside:
                config = replace(start, **{field: value})
                assert p.violated_field(config) == field
                invalid.append({"field": field, "config": asdict(config)})
    largest = replace(plain, vocab_size=1 << 24, model_dim=8192, heads=8192, ffn_dim=132608, sequence_length=512)
    valid.append(replace(largest, layers=4096, attention_residual_shift=16, ffn_residual_shift=16))
    assert all(p.violated_field(config) is None for config in valid)
    return Vectors(
        "Presets with both permutation bindings; valid configs at each bound; invalid configs, each breaking one rule.",
        presets=presets,
        valid=[described(config) for config in valid],
        invalid=invalid,
    )


def described(config: p.ModelConfig) -> dict[str, Any]:
    return {"config": asdict(config), "encoding": config.encode().hex(), "model_id": p.model_id(config).hex()}


def seeds() -> Vectors:
    races = []
    chains = (b"bitcoin", b"", b"a", "pouw-\u03a9\u6d4b\u8bd5".encode(), b"with\0zero\0", b"\xff\xfe", b"x" * 300)
    heights = (0, 1, 255, 1 << 32, U64_MAX)
    hashes = (GENESIS_HASH, bytes(32), bytes(range(32)), b"\xff" * 32)
    for i, chain in enumerate(chains):
        for j, height in enumerate(heights if i < 2 else heights[i % 5 : i % 5 + 1]):
            block_hash, beacon = hashes[(i + j) % 4], (bytes(32), bytes(range(100, 132)))[(i + j) % 2]
            races.append(
                {
                    "chain_id": chain.hex(),
                    "height": str(height),
                    "block_hash": block_hash.hex(),
                    "beacon": beacon.hex(),
                    "race_seed": p.race_seed(chain, height, block_hash, beacon).hex(),
                }
            )
    keys = [KEY] + [bytes((7 * size + i) % 256 for i in range(size)) for size in range(1, 65)]
    models = [(RACE, p.preset("tiny")), (RACE, p.preset("whitepaper")), (OTHER_RACE, p.preset("tiny", p.INPUT_BINDING))]
    race_keys = [
        {
            "race_seed": race.hex(),
            "model_id": p.model_id(config).hex(),
            "race_key": p.race_key(race, config).hex(),
            "weights_key": p.weights_key(p.race_key(race, config)).hex(),
        }
        for race, config in models
    ]
    inputs = []
    for race, config in models:
        for key in (KEY, *OTHER_KEYS):
            for nonce in (*NONCES, 0x0123456789ABCDEF):
                race_key, node = p.race_key(race, config), p.node_seed(key)
                inputs.append(
                    {
                        "race_key": race_key.hex(),
                        "node_seed": node.hex(),
                        "nonce": str(nonce),
                        "input_seed": p.input_seed(race_key, node, nonce).hex(),
                    }
                )
    return Vectors(
        "Seeds of section 2. chain_id is hex, as any byte may occur in it.",
        races=races,
        nodes=[{"public_key": key.hex(), "node_seed": p.node_seed(key).hex()} for key in keys],
        race_keys=race_keys,
        inputs=inputs,
    )


def streams() -> Vectors:
    key = p.weights_key(p.race_key(RACE, p.preset("tiny")))
    places = [(0, 0, 200), (1, 1, 63), (2, 63, 2), (16, 64, 64), (45, 65, 1), (U32_MAX, 127, 130), (7, 0, 0)]
    far = [0xFFFFFFC0, (1 << 32) - 3, (1 << 32) + 77, (1 << 36) - 1, (1 << 37) + 64 * 12345 + 11]
    places += [(16, offset, 70) for offset in far] + [(3, LIMIT - 71, 71), (3, LIMIT - 1, 1), (3, LIMIT, 0)]
    raw, tensors = [], []
    for stream_id, offset, count in places:
        place = {"key": key.hex(), "id": stream_id, "first": str(offset), "count": count}
        raw.append({**place, "bytes": keystream(key, stream_id, offset, count).tobytes().hex()})
        if count:
            tensors.append({**place, "values": hex8(p.stream_tensors(key)(stream_id, offset, count))})
    # At the ends of whole tensors, and over the -128 that reads as 0.
    config = p.preset("tiny-gated")
    key = p.weights_key(p.race_key(RACE, config))
    for tensor in (0, 1, *range(16, 23), *range(40, 47)):
        rows, columns = config.shape(tensor)
        whole = p.stream_tensors(key)(tensor, 0, rows * columns)
        zero = int(np.flatnonzero(keystream(key, tensor, 0, rows * columns) == 128)[-1])
        for first in (zero - 1, rows * columns - 33):
            count = min(33, rows * columns - first)
            place = {"key": key.hex(), "id": tensor, "first": str(first), "count": count}
            tensors.append({**place, "values": hex8(whole[first : first + count])})
    digests = []
    for name in ("tiny", "tiny-gated"):
        config = p.preset(name)
        key = p.weights_key(p.race_key(RACE, config))
        kinds = [kind for kind in range(7) if kind != p.W3 or config.gated]
        for tensor in [0, 1] + [16 + 8 * layer + kind for layer in range(config.layers) for kind in kinds]:
            rows, columns = config.shape(tensor)
            whole = p.stream_tensors(key)(tensor, 0, rows * columns).tobytes()
            digests.append({"preset": name, "id": tensor, "rows": rows, "columns": columns, "digest": digest(whole)})
    inputs = []
    for config in (
        p.preset("tiny"),
        p.preset("whitepaper"),
        replace(p.preset("tiny"), sequence_length=1, vocab_size=1),
        replace(p.preset("tiny"), sequence_length=17, vocab_size=1 << 24),
        replace(p.preset("tiny"), sequence_length=512, vocab_size=2),
    ):
        seed = p.input_seed(p.race_key(RACE, config), p.node_seed(KEY), 0)
        tokens, noise = p.read_inputs(config, seed)
        inputs.append(
            {
                "vocab_size": config.vocab_size,
                "sequence_length": config.sequence_length,
                "model_dim": config.model_dim,
                "input_seed": seed.hex(),
                "tokens": tokens.tolist(),
                "first_noise": hex8(noise.reshape(-1)[:64]),
                "noise_digest": digest(noise.tobytes()),
            }
        )
    return Vectors(
        "Raw keystream; parts of tensors as int8 (first: flat index, or byte of the stream); digests of whole tensors "
        "of the tiny presets under race_seed; tokens and input noise. Digests: plain BLAKE2b-256 of the int8 bytes.",
        race_seed=RACE.hex(),
        raw=raw,
        tensors=tensors,
        tensor_digests=digests,
        inputs=inputs,
    )


def shuffles() -> Vectors:
    keys = (bytes(32), p.H("pouw.test", b"shuffle"))
    cases = [
        {"key": key.hex(), "id": stream_id, "permutation": p.shuffle(key, stream_id, size)}
        for key in keys
        for stream_id, size in ((1, 64), (2, 128), (1, 512))
    ]
    targets = []
    for name in p.PRESETS:
        for binding in (p.OUTPUT_BINDING, p.INPUT_BINDING):
            config = p.preset(name, binding)
            key = p.weights_key(p.race_key(RACE, config))
            goal = p.target(config, key)
            assert int(goal.sum()) == 0
            targets.append(
                {
                    "preset": name,
                    "permutation_binding": binding,
                    "weights_key": key.hex(),
                    "model_dim": config.model_dim,
                    "first_signs": "".join("+" if value > 0 else "-" for value in goal[:8]),
                    "target": hex8(goal),
                    "digest": digest(goal.astype(np.int8).tobytes()),
                }
            )
    outputs = [np.arange(size) % 255 - 127 for size in (64, 128, 512)]
    seed = p.H("pouw.test", b"input seed")
    permutations = []
    for output in outputs:
        raw = p.output_bytes(output)
        for binding in (p.OUTPUT_BINDING, p.INPUT_BINDING):
            config = replace(p.preset("tiny", binding), model_dim=len(raw))
            permutations.append(
                {
                    "permutation_binding": binding,
                    "input_seed": seed.hex(),
                    "output": raw.hex(),
                    "permutation": p.permutation(config, seed, raw),
                }
            )
    return Vectors(
        "The shuffle, the target made of it (int8 as hex) and the permutation of an output.",
        shuffles=cases,
        targets=targets,
        permutations=permutations,
    )


def isqrt() -> Vectors:
    values = {*range(0, 70), U64_MAX, U64_MAX - 1, 1 << 63, (1 << 63) - 1}
    roots = [1 << bits for bits in range(4, 32)]
    for exact in (53, 62, 64):
        roots += [math.isqrt(1 << exact) + i for i in (-2, -1, 0, 1, 2)]
    roots += [94906265, 94906266, 94906267, (1 << 32) - 1, (1 << 32) - 2, 4294967291, 3037000499, 3037000500]
    for root in roots:
        values |= {root * root + i for i in (-1, 0, 1)} | {root * (root + 2), root * (root + 2) + 1}
    chosen = random.Random(1)
    values |= {chosen.getrandbits(bits) for bits in range(8, 65)}
    pairs = [[str(n), str(math.isqrt(n))] for n in sorted(values) if 0 <= n <= U64_MAX]
    return Vectors("Exact integer square roots: [n, isqrt(n)].", pairs=pairs)


def with_square_sum(total: int, size: int) -> list[int]:
    """Coordinates below 2^31 whose squares add up to the total, signs alternating, zeros behind."""
    values: list[int] = []
    while total:
        root = min(math.isqrt(total), (1 << 31) - 1)
        values.append(-root if len(values) % 2 else root)
        total -= root * root
    assert len(values) <= size
    return values + [0] * (size - len(values))


def norm() -> Vectors:
    cases: list[dict[str, Any]] = []

    def case(name: str, size: int, default: int, values: Iterable[tuple[int, int]]) -> None:
        y = np.full(size, default, np.int64)
        entries = [[index, value] for index, value in values if value != default]
        for index, value in entries:
            y[index] = value
        assert np.abs(y).max() < 1 << 31
        squares = sum(value * value for value in y.tolist()) % (1 << 64)
        result = hex8(p.norm(y))
        y_and_sum = {"model_dim": size, "default": default, "set": entries, "square_sum": str(squares)}
        cases.append({"name": name, **y_and_sum, "result": result})

    case("zero", 64, 0, ())
    case("zero", 512, 0, ())
    for value in (1, -1, 2, 127, -127, 128, (1 << 31) - 1, -(1 << 31) + 1):
        case("one-hot", 64, 0, [(17, value)])
    case("one-hot", 8192, 0, [(8191, -5)])
    for default in (1, -1, 127, -3000, (1 << 23) - 1):
        case("constant", 128, default, ())
    for near in (53, 62, 64):
        root = math.isqrt((1 << near) - 1)
        for k in (root - 1, root):
            for offset in (-1, 0, 1):
                if k * k + offset <= U64_MAX:
                    case(f"k^2{offset:+d} near 2^{near}", 64, 0, enumerate(with_square_sum(k * k + offset, 64)))
    case("2^64 - 1", 64, 0, enumerate(with_square_sum(U64_MAX, 64)))
    # Small roots, where a root off by one changes the gain, and with it results.
    for k in (2, 3, 7, 31, 100, 1000, 4093, 30000):
        for offset in (-1, 0, 1):
            case(f"k^2{offset:+d}, k = {k}", 64, 0, enumerate(with_square_sum(k * k + offset, 64)))
    chosen = random.Random(2)
    for size, spread in ((64, 300), (64, 1 << 20), (128, 40000), (192, 1 << 26), (512, 1 << 22)):
        case("random", size, 0, enumerate(chosen.randint(-spread, spread) for _ in range(size)))
    # Sums of squares beyond 2^64, which no race reaches.
    case("sum wraps to 0", 64, 1 << 30, [(i, -(1 << 30)) for i in range(1, 64, 3)])
    case("sum wraps to 9", 64, 1 << 30, [(3, 3), (4, 0), (5, 0), (6, 0), *((i, 0) for i in range(7, 19))])
    case("sum wraps", 64, (1 << 31) - 1, [(i, i) for i in range(0, 64, 7)])
    case("sum and products wrap", 8192, 1 << 30, [(i, -(1 << 30)) for i in range(0, 8192, 1000)])
    return Vectors(
        "norm: y has the value `default` but for the [index, value] pairs of `set`. square_sum is modulo 2^64. result: "
        "int8 as hex.",
        cases=cases,
    )


def fold() -> Vectors:
    chosen = random.Random(3)
    z = [*range(-800, 801)]
    z += [sign * ((1 << bits) + i) for bits in range(10, 31) for i in (-128, -1, 0) for sign in (1, -1)]
    z += [chosen.randint(-(1 << 30), 1 << 30) for _ in range(200)]
    return Vectors("fold(z[i]) = result[i].", z=z, result=p.fold(np.array(z)).tolist())


def attention() -> Vectors:
    weights = []
    for score_shift in range(15):
        unit = 1 << score_shift
        e = {0, 1, 2, 3, 127 * 127, 2 * 127 * 127 * 64, (1 << 28) - 1}
        for octave in (1, 2, 7, 14, 15, 16, 17, 31, 32, 33, 63, 64, 65, 128):
            e |= {octave * unit + i for i in (-2, -1, 0, 1, unit // 2)}
        e = sorted(value for value in e if 0 <= value < 1 << 29)
        weights.append({"score_shift": score_shift, "e": e, "w": p.softmax_weights(np.array(e), score_shift).tolist()})

    stream = {"q": "stream", "k": "stream", "v": "stream"}
    shapes: list[tuple[int, int, int, int, dict[str, str]]] = [
        (1, 64, 16, 10, stream),
        (1, 64, 64, 0, stream),
        (2, 64, 1, 14, stream),
        (4, 128, 32, 10, stream),
        (4, 128, 128, 9, stream),
        (4, 128, 2, 0, stream),
        (4, 128, 2, 14, stream),
        (5, 192, 3, 12, stream),
        (64, 64, 4, 11, stream),
        (512, 64, 8, 11, stream),
        (512, 64, 64, 13, stream),
        (512, 64, 1, 0, {"q": "max", "k": "max", "v": "max"}),
        (512, 64, 1, 0, {"q": "max", "k": "max", "v": "min"}),
        (512, 64, 2, 14, {"q": "zero", "k": "stream", "v": "random_extreme"}),
        (4, 64, 1, 14, {"q": "random_extreme", "k": "random_extreme", "v": "random_extreme"}),
        (4, 64, 8, 9, {"q": "random_extreme", "k": "random_extreme", "v": "stream"}),
        (9, 64, 1, 14, {"q": "max", "k": "one_hot", "v": "alternate"}),
    ]
    key = p.H("pouw.test", b"attention")
    cases = []
    for length, model_dim, heads, score_shift, modes in shapes:
        q, k, v = (
            fill(modes[name], key, tensor, 0, tensor, 0, length * model_dim).reshape(1, length, model_dim)
            for tensor, name in enumerate("qkv")
        )
        context = p.attention(q, k, v, heads, score_shift)[0]
        raw = p.output_bytes(context)
        cases.append(
            {
                "sequence_length": length,
                "model_dim": model_dim,
                "heads": heads,
                "score_shift": score_shift,
                "fill": modes,
                "last": hex8(context[-1]),
                "digest": digest(raw),
                **({"context": raw.hex()} if length <= 9 else {}),
            }
        )
    return Vectors(
        "softmax_weights: w of e. cases: q, k and v [sequence_length][model_dim] are filled by mode "
        "(tests/reference/fills.py) as tensors 0, 1 and 2 with the streams of `key`; context is int8 row-major, `last` "
        "its last row, `digest` its plain BLAKE2b-256.",
        softmax_weights=weights,
        key=key.hex(),
        cases=cases,
    )


def condition() -> Vectors:
    cases = []
    for size in (64, 128, 512):
        least = 960 * size
        for total in (0, least - 1, least, least + 1, 1024 * size):
            rest, values = total, []
            while len(values) < size:
                value = min(math.isqrt(rest), 40)
                values.append(-value if len(values) % 3 == 0 else value)
                rest -= value * value
            output = p.output_bytes(np.array(values))
            assert rest == 0
            for d2, threshold in ((0, 1), (1000, 1000), (999, 1000), (1000, 999), (5, U64_MAX)):
                verdict = p.passes(output, d2, threshold)
                cases.append({"output": output.hex(), "d2": d2, "threshold": str(threshold), "passes": verdict})
    return Vectors("The proof condition on |output|^2 and d2, at both edges.", cases=cases)


def extremes() -> Vectors:
    """The largest sums that a valid config allows: 132,608 products of 127 x 127, and the residual on top."""
    all_max = dict.fromkeys(KINDS, "max")
    # With h = 32 everywhere, 64 x 32 x 127 >> 11 is 127, which fold keeps.
    plain = p.ModelConfig(1, 256, 4, 1, 64, 16, 132608, p.PLAIN, 9, 10, 11, 0, 0, 16, 16, p.OUTPUT_BINDING)
    gated = replace(plain, ffn_kind=p.GATED, up_shift=1, gate_shift=1)
    long = replace(plain, ffn_dim=64, sequence_length=512, heads=1, score_shift=14, qkv_shift=1, layers=2)
    wide = p.ModelConfig(1, 2, 2, 1, 2048, 1, 64, p.PLAIN, 1, 14, 16, 0, 0, 16, 16, p.OUTPUT_BINDING)
    cases = [
        (plain, all_max),
        (plain, {**all_max, "w2": "min"}),
        (plain, {**all_max, "w2": "random_extreme"}),
        (plain, {**all_max, "w1": "min", "w2": "alternate"}),
        (plain, {kind: "random_extreme" for kind in KINDS}),
        (gated, all_max),
        (gated, {**all_max, "w2": "min"}),
        (gated, {**all_max, "w3": "min", "w2": "random_extreme"}),
        (long, {"wq": "max", "wk": "max", "wv": "max", "wo": "random_extreme"}),
        (long, {kind: "random_extreme" for kind in KINDS}),
        (wide, all_max),
        (wide, {"wq": "random_extreme", "wk": "random_extreme", "wv": "random_extreme", "noise": "alternate"}),
    ]
    return Vectors(
        "Evaluations at the edge of int32. fill: the mode of tests/reference/fills.py for each kind of tensor that "
        "does not come from its stream.",
        cases=[differential.case(config, RACE, KEY, [0], modes) for config, modes in cases],
    )


def first_layer(name: str) -> Vectors:
    config = p.preset(name)
    steps: list[dict[str, Any]] = []

    def record(step: str, value: np.ndarray) -> None:
        value = value[0]  # the batch has one nonce
        wide = step in ("input_sum", "scores", "softmax_weights", "softmax_sums") or step.endswith("product")
        content = {"values": value.reshape(-1).tolist()} if wide else {"int8": hex8(value)}
        steps.append({"name": step, "shape": list(value.shape), **content})

    [result] = p.evaluate(config, RACE, [(KEY, 0)], record=record)
    check(name, config, result)
    return Vectors(
        f"Values after each step of the first layer of {name}, nonce 0: int8 as hex, the rest as numbers, row-major. "
        "scores and softmax_weights: [head][query][key].",
        preset=name,
        config=asdict(config),
        race_seed=RACE.hex(),
        public_key=KEY.hex(),
        nonce="0",
        tokens=result.tokens,
        steps=steps,
    )


def check(name: str, config: p.ModelConfig, e: p.Evaluation) -> None:
    """Compares with section 7 of the specification (which knows one race and one key)."""
    expected = CHECK_VALUES.get((name, config.permutation_binding, e.nonce))
    first = np.frombuffer(e.output, np.int8)[:4].tolist()
    assert expected in (None, (e.tokens, first, digest(e.output), e.d2)), (name, e)


def evaluations(description: str, cases: Sequence[tuple[str, int, bytes, Sequence[tuple[bytes, int]]]]) -> Vectors:
    races = []
    for name, binding, race, claims in cases:
        config = p.preset(name, binding)
        results = []
        for (key, nonce), e in zip(claims, p.evaluate(config, race, claims)):
            if race == RACE and key == KEY:
                check(name, config, e)
            results.append(
                {
                    "public_key": key.hex(),
                    "nonce": str(nonce),
                    "tokens": e.tokens,
                    "output": e.output.hex(),
                    "output_digest": digest(e.output),
                    "d2": e.d2,
                }
            )
        races.append({"preset": name, **described(config), "race_seed": race.hex(), "evaluations": results})
    return Vectors(description + " output: int8 as hex; output_digest: its plain BLAKE2b-256.", races=races)


SELF_TEST_CONFIGS = {
    "plain": p.ModelConfig(1, 16, 2, 2, 128, 32, 576, p.PLAIN, 9, 10, 7, 0, 0, 10, 12, p.OUTPUT_BINDING),
    "gated": p.ModelConfig(1, 16, 2, 2, 192, 64, 576, p.GATED, 9, 10, 7, 9, 6, 10, 12, p.OUTPUT_BINDING),
    "wide heads": p.ModelConfig(1, 16, 2, 1, 320, 16, 64, p.PLAIN, 9, 10, 7, 0, 0, 10, 12, p.OUTPUT_BINDING),
    "long batches": p.ModelConfig(1, 16, 7, 2, 128, 32, 576, p.PLAIN, 9, 10, 7, 0, 0, 10, 12, p.OUTPUT_BINDING),
}


def self_test() -> Vectors:
    nonces = range(5)
    configs = []
    for name, config in SELF_TEST_CONFIGS.items():
        outputs = b"".join(e.output for e in p.evaluate(config, RACE, [(KEY, nonce) for nonce in nonces]))
        configs.append({"name": name, **described(config), "outputs": outputs.hex(), "digest": digest(outputs)})
    return Vectors(
        "What the known-answer test of a backend computes: shapes that no preset has, with remainders everywhere. "
        "outputs: int8 as hex, one nonce after another; digest: their plain BLAKE2b-256.",
        race_seed=RACE.hex(),
        public_key=KEY.hex(),
        nonces=[str(nonce) for nonce in nonces],
        configs=configs,
    )


def whitepaper_outputs(count: int) -> Vectors:
    config = p.preset("whitepaper")
    results = p.evaluate(config, RACE, [(KEY, nonce) for nonce in range(count)])
    for e in results:
        check("whitepaper", config, e)
    return Vectors(
        "Outputs of the whitepaper preset for nonces 0, 1, 2, ... of one race and key, to sample d2 over permutations.",
        preset="whitepaper",
        race_seed=RACE.hex(),
        public_key=KEY.hex(),
        outputs=[{"nonce": str(e.nonce), "output": e.output.hex(), "d2": e.d2} for e in results],
    )
