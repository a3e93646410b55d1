/// Convictions: the proven misbehaviour of a node, its ground and its evidence.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"

#include <compare>
#include <cstdint>
#include <string_view>

namespace pouw::inline v1::core {

/// What a node is convicted of. Values are stable: they are encoded.
enum class Ground : std::uint8_t {
    false_nonce = 1,          ///< it claimed a nonce that is no solution (`proof::FraudProof`)
    beacon_misbehaviour = 2,  ///< signed messages that a ceremony refuses with evidence (`beacon::Evidence`)
    contradicting_votes = 3,  ///< it voted both ways on one result or one proposal (an `Equivocation`)
    withheld_check = 4,       ///< it was selected and reported no check (`validation::Challenge`)
    silence = 5,              ///< it did not answer a challenge in time (`validation::Challenge`)
    false_results = 6,        ///< rulings of the majority against its results (`economics::Settlement`)
    failed_checks = 7,        ///< more failed checks than chance allows (`judgement::Judge`)
    passed_false_result =
        8,  ///< it called a result valid that the chain had planted (`economics::Settlement`)
    conflicting_blocks = 9,  ///< it signed two blocks of one height (`validation::BlockEquivocation`)
};

/// The name of a ground, as in JSON.
[[nodiscard]] constexpr std::string_view name(Ground ground) noexcept {
    switch (ground) {
        case Ground::false_nonce:
            return "false_nonce";
        case Ground::beacon_misbehaviour:
            return "beacon_misbehaviour";
        case Ground::contradicting_votes:
            return "contradicting_votes";
        case Ground::withheld_check:
            return "withheld_check";
        case Ground::silence:
            return "silence";
        case Ground::false_results:
            return "false_results";
        case Ground::failed_checks:
            return "failed_checks";
        case Ground::passed_false_result:
            return "passed_false_result";
        case Ground::conflicting_blocks:
            return "conflicting_blocks";
    }
    return "unknown";
}

/// The digest of the bytes that prove a conviction: of the encoded evidence, or of the record that was
/// judged.
using EvidenceDigest = FixedBytes<struct EvidenceDigestTag, 32>;

/// The conviction of a node. The module that checks the evidence makes it; settlement, weights, selection,
/// assignment and reputation take it. The node forfeits what it earned in the epoch (`economics::Settlement`)
/// and its reputation falls to 0; weights, selection and assignment leave out the convicted nodes that they
/// are given. For how many epochs a chain names them is the chain's rule.
struct POUW_API Conviction {
    NodeId node;
    Ground ground = Ground::false_nonce;
    EvidenceDigest evidence;
    Height height;  ///< of the block in which the evidence stood

    friend constexpr auto operator<=>(const Conviction&, const Conviction&) = default;
};

}  // namespace pouw::inline v1::core
