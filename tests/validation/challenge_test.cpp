#include "pouw/validation/challenge.hpp"

#include "validation/network.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/validation/errc.hpp"
#include "pouw/vrf/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace pouw::inline v1::validation {
namespace {

using namespace test;

constexpr core::Height answers_closed = 900;
constexpr core::Height reports_closed = 999;
constexpr core::Height deadline = 1050;

class Challenges : public testing::Test {
  protected:
    Challenges() {
        for (std::uint64_t t = 0; t < 40; ++t)
            tasks.push_back({{numbered<core::TaskId>(t), executor}, {9, 10}, answers_closed});
    }
    [[nodiscard]] core::result<Challenge> draw(std::span<const UncheckedTask> from, std::uint64_t samples,
                                               std::uint8_t fresh = 5) const {
        return Challenge::draw(validators, node.key(), from, beacon_output(fresh),
                               {answers_closed, reports_closed, samples, deadline});
    }
    [[nodiscard]] Selection decide(const UncheckedTask& task) const {
        return select(validators, node.key(), node.vrf_key, task.task, task.rate).value();
    }
    /// Of all tasks those that select the node, or those that do not.
    [[nodiscard]] std::vector<UncheckedTask> those(bool selected) const {
        std::vector<UncheckedTask> out;
        for (const UncheckedTask& task : tasks) {
            if (decide(task).selected == selected) out.push_back(task);
        }
        return out;
    }
    core::result<void> answer(Challenge& challenge, const UncheckedTask& task,
                              core::Height height = 1020) const {
        return challenge.answer(validators, task.task.id, decide(task).proof, height);
    }

