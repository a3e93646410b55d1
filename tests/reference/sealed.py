#!/usr/bin/env python3
"""Sealed prompts, sealed answers and possession of sealing keys, written from docs/spec/sealed_prompt.md in plain integers:
X25519 (RFC 7748), ChaCha20 and Poly1305 (RFC 8439), XSalsa20, libsodium's sealed boxes. Not constant time: for vectors.

    sealed.py            writes tests/vectors/crypto/sealed.json
    sealed.py --check    fails when the file is not what it would write
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from hashlib import blake2b, sha256
from struct import pack, unpack
from typing import Any

import ed25519
import edwards
from vector_file import Vectors, write_or_check

P = 2**255 - 19
WORD = 2**32 - 1


def le(value: int, size: int) -> bytes:
    return value.to_bytes(size, "little")


def h(tag: str, data: bytes, size: int = 32, key: bytes = b"") -> bytes:
    return blake2b(data, digest_size=size, key=key, person=tag.encode("ascii")).digest()


def label(*parts: Any) -> bytes:
    """32 bytes that mean nothing."""
    return sha256(" ".join(map(str, parts)).encode()).digest()


# ---------------------------------------------------------------------------------------------------------------------
# Ciphers


def clamped(secret: bytes) -> int:
    return int.from_bytes(secret, "little") & ~7 & (2**254 - 1) | 2**254


def x25519(secret: bytes, u: bytes) -> bytes:
    """The ladder of RFC 7748 section 5."""
    k, x1 = clamped(secret), int.from_bytes(u, "little") & (2**255 - 1)
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb = d * a % P, c * b % P
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        aa, bb = a * a % P, b * b % P
        e = aa - bb
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return le(x2 * pow(z2, P - 2, P) % P, 32)


def public_of(secret: bytes) -> bytes:
    return x25519(secret, le(9, 32))


def rotate(value: int, count: int) -> int:
    return (value << count | value >> (32 - count)) & WORD


def chacha_rounds(state: list[int]) -> list[int]:
    x = list(state)
    for _ in range(10):
        for a, b, c, d in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                           (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):  # fmt: skip
            for first, second, third, count in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                x[first] = (x[first] + x[second]) & WORD
                x[third] = rotate(x[third] ^ x[first], count)
    return x


def salsa_rounds(state: list[int]) -> list[int]:
    x = list(state)
    for _ in range(10):
        for a, b, c, d in ((0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11),
                           (0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14)):  # fmt: skip
            for to, one, two, count in ((b, a, d, 7), (c, b, a, 9), (d, c, b, 13), (a, d, c, 18)):
                x[to] ^= rotate((x[one] + x[two]) & WORD, count)
    return x


SIGMA = list(unpack("<4I", b"expand 32-byte k"))


def chacha_state(key: bytes, tail: bytes) -> list[int]:
    return SIGMA + list(unpack("<8I", key)) + list(unpack("<4I", tail))


def salsa_state(key: bytes, tail: bytes) -> list[int]:
    k, n = unpack("<8I", key), unpack("<4I", tail)
    return [SIGMA[0], *k[:4], SIGMA[1], *n, SIGMA[2], *k[4:], SIGMA[3]]


def block(rounds: Any, state: list[int]) -> bytes:
    return pack("<16I", *((a + b) & WORD for a, b in zip(rounds(state), state)))


def hchacha(key: bytes, nonce: bytes) -> bytes:
    x = chacha_rounds(chacha_state(key, nonce))
    return pack("<8I", *x[:4], *x[12:])


def hsalsa(key: bytes, nonce: bytes) -> bytes:
    x = salsa_rounds(salsa_state(key, nonce))
    return pack("<8I", *(x[i] for i in (0, 5, 10, 15, 6, 7, 8, 9)))


def xor(data: bytes, stream: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(data, stream))


def poly1305(key: bytes, message: bytes) -> bytes:
    r, s, total = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF, key[16:], 0
    for i in range(0, len(message), 16):
        total = (total + int.from_bytes(message[i : i + 16] + b"\1", "little")) * r % (2**130 - 5)
    return le((total + int.from_bytes(s, "little")) % 2**128, 16)


def xchacha20_poly1305(key: bytes, nonce: bytes, body: bytes, extra: bytes) -> bytes:
    inner, tail = hchacha(key, nonce[:16]), bytes(4) + nonce[16:]
    stream = [block(chacha_rounds, chacha_state(inner, le(i, 4) + tail)) for i in range(1 + -(-len(body) // 64))]
    text = xor(body, b"".join(stream[1:]))
    pad = lambda data: bytes(-len(data) % 16)
    return text + poly1305(stream[0][:32], extra + pad(extra) + text + pad(text) + le(len(extra), 8) + le(len(text), 8))


def box_seal(message: bytes, recipient: bytes, ephemeral: bytes) -> bytes:
    """`crypto_box_seal`, with the secret of the ephemeral key given."""
    public = public_of(ephemeral)
    nonce = blake2b(public + recipient, digest_size=24).digest()
    inner = hsalsa(hsalsa(x25519(ephemeral, recipient), bytes(16)), nonce[:16])
    stream = b"".join(block(salsa_rounds, salsa_state(inner, nonce[16:] + le(i, 8))) for i in range(2))
    text = xor(message, stream[32:])
    return public + poly1305(stream[:32], text) + text


# ---------------------------------------------------------------------------------------------------------------------
# The formats


@dataclass(frozen=True)
class Fresh:
    """What a sender draws at random, from a name."""

    name: str

    def key(self) -> bytes:
        return label(self.name, "content key")

    def nonce(self) -> bytes:
        return label(self.name, "nonce")[:24]

    def ephemeral(self, i: int) -> bytes:
        return label(self.name, "ephemeral", i)


def sealed_body(header: bytes, tag: str, body: bytes, recipients: list[bytes], fresh: Fresh) -> bytes:
    out = b"".join(box_seal(fresh.key(), r, fresh.ephemeral(i)) for i, r in enumerate(recipients))
    out += h(tag, header + fresh.nonce(), key=fresh.key()) + fresh.nonce()
    text = xchacha20_poly1305(fresh.key(), fresh.nonce(), body, header)
    return out + le(len(text), 4) + text


def prompt(task: bytes, model: bytes, body: bytes, recipients: list[bytes], reply_key: bytes, sender: bytes, fresh: Fresh,
           version: int = 2) -> bytes:
    recipients = sorted(recipients)
    front = le(version, 4) + ed25519.public_key_of(sender) + task + model + reply_key + le(len(recipients), 4)
    front += b"".join(recipients)
    out = front + sealed_body(h("pouw.prm-head.v2", front), "pouw.prm-key.v2", body, recipients, fresh)
    return out + ed25519.sign(sender, h("pouw.prompt.v2", out))


def prompt_id(data: bytes) -> bytes:
    return h("pouw.prompt.v2", data[:-64])


def answer(to: bytes, body: bytes, executor: bytes, fresh: Fresh, version: int = 1) -> bytes:
    """To the prompt with these bytes."""
    front = le(version, 4) + ed25519.public_key_of(executor) + prompt_id(to) + to[36:68]
    out = front + sealed_body(h("pouw.ans-head.v1", front), "pouw.ans-key.v1", body, [to[100:132]], fresh)
    return out + ed25519.sign(executor, h("pouw.answer.v1", out))


def possession(secret: bytes, chain_id: bytes, node: bytes) -> bytes:
    point = edwards.encode(edwards.multiply(clamped(secret), edwards.BASE))
    statement = le(len(chain_id), 8) + chain_id + node + public_of(secret) + point
    nonce = int.from_bytes(h("pouw.box-nce.v1", statement, 64, secret), "little") % edwards.Q
    commitment = edwards.encode(edwards.multiply(nonce, edwards.BASE))
    challenge = int.from_bytes(h("pouw.box-pop.v1", statement + commitment, 64), "little") % edwards.Q
    return point + edwards.scalar(challenge) + edwards.scalar((nonce + challenge * clamped(secret)) % edwards.Q)


# ---------------------------------------------------------------------------------------------------------------------
# The vectors


def resigned(data: bytes, tag: str, seed: bytes) -> bytes:
    return data[:-64] + ed25519.sign(seed, h(tag, data[:-64]))


def spoilt(data: bytes, place: int, new: bytes) -> bytes:
    return data[:place] + new + data[place + len(new) :]


def prompts() -> tuple[list[dict], list[dict]]:
    good, bad = [], []
    # The first recipient is the node with a master seed of zeros, which the fuzz target is.
    sender, secrets = label("sender"), [h("pouw.box-key.v1", b"", key=bytes(32)), label("recipient", 1), label("recipient", 2)]
    for case, (count, size) in enumerate(((1, 0), (1, 1), (2, 63), (3, 64), (3, 200))):
        reply, body = label("reply", case), label("body", case) * 7
        data = prompt(label("task", case), label("model"), body[:size], [public_of(s) for s in secrets[:count]],
                      public_of(reply), sender, Fresh(f"prompt {case}"))
        good.append({"task": label("task", case).hex(), "model": label("model").hex(), "body": body[:size].hex(),
                     "recipients": [s.hex() for s in secrets[:count]], "reply_secret": reply.hex(),
                     "reply_key": public_of(reply).hex(), "sender": ed25519.public_key_of(sender).hex(),
                     "prompt": data.hex(), "id": prompt_id(data).hex()})  # fmt: skip
    base = bytes.fromhex(good[1]["prompt"])

    def refused(comment: str, data: bytes, error: str, sign: bool = True) -> None:
        bad.append({"comment": comment, "bytes": (resigned(data, "pouw.prompt.v2", sender) if sign else data).hex(),
                    "error": error})

    refused("one byte short", base[:-1], "truncated", False)
    refused("one byte long", base + b"\0", "trailing_bytes", False)
    refused("version 1", spoilt(base, 0, b"\1"), "unsupported_version")
    refused("no recipient", spoilt(base, 132, b"\0"), "invalid_prompt")
    refused("a reply key of small order", spoilt(base, 100, bytes(32)), "invalid_public_key")
    refused("a reply key that is not canonical", spoilt(base, 100, le(P + 9, 32)), "invalid_public_key")
    refused("a sender that is no key", spoilt(base, 4, bytes(32)), "invalid_public_key")
    refused("a changed signature", spoilt(base, len(base) - 64, bytes([base[-64] ^ 1])), "invalid_signature", False)
    return good, bad


def answers(good_prompts: list[dict]) -> tuple[list[dict], list[dict]]:
    good, bad = [], []
    executor = label("executor")
    for case, size in enumerate((0, 1, 16, 64, 130)):
        to, body = bytes.fromhex(good_prompts[case]["prompt"]), label("answer", case) * 5
        data = answer(to, body[:size], executor, Fresh(f"answer {case}"))
        good.append({"prompt": to.hex(), "reply_secret": good_prompts[case]["reply_secret"], "body": body[:size].hex(),
                     "executor": ed25519.public_key_of(executor).hex(), "answer": data.hex()})  # fmt: skip
    base = bytes.fromhex(good[1]["answer"])

    def refused(comment: str, data: bytes, error: str, sign: bool = True) -> None:
        bad.append({"comment": comment, "bytes": (resigned(data, "pouw.answer.v1", executor) if sign else data).hex(),
                    "error": error})

    refused("nothing", b"", "truncated", False)
    refused("one byte short", base[:-1], "truncated", False)
    refused("one byte long", base + b"\0", "trailing_bytes", False)
    refused("version 2", spoilt(base, 0, b"\2"), "unsupported_version")
    refused("a ciphertext of 15 bytes", base[:236] + le(15, 4) + bytes(15 + 64), "invalid_answer")
    refused("an executor that is no key", spoilt(base, 4, bytes(32)), "invalid_public_key")
    refused("a changed signature", spoilt(base, len(base) - 64, bytes([base[-64] ^ 1])), "invalid_signature", False)
    return good, bad


def possessions() -> list[dict]:
    out = []

    def case(comment: str, secret: bytes, chain_id: bytes, node: bytes, proof: bytes, error: str = "") -> None:
        out.append({"comment": comment, "secret": secret.hex(), "key": public_of(secret).hex(), "chain_id": chain_id.hex(),
                    "node": node.hex(), "proof": proof.hex(), **({"error": error} if error else {})})  # fmt: skip

    for i, chain_id in enumerate((b"pouw-test", b"", bytes(range(200)))):
        secret, node = label("sealing", i), label("node", i)
        case("true", secret, chain_id, node, possession(secret, chain_id, node))
    secret, node = label("sealing", 0), label("node", 0)
    proof, chain_id = possession(secret, b"pouw-test", node), b"pouw-test"
    case("of another chain", secret, b"pouw-other", node, proof, "false_possession")
    case("of another node", secret, chain_id, label("node", 1), proof, "false_possession")
    case("of another key", label("sealing", 1), chain_id, node, proof, "false_possession")
    opposite = edwards.encode(edwards.negate(edwards.decode(proof[:32])))
    case("the opposite point", secret, chain_id, node, opposite + proof[32:], "false_possession")
    case("a changed response", secret, chain_id, node,
         proof[:64] + edwards.scalar((int.from_bytes(proof[64:], "little") + 1) % edwards.Q), "false_possession")
    case("a response above q", secret, chain_id, node, proof[:64] + le(edwards.Q, 32), "invalid_scalar")
    case("no point", secret, chain_id, node, le(2, 32) + proof[32:], "invalid_point")
    case("one byte short", secret, chain_id, node, proof[:-1], "wrong_length")
    return out


def produce() -> dict[str, bytes]:
    good_prompts, bad_prompts = prompts()
    good_answers, bad_answers = answers(good_prompts)
    vectors = Vectors("Sealed prompts and answers with the secrets that open them, bytes that are none with their error, and "
                      "proofs of possession of sealing keys.", prompts=good_prompts, bad_prompts=bad_prompts,
                      answers=good_answers, bad_answers=bad_answers, possessions=possessions())  # fmt: skip
    vectors.content["source"] = "tests/reference/sealed.py"
    return {"crypto/sealed.json": vectors.encode()}


def main() -> int:
    return write_or_check(__doc__, lambda: produce().items())


if __name__ == "__main__":
    sys.exit(main())
