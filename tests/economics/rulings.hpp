// Ids of tasks by number, votes by name, and rulings as `validation::Voting` gives them at the deadline.
#pragma once

#include "pouw/validation/verdict.hpp"
#include "pouw/validation/vote.hpp"
#include "pouw/weights/weights.hpp"

#include <span>
#include <vector>

namespace pouw::inline v1::test {

/// Ascends with its number.
inline core::TaskId task_id(std::uint64_t number) {
    core::TaskId out;
    for (std::size_t i = 0; i < 8; ++i) out.bytes[24 + i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
    return out;
}

/// A vote without a signature: the settlement takes votes that have been counted.
inline validation::Vote vote_of(const core::NodeId& voter, validation::Verdict verdict) {
    validation::Vote out;
    out.voter = voter;
    out.verdict = verdict;
    return out;
}

inline validation::Ruling ruling_of(std::span<const validation::Vote> votes,
                                    const weights::WeightTable& judges) {
    for (const auto verdict : {validation::Verdict::invalid, validation::Verdict::valid}) {
        std::vector<core::NodeId> voters;
        for (const validation::Vote& vote : votes) {
            if (vote.verdict == verdict) voters.push_back(vote.voter);
        }
        if (judges.is_majority(judges.support(voters)))
            return verdict == validation::Verdict::valid ? validation::Ruling::valid
                                                         : validation::Ruling::invalid;
    }
    return validation::Ruling::undecided;
}

}  // namespace pouw::inline v1::test
