// count (2) ‖ nonce set
#include "pouw/proof/nonce_set.hpp"

#include "fuzz/fuzz.hpp"

namespace pouw::inline v1::fuzz {
namespace {

using Nonces = core::result<std::vector<std::uint64_t>>;

Nonces decode(core::ByteView data) {
    if (data.size() < 2) return core::fail(core::errc::truncated);
    return proof::decode_nonces(data.subspan(2), core::load_le<std::uint16_t>(data.first(2)));
}

bool check(core::ByteView data) {
    const Nonces nonces = decode(data);
    if (!nonces) return true;
    require(nonces->size() == core::load_le<std::uint16_t>(data.first(2)), "as many nonces as announced");
    require(equal(proof::encode_nonces(*nonces), data.subspan(2)), "a set has one encoding");
    return true;
}

}  // namespace

const Target target{.decode = [](core::ByteView data) { (void)decode(data).has_value(); },
                    .check = check,
                    .bounds = {.memory = {.fixed = 2048, .per_byte = 64},
                               .time = {.fixed = 20'000, .per_byte = nonce_time_per_byte}}};

}  // namespace pouw::inline v1::fuzz
