/// Verdicts on proofs, commitments and fraud proofs as JSON: what `pouw verify --json` prints and
/// `pouw weights` reads. docs/formats.md has the schemas.
#pragma once

#include "pouw/core/conviction.hpp"
#include "pouw/core/export.hpp"
#include "pouw/formats/parsed.hpp"
#include "pouw/proof/terms.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pouw::inline v1::formats {

/// A claimed nonce that is no solution.
struct POUW_API FalseNonce {
    std::uint64_t nonce = 0;
    std::uint64_t squared_distance = 0;

    friend bool operator==(const FalseNonce&, const FalseNonce&) = default;
};

/// A nonce that an opening shows.
struct POUW_API ShownNonce {
    std::uint64_t rank = 0;
    std::uint64_t nonce = 0;

    friend bool operator==(const ShownNonce&, const ShownNonce&) = default;
};

/// The part of a verdict that only commitments have.
struct POUW_API SampledVerdict {
    std::uint64_t samples = 0;             ///< nonces in the opening
    std::optional<std::string> soundness;  ///< bits, or "certain"; of a valid commitment that a seed sampled
    /// The nonces of an opening that no seed has sampled.
    std::optional<std::vector<ShownNonce>> nonces;

    friend bool operator==(const SampledVerdict&, const SampledVerdict&) = default;
};

/// The verdict on a proof or a commitment.
struct POUW_API ProofVerdict {
    bool valid = false;
    std::optional<std::string> reason;  ///< of a refusal: the name of its error
    std::optional<std::uint64_t> first_false_nonce;
    std::vector<std::string> unchecked;  ///< what was taken from the claim, because nothing else was expected
    std::uint64_t claimed = 0;
    std::uint64_t evaluated = 0;
    std::uint64_t passed = 0;
    std::uint64_t weight = 0;
    std::optional<proof::Terms> terms;                    ///< nothing for a claim that could not be read
    std::optional<std::vector<FalseNonce>> false_nonces;  ///< where all of them were asked for
    std::optional<SampledVerdict> sampled;                ///< of a commitment

    friend bool operator==(const ProofVerdict&, const ProofVerdict&) = default;
};

/// The verdict on a fraud proof. A valid fraud proof convicts the node.
struct POUW_API FraudVerdict {
    bool valid = false;
    std::optional<std::string> reason;
    std::vector<std::string> unchecked;
    std::optional<FalseNonce> false_nonce;         ///< of a valid one, like
    std::optional<core::EvidenceDigest> evidence;  ///< the digest of the fraud proof
    std::optional<proof::Terms> terms;

    friend bool operator==(const FraudVerdict&, const FraudVerdict&) = default;
};

/// The verdict of a text on a proof or a commitment.
/// Errors: those of the text; errc::contradiction for a valid verdict with a reason or without terms, and for
///     terms that are given in part.
[[nodiscard]] POUW_API parsed<ProofVerdict> parse_proof_verdict(std::string_view text,
                                                                const Limits& limits = {});
/// The verdict of a text on a fraud proof.
/// Errors: those of the text; errc::contradiction for a valid verdict with a reason, or without terms, false
///     nonce or evidence, for a refusal with a false nonce or evidence, and for terms that are given in part.
[[nodiscard]] POUW_API parsed<FraudVerdict> parse_fraud_verdict(std::string_view text,
                                                                const Limits& limits = {});

/// The JSON of a verdict, in several indented lines.
[[nodiscard]] POUW_API std::string to_json(const ProofVerdict& verdict);
[[nodiscard]] POUW_API std::string to_json(const FraudVerdict& verdict);

}  // namespace pouw::inline v1::formats
