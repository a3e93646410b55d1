/// Rulings: the decision that votes on a result give.
/// Source: docs/spec/validation.md section 5.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/validation/verdict.hpp"
#include "pouw/validation/vote.hpp"
#include "pouw/weights/weights.hpp"

#include <cstdint>
#include <span>

namespace pouw::inline v1::validation {

/// The summed weight of the votes for each verdict.
struct POUW_API Support {
    std::uint64_t valid = 0;
    std::uint64_t invalid = 0;

    friend bool operator==(const Support&, const Support&) = default;
};

/// The ruling by the votes so far. `closed` says that the deadline has passed.
[[nodiscard]] POUW_API Ruling ruling_of(const weights::WeightTable& judges, const Support& support,
                                        bool closed) noexcept;

/// The ruling after the deadline by all votes on one result. Signatures and subjects are not verified;
/// `Voting` takes votes that come from outside. A voter without weight adds nothing, and a voter that is
/// named several times for a verdict counts once.
/// Cost: a sort of the votes.
[[nodiscard]] POUW_API Ruling final_ruling(const weights::WeightTable& judges, std::span<const Vote> votes);

}  // namespace pouw::inline v1::validation
