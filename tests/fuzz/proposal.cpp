#include "fuzz/fuzz.hpp"

#include "pouw/economics/governance.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void needs_weight(const economics::Proposal& decoded) {
    require(economics::check(decoded.change).has_value(), "a change that was decoded is in range");
    require(economics::decode_change(economics::encode_change(decoded.change)).value() == decoded.change);
    auto governance = economics::Governance::create("fuzz", {}, decoded.epoch, {}).value();
    const core::Bytes before = governance.save();
    require(!governance.propose(decoded), "without weight nobody proposes");
    require(governance.save() == before, "a refusal changes nothing");
}

}  // namespace

const Target target = decoder_of<economics::Proposal, needs_weight>();

}  // namespace pouw::inline v1::fuzz
