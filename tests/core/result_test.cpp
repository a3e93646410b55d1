#include "pouw/core/result.hpp"

#include "pouw/core/checked.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace pouw::core {
namespace {

TEST(Result, HoldsAValue) {
    const result<int> r = 7;
    ASSERT_TRUE(r);
    EXPECT_EQ(*r, 7);
    EXPECT_EQ(r.value(), 7);
}

TEST(Result, HoldsAnErrorWithItsDetail) {
    const result<int> r = fail(errc::truncated, "header");
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error(), (error{errc::truncated, "header"}));
    EXPECT_EQ(describe(r.error()), "the input is truncated: header");
    EXPECT_EQ(describe({errc::overflow}), "the value is too large");
}

TEST(Result, MovesOut) {
    result<std::unique_ptr<int>> r = std::make_unique<int>(3);
    const std::unique_ptr<int> out = *std::move(r);
    EXPECT_EQ(*out, 3);
}

TEST(Result, OfVoid) {
    EXPECT_TRUE(result<void>{});
    const result<void> failed = fail(errc::cancelled);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, errc::cancelled);
}

TEST(ResultDeathTest, ReadingTheAbsentValueIsAContractViolation) {
    result<int> r = fail(errc::truncated);
    EXPECT_DEATH((void)r.value(), "");
    const result<int> good = 1;
    EXPECT_DEATH((void)good.error(), "");
}

TEST(Errc, NamesAreTheEnumerators) {
    EXPECT_EQ(name(errc::false_nonce), "false_nonce");
    EXPECT_EQ(message(errc::false_nonce), "a claimed nonce does not pass");
    EXPECT_EQ(name(static_cast<errc>(0)), "unknown");
}

TEST(Checked, ReportsOverflow) {
    EXPECT_EQ(checked_add<std::uint64_t>(UINT64_MAX - 1, 1), UINT64_MAX);
    EXPECT_EQ(checked_add<std::uint64_t>(UINT64_MAX, 1), std::nullopt);
    EXPECT_EQ(checked_multiply<std::uint64_t>(1ull << 32, 1ull << 31), 1ull << 63);
    EXPECT_EQ(checked_multiply<std::uint64_t>(1ull << 32, 1ull << 32), std::nullopt);
    EXPECT_EQ(checked_add<std::int64_t>(INT64_MIN, -1), std::nullopt);
}

}  // namespace
}  // namespace pouw::core
