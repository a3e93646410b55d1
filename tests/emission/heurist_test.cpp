#include "pouw/emission/chains/heurist.hpp"

#include "emission_vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/emission/errc.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::emission::heurist {
namespace {

using test::Json;
using test::text;

constexpr std::uint64_t year = vesting_seconds;

TEST(Heurist, TheTableIsTheSupply) {
    std::int64_t sum = 0;
    for (const Allocation& row : allocations) sum += row.coins;
    EXPECT_EQ(sum, 1'000'000'000);
    EXPECT_EQ(text(Release{}.cumulative(120)), text(max_supply));
    EXPECT_EQ(text(Release{}.cumulative(0) / hue), "110945000");
}

TEST(Heurist, ClaimsEqualTheReference) {
    const Json operations = test::load_vectors("emission/operations.json");
    for (const Json& row : operations.at("heurist_claims")) {
        const Json& in = row.at("in");
        const Claim c = claim({test::i128(in[0]), test::u64(in[1]), test::u64(in[2])}, test::u64(in[3]),
                              test::i128(in[4]), test::i128(in[5]))
                            .value();
        ASSERT_EQ(text(c.vested), test::str(row.at("vested"))) << row;
        ASSERT_EQ(text(c.penalty), test::str(row.at("penalty"))) << row;
        ASSERT_EQ(text(c.paid), test::str(row.at("paid"))) << row;
        ASSERT_EQ(text(c.rest.amount), test::str(row.at("rest"))) << row;
        ASSERT_EQ(text(c.burned() + c.rest.amount), test::str(in[0]));
        ASSERT_EQ(c.rest.start, test::u64(in[3]));
    }
}

TEST(Heurist, TheContractsOwnVectors) {
    const auto at = [](std::uint64_t now) { return claim({1000 * hue, 0, year}, now).value(); };
    EXPECT_EQ(text(at(year / 4).burned() / hue), "325");
    EXPECT_EQ(text(at(year / 4).paid / hue), "250");
    EXPECT_EQ(text(at(year / 2).burned() / hue), "550");
    EXPECT_EQ(text(at(year / 2).paid / hue), "500");
    EXPECT_EQ(text(at(year).burned() / hue), "1000");
    EXPECT_EQ(text(at(year).paid / hue), "1000");
    EXPECT_EQ(text(at(0).paid), "0");
}

TEST(Heurist, RefusesWhatIsOutOfRange) {
    EXPECT_EQ(claim({-1, 0, 1}, 0).error().code, core::errc::invalid_amount);
    EXPECT_EQ(claim({1, 0, 1}, 0, -1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(claim({1, 0, 1}, 0, hue, -1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(claim({1, 0, 1}, 0, hue, hue + 1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(claim({1, 5, 6}, 4).error().code, emission::errc::time_reversed);
    EXPECT_EQ(claim({1, 5, 4}, 5).error().code, emission::errc::time_reversed);
    EXPECT_EQ(claim({core::int128_max, 0, 1}, 1, 2 * hue).error().code, core::errc::overflow);
    EXPECT_EQ(redemption_rate(core::int128_max, 1).error().code, core::errc::overflow);
    EXPECT_EQ(text(redemption_rate(0, 5).value()), text(hue));
    EXPECT_EQ(text(redemption_rate(5, 0).value()), text(hue));
    EXPECT_EQ(text(redemption_rate(1, 3).value()), "333333333333333333");
}

TEST(HeuristDeathTest, ANegativePoolIsAContractViolation) { EXPECT_DEATH((void)redemption_rate(-1, 1), ""); }

TEST(Heurist, Points) {
    EXPECT_EQ(text(image_work(512, 512, 20, 10)), text(waifu_units));
    EXPECT_EQ(text(image_work(1024, 1024, 20, 10)), text(4 * waifu_units));
    EXPECT_EQ(text(image_work(768, 512, 30, 10) * 4), text(9 * waifu_units));
    EXPECT_EQ(text(image_work(512, 512, 20, 3) * 10), text(3 * waifu_units));
    EXPECT_EQ(text(text_work(1'000, 10)), text(llama_units));
    EXPECT_EQ(text(text_work(2'500, 10) * 2), text(5 * llama_units));
    EXPECT_EQ(text(text_work(1'000, 5) * 2), text(llama_units));
    EXPECT_EQ(text(text_work(UINT64_MAX, UINT32_MAX)), "79228162495817593515539431425");
    EXPECT_EQ(text(image_work(UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX)),
              "340282366604025813516997721482669850625");
}

TEST(Heurist, BoostEqualsTheReference) {
    const Json operations = test::load_vectors("emission/operations.json");
    for (const Json& row : operations.at("heurist_boost")) {
        const StakeBoost boost{test::i128(row[2]), test::i128(row[3]),
                               static_cast<std::uint32_t>(test::u64(row[4])),
                               static_cast<std::uint32_t>(test::u64(row[5]))};
        ASSERT_EQ(text(boosted(boost, test::i128(row[0]), test::i128(row[1])).value()), test::str(row[6]))
            << row;
    }
    EXPECT_EQ(text(boosted({}, 100, 9'999 * hue).value()), "0");
    EXPECT_EQ(text(boosted({}, 100, 10'000 * hue).value()), "100");
    EXPECT_EQ(text(boosted({}, 100, 55'000 * hue).value()), "550");
    EXPECT_EQ(text(boosted({}, 100, 1'000'000 * hue).value()), "1000");
    EXPECT_EQ(boosted({}, -1, 0).error().code, core::errc::invalid_amount);
    EXPECT_EQ(boosted({}, 0, -1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(boosted({2, 2, 1, 1}, 0, 0).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(boosted({-1, 2, 1, 1}, 0, 0).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(boosted({1, 2, 2, 1}, 0, 0).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(boosted({0, core::int128_max, 1, 1}, 0, 0).error().code, emission::errc::invalid_schedule);
    EXPECT_EQ(boosted({}, core::int128_max, 100'000 * hue).error().code, core::errc::overflow);
}

}  // namespace
}  // namespace pouw::inline v1::emission::heurist
