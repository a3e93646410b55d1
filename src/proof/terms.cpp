#include "pouw/proof/terms.hpp"

#include "proof/terms.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/pow/errc.hpp"
#include "pouw/proof/errc.hpp"

namespace pouw::inline v1::proof {

using core::append;
using core::fail;

core::result<void> verify_terms(const Terms& expected, const Terms& claimed) noexcept {
    if (claimed.model != expected.model) return fail(errc::model_mismatch);
    if (claimed.race_seed != expected.race_seed) return fail(errc::race_mismatch);
    if (claimed.node != expected.node) return fail(errc::node_mismatch);
    if (claimed.threshold != expected.threshold) return fail(errc::threshold_mismatch);
    return {};
}

core::Bytes encode_terms(std::string_view magic, const Terms& terms) {
    POUW_EXPECTS(terms.threshold >= 1);
    core::Bytes out{magic.begin(), magic.end()};
    append(out, core::to_le(core::spec_version));
    append(out, terms.model.view());
    append(out, terms.race_seed.view());
    append(out, terms.node.view());
    append(out, core::to_le(terms.threshold));
    return out;
}

Terms read_terms(core::Reader& reader) {
    // One statement for each: the order of reading is that of the bytes.
    Terms out;
    out.model = reader.fixed<core::ModelId>();
    out.race_seed = reader.fixed<pow::RaceSeed>();
    out.node = reader.fixed<core::NodeId>();
    out.threshold = reader.integer<std::uint64_t>();
    return out;
}

core::result<void> check_decoded(const Terms& terms) {
    if (terms.threshold == 0) return fail(pow::errc::invalid_threshold);
    if (const auto key = crypto::checked_public_key(terms.node.view()); !key) return key.error();
    return {};
}

bool is_race_of(const Terms& terms, const pow::Race& race) {
    return pow::model_id(race.config()) == terms.model && race.seed() == terms.race_seed;
}

}  // namespace pouw::inline v1::proof
