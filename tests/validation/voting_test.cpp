#include "pouw/validation/voting.hpp"

#include "random.hpp"
#include "validation/network.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/evidence.hpp"
#include "pouw/validation/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::validation {
namespace {

using namespace test;
using pouw::test::Random;

constexpr core::Height deadline = 20;

Subject subject_of(std::uint64_t task = 1, const core::NodeId& executor = filled<core::NodeId>(9)) {
    return {test_digest, 7, {numbered<core::TaskId>(task), executor}, filled<crypto::Hash256>(3)};
}

class Votes : public testing::Test {
  protected:
    Votes() { EXPECT_TRUE(voting.open(subject_of(), deadline)); }
    [[nodiscard]] Vote vote(std::size_t node, Verdict verdict, const Subject& subject = subject_of()) const {
        return cast_vote(subject, verdict, nodes[node].signing);
    }
    /// Votes, and expects that it counts.
    void give(std::size_t node, Verdict verdict, core::Height height = 5) {
        EXPECT_TRUE(voting.apply(vote(node, verdict), height).verdict);
    }
    [[nodiscard]] Ruling ruling(core::Height height = 5) const {
        return voting.ruling(subject_of().task.id, height).value();
    }

    std::vector<Node> nodes = make_nodes({5, 3, 2, 0});
    Voting voting{test_chain, 7, table_of(nodes)};
};

TEST_F(Votes, HalfIsNoMajority) {
    give(0, Verdict::invalid);
    EXPECT_EQ(ruling(), Ruling::open);
    EXPECT_EQ(voting.support(subject_of().task.id, Verdict::invalid).value(), 5u);
    give(2, Verdict::invalid);
    EXPECT_EQ(ruling(), Ruling::invalid);
    // It stays, whatever comes.
    give(1, Verdict::valid);
    EXPECT_EQ(ruling(deadline + 100), Ruling::invalid);
    EXPECT_EQ(voting.votes(subject_of().task.id).value().size(), 3u);
}

TEST_F(Votes, ATieIsUndecidedWhenTheDeadlinePasses) {
    give(0, Verdict::valid);
    give(1, Verdict::invalid);
    give(2, Verdict::invalid, deadline);
    EXPECT_EQ(ruling(19), Ruling::open);
    EXPECT_EQ(ruling(deadline), Ruling::undecided);
    EXPECT_EQ(ruling(UINT64_MAX), Ruling::undecided);
}

TEST_F(Votes, ExactAtTheLargestWeights) {
    const std::vector<Node> large = make_nodes({UINT64_MAX / 2, 1, UINT64_MAX / 2});
    Voting others{test_chain, 7, table_of(large)};
    ASSERT_TRUE(others.open(subject_of(), deadline));
    const core::TaskId task = subject_of().task.id;
    ASSERT_TRUE(others.apply(cast_vote(subject_of(), Verdict::valid, large[0].signing), 1).verdict);
    EXPECT_EQ(others.ruling(task, 1).value(), Ruling::open);
    ASSERT_TRUE(others.apply(cast_vote(subject_of(), Verdict::valid, large[1].signing), 1).verdict);
    EXPECT_EQ(others.ruling(task, 1).value(), Ruling::valid);
}

TEST_F(Votes, WhatIsNobodysCountsAgainstEveryMajority) {
    Voting capped{test_chain, 7, table_of(make_nodes({60, 25, 15})).capped({30, 100})};
    ASSERT_TRUE(capped.open(subject_of(), deadline));
    const std::vector<Node> same = make_nodes({60, 25, 15});
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(capped.ruling(subject_of().task.id, 1).value(), Ruling::open);
        ASSERT_TRUE(capped.apply(cast_vote(subject_of(), Verdict::valid, same[i].signing), 1).verdict);
    }
    EXPECT_EQ(capped.ruling(subject_of().task.id, 1).value(), Ruling::valid);  // 60 of 100
}

