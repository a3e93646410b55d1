#include "fuzz/fuzz.hpp"

#include "pouw/economics/governance.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void needs_a_proposal(const economics::ProposalVote& decoded) {
    auto governance = economics::Governance::create("fuzz", {}, 0, {}).value();
    const core::Bytes before = governance.save();
    require(!governance.vote(decoded).verdict, "nobody votes on nothing");
    require(governance.save() == before, "a refusal changes nothing");
}

}  // namespace

const Target target = decoder_of<economics::ProposalVote, needs_a_proposal>();

}  // namespace pouw::inline v1::fuzz
