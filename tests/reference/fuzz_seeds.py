#!/usr/bin/env python3
"""Writes the seed corpora under tests/fuzz/corpus from the vectors: small values of every shape, good and bad."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import commitment
import nonce_set
from weights import encode as encode_table

TESTS = Path(__file__).resolve().parent.parent
LARGEST = 1600


def load(name: str):
    return json.loads((TESTS / "vectors" / name).read_text())


def states(file: str, names: list[str]) -> list[str]:
    """The states of a file behind the places of their names."""
    vectors = load(file)
    return [bytes([names.index(s["state_of"])]).hex() + s["bytes"] for s in vectors["histories"] + vectors["refused"]]


def seeds() -> dict[str, list[str]]:
    sets = load("proof/nonce_sets.json")["sets"] + load("proof/bad_nonce_sets.json")["cases"]
    counted = [int(s["count"]).to_bytes(8, "little")[:2].hex() + s["bytes"] for s in sets if int(s["count"]) < 1 << 16]
    commitments = load("proof/commitments.json")["cases"]
    openings = [o["bytes"] for case in load("proof/trees.json")["cases"] for o in case["openings"]]
    weights = load("weights/weights.json")
    votes = load("validation/votes.json")
    images = load("validation/images.json")
    judges = encode_table({bytes.fromhex(node["key"]): int(node["weight"]) for node in votes["nodes"]})
    records = load("judgement/records.json")
    # In the order of the targets.
    emission = ["supply_ledger_64", "supply_ledger_128", "epoch_vesting_64", "epoch_vesting_128", "escrow_vesting", "tail_epochs",
                "core_issuance", "liquidity_pool", "top_providers"]  # fmt: skip
    economics = ["price_book", "model_registry", "ledger", "training_share", "settlement"]
    return {
        "proof": [case["proof"] for case in load("proof/proofs.json")["cases"]][::3],
        # The densest set: 2000 nonces, all gaps 0.
        "nonce_set": [*counted, (2000).to_bytes(2, "little").hex() + nonce_set.encode(range(2000)).hex()],
        "commitment": [case["commitment"] for case in commitments],
        # The most items in the fewest bytes: a full tree of 256 nonces.
        "opening": [commitment.encode_opening(commitment.build(range(256))).hex()] + openings[::4] + [case["bytes"] for case in load("proof/bad_openings.json")["cases"]][::2],
        "fraud_proof": [case["fraud_proof"] for case in commitments if "fraud_proof" in case],
        "inference_record": [case["bytes"] for case in records["good"] + records["bad"]],
        "weight_table": [case["bytes"] for case in weights["tables"][:20] + weights["bad"]],
        "vote": [step["vote"] for step in votes["steps"]],
        "equivocation": [step["evidence"] for step in votes["steps"] if "evidence" in step],
        "voting_state": [(len(judges).to_bytes(2, "little") + judges).hex() + votes["state"]],
        "emission_state": states("emission/states.json", emission),
        "economics_state": states("economics/states.json", economics),
        "image_record": [image["record"] for image in images["good"] + images["bad"]],
    }


for target, values in seeds().items():
    folder = TESTS / "fuzz" / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    for value in values:
        data = bytes.fromhex(value)
        if len(data) <= LARGEST:
            (folder / sha256(data).hexdigest()[:16]).write_bytes(data)
