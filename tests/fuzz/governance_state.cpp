#include "fuzz/fuzz.hpp"

#include "pouw/economics/governance.hpp"

namespace pouw::inline v1::fuzz {
namespace {

bool check(core::ByteView data) {
    auto governance = economics::Governance::restore(data);
    if (!governance) return true;
    require(equal(governance->save(), data), "a state has one encoding");
    if (governance->epoch() == core::Epoch{UINT64_MAX}) return true;
    require(governance->close(governance->epoch(), {}).has_value(), "every epoch ends");
    require(economics::Governance::restore(governance->save()).value() == *governance);
    return true;
}

}  // namespace

// Each proposal and each vote has a signature, each node of a table a key, which are verified.
const Target target{
    .decode = [](core::ByteView data) { (void)economics::Governance::restore(data).has_value(); },
    .check = check,
    .bounds = {.memory = {.fixed = 8192, .per_byte = 64}, .time = {.fixed = key_time, .per_byte = 10'000}}};

}  // namespace pouw::inline v1::fuzz
