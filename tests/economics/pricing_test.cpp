#include "pouw/economics/pricing.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/economics/models.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::economics {
namespace {

std::string text(core::Amount amount) { return core::to_decimal(amount); }
core::NodeId key(std::uint8_t n) {
    core::NodeId out;
    out.bytes[31] = n;
    return out;
}
core::InferenceModelId model(std::uint8_t n) {
    core::InferenceModelId out;
    out.bytes[0] = n;
    return out;
}
weights::WeightTable table(std::initializer_list<weights::NodeWeight> nodes) {
    return weights::WeightTable::create(std::vector<weights::NodeWeight>{nodes}).value();
}

std::string median(std::vector<WeightedPrice> votes) {
    const auto out = lower_weighted_median(std::move(votes));
    return out ? text(*out) : "none";
}

TEST(WeightedMedian, Cases) {
    EXPECT_EQ(median({}), "none");
    EXPECT_EQ(median({{7, 0}, {9, 0}}), "none");
    EXPECT_EQ(median({{7, 1}}), "7");
    EXPECT_EQ(median({{1, 1}, {9, 1}}), "1");  // exactly half: the lower one
    EXPECT_EQ(median({{1, 1}, {5, 1}, {9, 1}}), "5");
    EXPECT_EQ(median({{9, 3}, {1, 1}, {5, 1}}), "9");  // in any order
    EXPECT_EQ(median({{1, 49}, {100, 51}}), "100");
    EXPECT_EQ(median({{1, 50}, {100, 50}}), "1");
    EXPECT_EQ(median({{1, 0}, {2, 0}, {3, 1}}), "3");  // no weight, no say
    EXPECT_EQ(median({{5, 1}, {5, 1}, {6, 2}}), "5");
    EXPECT_EQ(median({{1, UINT64_MAX}, {2, UINT64_MAX}, {3, UINT64_MAX}}), "2");
    EXPECT_EQ(median({{1, 1}, {core::max_amount, 2}}), text(core::max_amount));
}

TEST(PriceBook, VotesStandUntilChangedAndDefaultToThePrice) {
    const auto nodes = table({{key(1), 1}, {key(2), 1}, {key(3), 1}});
    auto book = PriceBook::create(100, {.lowest = 1, .highest = 1'000}).value();
    EXPECT_EQ(text(book.close(0, nodes).value()), "100");  // nobody ever voted
    EXPECT_TRUE(book.vote(key(1), 150, nodes));
    EXPECT_EQ(text(book.close(1, nodes).value()), "100");  // two default votes
    EXPECT_TRUE(book.vote(key(2), 130, nodes));
    EXPECT_EQ(text(book.close(2, nodes).value()), "130");
    EXPECT_EQ(text(book.close(3, nodes).value()), "130");  // who never voted follows the price
    EXPECT_TRUE(book.vote(key(1), 120, nodes));
    EXPECT_TRUE(book.vote(key(2), 110, nodes));
    EXPECT_EQ(text(*book.vote_of(key(1))), "120");
    EXPECT_EQ(text(book.close(4, nodes).value()), "120");
    EXPECT_EQ(book.epoch(), core::Epoch{5});
}

TEST(PriceBook, RefusesAndChangesNothing) {
    const auto nodes = table({{key(1), 1}});
    auto book = PriceBook::create(100, {.lowest = 50, .highest = 200}).value();
    EXPECT_EQ(book.vote(key(9), 100, nodes).error().code, economics::errc::unknown_node);
    EXPECT_EQ(book.vote(key(1), 49, nodes).error().code, economics::errc::price_out_of_bounds);
    EXPECT_EQ(book.vote(key(1), 201, nodes).error().code, economics::errc::price_out_of_bounds);
    EXPECT_EQ(book.vote(key(1), -1, nodes).error().code, economics::errc::price_out_of_bounds);
    EXPECT_FALSE(book.vote_of(key(1)));
    EXPECT_EQ(book.close(1, nodes).error().code, economics::errc::epoch_out_of_order);
    EXPECT_EQ(book.epoch(), core::Epoch{0});
    EXPECT_EQ(PriceBook::create(49, {.lowest = 50, .highest = 200}).error().code,
              economics::errc::price_out_of_bounds);
    EXPECT_EQ(PriceBook::create(1, {.lowest = 0, .highest = 200}).error().code,
              economics::errc::invalid_rules);
    EXPECT_EQ(PriceBook::create(1, {.lowest = 9, .highest = 8}).error().code, economics::errc::invalid_rules);
}

TEST(PriceBook, AStrangersVoteDiesWithItsWeight) {
    const auto both = table({{key(1), 10}, {key(2), 1}});
    auto book = PriceBook::create(100, {}).value();
    EXPECT_TRUE(book.vote(key(1), 900, both));
    const auto without = table({{key(2), 1}});
    EXPECT_EQ(text(book.close(0, without).value()), "100");
    EXPECT_FALSE(book.vote_of(key(1)));
    EXPECT_EQ(text(book.close(1, both).value()), "100");  // back, but without the old vote
    EXPECT_EQ(text(book.close(2, {}).value()), "100");    // nobody at all
}

// White paper, Appendix J: "That weighted median becomes the common price per unit of compute for the next
// epoch." Half of the weight votes for 5,000 or less: the smallest such price, a hundredfold in one epoch.
TEST(PriceBook, TheMedianIsThePriceOfTheNextEpoch) {
    const auto nodes = table({{key(1), 30}, {key(2), 30}, {key(3), 20}, {key(4), 20}});
    auto book = PriceBook::create(50, {}).value();
    ASSERT_TRUE(book.vote(key(1), 40, nodes));
    ASSERT_TRUE(book.vote(key(2), 5'000, nodes));
    ASSERT_TRUE(book.vote(key(3), 1'000'000, nodes));  // node 4 votes for the present price
    EXPECT_EQ(text(book.close(0, nodes).value()), "50");
    ASSERT_TRUE(book.vote(key(4), 9'000, nodes));
    EXPECT_EQ(text(book.close(1, nodes).value()), "5000");
    ASSERT_TRUE(book.vote(key(2), 7, nodes));
    EXPECT_EQ(text(book.close(2, nodes).value()), "40");
    ASSERT_TRUE(book.vote(key(1), 1, nodes));
    EXPECT_EQ(text(book.close(3, nodes).value()), "7");
}

TEST(PriceBook, MovesByItsStepAndIsNeverStuck) {
    const auto nodes = table({{key(1), 1}});
    auto book = PriceBook::create(1, {.lowest = 1, .highest = 1'000, .step = core::Rate::percent(2)}).value();
    EXPECT_TRUE(book.vote(key(1), 1'000, nodes));
    EXPECT_EQ(text(book.close(0, nodes).value()), "2");
    std::uint64_t epoch = 1;
    while (book.price() < 1'000) {
        ASSERT_TRUE(book.close(epoch++, nodes));
    }
    EXPECT_TRUE(book.vote(key(1), 1, nodes));
    EXPECT_EQ(text(book.close(epoch, nodes).value()), "980");
}

TEST(DeployedPrice, Figures) {
    const auto next = [](core::Amount price, std::uint32_t percent) {
        return text(deployed_next_price(price, core::Rate::percent(percent)).value());
    };
    EXPECT_EQ(next(100, 20), "99");
    EXPECT_EQ(next(100, 80), "101");
    EXPECT_EQ(next(10, 0), "9");
    EXPECT_EQ(next(100, 100), "102");
    EXPECT_EQ(next(100, 50), "100");
    EXPECT_EQ(next(1, 0), "1");
    EXPECT_EQ(deployed_next_price(0, {}).error().code, core::errc::invalid_amount);
    EXPECT_EQ(deployed_next_price(core::max_amount, core::Rate::percent(100)).error().code,
              core::errc::overflow);
}

TEST(Denominations, AreExact) {
    EXPECT_EQ(text(to_base(3, Denomination::coin).value()), "3000000000");
    EXPECT_EQ(text(to_base(3, Denomination::milli).value()), "3000000");
    EXPECT_EQ(text(to_base(3, Denomination::micro).value()), "3000");
    EXPECT_EQ(text(to_base(3, Denomination::nano).value()), "3");
    EXPECT_EQ(text(from_base_rounded_down(1'999, Denomination::micro)), "1");
    EXPECT_EQ(to_base(core::max_amount, Denomination::micro).error().code, core::errc::overflow);
    EXPECT_EQ(to_base(-1, Denomination::nano).error().code, core::errc::invalid_amount);
}

TEST(Quote, IsExactOrRefused) {
    EXPECT_EQ(text(quote(20, 1'000, 3).value()), "60000");
    EXPECT_EQ(quote(UINT64_MAX, UINT64_MAX, 2).error().code, core::errc::overflow);
    EXPECT_EQ(quote(1, 1, -1).error().code, core::errc::invalid_amount);
    EXPECT_EQ(tokens_within_rounded_down(100, 3, 7).value(), 4u);
    EXPECT_EQ(tokens_within_rounded_down(20, 3, 7).value(), 0u);
    EXPECT_EQ(tokens_within_rounded_down(core::max_amount, 1, 1).value(), UINT64_MAX);
    EXPECT_EQ(tokens_within_rounded_down(100, UINT64_MAX, core::max_amount).value(), 0u);
    EXPECT_EQ(tokens_within_rounded_down(-1, 1, 1).error().code, core::errc::invalid_amount);
}

TEST(ModelRegistry, ListsByDepositAndMajority) {
    const auto voters = table({{key(1), 50}, {key(2), 50}, {key(3), 1}});
    auto registry = ModelRegistry::create({.deposit = 100, .voting_epochs = 2}).value();
    EXPECT_EQ(registry.propose(model(1), 20, 99, key(9), 5, voters).error().code,
              economics::errc::insufficient_deposit);
    EXPECT_EQ(registry.propose(model(1), 0, 100, key(9), 5, voters).error().code, core::errc::invalid_amount);
    EXPECT_EQ(registry.propose(model(1), 1, -1, key(9), 5, voters).error().code, core::errc::invalid_amount);
    EXPECT_EQ(registry.propose(model(1), 1, 100, key(9), UINT64_MAX, voters).error().code,
              core::errc::overflow);
    ASSERT_TRUE(registry.propose(model(1), 20, 100, key(9), 5, voters));
    ASSERT_TRUE(registry.propose(model(2), 30, 150, key(8), 5, voters));
    EXPECT_EQ(registry.propose(model(1), 1, 100, key(9), 5, voters).error().code,
              economics::errc::duplicate_model);
    EXPECT_EQ(text(registry.held()), "250");
    EXPECT_EQ(registry.quote(model(1), 10, 3).error().code, economics::errc::unknown_model);  // not yet

    EXPECT_EQ(registry.vote(model(7), key(1), true, 5).error().code, economics::errc::unknown_model);
    EXPECT_EQ(registry.vote(model(1), key(9), true, 5).error().code, economics::errc::unknown_node);
    ASSERT_TRUE(registry.vote(model(1), key(1), true, 5));
    EXPECT_EQ(registry.vote(model(1), key(1), true, 6).error().code, economics::errc::duplicate_verdict);
    EXPECT_EQ(registry.vote(model(1), key(1), false, 6).error().code, economics::errc::duplicate_verdict);
    EXPECT_EQ(registry.conclude(model(1), 6).error().code, economics::errc::voting_open);
    ASSERT_TRUE(registry.vote(model(1), key(3), true, 6));
    EXPECT_EQ(registry.vote(model(1), key(2), true, 7).error().code, economics::errc::voting_closed);
    ASSERT_TRUE(registry.vote(model(2), key(1), true, 5));  // 50 of 101: no majority

    EXPECT_EQ(registry.conclude(model(1), 7).value(), (Decision{true, key(9), 100, 0}));
    EXPECT_EQ(registry.conclude(model(2), 7).value(), (Decision{false, key(8), 0, 150}));
    EXPECT_EQ(registry.conclude(model(1), 8).error().code, economics::errc::voting_closed);
    EXPECT_EQ(registry.conclude(model(2), 8).error().code, economics::errc::unknown_model);
    EXPECT_EQ(text(registry.held()), "0");
    EXPECT_EQ(text(registry.quote(model(1), 10, 3).value()), "600");
    EXPECT_EQ(registry.quote(model(1), UINT64_MAX, core::max_amount).error().code, core::errc::overflow);
    EXPECT_TRUE(registry.propose(model(2), 31, 100, key(8), 9, voters));  // again, with another deposit
}

}  // namespace
}  // namespace pouw::inline v1::economics
