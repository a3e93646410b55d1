// A saved training fund.
#include "fuzz/fuzz.hpp"

#include "pouw/economics/training_fund.hpp"

namespace pouw::inline v1::fuzz {
namespace {

bool check(core::ByteView data) {
    auto state = economics::TrainingFund::restore(data);
    if (!state) return true;
    require(equal(state->save(), data), "a state has one encoding");
    require(state->paid_in() ==
                state->spent_on_compute() + state->spent_on_grantees() + state->locked() + state->free(),
            "the coins add up");
    const core::Amount unspent = state->locked() + state->free();
    (void)state->expire(UINT64_MAX);
    require(state->locked() + state->free() == unspent, "a grant that ends frees what it locked");
    return true;
}

}  // namespace

const Target target{
    .decode = [](core::ByteView data) { (void)economics::TrainingFund::restore(data).has_value(); },
    .check = check};

}  // namespace pouw::inline v1::fuzz
