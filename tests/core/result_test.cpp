#include "pouw/core/result.hpp"

#include "pouw/core/checked.hpp"
#include "pouw/core/describe.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/proof/errc.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

namespace pouw::inline v1::core {
namespace {

TEST(Result, HoldsAValue) {
    const result<int> r = 7;
    ASSERT_TRUE(r);
    EXPECT_EQ(*r, 7);
    EXPECT_EQ(r.value(), 7);
}

TEST(Result, HoldsAnErrorWithItsDetail) {
    const result<int> r = fail(core::errc::truncated, "header");
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error(), (error{core::errc::truncated, "header"}));
    EXPECT_EQ(describe(r.error()), "the input is truncated: header");
    EXPECT_EQ(describe({core::errc::overflow}), "the value is too large");
}

TEST(Result, MovesOut) {
    result<std::unique_ptr<int>> r = std::make_unique<int>(3);
    const std::unique_ptr<int> out = *std::move(r);
    EXPECT_EQ(*out, 3);
}

TEST(Result, OfVoid) {
    EXPECT_TRUE(result<void>{});
    const result<void> failed = fail(core::errc::cancelled);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, core::errc::cancelled);
}

TEST(ResultDeathTest, ReadingTheAbsentValueIsAContractViolation) {
    result<int> r = fail(core::errc::truncated);
    EXPECT_DEATH((void)r.value(),
                 "result_test.cpp:[0-9]+: violated value.. of a failed result: the input is trunc");
    const result<int> good = 1;
    EXPECT_DEATH((void)good.error(), "violated precondition: !has_value");
    EXPECT_DEATH(result<void>{fail(core::errc::overflow, "a sum")}.value(), "the value is too large: a sum");
}

TEST(Result, Composes) {
    const auto half = [](int n) -> result<int> {
        if (n % 2 != 0) return fail(core::errc::non_canonical, "odd");
        return n / 2;
    };
    EXPECT_EQ(half(8).and_then(half).and_then(half).value(), 1);
    EXPECT_EQ(half(6).and_then(half).error(), (error{core::errc::non_canonical, "odd"}));
    EXPECT_EQ(half(6).transform([](int n) { return n + 0.5; }).value(), 3.5);
    EXPECT_EQ(half(7).value_or(-1), -1);
    EXPECT_EQ(half(6).value_or(-1), 3);
    const auto outer = [&](int n) -> result<std::string> {
        const auto inner = half(n);
        if (!inner) return inner.error();
        return std::to_string(*inner);
    };
    EXPECT_EQ(outer(7).error().code, core::errc::non_canonical);
    EXPECT_EQ(outer(6).value(), "3");
    EXPECT_EQ(result<void>{}.and_then([] { return result<int>{2}; }).value(), 2);
}

struct Thrown {};

TEST(Contract, AHandlerTurnsAViolationIntoAnException) {
    const ContractHandler before = set_contract_handler([](const ContractViolation& v) {
        EXPECT_EQ(std::string_view{v.kind}, "precondition");
        EXPECT_EQ(std::string_view{v.condition}, "d >= 1");
        throw Thrown{};
    });
    EXPECT_THROW((Fraction{1, 0}), Thrown);
    set_contract_handler(before);
}

TEST(Errc, NamesAreTheEnumerators) {
    EXPECT_EQ(error_code{proof::errc::false_nonce}.name(), "false_nonce");
    EXPECT_EQ(error_code{proof::errc::false_nonce}.module(), "proof");
    EXPECT_EQ(error_code{proof::errc::false_nonce}.number(), 307);
    EXPECT_EQ(error_code{proof::errc::false_nonce}.message(), "a claimed nonce does not pass");
    EXPECT_EQ(error_code{}.name(), "none");
    EXPECT_EQ(error_code{static_cast<errc>(99)}.name(), "unknown");
}

TEST(Checked, ReportsOverflow) {
    EXPECT_EQ(checked_add<std::uint64_t>(UINT64_MAX - 1, 1), UINT64_MAX);
    EXPECT_EQ(checked_add<std::uint64_t>(UINT64_MAX, 1), std::nullopt);
    EXPECT_EQ(checked_multiply<std::uint64_t>(1ull << 32, 1ull << 31), 1ull << 63);
    EXPECT_EQ(checked_multiply<std::uint64_t>(1ull << 32, 1ull << 32), std::nullopt);
    EXPECT_EQ(checked_add<std::int64_t>(INT64_MIN, -1), std::nullopt);
}

}  // namespace
}  // namespace pouw::inline v1::core
