/// What every verified opening must answer.
#pragma once

#include "fuzz/fuzz.hpp"

#include "pouw/proof/opening.hpp"

#include <vector>

namespace pouw::inline v1::fuzz {

inline void ask(const proof::VerifiedOpening& opened) {
    const std::vector<proof::NonceRange> ranges{{0, UINT64_MAX}};
    require(opened.count_in(ranges) == opened.count(), "the whole space holds all nonces");
    for (const auto& leaf : opened.leaves()) {
        require(opened.at(leaf.rank) == leaf.nonce, "a shown rank is answered");
        require(opened.find(leaf.nonce) == proof::VerifiedOpening::Presence::present,
                "a shown nonce is present");
    }
}

}  // namespace pouw::inline v1::fuzz
