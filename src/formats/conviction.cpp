#include "formats/conviction.hpp"

namespace pouw::inline v1::formats {
namespace {

constexpr std::uint8_t grounds = static_cast<std::uint8_t>(core::Ground::conflicting_blocks) + 1;

/// There is no ground 0, whose name is that of no ground.
std::string_view ground_name(core::Ground ground) {
    return ground == core::Ground{} ? std::string_view{} : name(ground);
}

}  // namespace

core::Conviction read_conviction(Fields& fields) {
    core::Conviction out;
    out.node = fields.bytes<core::NodeId>("node");
    out.ground = fields.choice<core::Ground>(
        "ground", grounds, ground_name,
        "false_nonce, beacon_misbehaviour, contradicting_votes, withheld_check, silence, false_results, "
        "failed_checks, passed_false_result, conflicting_blocks");
    if (out.ground == core::Ground{}) fields.refuse("ground", core::fail(errc::expected_choice));
    out.evidence = fields.bytes<core::EvidenceDigest>("evidence");
    out.height = fields.u64("height");
    return out;
}

Json json_of(const core::Conviction& conviction) {
    return {{"node", json_of(conviction.node)},
            {"ground", name(conviction.ground)},
            {"evidence", json_of(conviction.evidence)},
            {"height", json_of(conviction.height)}};
}

}  // namespace pouw::inline v1::formats
