/// Verification of proofs. docs/spec/proofs.md section 3.
#pragma once

#include "pouw/core/progress.hpp"
#include "pouw/core/result.hpp"
#include "pouw/pow/race.hpp"
#include "pouw/proof/proof.hpp"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

namespace pouw::proof {

/// What the verifier knows from the chain. A proof that named its own terms would prove nothing.
struct Expected {
    pow::ModelConfig config;
    pow::RaceSeed race_seed;
    crypto::PublicKey public_key;
    std::uint64_t threshold = 0;
};

struct VerifyOptions {
    unsigned threads = 1;  ///< at least 1
    bool stop_at_first_failure = true;
    core::ProgressCallback progress{};  ///< nonces evaluated and claimed, on the calling thread
    std::stop_token stop{};
};

/// A claimed nonce that does not pass, with what it comes to.
struct FalseNonce {
    std::uint64_t nonce = 0;
    std::uint64_t squared_distance = 0;  ///< at or above the threshold, unless
    std::uint64_t squared_length = 0;    ///< this is below 960 · model_dim (a collapsed output)

    friend bool operator==(const FalseNonce&, const FalseNonce&) = default;
};

/// The outcome. Only a valid proof has weight.
struct Verdict {
    std::optional<core::error> refusal;    ///< why the proof is refused; nothing when it is valid
    std::uint64_t claimed = 0;             ///< nonces in the proof
    std::uint64_t evaluated = 0;           ///< of them, recomputed
    std::uint64_t passed = 0;              ///< of them, found to pass
    std::vector<FalseNonce> false_nonces;  ///< ascending; at most one when stopping at the first failure

    [[nodiscard]] bool valid() const noexcept { return !refusal; }
    [[nodiscard]] std::uint64_t weight() const noexcept { return valid() ? claimed : 0; }
};

/// Compares model, race, key and threshold, then the signature: all that costs no forward pass.
/// Errors: errc::model_mismatch, errc::race_mismatch, errc::key_mismatch, errc::threshold_mismatch,
/// crypto::errc::invalid_signature, in this order. Cost: about 0.1 ms and the hash of the proof.
[[nodiscard]] core::result<void> verify_terms(const Proof& proof, const Expected& expected);

/// The full verdict: the terms, then every nonce recomputed with `race`. Several proofs of one race share it.
/// Expects `race` to be of the expected config and seed. Cost: one forward pass a nonce.
/// Errors: core::errc::cancelled. (A refused proof is no error but a verdict.)
[[nodiscard]] core::result<Verdict> verify(const Proof& proof, const Expected& expected,
                                           const pow::Race& race, const VerifyOptions& options = {});

/// The same with weights streamed for this proof alone: at most 64 MiB for the presets, whatever their size,
/// and the generation of all weights once for each batch of nonces and thread. `backend` as in
/// `pow::select_backend`. Errors: core::errc::cancelled, and those of `pow::Race::create`.
[[nodiscard]] core::result<Verdict> verify_streamed(const Proof& proof, const Expected& expected,
                                                    std::string_view backend = {},
                                                    const VerifyOptions& options = {});

}  // namespace pouw::proof
