// kind (1) ‖ payload, truly signed by a node in every phase: refused messages change nothing, evidence
// convicts, what decodes encodes to the same bytes. And the bytes as a message by themselves.
#include "beacon/network.hpp"
#include "fuzz/fuzz.hpp"

#include <algorithm>

using namespace pouw;
using namespace pouw::beacon;
using fuzz::require;

namespace {

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

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Stage stage;
    if (size == 0) return 0;
    const core::ByteView payload{data + 1, size - 1};
    round_trip(*stage.network.setup, payload);
    const core::Bytes message = stage.network.signed_message(0, static_cast<MessageKind>(data[0]), payload);
    for (const auto& ceremony : stage.phases) {
        apply_message(ceremony, message);
        apply_message(ceremony, {data, size});
    }
    return 0;
}
