// A saved collateral.
#include "fuzz/fuzz.hpp"

#include "pouw/economics/collateral.hpp"

namespace pouw::inline v1::fuzz {
namespace {

bool check(core::ByteView data) {
    auto state = economics::Collateral::restore(data);
    if (!state) return true;
    require(equal(state->save(), data), "a state has one encoding");
    require(state->paid_in() == state->held() + state->withdrawn() + state->awarded() + state->forfeited(),
            "the coins add up");
    return true;
}

}  // namespace

const Target target{
    .decode = [](core::ByteView data) { (void)economics::Collateral::restore(data).has_value(); },
    .check = check};

}  // namespace pouw::inline v1::fuzz