TEST_F(Votes, RefusalsNameTheErrorAndChangeNothing) {
    ASSERT_TRUE(voting.open(subject_of(2, nodes[1].key()), deadline));
    give(0, Verdict::invalid);
    const Voting before = voting;
    const auto refuses = [&](const Vote& bad, core::Height height, core::error_code code) {
        const auto applied = voting.apply(bad, height);
        return !applied.verdict && applied.verdict.error().code == code && !applied.evidence &&
               voting == before;
    };
    const auto with = [&](auto change) {
        Subject subject = subject_of();
        change(subject);
        return vote(1, Verdict::valid, subject);
    };
    EXPECT_TRUE(refuses(with([](Subject& s) { s.chain = {}; }), 5, validation::errc::other_chain));
    EXPECT_TRUE(refuses(with([](Subject& s) { s.epoch = 8; }), 5, validation::errc::other_epoch));
    EXPECT_TRUE(refuses(with([](Subject& s) { s.task.id = {}; }), 5, validation::errc::unknown_task));
    EXPECT_TRUE(refuses(with([](Subject& s) { s.task.executor = {}; }), 5, validation::errc::other_executor));
    EXPECT_TRUE(refuses(with([](Subject& s) { s.result = {}; }), 5, validation::errc::other_result));
    EXPECT_TRUE(refuses(vote(1, Verdict::valid), deadline + 1, core::errc::too_late));
    EXPECT_TRUE(
        refuses(vote(1, Verdict::valid, subject_of(2, nodes[1].key())), 5, validation::errc::own_work));
    EXPECT_TRUE(refuses(vote(3, Verdict::valid), 5, validation::errc::no_voting_weight));
    EXPECT_TRUE(refuses(cast_vote(subject_of(), Verdict::valid, Node{99, 1}.signing), 5,
                        validation::errc::no_voting_weight));
    Vote forged = vote(1, Verdict::valid);
    forged.voter = nodes[2].key();
    EXPECT_TRUE(refuses(forged, 5, crypto::errc::invalid_signature));
    forged = vote(1, Verdict::valid);
    forged.verdict = Verdict::invalid;
    EXPECT_TRUE(refuses(forged, 5, crypto::errc::invalid_signature));
    EXPECT_TRUE(refuses(vote(0, Verdict::invalid), 5, validation::errc::already_voted));
    EXPECT_EQ(voting.open(subject_of(), deadline).error().code, validation::errc::duplicate_task);
    Subject foreign = subject_of(3);
    foreign.chain = {};
    EXPECT_EQ(voting.open(foreign, deadline).error().code, validation::errc::other_chain);
    foreign = subject_of(3);
    foreign.epoch = 1;
    EXPECT_EQ(voting.open(foreign, deadline).error().code, validation::errc::other_epoch);
    EXPECT_TRUE(voting == before);
    EXPECT_EQ(voting.ruling({}, 5).error().code, validation::errc::unknown_task);
    EXPECT_EQ(voting.support({}, Verdict::valid).error().code, validation::errc::unknown_task);
    EXPECT_EQ(voting.votes({}).error().code, validation::errc::unknown_task);
}

TEST_F(Votes, EveryBitOfAVoteIsSigned) {
    const core::Bytes good = vote(0, Verdict::invalid).encode();
    const Voting before = voting;
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        core::Bytes bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        EXPECT_FALSE(voting.apply(bad, 5).verdict) << bit;
    }
    EXPECT_TRUE(voting == before);
    EXPECT_TRUE(voting.apply(good, 5).verdict);
}

TEST_F(Votes, TheOrderOfArrivalDoesNotMatter) {
    Random random{5};
    std::vector<Vote> all;
    ASSERT_TRUE(voting.open(subject_of(2), deadline));
    for (std::size_t i = 0; i < 3; ++i) {
        all.push_back(vote(i, i == 1 ? Verdict::valid : Verdict::invalid));
        all.push_back(vote(i, Verdict::valid, subject_of(2)));
    }
    std::optional<core::Bytes> state;
    for (int round = 0; round < 30; ++round) {
        for (std::size_t i = all.size(); i > 1; --i) {
            std::swap(all[i - 1], all[random.below(static_cast<std::uint32_t>(i))]);
        }
        Voting copy = voting;
        for (const Vote& one : all) EXPECT_TRUE(copy.apply(one, 5).verdict);
        if (!state) state = copy.save();
        EXPECT_EQ(copy.save(), *state);
    }
}

// Equivocation.

