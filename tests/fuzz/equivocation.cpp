#include "fuzz/fuzz.hpp"

#include "pouw/validation/vote.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void convicts_the_voter(const validation::Equivocation& equivocation) {
    if (const auto conviction = equivocation.conviction(equivocation.subject.chain, 1))
        require(conviction->node == equivocation.voter, "the voter is convicted");
}

}  // namespace

const Target target = decoder_of<validation::Equivocation, convicts_the_voter>();

}  // namespace pouw::inline v1::fuzz
