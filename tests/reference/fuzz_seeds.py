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
    certificates = load("validation/certificates.json")
    judges = encode_table({bytes.fromhex(node["key"]): int(node["weight"]) for node in votes["nodes"]})
    records = load("judgement/records.json")
    sealed = load("crypto/sealed.json")
    registrations = load("validation/registrations.json")
    histories = load("economics/governance.json")["histories"]
    steps = [step for history in histories for step in history["steps"]]
    refunds = load("economics/dummy_refunds.json")["histories"]
    rankings = load("economics/ranking.json")["rankings"]
    # In the order of the targets.
    emission = ["supply_ledger_64", "supply_ledger_128", "epoch_vesting_64", "epoch_vesting_128", "escrow_vesting", "tail_epochs",
                "core_issuance", "liquidity_pool", "top_providers"]  # fmt: skip
    economics = ["price_book", "model_registry", "ledger", "training_share", "settlement"]
    features = load("judgement/image_features.json")
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
        "certificate": [case["certificate"] for case in certificates["certificates"]],
        "block_vote": [vote for case in certificates["equivocations"][::4] for vote in case["votes"]],
        "block_equivocation": [case["evidence"] for case in certificates["equivocations"][::3] if "evidence" in case],
        "checkpoint": [chain["trusted"] for chain in certificates["chains"]] + [step["checkpoint"] for step in certificates["chains"][0]["steps"]],
        "sealed_prompt": [case["prompt"] for case in sealed["prompts"]] + [case["bytes"] for case in sealed["bad_prompts"]],
        "sealed_answer": [case["answer"] for case in sealed["answers"]] + [case["bytes"] for case in sealed["bad_answers"]],
        "sealing_possession": [case["key"] + case["node"] + case["proof"] for case in sealed["possessions"][::2]],
        "node_registration": [case["registration"] for case in registrations["good"] + registrations["bad"]],
        "collateral_state": [history["end"] for history in load("economics/collateral.json")["histories"]],
        "training_fund_state": [history["end"] for history in load("economics/training_fund.json")["histories"]],
        "proposal": [step["propose"] for step in steps if "propose" in step][::3],
        "proposal_vote": [step["vote"] for step in steps if "vote" in step][::20],
        "proposal_equivocation": [step["evidence"] for step in steps if "evidence" in step][::4],
        "governance_state": [history["final"] for history in histories],
        "dummy_refunds": [history["final"] for history in refunds][::2],
        "compute_request": [data for ranking in rankings for data, _ in ranking["requests"]][::5],
        "emission_state": states("emission/states.json", emission),
        "economics_state": states("economics/states.json", economics),
        "image_features": [case["bytes"] for case in features["good"] + features["bad"]],
        "image_record": [image["record"] for image in images["good"] + images["bad"]],
    }


for target, values in seeds().items():
    folder = TESTS / "fuzz" / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    for value in values:
        data = bytes.fromhex(value)
        if len(data) <= LARGEST:
            (folder / sha256(data).hexdigest()[:16]).write_bytes(data)