TEST_F(Votes, BothWaysIsEvidenceInEitherOrder) {
    const Vote invalid = vote(0, Verdict::invalid);
    const Vote valid = vote(0, Verdict::valid);
    std::vector<core::Bytes> found;
    for (const auto& [first, second] : {std::pair{invalid, valid}, std::pair{valid, invalid}}) {
        Voting copy = voting;
        ASSERT_TRUE(copy.apply(first, 5).verdict);
        const core::Bytes before = copy.save();
        const auto applied = copy.apply(second, 6);
        EXPECT_EQ(applied.verdict.error().code, validation::errc::contradicting_vote);
        EXPECT_EQ(copy.save(), before);
        ASSERT_TRUE(applied.evidence);
        EXPECT_EQ(applied.evidence->conviction(test_digest, 6).value().node, nodes[0].key());
        found.push_back(applied.evidence->encode());
    }
    EXPECT_EQ(found[0], found[1]);
    EXPECT_EQ(found[0].size(), Equivocation::size);
    EXPECT_EQ(Equivocation::decode(found[0]).value().encode(), found[0]);
}

TEST(EquivocationTest, ConvictsNobodyElse) {
    const Node node{1, 1};
    const Vote invalid = cast_vote(subject_of(), Verdict::invalid, node.signing);
    const Vote valid = cast_vote(subject_of(), Verdict::valid, node.signing);
    const Equivocation good{subject_of(), node.key(), invalid.signature, valid.signature};
    const core::Conviction conviction = good.conviction(test_digest, 12).value();
    EXPECT_EQ(conviction.node, node.key());
    EXPECT_EQ(conviction.ground, core::Ground::contradicting_votes);
    EXPECT_EQ(conviction.height, core::Height{12});
    EXPECT_EQ(conviction.evidence, crypto::evidence_digest(good.encode()));
    const auto is_nothing = [](const Equivocation& evidence) {
        const auto convicted = evidence.conviction(test_digest, 12);
        return !convicted && convicted.error().code == core::errc::no_misbehaviour;
    };
    Equivocation bad = good;
    std::swap(bad.invalid, bad.valid);
    EXPECT_TRUE(is_nothing(bad));
    bad = good;
    bad.valid = good.invalid;
    EXPECT_TRUE(is_nothing(bad));
    bad = good;
    bad.voter = Node{2, 1}.key();
    EXPECT_TRUE(is_nothing(bad));
    // Votes on two results of a task contradict nothing.
    Subject other = subject_of();
    other.result = {};
    bad = good;
    bad.valid = cast_vote(other, Verdict::valid, node.signing).signature;
    EXPECT_TRUE(is_nothing(bad));
    // Under the key 1 (small order) a signature is easily made to verify: it is nobody's.
    bad = good;
    bad.voter = {};
    bad.voter.bytes[0] = 1;
    EXPECT_TRUE(is_nothing(bad));
    const core::Bytes bytes = good.encode();
    for (std::size_t bit = 0; bit < 8 * bytes.size(); bit += 7) {
        core::Bytes changed = bytes;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        const auto decoded = Equivocation::decode(changed);
        if (!decoded) continue;
        if (decoded->subject.chain == test_digest)
            EXPECT_TRUE(is_nothing(*decoded)) << bit;
        else
            EXPECT_EQ(decoded->conviction(test_digest, 12).error().code, validation::errc::other_chain)
                << bit;
    }
}

TEST(EquivocationTest, OfAnotherChainConvictsNobody) {
    const Node node{1, 1};
    Subject subject = subject_of();
    subject.chain = crypto::chain_digest(core::ChainId{"elsewhere"});
    const auto signature = [&](Verdict verdict) {
        return cast_vote(subject, verdict, node.signing).signature;
    };
    Equivocation evidence{subject, node.key(), signature(Verdict::invalid), signature(Verdict::valid)};
    ASSERT_TRUE(evidence.conviction(subject.chain, 12));
    EXPECT_EQ(evidence.conviction(test_digest, 12).error().code, validation::errc::other_chain);
    // Before any signature is looked at.
    evidence.valid = {};
    EXPECT_EQ(evidence.conviction(test_digest, 12).error().code, validation::errc::other_chain);
}

