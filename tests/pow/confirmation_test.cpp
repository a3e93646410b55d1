#include "pouw/pow/confirmation.hpp"

#include "failing_backend.hpp"
#include "support.hpp"

#include "pouw/pow/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::pow {
namespace {

using test::HookedBackend;

/// The first nonces of the race of the check values; all pass.
std::vector<Solution> solutions(const Race& race, std::size_t count) {
    std::vector<std::uint64_t> nonces(count);
    for (std::size_t i = 0; i < count; ++i) nonces[i] = i;
    Evaluator evaluator = Evaluator::create(race, test::check_node_seed(), count).value();
    std::vector<Solution> out;
    for (const Evaluation& evaluation : evaluator.evaluate(nonces).value())
        out.push_back(evaluation.solution());
    return out;
}

Race tiny_race(std::string_view backend) { return test::make_race(test::preset("tiny"), backend); }

TEST(Confirmation, TheSecondBackendIsTheBestOther) {
    const auto all = test::supported_backends();
    for (const Backend* first : all) {
        const Race race = tiny_race(first->name());
        const auto confirmation = Confirmation::create(race, NodeSeed{}, 1);
        ASSERT_TRUE(confirmation);
        const auto other = std::find_if(all.begin(), all.end(), [&](const Backend* backend) {
            return backend != first && *priority(*backend) >= 0;
        });
        EXPECT_EQ(&confirmation->backend(), other == all.end() ? first : *other) << first->name();
    }
}

TEST(Confirmation, KeepsWhatPassesASecondTime) {
    const Race race = tiny_race("scalar");
    const std::vector<Solution> right = solutions(race, 11);
    for (const Backend* second : test::supported_backends()) {
        for (const unsigned threads : {1u, 3u}) {
            for (const bool stored : {true, false}) {
                Confirmation confirmation =
                    Confirmation::create(race, test::check_node_seed(), UINT64_MAX,
                                         {.backend = second, .stored = stored, .threads = threads})
                        .value();
                EXPECT_EQ(&confirmation.backend(), second);
                EXPECT_EQ(confirmation.confirm(right).value(), right);
                EXPECT_TRUE(confirmation.confirm({}).value().empty());
                std::vector<Solution> wrong = right;
                wrong[2].squared_distance ^= 1;
                wrong[5].squared_length += 1;
                wrong[7].nonce += 1000;
                std::vector<Solution> rest = right;
                for (const std::ptrdiff_t index : {7, 5, 2}) rest.erase(rest.begin() + index);
                EXPECT_EQ(confirmation.confirm(wrong).value(), rest);
            }
        }
    }
}

TEST(Confirmation, KeepsToTheThreshold) {
    const Race race = tiny_race("scalar");
    const std::vector<Solution> one = solutions(race, 1);
    const auto confirmed = [&](std::uint64_t threshold) {
        return Confirmation::create(race, test::check_node_seed(), threshold)
            .value()
            .confirm(one)
            .value()
            .size();
    };
    EXPECT_EQ(confirmed(one.front().squared_distance), 0u);
    EXPECT_EQ(confirmed(one.front().squared_distance + 1), 1u);
}

TEST(Confirmation, AnUnusableBackendIsAnErrorWhenNamed) {
    const Race race = tiny_race("scalar");
    const HookedBackend& never = test::hooked_backend("not here");
    const auto unsupported = Confirmation::create(race, NodeSeed{}, 1, {.backend = &never});
    EXPECT_EQ(unsupported.error().code, pow::errc::unsupported_backend);
}

TEST(Confirmation, AFailureIsToldAndNothingIsConfirmed) {
    const test::FailingBackend second{"second"};
    const Race race = tiny_race("scalar");
    Confirmation confirmation =
        Confirmation::create(race, test::check_node_seed(), UINT64_MAX, {.backend = &second}).value();
    const std::vector<Solution> right = solutions(race, 3);
    second.fail_after(0);
    EXPECT_EQ(confirmation.confirm(right).error().code, pow::errc::backend_failed);
    second.fail_after(test::FailingBackend::never);
    EXPECT_EQ(confirmation.confirm(right).value(), right);
}

TEST(ConfirmationDeathTest, Contracts) {
    const Race race = tiny_race("scalar");
    EXPECT_DEATH((void)Confirmation::create(race, NodeSeed{}, 0), "");
    EXPECT_DEATH((void)Confirmation::create(race, NodeSeed{}, 1, {.threads = 0}), "");
}

}  // namespace
}  // namespace pouw::inline v1::pow
