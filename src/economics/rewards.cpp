#include "pouw/economics/rewards.hpp"

#include "pouw/core/state.hpp"

#include <string_view>

namespace pouw::inline v1::economics {
namespace {

constexpr std::string_view share_magic = "pouwtrn1";

}  // namespace

core::Bytes TrainingShare::save() const {
    core::Bytes out = core::start_state(share_magic);
    for (const core::Rate rate : {lowest_, highest_, rate_}) core::append(out, core::to_le(rate.ppm()));
    return out;
}

core::result<TrainingShare> TrainingShare::restore(core::ByteView data) {
    core::Reader reader{data};
    if (const auto start = core::take_state_start(reader, share_magic); !start) return start.error();
    const auto lowest = core::Rate::create(reader.integer<std::uint32_t>());
    const auto highest = core::Rate::create(reader.integer<std::uint32_t>());
    const auto rate = core::Rate::create(reader.integer<std::uint32_t>());
    if (const auto end = core::check_state_end(reader); !end) return end.error();
    for (const auto* share : {&lowest, &highest, &rate})
        if (!*share) return share->error();
    return create(*lowest, *highest, *rate);
}

}  // namespace pouw::inline v1::economics
