#include "pouw/economics/dummy_refunds.hpp"

#include "fuzz/fuzz.hpp"

namespace pouw::inline v1::fuzz {
namespace {

bool check(core::ByteView data) {
    const auto refunds = economics::DummyRefunds::restore(data);
    if (!refunds) return true;
    require(equal(refunds->save(), data), "a state has one encoding");
    require(refunds->held() <= core::max_amount - refunds->refunded(),
            "coins that were funded are an amount");
    require(refunds->owed() <= core::max_amount - refunds->refunded(), "costs are an amount");
    return true;
}

}  // namespace

const Target target{
    .decode = [](core::ByteView data) { (void)economics::DummyRefunds::restore(data).has_value(); },
    .check = check};

}  // namespace pouw::inline v1::fuzz
