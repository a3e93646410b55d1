// kind (1) ‖ payload, truly signed by a node in every phase: refused messages change nothing, evidence
// convicts, what decodes encodes to the same bytes. And the bytes as a message by themselves. Every content
// is decoded and encoded; a ceremony is given those that are checked completely.
#include "beacon/network.hpp"
#include "fuzz/fuzz.hpp"

#include <algorithm>

namespace pouw::inline v1::fuzz {
namespace {

using namespace beacon;
using G = Ristretto255;

struct Stage {
    test_network::Network<G> network{{1, 1, 1}};
    std::vector<Ceremony<G>> phases;

    Stage() {
        const auto& setup = *network.setup;
        Ceremony<G> ceremony{network.setup};
        ceremony.advance(setup.deal_start());
        phases.push_back(ceremony);
        for (std::uint32_t i = 0; i < 3; ++i) require(ceremony.apply(network.deal(i)).verdict.has_value());
        for (const core::Height height : {setup.reveal_start(), setup.recovery_start()}) {
            ceremony.advance(height);
            phases.push_back(ceremony);
        }
    }
};

void round_trip(const Setup<G>& setup, core::ByteView payload) {
    const core::Bytes bytes{payload.begin(), payload.end()};
    if (const auto deal = detail::decode_deal(setup, payload)) require(detail::encode_deal(*deal) == bytes);
    if (const auto message = detail::decode_shares(setup, 0, payload)) {
        require(detail::encode_shares<G>(message->recovery, message->shares) == bytes);
    }
}

void apply_message(const Ceremony<G>& ceremony, core::ByteView message) {
    Ceremony<G> after = ceremony;
    const Applied applied = after.apply(message);
    if (!applied.verdict) require(after.save() == ceremony.save());
    if (applied.evidence)
        require(convict(ceremony.setup(), *applied.evidence, ceremony.height()).has_value());
}

const Stage& stage() {
    static const Stage one;
    return one;
}

void decode(core::ByteView data) {
    const Setup<G>& setup = *stage().network.setup;
    (void)detail::decode_deal(setup, data).has_value();
    (void)detail::decode_shares(setup, 0, data).has_value();
}

bool check(core::ByteView data) {
    if (data.empty()) return true;
    const core::ByteView payload = data.subspan(1);
    round_trip(*stage().network.setup, payload);
    if (!complete) return true;
    const core::Bytes message = stage().network.signed_message(0, static_cast<MessageKind>(data[0]), payload);
    for (const auto& ceremony : stage().phases) {
        apply_message(ceremony, message);
        apply_message(ceremony, data);
    }
    return true;
}

}  // namespace

const Target target{
    .decode = decode,
    .check = check,
    .bounds = {.memory = {.fixed = 2048, .per_byte = 64}, .time = {.fixed = 400'000, .per_byte = 2'000}}};

}  // namespace pouw::inline v1::fuzz
