#include "pouw/validation/ruling.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace pouw::inline v1::validation {
namespace {

core::NodeId node(std::uint8_t number) {
    core::NodeId out;
    out.bytes[0] = number;
    return out;
}

Vote vote(std::uint8_t voter, Verdict verdict) {
    Vote out;
    out.voter = node(voter);
    out.verdict = verdict;
    return out;
}

weights::WeightTable five_of_20() {
    std::vector<weights::NodeWeight> nodes;
    for (std::uint8_t i = 1; i <= 5; ++i) nodes.push_back({node(i), 20});
    return weights::WeightTable::create(nodes).value();
}

TEST(Ruling, IsThatOfMoreThanHalfOfAllWeight) {
    const auto judges = five_of_20();
    EXPECT_EQ(ruling_of(judges, {51, 49}, false), Ruling::valid);
    EXPECT_EQ(ruling_of(judges, {49, 51}, true), Ruling::invalid);
    EXPECT_EQ(ruling_of(judges, {50, 50}, false), Ruling::open);
    EXPECT_EQ(ruling_of(judges, {50, 50}, true), Ruling::undecided);
}

TEST(FinalRuling, CountsEachVoterOnceAndStrangersNever) {
    const auto judges = five_of_20();
    const auto ruling = [&](const std::vector<Vote>& votes) { return final_ruling(judges, votes); };
    EXPECT_EQ(ruling({}), Ruling::undecided);
    EXPECT_EQ(ruling({vote(1, Verdict::valid), vote(2, Verdict::valid), vote(3, Verdict::valid)}),
              Ruling::valid);
    EXPECT_EQ(ruling({vote(1, Verdict::invalid), vote(2, Verdict::invalid), vote(3, Verdict::invalid),
                      vote(4, Verdict::valid), vote(5, Verdict::valid)}),
              Ruling::invalid);
    EXPECT_EQ(ruling({vote(1, Verdict::valid), vote(1, Verdict::valid), vote(2, Verdict::valid)}),
              Ruling::undecided);
    EXPECT_EQ(ruling({vote(1, Verdict::valid), vote(2, Verdict::valid), vote(9, Verdict::valid)}),
              Ruling::undecided);
}

TEST(FinalRuling, WeightThatACapLeftToNobodyCounts) {
    const auto capped = five_of_20().capped({1, 10});
    ASSERT_EQ(capped.unassigned(), 50u);
    std::vector<Vote> all;
    for (std::uint8_t i = 1; i <= 5; ++i) all.push_back(vote(i, Verdict::invalid));
    EXPECT_EQ(final_ruling(capped, all), Ruling::undecided);
}

}  // namespace
}  // namespace pouw::inline v1::validation
