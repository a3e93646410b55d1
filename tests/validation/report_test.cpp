#include "pouw/validation/report.hpp"

#include "validation/network.hpp"

#include "pouw/validation/errc.hpp"
#include "pouw/validation/voting.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::validation {
namespace {

using namespace test;

class Reports : public testing::Test {
  protected:
    Reports() {
        for (std::uint64_t t = 0; !selection.selected; ++t) {
            subject = {test_digest, 7, {numbered<core::TaskId>(t), {}}, {}};
            selection = select(validators, nodes[0].key(), nodes[0].vrf_key, subject.task, rate).value();
        }
        report = {cast_vote(subject, Verdict::invalid, nodes[0].signing), selection.proof};
    }

    std::vector<Node> nodes = make_nodes({50, 30, 20});
    Validators validators = validators_of(nodes);
    core::Fraction rate{1, 1};
    Subject subject;
    Selection selection;
    Report report;
};

TEST_F(Reports, AreGoodForOneSubject) {
    EXPECT_TRUE(verify_report(validators, subject, rate, report));
    Subject other = subject;
    other.task.id = filled<core::TaskId>(7);
    EXPECT_EQ(verify_report(validators, other, rate, report).error().code, validation::errc::unknown_task);
    other = subject;
    other.epoch = 8;
    EXPECT_DEATH((void)verify_report(validators, other, rate, report), "");
}

TEST_F(Reports, EveryBitIsBound) {
    const core::Bytes good = report.encode();
    EXPECT_EQ(Report::decode(good).value(), report);
    // Of the signed part and of the proof; each costs a verification, so one bit in five.
    for (std::size_t bit = 0; bit < 8 * good.size(); bit += 5) {
        core::Bytes bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        const auto decoded = Report::decode(bad);
        EXPECT_TRUE(!decoded || !verify_report(validators, subject, rate, *decoded)) << bit;
    }
}

TEST_F(Reports, FlagAndCountInTheVote) {
    Voting voting{test_chain, subject.epoch, table_of(nodes)};
    ASSERT_TRUE(voting.open(subject, 10));
    EXPECT_TRUE(voting.apply(report.vote, 5).verdict);
    EXPECT_EQ(voting.support(subject.task.id, Verdict::invalid).value(), 50u);
    // Who reports one thing and votes another has signed both.
    const auto turned = voting.apply(cast_vote(subject, Verdict::valid, nodes[0].signing), 6);
    EXPECT_EQ(turned.evidence.value().conviction(test_digest, 6).value().node, nodes[0].key());
}

}  // namespace
}  // namespace pouw::inline v1::validation
