/// Verification of proofs: every nonce is recomputed.
/// Source: docs/spec/proofs.md section 3.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/progress.hpp"
#include "pouw/core/result.hpp"
#include "pouw/pow/race.hpp"
#include "pouw/proof/proof.hpp"
#include "pouw/proof/terms.hpp"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

namespace pouw::inline v1::proof {

/// The options of everything that recomputes nonces.
struct POUW_API VerifyOptions {
    unsigned threads = 1;               ///< at least 1
    bool stop_at_first_failure = true;  ///< of a proof; checks by sample always stop there
    /// Whether proofs for a model that `pow::require_sound` refuses have weight: for tests and research.
    bool allow_unsound = false;
    /// Called on the calling thread with the nonces recomputed and the nonces to recompute.
    core::ProgressCallback progress{};
    std::stop_token stop{};
};

/// A claimed nonce that is no solution, and its evaluation.
struct POUW_API FalseNonce {
    std::uint64_t nonce = 0;
    std::uint64_t squared_distance = 0;  ///< at least the threshold, unless
    std::uint64_t squared_length = 0;    ///< this is below 960 · model_dim (a collapsed output)

    friend bool operator==(const FalseNonce&, const FalseNonce&) = default;
};

/// The outcome of a verification. Only a valid proof has weight.
struct POUW_API Verdict {
    std::optional<core::error> refusal;    ///< why the proof is refused; nothing when it is valid
    std::uint64_t claimed = 0;             ///< the nonces of the proof
    std::uint64_t evaluated = 0;           ///< those of them that were recomputed
    std::uint64_t passed = 0;              ///< those of them that are solutions
    std::vector<FalseNonce> false_nonces;  ///< ascending; at most one when stopping at the first failure

    [[nodiscard]] bool valid() const noexcept { return !refusal; }
    [[nodiscard]] std::uint64_t weight() const noexcept { return valid() && passed == claimed ? claimed : 0; }
};

/// Compares the terms, then verifies the signature. Neither needs a forward pass.
/// Errors: those of `verify_terms` for terms; crypto::errc::invalid_signature.
/// Cost: about 0.1 ms and the hash of the proof.
[[nodiscard]] POUW_API core::result<void> verify_terms(const Terms& expected, const Proof& proof);

/// The verdict on a proof: the model, the terms, the signature, then every nonce, recomputed with `race`.
/// Several proofs of one Race share it. A refused proof is a verdict and no error. A model that is not known
/// to be sound is refused (pow::errc::unsound_config), unless the options allow it. Expects: a race of the
/// expected model and seed; at least 1 thread. Errors: core::errc::cancelled; pow::errc::backend_failed.
/// Cost: one forward pass for each nonce.
[[nodiscard]] POUW_API core::result<Verdict> verify(const Terms& expected, const Proof& proof,
                                                    const pow::Race& race, const VerifyOptions& options = {});

/// The same verdict with weights that are streamed for this proof alone. `backend` as in
/// `pow::select_backend`.
/// Expects: the config of the expected model; at least 1 thread.
/// Errors: those of `verify` and of `pow::Race::create`.
/// Cost: memory of at most 64 MiB for the presets; the generation of all weights for each batch of nonces of
///     each thread.
[[nodiscard]] POUW_API core::result<Verdict> verify_streamed(const pow::ModelConfig& config,
                                                             const Terms& expected, const Proof& proof,
                                                             std::string_view backend = {},
                                                             const VerifyOptions& options = {});

}  // namespace pouw::inline v1::proof
