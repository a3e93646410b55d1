/// Terms: what a proof, a commitment and their verifier must agree on.
/// Source: docs/spec/proofs.md section 3.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/result.hpp"
#include "pouw/pow/seeds.hpp"

#include <cstdint>

namespace pouw::inline v1::proof {

/// The terms of a search: the model, the Race, the node, and the threshold that its solutions meet. A
/// verifier takes its terms from the chain. A proof that named its own terms would prove nothing.
struct POUW_API Terms {
    core::ModelId model;  ///< `pow::model_id` of the config
    pow::RaceSeed race_seed;
    core::NodeId node;
    std::uint64_t threshold = 0;  ///< at least 1

    friend bool operator==(const Terms&, const Terms&) = default;
};

/// Compares claimed terms with the expected ones.
/// Errors: errc::model_mismatch, errc::race_mismatch, errc::node_mismatch, errc::threshold_mismatch, in this
///     order.
[[nodiscard]] POUW_API core::result<void> verify_terms(const Terms& expected, const Terms& claimed) noexcept;

}  // namespace pouw::inline v1::proof
