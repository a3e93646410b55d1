#include "pouw/validation/epoch_beacon.hpp"

#include "validation/network.hpp"

#include "pouw/validation/assignment.hpp"
#include "pouw/validation/challenge.hpp"
#include "pouw/validation/errc.hpp"

#include <gtest/gtest.h>

#include <type_traits>

namespace pouw::inline v1::validation {
namespace {

using namespace test;

// The height from which an output may be known comes from the output and from nothing else.

template <typename... Arguments>
concept MakesAnEpoch = requires(const Arguments&... arguments) {
    EpochBeacon::create(arguments...);
};

static_assert(MakesAnEpoch<core::ChainId, core::Epoch, beacon::Output>);
static_assert(!MakesAnEpoch<core::ChainId, core::Epoch, core::BeaconOutput, core::Height>);
static_assert(!MakesAnEpoch<core::ChainId, core::Epoch, beacon::Output, core::Height>);
static_assert(!MakesAnEpoch<core::ChainId, core::Epoch, core::BeaconOutput>);
static_assert(!std::is_aggregate_v<EpochBeacon> && !std::is_default_constructible_v<EpochBeacon>);
static_assert(
    !std::is_constructible_v<EpochBeacon, core::ChainDigest, core::Epoch, core::BeaconOutput, core::Height>);
static_assert(
    !std::is_constructible_v<EpochBeacon, core::ChainId, core::Epoch, core::BeaconOutput, core::Height>);

template <typename Randomness>
concept AssignsARequest = requires(const Randomness& by, const Request& request) {
    Drawing::create(by, request);
};

static_assert(AssignsARequest<EpochBeacon> && !AssignsARequest<core::BeaconOutput>);

template <typename Randomness>
concept DrawsAChallenge = requires(const Validators& validators, const core::NodeId& node,
                                   std::span<const UncheckedTask> tasks, const Randomness& by,
                                   const ChallengeTerms& terms) {
    Challenge::draw(validators, node, tasks, by, terms);
};

static_assert(DrawsAChallenge<beacon::Output> && !DrawsAChallenge<core::BeaconOutput>);

TEST(EpochBeaconTest, IsMadeFromTheOutput) {
    const beacon::Output output{filled<core::BeaconOutput>(3), 100, 120};
    const EpochBeacon epoch = EpochBeacon::create("chain", 7, output).value();
    EXPECT_EQ(epoch.chain(), crypto::chain_digest("chain"));
    EXPECT_EQ(epoch.epoch(), core::Epoch{7});
    EXPECT_EQ(epoch.output(), output.value);
    EXPECT_EQ(epoch.known_at(), output.known_at);
}

TEST(EpochBeaconTest, HeightsThatAreSwappedAreRefused) {
    const auto create = [](core::Height known_at, core::Height height) {
        return EpochBeacon::create("chain", 7, {filled<core::BeaconOutput>(3), known_at, height});
    };
    EXPECT_TRUE(create(100, 100));
    EXPECT_EQ(create(120, 100).error().code, validation::errc::invalid_beacon_output);
}

}  // namespace
}  // namespace pouw::inline v1::validation
