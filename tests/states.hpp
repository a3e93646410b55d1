/// Tests of saved states: random histories with a restart after every step, and bytes that nobody saved.
#pragma once

#include "fuzz/mutate.hpp"
#include "random.hpp"
#include "vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/core/state.hpp"
#include "pouw/core/wide.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <type_traits>
#include <vector>

namespace pouw::inline v1::test {

/// How a state is restored; some need what is no part of the bytes.
template <typename State>
using Restore = std::function<core::result<State>(core::ByteView)>;

/// Runs a random history twice, once without a restart and once with one after every step, and expects the
/// same outputs and the same bytes throughout. `step` changes a state by random input and returns what the
/// state machine answered. The result is the bytes after every step.
template <typename State, typename Step>
std::vector<core::Bytes> survives_restarts(
    const State& start, std::uint64_t seed, Step step,
    Restore<State> restore = [](core::ByteView data) { return State::restore(data); }, int steps = 1000) {
    State kept = start;
    State restarted = start;
    Random random{seed};
    Random again{seed};
    std::vector<core::Bytes> out{kept.save()};
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
        const auto expected = step(kept, random);
        EXPECT_TRUE(step(restarted, again) == expected) << "after " << i << " steps";
        const core::Bytes saved = restarted.save();
        const auto restored = restore(saved);
        if (!restored) {
            ADD_FAILURE() << "after " << i << " steps: " << restored.error().code.name() << ", "
                          << restored.error().detail;
            break;
        }
        EXPECT_TRUE(*restored == restarted) << "after " << i << " steps";
        EXPECT_EQ(restored->save(), saved) << "after " << i << " steps";
        EXPECT_EQ(kept.save(), saved) << "after " << i << " steps";
        restarted = *restored;
        out.push_back(saved);
    }
    EXPECT_TRUE(kept == restarted);
    return out;
}

/// Expects that every truncation of a state and a byte more are refused, and that 10,000 mutations are
/// refused, or are states with exactly these bytes.
template <typename State>
void refuses_what_nobody_saved(
    const std::vector<core::Bytes>& saved, std::uint64_t seed,
    Restore<State> restore = [](core::ByteView data) { return State::restore(data); },
    int mutations = 10'000) {
    const core::Bytes& largest = saved.back();
    ASSERT_TRUE(restore(largest));
    for (std::size_t size = 0; size < largest.size(); ++size) {
        const auto cut = restore(core::ByteView{largest}.first(size));
        ASSERT_FALSE(cut) << size;
        ASSERT_TRUE(cut.error().code == core::errc::truncated ||
                    cut.error().code == core::errc::count_too_large)
            << size << ": " << cut.error().code.name();
    }
    core::Bytes longer = largest;
    longer.push_back(0);
    ASSERT_EQ(restore(longer).error().code, core::errc::trailing_bytes);
    for (const std::uint8_t version : {std::uint8_t{0}, std::uint8_t{2}}) {
        core::Bytes other = largest;
        other[8] = version;
        ASSERT_EQ(restore(other).error().code, core::errc::unsupported_version);
    }
    core::Bytes other = largest;
    other[7] = '2';
    ASSERT_EQ(restore(other).error().code, core::errc::invalid_magic);

    Random random{seed};
    for (int i = 0; i < mutations; ++i) {
        const core::Bytes& parent = saved[random.below64(saved.size())];
        const core::Bytes data = fuzz::mutated(parent, saved, random, 2 * largest.size());
        const auto restored = restore(data);
        if (restored) {
            ASSERT_EQ(restored->save(), data) << core::to_hex(data);
        }
    }
}

/// The numbers of a row of the vectors from the place `first` on. What is no number is 0.
inline std::vector<core::int128> numbers(const Json& row, std::size_t first = 0) {
    std::vector<core::int128> out;
    for (std::size_t i = first; i < row.size(); ++i) {
        const auto number = core::from_decimal(row[i].is_string() ? row[i].get<std::string>() : "");
        out.push_back(static_cast<core::int128>(number.value_or(core::uint128{0})));
    }
    return out;
}

/// Expects that the histories of a vector file lead to the states of the reference, which are restored, and
/// that what it refuses is refused for the same reason.
///  * start(row): the state before the first step
///  * play(state, operation, numbers): takes a step; what is refused changes nothing
template <typename Start, typename Play>
void equals_the_reference(const std::string& file, const std::string& name, Start start, Play play) {
    using State = std::invoke_result_t<Start, const Json&>;
    const Json vectors = load_vectors(file);
    int seen = 0;
    for (const Json& history : vectors.at("histories")) {
        if (history.at("state_of") != name) continue;
        ++seen;
        State state = start(history.at("start"));
        for (const Json& step : history.at("steps"))
            play(state, step[0].get<std::string>(), numbers(step, 1));
        ASSERT_EQ(core::to_hex(state.save()), history.at("bytes").get<std::string>()) << history;
        const auto restored = State::restore(bytes(history.at("bytes")));
        ASSERT_TRUE(restored) << history;
        ASSERT_TRUE(*restored == state) << history;
    }
    ASSERT_GT(seen, 1) << name;
    for (const Json& refused : vectors.at("refused")) {
        if (refused.at("state_of") != name) continue;
        const auto restored = State::restore(bytes(refused.at("bytes")));
        ASSERT_FALSE(restored) << refused;
        ASSERT_EQ(restored.error().code.name(), refused.at("error").get<std::string>()) << refused;
    }
}

/// The bytes of a state with others at a place.
inline core::Bytes with(core::Bytes state, std::size_t at, core::ByteView bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) state.at(at + i) = bytes[i];
    return state;
}

/// The error by which a state with another integer at a place is refused; none where it is restored.
template <typename State, typename Integer>
core::error_code refusal(const State& state, std::size_t at, Integer value) {
    const auto restored = State::restore(with(state.save(), at, core::to_le(value)));
    return restored ? core::error_code{} : restored.error().code;
}

}  // namespace pouw::inline v1::test
