/// The forward passes of all verifications.
#pragma once

#include "pouw/core/result.hpp"
#include "pouw/pow/race.hpp"
#include "pouw/proof/terms.hpp"
#include "pouw/proof/verify.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace pouw::inline v1::proof {

/// Errors: those of `pow::require_sound`, unless the options allow any model.
[[nodiscard]] core::result<void> check_sound(const pow::ModelConfig& config, const VerifyOptions& options);

/// What was recomputed of a list of nonces.
struct Recomputed {
    std::uint64_t evaluated = 0;
    std::uint64_t passed = 0;
    std::vector<FalseNonce> false_nonces;
};

/// Evaluates the nonces in their order. The result does not depend on the number of threads.
/// Expects: a race of the terms; at least 1 thread.
/// Errors: core::errc::cancelled.
[[nodiscard]] core::result<Recomputed> recompute(const Terms& terms, std::span<const std::uint64_t> nonces,
                                                 const pow::Race& race, const VerifyOptions& options);

}  // namespace pouw::inline v1::proof
