// The state of an open settlement: random epochs with a restart after every step, bytes that nobody saved,
// and the exact error of states that no tasks lead to.
#include "economics/rulings.hpp"
#include "states.hpp"

#include "pouw/economics/settlement.hpp"
#include "pouw/validation/errc.hpp"
#include "pouw/weights/errc.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>

namespace pouw::inline v1::economics {
namespace {

using test::Random;
using test::refusal;
using test::refuses_what_nobody_saved;
using test::survives_restarts;
using test::vote_of;
using test::with;
using validation::Verdict;

core::NodeId key(std::uint32_t n) {
    core::NodeId out;
    out.bytes[0] = static_cast<std::uint8_t>(n);
    return out;
}

weights::WeightTable judges() {
    const std::array<weights::NodeWeight, 5> nodes{
        {{key(0), 50}, {key(1), 30}, {key(2), 20}, {key(3), 10}, {key(4), 5}}};
    return weights::WeightTable::create(nodes).value();
}

/// What a random task is a view of.
struct AnyTask {
    std::vector<Check> checks;
    std::vector<validation::Vote> votes;
    TaskRecord record;

    AnyTask(Random& random, const core::TaskId& id) {
        record.task = {id, key(random.below(6))};
        record.epoch = 3;
        record.height = 10 + random.below(10);
        record.requester = key(random.below(9));
        record.limit = random.below(1'000);
        record.cost = random.below(1'000);
        record.work = random.below(50);
        record.answer = Answer{static_cast<std::uint8_t>(random.below(8) < 6 ? 0 : 1 + random.below(2))};
        if (record.answer == Answer::missed) {
            record.cost = 0;
            return;
        }
        check(random);
        if (record.answer == Answer::planted) return;
        if (random.below(5) == 0) record.report_deposit = random.below(100);
        vote(random);
    }

  private:
    void check(Random& random) {
        for (std::uint32_t n = 0; n < 4; ++n) {  // node 4 is unregistered
            if (key(n) == record.task.executor || random.below(3) != 0) continue;
            const std::uint32_t verdict = random.below(4);
            checks.push_back({key(n), verdict == 0   ? std::nullopt
                                      : verdict == 1 ? std::optional{Verdict::invalid}
                                                     : std::optional{Verdict::valid}});
        }
        record.checks = checks;
    }
    void vote(Random& random) {
        bool flagged = record.report_deposit.has_value();
        for (const Check& check : checks) flagged |= check.verdict == Verdict::invalid;
        if (!flagged) return;
        for (std::uint32_t n = 0; n < 5; ++n) {
            if (key(n) == record.task.executor || random.below(4) == 0) continue;
            votes.push_back(vote_of(key(n), random.below(2) == 0 ? Verdict::valid : Verdict::invalid));
        }
        record.votes = votes;
        record.ruling = test::ruling_of(votes, judges());
    }
};

/// What a step gave, and what the epoch would pay if it ended.
struct Outcome {
    std::optional<TaskOutcome> task;
    std::optional<Statement> statement;

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

Settlement any_settlement(const ConvictionRule& conviction, std::optional<HeightRange> heights) {
    Rules rules;
    rules.conviction = conviction;
    const std::array without_weight{key(5), key(6)};
    const std::array unregistered{key(4)};
    return Settlement::create(3, judges(), without_weight, unregistered, rules, heights).value();
}

TEST(States, Settlement) {
    const ConvictionRule rules[] = {FixedCount{2}, Rules{}.conviction};
    for (std::size_t i = 0; i < std::size(rules); ++i) {
        std::uint64_t steps = 0;
        const auto step = [&](Settlement& settlement, Random& random) {
            const std::uint64_t number = (++steps + 1) / 2;  // the same in both histories
            Outcome out;
            if (random.below(60) == 0) {
                (void)settlement
                    .apply({key(random.below(8)),
                            static_cast<core::Ground>(1 + random.below(9)),
                            {},
                            8 + random.below(14)})
                    .has_value();
                return out;
            }
            const AnyTask task{random, test::task_id(number)};
            if (const auto added = settlement.add(task.record)) out.task = *added;
            if (const auto closed = settlement.close(settlement.has_work() ? 1'000 : 0))
                out.statement = *closed;
            return out;
        };
        const auto heights = i == 0 ? std::optional{HeightRange{10, 20}} : std::nullopt;
        const auto saved = survives_restarts(any_settlement(rules[i], heights), 1 + i, step);
        refuses_what_nobody_saved<Settlement>(saved, 3 + i);
    }
}

/// Two tasks: node 0 is paid for the first, and the second is a false result of node 1. Node 2 is convicted
/// by evidence. Of the bytes, these places:
struct Small {
    static constexpr std::size_t training = 20;
    static constexpr std::size_t tolerance = 32;
    static constexpr std::size_t rule = 44;
    static constexpr std::size_t bounty_cap = 61;
    static constexpr std::size_t deposit = 65;
    static constexpr std::size_t heights = 81;
    static constexpr std::size_t started = 98;
    static constexpr std::size_t paid_in = 131;
    static constexpr std::size_t fees = 163;
    static constexpr std::size_t votes_held = 179;
    static constexpr std::size_t accounts = 187;
    static constexpr std::size_t account = 191;
    static constexpr std::size_t account_size = 193;
    static constexpr std::size_t convictions = account + 3 * account_size;
    static constexpr std::size_t conviction = convictions + 4;
    static constexpr std::size_t false_results = conviction + 73;
    static constexpr std::size_t false_result = false_results + 4;

    Settlement state = [] {
        const std::array<weights::NodeWeight, 3> nodes{{{key(0), 50}, {key(1), 30}, {key(2), 20}}};
        Rules rules;
        rules.conviction = FixedCount{0};
        auto out = Settlement::create(3, weights::WeightTable::create(nodes).value(), {}, {}, rules,
                                      HeightRange{10, 20})
                       .value();
        TaskRecord task{.task = {test::task_id(1), key(0)},
                        .epoch = 3,
                        .height = 11,
                        .requester = key(9),
                        .limit = 100,
                        .cost = 80,
                        .work = 8};
        EXPECT_TRUE(out.add(task));
        const std::array<Check, 1> checks{{{key(0), Verdict::invalid}}};
        const std::array votes{vote_of(key(0), Verdict::invalid), vote_of(key(2), Verdict::invalid)};
        task.task = {test::task_id(2), key(1)};
        task.checks = checks;
        task.votes = votes;
        task.ruling = validation::Ruling::invalid;
        EXPECT_TRUE(out.add(task));
        EXPECT_TRUE(out.apply({key(2), core::Ground::silence, {}, 15}));
        return out;
    }();

    template <typename Integer>
    [[nodiscard]] core::error_code refused(std::size_t at, Integer value) const {
        return refusal(state, at, value);
    }
    [[nodiscard]] core::error_code with_node(std::size_t at, const core::NodeId& node) const {
        const auto restored = Settlement::restore(with(state.save(), at, node.view()));
        return restored ? core::error_code{} : restored.error().code;
    }
};

TEST(States, SettlementRefusesRulesThatAreNone) {
    const Small small;
    EXPECT_EQ(small.refused(Small::training, std::uint32_t{200'001}), economics::errc::invalid_rules);
    EXPECT_EQ(small.refused(Small::training + 8, std::uint32_t{1'000'001}), core::errc::rate_above_one);
    EXPECT_EQ(small.refused(Small::tolerance, std::uint32_t{1'000'000}), economics::errc::invalid_rules);
    EXPECT_EQ(small.refused(Small::rule, std::uint8_t{2}), core::errc::non_canonical);
    EXPECT_EQ(small.refused(Small::bounty_cap, std::uint32_t{1'000'000}), economics::errc::invalid_rules);
    EXPECT_EQ(small.refused(Small::deposit, core::Amount{-1}), core::errc::invalid_amount);
    EXPECT_EQ(small.refused(Small::heights, std::uint8_t{2}), core::errc::non_canonical);
    const auto tested = any_settlement(judgement::EpochRule{{1, 100}, {1, 1'000}}, {});
    EXPECT_EQ(refusal(tested, Small::rule + 9, std::uint64_t{0}), core::errc::invalid_fraction);
    EXPECT_EQ(refusal(tested, Small::rule + 25, std::uint64_t{1}), economics::errc::invalid_rules);
    EXPECT_EQ(refusal(tested, Small::rule + 1, std::uint64_t{2}), core::errc::non_canonical);  // 2/100
    const auto same = any_settlement(judgement::EpochRule{{3, 300}, {2, 2'000}}, {});
    EXPECT_TRUE(same == tested);
    EXPECT_EQ(same.save(), tested.save());
}

TEST(States, SettlementRefusesCoinsThatAreNotConserved) {
    const Small small;
    EXPECT_EQ(small.refused(Small::paid_in, core::Amount{200}), core::error_code{});
    EXPECT_EQ(small.refused(Small::paid_in, core::Amount{201}), core::errc::inconsistent_state);
    EXPECT_EQ(small.refused(Small::paid_in, core::Amount{-1}), core::errc::invalid_amount);
    EXPECT_EQ(small.refused(Small::paid_in + 16, core::Amount{121}), core::errc::inconsistent_state);
    EXPECT_EQ(small.refused(Small::fees, core::Amount{85}), core::errc::inconsistent_state);
    EXPECT_EQ(small.refused(Small::fees, core::Amount{79}), core::errc::inconsistent_state);
    EXPECT_EQ(small.refused(Small::account + 41, core::Amount{65}), core::errc::inconsistent_state);
    EXPECT_EQ(small.refused(Small::account + 41, core::Amount{-1}), core::errc::invalid_amount);
    EXPECT_EQ(small.refused(Small::account + 41, core::max_amount), core::errc::inconsistent_state);
}

TEST(States, SettlementRefusesCountsThatNoTasksLeadTo) {
    const Small small;
    const std::size_t second = Small::account + Small::account_size;
    EXPECT_EQ(small.refused(Small::started, std::uint8_t{2}), core::errc::non_canonical);
    EXPECT_EQ(small.refused(Small::votes_held, std::uint64_t{2}), core::errc::inconsistent_state);
    EXPECT_EQ(small.refused(Small::accounts, std::uint32_t{1'000}), core::errc::count_too_large);
    EXPECT_EQ(small.refused(Small::account + 32, UINT64_MAX), core::errc::overflow);
    EXPECT_EQ(small.refused(Small::account + 40, std::uint8_t{2}), core::errc::non_canonical);
    EXPECT_EQ(small.refused(Small::account + 40, std::uint8_t{1}), core::errc::inconsistent_state);
    EXPECT_EQ(small.refused(Small::account + 121, std::uint64_t{49}), core::errc::inconsistent_state);
    EXPECT_EQ(small.refused(Small::account + 121, std::uint64_t{100}), core::errc::inconsistent_state);
    for (std::size_t count = 0; count < 7; ++count)
        EXPECT_EQ(small.refused(second + 137 + 8 * count, UINT64_MAX), core::errc::inconsistent_state)
            << count;
    EXPECT_EQ(small.with_node(second, key(0)), weights::errc::duplicate_node);
    EXPECT_EQ(small.with_node(Small::account, key(3)), core::errc::non_canonical);

    EXPECT_EQ(small.with_node(Small::conviction, key(7)), economics::errc::unknown_node);
    EXPECT_EQ(small.refused(Small::conviction + 32, std::uint8_t{0}), core::errc::non_canonical);
    EXPECT_EQ(small.refused(Small::conviction + 32, std::uint8_t{10}), core::errc::non_canonical);
    EXPECT_EQ(small.refused(Small::conviction + 65, std::uint64_t{9}), core::errc::too_early);
    EXPECT_EQ(small.refused(Small::conviction + 65, std::uint64_t{21}), core::errc::too_late);

    EXPECT_EQ(small.refused(Small::false_result, std::uint32_t{3}), economics::errc::unknown_node);
    EXPECT_EQ(small.refused(Small::false_result, std::uint32_t{0}), core::errc::inconsistent_state);
    EXPECT_EQ(small.refused(Small::false_result + 4, std::uint64_t{0}), core::errc::inconsistent_state);
    EXPECT_EQ(small.refused(Small::false_result + 12, std::uint64_t{0}), core::errc::inconsistent_state);
    EXPECT_EQ(small.refused(Small::false_result + 20, core::Amount{-1}), core::errc::invalid_amount);
    EXPECT_EQ(small.refused(Small::false_result + 20, core::Amount{81}), core::errc::inconsistent_state);
    EXPECT_EQ(small.refused(Small::false_result + 76, std::uint8_t{2}), core::errc::non_canonical);
}

/// The tasks of tests/reference/states.py, which says what the numbers of a step are.
struct PlayedTask {
    std::vector<Check> checks;
    std::vector<validation::Vote> votes;
    TaskRecord record;

    PlayedTask(const std::vector<core::NodeId>& keys, const std::vector<core::int128>& in) {
        const auto number = [&](std::size_t i) { return static_cast<std::uint64_t>(in.at(i)); };
        record.task = {test::task_id(number(0)), keys.at(number(2))};
        record.epoch = 3;
        record.height = number(1);
        record.requester = keys.at(number(3));
        record.limit = in[4];
        record.cost = in[5];
        record.work = number(6);
        record.answer = Answer{static_cast<std::uint8_t>(in[7])};
        if (in[8] > 0) record.report_deposit = in[8] - 1;
        constexpr std::array rulings{validation::Ruling::valid, validation::Ruling::invalid,
                                     validation::Ruling::undecided};
        if (in[9] > 0) record.ruling = rulings.at(number(9) - 1);
        constexpr std::array<std::optional<Verdict>, 3> verdicts{std::nullopt, Verdict::invalid,
                                                                 Verdict::valid};
        for (std::size_t n = 0; n < 6; ++n) {
            if (in[10 + n] > 0) checks.push_back({keys[n], verdicts.at(number(10 + n) - 1)});
            if (in[16 + n] > 0) votes.push_back(vote_of(keys[n], *verdicts.at(number(16 + n))));
        }
        record.checks = checks;
        record.votes = votes;
    }
};

TEST(States, SettlementEqualsTheReference) {
    const test::Json vectors = test::load_vectors("economics/states.json");
    std::vector<core::NodeId> keys;
    for (const test::Json& node : vectors.at("keys")) keys.push_back(test::fixed<core::NodeId>(node));
    constexpr std::array<std::uint64_t, 5> votes{50, 30, 20, 10, 5};
    std::vector<weights::NodeWeight> nodes;
    for (std::size_t n = 0; n < 5; ++n) nodes.push_back({keys[n], votes[n]});
    const auto start = [&](const test::Json& row) {
        const auto in = test::numbers(row);
        Rules rules;
        if (!row[0].is_null()) rules.conviction = FixedCount{static_cast<std::uint32_t>(in[0])};
        std::optional<HeightRange> heights;
        if (!row[1].is_null())
            heights = {static_cast<std::uint64_t>(in[1]), static_cast<std::uint64_t>(in[2])};
        return Settlement::create(3, weights::WeightTable::create(nodes).value(), std::array{keys[5]},
                                  std::array{keys[4]}, rules, heights)
            .value();
    };
    const auto play = [&](Settlement& settlement, const std::string& operation,
                          const std::vector<core::int128>& in) {
        if (operation == "task") {
            ASSERT_TRUE(settlement.add(PlayedTask{keys, in}.record));
        } else {
            const auto node = keys.at(static_cast<std::size_t>(in[0]));
            const core::Conviction conviction{
                node, core::Ground::silence, {}, static_cast<std::uint64_t>(in[1])};
            (void)settlement.apply(conviction).has_value();
        }
    };
    test::equals_the_reference("economics/states.json", "settlement", start, play);
}

}  // namespace
}  // namespace pouw::inline v1::economics