TEST(EquivocationTest, OneEncoding) {
    const core::Bytes zeros(Equivocation::size, 0);
    EXPECT_EQ(Equivocation::decode(zeros).error().code, core::errc::unsupported_version);
    for (const std::size_t size : {std::size_t{0}, Equivocation::size - 1, Equivocation::size + 1}) {
        EXPECT_EQ(Equivocation::decode(core::Bytes(size)).error().code, core::errc::wrong_length);
        EXPECT_EQ(Vote::decode(core::Bytes(size)).error().code, core::errc::wrong_length);
    }
}

// The state.

class VotingState : public Votes {
  protected:
    VotingState() {
        EXPECT_TRUE(voting.open(subject_of(2), deadline + 5));
        EXPECT_TRUE(voting.open(subject_of(3), 0));
        give(0, Verdict::invalid);
        give(2, Verdict::valid, deadline);
        EXPECT_TRUE(voting.apply(vote(1, Verdict::valid, subject_of(2)), deadline + 5).verdict);
    }
    [[nodiscard]] core::error_code refusal(const core::Bytes& state) const {
        const auto restored = Voting::restore(table_of(nodes), state);
        return restored ? core::error_code{} : restored.error().code;
    }

    static constexpr std::size_t header = 8 + 4 + 32 + 8 + 32 + 4;
    static constexpr std::size_t ballot = 3 * 32 + 8 + 4;
    static constexpr std::size_t given = 32 + 1 + 64;
};

TEST_F(VotingState, ComesBack) {
    const core::Bytes state = voting.save();
    EXPECT_EQ(state.size(), header + 3 * ballot + 3 * given);
    Voting restored = Voting::restore(table_of(nodes), state).value();
    EXPECT_TRUE(restored == voting);
    EXPECT_EQ(restored.save(), state);
    // And goes on as before.
    EXPECT_EQ(restored.apply(vote(0, Verdict::valid), 5).verdict.error().code,
              validation::errc::contradicting_vote);
    EXPECT_TRUE(restored.apply(vote(1, Verdict::invalid), 5).verdict);
    EXPECT_EQ(restored.ruling(subject_of().task.id, 5).value(), Ruling::invalid);
    const Voting empty{test_chain, 7, table_of(nodes)};
    EXPECT_TRUE(Voting::restore(table_of(nodes), empty.save()).value() == empty);
}

TEST_F(VotingState, RefusesWhatIsNone) {
    const core::Bytes state = voting.save();
    for (std::size_t size = 0; size < state.size(); ++size) {
        EXPECT_NE(refusal({state.begin(), state.begin() + static_cast<std::ptrdiff_t>(size)}),
                  core::error_code{})
            << size;
    }
    const auto changed = [&](auto change) {
        core::Bytes out = state;
        change(out);
        return refusal(out);
    };
    EXPECT_EQ(changed([](core::Bytes& b) { b.push_back(0); }), core::errc::trailing_bytes);
    EXPECT_EQ(changed([](core::Bytes& b) { b[0] = 'q'; }), core::errc::invalid_magic);
    EXPECT_EQ(changed([](core::Bytes& b) { b[8] = 2; }), core::errc::unsupported_version);
    EXPECT_EQ(changed([](core::Bytes& b) { b[60] ^= 1; }), validation::errc::weights_changed);
    EXPECT_EQ(changed([](core::Bytes& b) { b[header - 1] = 0x7f; }), core::errc::count_too_large);
    EXPECT_EQ(changed([](core::Bytes& b) { b[header + ballot - 1] = 0x7f; }), core::errc::count_too_large);
    EXPECT_EQ(changed([](core::Bytes& b) { b[header + ballot + 32] = 2; }), core::errc::non_canonical);
    EXPECT_EQ(changed([](core::Bytes& b) { b[header + ballot + 32] ^= 1; }), crypto::errc::invalid_signature);
    EXPECT_EQ(changed([](core::Bytes& b) {
                  const auto first = b.begin() + header + ballot;
                  std::swap_ranges(first, first + given, first + given);
              }),
              core::errc::non_canonical);
    // The last two results: 2 with one vote, 3 with none. Number 2 once more in the place of 3.
    EXPECT_EQ(changed([](core::Bytes& b) { b[b.size() - ballot + 31] = 2; }), core::errc::non_canonical);
    EXPECT_EQ(Voting::restore(table_of(make_nodes({5, 3})), state).error().code,
              validation::errc::weights_changed);
}

}  // namespace
}  // namespace pouw::inline v1::validation