    core::NodeId executor = filled<core::NodeId>(9);
    std::vector<Node> nodes = make_nodes({50, 30, 20});
    Node& node = nodes[1];
    Validators validators = validators_of(nodes);
    std::vector<UncheckedTask> tasks;
};

TEST_F(Challenges, AnHonestNodeIsCleared) {
    const std::vector<UncheckedTask> unchecked = those(false);
    Challenge challenge = draw(unchecked, 5).value();
    ASSERT_EQ(challenge.open().size(), 5u);
    for (const UncheckedTask& task : challenge.open()) {
        EXPECT_EQ(challenge.state(1020), Answer::awaited);
        EXPECT_TRUE(answer(challenge, task));
    }
    EXPECT_EQ(challenge.state(1020), Answer::cleared);
    EXPECT_EQ(challenge.state(deadline + 1), Answer::cleared);
    EXPECT_TRUE(challenge.open().empty());
}

TEST_F(Challenges, AWithheldSelectionIsShown) {
    const std::vector<UncheckedTask> withheld = those(true);
    ASSERT_FALSE(withheld.empty());
    Challenge challenge = draw(withheld, 3).value();
    EXPECT_TRUE(answer(challenge, challenge.open().front()));
    EXPECT_EQ(challenge.state(1020), Answer::withheld);
    // Whatever comes later.
    while (!challenge.open().empty()) EXPECT_TRUE(answer(challenge, challenge.open().front()));
    EXPECT_EQ(challenge.state(deadline + 1), Answer::withheld);
}

TEST_F(Challenges, SilenceIsSeenWhenTheDeadlineHasPassed) {
    Challenge challenge = draw(those(false), 2).value();
    EXPECT_TRUE(answer(challenge, challenge.open().front(), deadline));
    EXPECT_EQ(challenge.state(core::Height{deadline.value - 1}), Answer::awaited);
    EXPECT_EQ(challenge.state(deadline), Answer::silent);
    EXPECT_EQ(answer(challenge, challenge.open().front(), deadline + 1).error().code, core::errc::too_late);
    EXPECT_EQ(challenge.state(deadline + 1), Answer::silent);
}

TEST_F(Challenges, WrongAnswersChangeNothing) {
    const std::vector<UncheckedTask> unchecked = those(false);
    Challenge challenge = draw(unchecked, 3).value();
    const UncheckedTask asked = challenge.open()[0];
    const UncheckedTask second = challenge.open()[1];
    const Challenge before = challenge;
    const auto refuses = [&](const core::TaskId& task, const vrf::Proof& proof, core::Height height,
                             core::error_code code) {
        const auto taken = challenge.answer(validators, task, proof, height);
        return !taken && taken.error().code == code && challenge == before;
    };
    const vrf::Proof proof = decide(asked).proof;
    EXPECT_TRUE(refuses(numbered<core::TaskId>(1000), proof, 1020, validation::errc::unknown_task));
    EXPECT_TRUE(refuses(asked.task.id, proof, deadline + 1, core::errc::too_late));
    EXPECT_TRUE(refuses(asked.task.id, decide(second).proof, 1020, vrf::errc::false_vrf_proof));
    EXPECT_TRUE(refuses(asked.task.id, filled<vrf::Proof>(0xff), 1020, vrf::errc::invalid_vrf_proof));
    const auto others = select(validators, nodes[0].key(), nodes[0].vrf_key, asked.task, asked.rate);
    EXPECT_TRUE(refuses(asked.task.id, others.value().proof, 1020, vrf::errc::false_vrf_proof));
    EXPECT_TRUE(answer(challenge, asked));
    EXPECT_EQ(answer(challenge, asked).error().code, validation::errc::already_answered);
    EXPECT_EQ(challenge.open().size(), 2u);
}

TEST_F(Challenges, AskAboutDistinctTasksChosenByTheOutput) {
    std::set<core::TaskId> first;
    for (std::uint8_t fresh = 0; fresh < 50; ++fresh) {
        const std::vector<UncheckedTask> asked = draw(tasks, 10, fresh).value().open();
        ASSERT_EQ(asked.size(), 10u);
        std::set<core::TaskId> ids;
        for (const UncheckedTask& task : asked) ids.insert(task.task.id);
        EXPECT_EQ(ids.size(), 10u);
        first.insert(asked[0].task.id);
        // More questions begin with the same ones.
        const std::vector<UncheckedTask> more = draw(tasks, 20, fresh).value().open();
        EXPECT_TRUE(std::equal(asked.begin(), asked.end(), more.begin()));
    }
    EXPECT_GT(first.size(), 20u);
    EXPECT_EQ(draw(tasks, 1000).value().open().size(), tasks.size());
    EXPECT_EQ(draw({}, 5).value().state(0), Answer::cleared);
    EXPECT_EQ(draw(tasks, 0).value().state(0), Answer::cleared);
}

TEST_F(Challenges, CatchAsOftenAsComputed) {
    // 4 of 40 withheld, 10 questions: none of them is asked about with C(36, 10) / C(40, 10) = 0.2999.
    int missed = 0;
    for (std::uint32_t i = 0; i < 2000; ++i) {
        const beacon::Output output{numbered<core::BeaconOutput>(i), 1000, 1020};
        const auto asked = Challenge::draw(validators, node.key(), tasks, output,
                                           {answers_closed, reports_closed, 10, deadline})
                               .value()
                               .open();
        missed += std::none_of(asked.begin(), asked.end(), [](const UncheckedTask& task) {
            return task.task.id < numbered<core::TaskId>(4);
        });
    }
    EXPECT_NEAR(missed, 600, 82);  // four standard deviations
}

TEST_F(Challenges, TasksAreInOrderAndNotTheValidatorsOwn) {
    std::vector<UncheckedTask> wrong = tasks;
    std::swap(wrong[3], wrong[4]);
    EXPECT_EQ(draw(wrong, 5).error().code, validation::errc::task_out_of_order);
    wrong = tasks;
    wrong[4] = wrong[3];
    EXPECT_EQ(draw(wrong, 5).error().code, validation::errc::duplicate_task);
    wrong = tasks;
    wrong[7].task.executor = node.key();
    EXPECT_EQ(draw(wrong, 5).error().code, validation::errc::own_work);
    const auto stranger = filled<core::NodeId>(3);
    EXPECT_EQ(Challenge::draw(validators, stranger, tasks, beacon_output(5),
                              {answers_closed, reports_closed, 5, deadline})
                  .error()
                  .code,
              validation::errc::no_voting_weight);
}

TEST_F(Challenges, AreDrawnByAnOutputThatNobodyKnewBeforeTheReportsClosed) {
    const auto at = [&](core::Height known_at) {
        const beacon::Output output{filled<core::BeaconOutput>(5), known_at, 2000};
        return Challenge::draw(validators, node.key(), tasks, output,
                               {answers_closed, reports_closed, 5, deadline});
    };
    EXPECT_EQ(at(reports_closed).error().code, validation::errc::early_output);
    EXPECT_EQ(at(0).error().code, validation::errc::early_output);
    EXPECT_TRUE(at(reports_closed + 1));
}

// A check that nobody could make convicts nobody.
TEST_F(Challenges, AreNotAboutResultsThatOweNoCheck) {
    std::vector<UncheckedTask> late = tasks;
    UncheckedTask& task = late[20];
    for (const core::Height answered : {answers_closed + 1, reports_closed, core::Height{UINT64_MAX}}) {
        task.answered = answered;
        EXPECT_EQ(draw(late, 5).error().code, core::errc::too_late);
    }
    for (const core::Height answered : {answers_closed, core::Height{0}}) {
        task.answered = answered;
        EXPECT_TRUE(draw(late, 5));
    }
    // A guaranteed validator, too, owes no check of a late result.
    for (UncheckedTask& newcomer : late) newcomer.rate = {1, 1};
    const auto guaranteed = std::find_if(late.begin(), late.end(), [&](const UncheckedTask& newcomer) {
        return is_guaranteed(validators, node.key(), newcomer.task, newcomer.rate);
    });
    ASSERT_NE(guaranteed, late.end());
    EXPECT_EQ(draw({&*guaranteed, 1}, 0).value().state(0), Answer::withheld);
    guaranteed->answered = answers_closed + 1;
    EXPECT_EQ(draw({&*guaranteed, 1}, 0).error().code, core::errc::too_late);
    EXPECT_EQ(draw(late, 0).error().code, core::errc::too_late);
}

TEST_F(Challenges, LeaveTimeForACheck) {
    const ChallengeTerms terms{reports_closed, reports_closed, 5, deadline};
    EXPECT_DEATH((void)Challenge::draw(validators, node.key(), tasks, beacon_output(5), terms), "");
}

// Convictions.

TEST_F(Challenges, AnHonestNodeIsNeverConvicted) {
    Challenge challenge = draw(those(false), 3).value();
    while (!challenge.open().empty()) {
        EXPECT_FALSE(challenge.conviction(1020));
        EXPECT_TRUE(answer(challenge, challenge.open().front()));
    }
    EXPECT_FALSE(challenge.conviction(deadline + 1));
}

TEST_F(Challenges, AWithheldSelectionConvictsOnceAndForAll) {
    Challenge challenge = draw(those(true), 3).value();
    EXPECT_FALSE(challenge.conviction(1020));
    EXPECT_TRUE(answer(challenge, challenge.open()[1], 1030));
    const core::Conviction conviction = challenge.conviction(1030).value();
    EXPECT_EQ(conviction.node, node.key());
    EXPECT_EQ(conviction.ground, core::Ground::withheld_check);
    EXPECT_EQ(conviction.height, core::Height{1030});
    // Later answers, and silence about the rest, change nothing.
    EXPECT_TRUE(answer(challenge, challenge.open()[0], 1031));
    EXPECT_EQ(challenge.conviction(1031), conviction);
    EXPECT_EQ(challenge.conviction(deadline + 5), conviction);
}

TEST_F(Challenges, SilenceConvictsAtTheDeadline) {
    const std::vector<UncheckedTask> unchecked = those(false);
    Challenge challenge = draw(unchecked, 2).value();
    EXPECT_TRUE(answer(challenge, challenge.open().front()));
    EXPECT_FALSE(challenge.conviction(core::Height{deadline.value - 1}));
    const core::Conviction conviction = challenge.conviction(deadline).value();
    EXPECT_EQ(conviction.node, node.key());
    EXPECT_EQ(conviction.ground, core::Ground::silence);
    EXPECT_EQ(conviction.height, deadline);
    EXPECT_EQ(challenge.conviction(UINT64_MAX), conviction);
    // The evidence names the questions that stayed open.
    const Challenge unanswered = draw(unchecked, 2).value();
    EXPECT_NE(unanswered.conviction(deadline)->evidence, conviction.evidence);
}

// Everybody knows the guaranteed validator of a task: no question is needed.
TEST_F(Challenges, AMissedGuaranteedCheckConvictsWithoutAQuestion) {
    std::vector<UncheckedTask> newcomers = tasks;
    std::vector<UncheckedTask> missed;
    for (UncheckedTask& task : newcomers) {
        task.rate = {1, 1};
        if (is_guaranteed(validators, node.key(), task.task, task.rate)) missed.push_back(task);
    }
    ASSERT_GE(missed.size(), 2u);
    // Whatever is asked, the first missed task convicts once the output of the challenge is complete.
    Challenge challenge = draw(newcomers, 100).value();
    EXPECT_EQ(challenge.state(0), Answer::withheld);
    const core::Conviction conviction = challenge.conviction(0).value();
    EXPECT_EQ(conviction.node, node.key());
    EXPECT_EQ(conviction.ground, core::Ground::withheld_check);
    EXPECT_EQ(conviction.height, beacon_output(5).height);
    EXPECT_EQ(draw(missed, 0).value().conviction(UINT64_MAX), conviction);
    EXPECT_NE(draw(std::span{missed}.subspan(1), 0).value().conviction(0)->evidence, conviction.evidence);
    // The questions are about the others, and neither answers nor silence change the conviction.
    EXPECT_EQ(challenge.open().size(), newcomers.size() - missed.size());
    EXPECT_TRUE(draw(missed, 5).value().open().empty());
    for (const UncheckedTask& asked : challenge.open())
        EXPECT_FALSE(is_guaranteed(validators, node.key(), asked.task, asked.rate));
    EXPECT_TRUE(answer(challenge, challenge.open().front()));
    EXPECT_EQ(challenge.conviction(deadline), conviction);
    // Who did its guaranteed checks is asked like everybody.
    std::erase_if(newcomers, [&](const UncheckedTask& task) {
        return is_guaranteed(validators, node.key(), task.task, task.rate);
    });
    EXPECT_EQ(draw(newcomers, 3).value().state(0), Answer::awaited);
}

TEST_F(Challenges, AreOfOneEpoch) {
    Challenge challenge = draw(tasks, 2).value();
    const Validators others = validators_of(nodes, make_epoch(8));
    EXPECT_DEATH((void)challenge.answer(others, challenge.open()[0].task.id, {}, 1020), "");
}

}  // namespace
}  // namespace pouw::inline v1::validation
