#include "pouw/validation/ruling.hpp"

#include <vector>

namespace pouw::inline v1::validation {

Ruling ruling_of(const weights::WeightTable& judges, const Support& support, bool closed) noexcept {
    if (judges.is_majority(support.valid)) return Ruling::valid;
    if (judges.is_majority(support.invalid)) return Ruling::invalid;
    return closed ? Ruling::undecided : Ruling::open;
}

Ruling final_ruling(const weights::WeightTable& judges, std::span<const Vote> votes) {
    std::vector<core::NodeId> valid;
    std::vector<core::NodeId> invalid;
    for (const Vote& vote : votes) (vote.verdict == Verdict::valid ? valid : invalid).push_back(vote.voter);
    return ruling_of(judges, {judges.support(valid), judges.support(invalid)}, true);
}

}  // namespace pouw::inline v1::validation
