// length of a table (2) ‖ the table that judges ‖ state
#include "fuzz/fuzz.hpp"

#include "pouw/validation/voting.hpp"

namespace pouw::inline v1::fuzz {
namespace {

core::ByteView state_of(core::ByteView data) {
    return data.subspan(2 + core::load_le<std::uint16_t>(data.first(2)));
}

core::result<validation::Voting> restore(core::ByteView data) {
    if (data.size() < 2) return core::fail(core::errc::truncated);
    const std::size_t size = core::load_le<std::uint16_t>(data.first(2));
    if (size > data.size() - 2) return core::fail(core::errc::truncated);
    const auto judges = weights::WeightTable::decode(data.subspan(2, size));
    if (!judges) return judges.error();
    return validation::Voting::restore(*judges, state_of(data));
}

bool check(core::ByteView data) {
    if (const auto voting = restore(data))
        require(equal(voting->save(), state_of(data)), "a state has one encoding");
    return true;
}

}  // namespace

// Each vote of a state has a signature, which is verified.
const Target target{
    .decode = [](core::ByteView data) { (void)restore(data).has_value(); },
    .check = check,
    .bounds = {.memory = {.fixed = 4096, .per_byte = 64}, .time = {.fixed = key_time, .per_byte = 2'000}}};

}  // namespace pouw::inline v1::fuzz
