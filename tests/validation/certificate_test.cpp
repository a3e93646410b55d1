#include "pouw/validation/certificate.hpp"

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
using pouw::test::bytes;
using pouw::test::fixed;
using pouw::test::load_vectors;
using pouw::test::Random;
using pouw::test::u64;

BlockStatement statement_of(std::uint8_t block = 3, core::Height height = 100) {
    return {test_digest, 7, height, filled<core::BlockHash>(block), {}};
}

/// The nodes in the order of their ids: node i stands at position i of the table.
std::vector<Node> ascending(const std::vector<std::uint64_t>& weights) {
    std::vector<Node> unordered = make_nodes(weights);
    std::sort(unordered.begin(), unordered.end(),
              [](const Node& a, const Node& b) { return a.key() < b.key(); });
    for (std::size_t i = 0; i < weights.size(); ++i) unordered[i].weight = weights[i];
    return unordered;
}

class Certificates : public testing::Test {
  protected:
    [[nodiscard]] BlockCertificate certificate(const std::vector<std::uint32_t>& positions,
                                               const BlockStatement& statement = statement_of()) const {
        BlockCertificate out{statement, 4};
        for (const std::uint32_t position : positions)
            out.signatures.push_back({position, sign_block(statement, nodes[position].signing).signature});
        return out;
    }
    [[nodiscard]] core::error_code refusal(const BlockCertificate& bad) const {
        return verify_certificate(electorate, bad).error().code;
    }

    std::vector<Node> nodes = ascending({5, 3, 1, 1});
    Electorate electorate{test_digest, 7, table_of(nodes)};
};

TEST_F(Certificates, HalfOfTheWeightIsNotEnough) {
    EXPECT_TRUE(verify_certificate(electorate, certificate({0, 2})));
    EXPECT_TRUE(verify_certificate(electorate, certificate({0, 1, 2, 3})));
    EXPECT_EQ(refusal(certificate({0})), validation::errc::no_majority);
    EXPECT_EQ(refusal(certificate({1, 2, 3})), validation::errc::no_majority);
    EXPECT_EQ(refusal(certificate({})), validation::errc::no_majority);
}

TEST_F(Certificates, WhatIsNobodysCountsInTheTotal) {
    // 5 + 1 of 10 with the weight of nobody: 6 of 12 are half.
    electorate.weights = table_of(nodes).with_unassigned(2).value();
    EXPECT_EQ(refusal(certificate({0, 2})), validation::errc::no_majority);
    EXPECT_TRUE(verify_certificate(electorate, certificate({0, 2, 3})));
}

TEST_F(Certificates, ExactAtTheLargestWeights) {
    nodes = ascending({UINT64_MAX / 2, 1, UINT64_MAX / 2});
    electorate.weights = table_of(nodes);
    BlockCertificate half = certificate({0});
    half.table_size = 3;
    EXPECT_EQ(refusal(half), validation::errc::no_majority);
    BlockCertificate more = certificate({0, 1});
    more.table_size = 3;
    EXPECT_TRUE(verify_certificate(electorate, more));
}

TEST_F(Certificates, RefusalsNameTheErrorInTheirOrder) {
    // Each case has all faults of those after it as well.
    BlockCertificate bad = certificate({2});
    bad.signatures[0].signature = {};
    EXPECT_EQ(refusal(bad), validation::errc::no_majority);
    bad.signatures.push_back(bad.signatures[0]);
    EXPECT_EQ(refusal(bad), core::errc::non_canonical);
    bad.table_size = 5;
    EXPECT_EQ(refusal(bad), validation::errc::other_weights);
    bad.statement.epoch = 8;
    EXPECT_EQ(refusal(bad), validation::errc::other_epoch);
    bad.statement.chain = {};
    EXPECT_EQ(refusal(bad), validation::errc::other_chain);

    bad = certificate({0, 1});
    std::swap(bad.signatures[0], bad.signatures[1]);
    EXPECT_EQ(refusal(bad), core::errc::non_canonical);
    bad = certificate({0, 1});
    bad.signatures[1].position = 4;
    EXPECT_EQ(refusal(bad), core::errc::non_canonical);
    bad.signatures[1].position = UINT32_MAX;
    EXPECT_EQ(refusal(bad), core::errc::non_canonical);
}

TEST_F(Certificates, EveryFieldIsSigned) {
    const BlockCertificate good = certificate({0, 1});
    const auto with = [&](auto change) {
        BlockCertificate bad = good;
        change(bad);
        return bad;
    };
    EXPECT_EQ(refusal(with([](auto& c) { c.statement.height = 101; })), crypto::errc::invalid_signature);
    EXPECT_EQ(refusal(with([](auto& c) { c.statement.block = {}; })), crypto::errc::invalid_signature);
    EXPECT_EQ(refusal(with([](auto& c) { c.statement.next_weights = crypto::Hash256{}; })),
              crypto::errc::invalid_signature);
    EXPECT_EQ(refusal(with([](auto& c) { c.signatures[1].position = 2; })), crypto::errc::invalid_signature);
    Electorate other = electorate;
    other.epoch = 8;
    EXPECT_EQ(verify_certificate(other, with([](auto& c) { c.statement.epoch = 8; })).error().code.name(),
              "invalid_signature");
    other = electorate;
    other.chain = {};
    EXPECT_EQ(verify_certificate(other, with([](auto& c) { c.statement.chain = {}; })).error().code.name(),
              "invalid_signature");
}

TEST_F(Certificates, OneBadSignatureAmongManyIsFoundByAnyNumberOfThreads) {
    const std::vector<Node> many = ascending(std::vector<std::uint64_t>(100, 1));
    const Electorate large{test_digest, 7, table_of(many)};
    BlockCertificate good{statement_of(), 100};
    for (std::uint32_t i = 0; i < 100; ++i)
        good.signatures.push_back({i, sign_block(good.statement, many[i].signing).signature});
    for (const unsigned threads : {1u, 2u, 5u}) {
        EXPECT_TRUE(verify_certificate(large, good, threads));
        for (const std::size_t place : {0u, 15u, 16u, 57u, 99u}) {
            BlockCertificate bad = good;
            bad.signatures[place].signature.bytes[40] ^= 1;
            EXPECT_EQ(verify_certificate(large, bad, threads).error().code, crypto::errc::invalid_signature);
        }
    }
}

TEST_F(Certificates, DecodeEncodedOnesAndNothingElse) {
    BlockStatement change = statement_of();
    change.next_weights = filled<crypto::Hash256>(9);
    for (const BlockCertificate& good : {certificate({0, 1, 3}), certificate({}), certificate({2}, change)}) {
        const core::Bytes encoded = good.encode();
        EXPECT_EQ(BlockCertificate::decode(encoded).value(), good);
        for (std::size_t size = 0; size < encoded.size(); ++size)
            EXPECT_FALSE(BlockCertificate::decode(core::ByteView{encoded}.first(size)));
        core::Bytes longer = encoded;
        longer.push_back(0);
        EXPECT_EQ(BlockCertificate::decode(longer).error().code, core::errc::trailing_bytes);
    }
    // version (4) chain (32) epoch (8) height (8) block (32) flag (1) table size (4) bitmap (1)
    const core::Bytes encoded = certificate({0, 1}).encode();
    ASSERT_EQ(encoded.size(), 85u + 4 + 1 + 128);
    const auto changed = [&](std::size_t place, std::uint8_t value) {
        core::Bytes bad = encoded;
        bad[place] = value;
        return BlockCertificate::decode(bad).error().code;
    };
    EXPECT_EQ(changed(0, 2), core::errc::unsupported_version);
    EXPECT_EQ(changed(84, 2), core::errc::non_canonical);
    EXPECT_EQ(changed(88, 1), core::errc::count_too_large);   // 2^24 nodes
    EXPECT_EQ(changed(89, 0x13), core::errc::non_canonical);  // node 4 of 4
    EXPECT_EQ(changed(89, 7), core::errc::truncated);
    EXPECT_EQ(changed(89, 1), core::errc::trailing_bytes);
    EXPECT_EQ(BlockCertificate::decode(core::ByteView{encoded}.first(84)).error().code,
              core::errc::truncated);
}

TEST_F(Certificates, ToEncodePositionsOutOfOrderIsAViolation) {
    BlockCertificate bad = certificate({0, 1});
    std::swap(bad.signatures[0], bad.signatures[1]);
    EXPECT_DEATH((void)bad.encode(), "is_in_order");
}

TEST_F(Certificates, MutationsAreRefusedOrAnotherValue) {
    const core::Bytes encoded = certificate({0, 1, 3}).encode();
    Random random{1};
    for (int i = 0; i < 20'000; ++i) {
        core::Bytes mutant = encoded;
        for (std::uint32_t n = 1 + random.below(3); n > 0; --n)
            mutant[random.below(static_cast<std::uint32_t>(mutant.size()))] ^=
                static_cast<std::uint8_t>(1 + random.below(255));
        const auto decoded = BlockCertificate::decode(mutant);
        EXPECT_TRUE(!decoded || decoded->encode() == mutant);
    }
}

TEST_F(Certificates, VotesDecodeEncodedOnesAndNothingElse) {
    BlockStatement change = statement_of();
    change.next_weights = filled<crypto::Hash256>(9);
    for (const BlockStatement& statement : {statement_of(), change}) {
        const BlockVote vote = sign_block(statement, nodes[0].signing);
        EXPECT_TRUE(vote.is_signed());
        const core::Bytes encoded = vote.encode();
        EXPECT_EQ(encoded.size(), statement.next_weights ? 213u : 181u);
        EXPECT_EQ(BlockVote::decode(encoded).value(), vote);
        for (std::size_t size = 0; size < encoded.size(); ++size)
            EXPECT_EQ(BlockVote::decode(core::ByteView{encoded}.first(size)).error().code,
                      core::errc::truncated);
        core::Bytes bad = encoded;
        bad.push_back(0);
        EXPECT_EQ(BlockVote::decode(bad).error().code, core::errc::trailing_bytes);
        bad = encoded;
        bad[1] = 1;
        EXPECT_EQ(BlockVote::decode(bad).error().code, core::errc::unsupported_version);
        bad = encoded;
        bad[84] |= 2;
        EXPECT_EQ(BlockVote::decode(bad).error().code, core::errc::non_canonical);
    }
}

// Collectors

class Collectors : public Certificates {
  protected:
    [[nodiscard]] BlockVote vote(std::size_t node, const BlockStatement& statement = statement_of()) const {
        return sign_block(statement, nodes[node].signing);
    }
    CertificateCollector collector{electorate, statement_of()};
};

TEST_F(Collectors, BecomeFinalWithMoreThanHalf) {
    EXPECT_TRUE(collector.apply(vote(0)).verdict);
    EXPECT_EQ(collector.support(), 5u);
    EXPECT_FALSE(collector.has_majority());
    EXPECT_EQ(refusal(collector.certificate()), validation::errc::no_majority);
    EXPECT_TRUE(collector.apply(vote(3).encode()).verdict);
    EXPECT_EQ(collector.support(), 6u);
    EXPECT_TRUE(collector.has_majority());
    EXPECT_EQ(collector.certificate(), certificate({0, 3}));
    EXPECT_TRUE(verify_certificate(electorate, collector.certificate()));
}

TEST_F(Collectors, DropBadVotesWithAReason) {
    ASSERT_TRUE(collector.apply(vote(1)).verdict);
    const CertificateCollector before = collector;
    const auto drops = [&](const BlockVote& bad, core::error_code code) {
        const auto applied = collector.apply(bad);
        return !applied.verdict && applied.verdict.error().code == code && !applied.evidence &&
               collector == before;
    };
    const auto with = [&](auto change) {
        BlockStatement statement = statement_of();
        change(statement);
        return vote(0, statement);
    };
    EXPECT_TRUE(drops(with([](auto& s) { s.chain = {}; }), validation::errc::other_chain));
    EXPECT_TRUE(drops(with([](auto& s) { s.epoch = 8; }), validation::errc::other_epoch));
    EXPECT_TRUE(drops(with([](auto& s) { s.height = 99; }), validation::errc::other_height));
    EXPECT_TRUE(drops(with([](auto& s) { s.block = {}; }), validation::errc::other_block));
    EXPECT_TRUE(
        drops(with([](auto& s) { s.next_weights = crypto::Hash256{}; }), validation::errc::other_block));
    EXPECT_TRUE(drops(sign_block(statement_of(), Node{99, 1}.signing), validation::errc::no_voting_weight));
    BlockVote forged = vote(0);
    forged.signer = nodes[1].key();
    EXPECT_TRUE(drops(forged, crypto::errc::invalid_signature));
    forged = vote(0, statement_of(4));
    forged.statement.block = statement_of().block;
    EXPECT_TRUE(drops(forged, crypto::errc::invalid_signature));
    EXPECT_EQ(collector.apply(core::Bytes(10)).verdict.error().code, core::errc::truncated);
    EXPECT_EQ(collector, before);
}

TEST_F(Collectors, IgnoreTheSameVoteAgain) {
    ASSERT_TRUE(collector.apply(vote(1)).verdict);
    const CertificateCollector before = collector;
    EXPECT_TRUE(collector.apply(vote(1)).verdict);
    EXPECT_EQ(collector, before);
}

TEST_F(Collectors, ConvictWhoSignsAnotherBlockToo) {
    ASSERT_TRUE(collector.apply(vote(1)).verdict);
    const auto applied = collector.apply(vote(1, statement_of(4)));
    EXPECT_EQ(applied.verdict.error().code, validation::errc::other_block);
    ASSERT_TRUE(applied.evidence);
    EXPECT_EQ(applied.evidence->conviction(test_digest, 200)->node, nodes[1].key());
    EXPECT_EQ(collector.support(), 3u);
    BlockVote forged = vote(1, statement_of(4));
    forged.signature = vote(1).signature;
    const auto refused = collector.apply(forged);
    EXPECT_EQ(refused.verdict.error().code, crypto::errc::invalid_signature);
    EXPECT_FALSE(refused.evidence);
}

TEST_F(Collectors, TheOrderOfVotesDoesNotMatter) {
    const std::vector<Node> many = ascending({4, 9, 1, 1, 6, 2, 8, 3, 3, 3, 7, 5});
    const Electorate large{test_digest, 7, table_of(many)};
    std::vector<BlockVote> votes;
    for (const Node& node : many) {
        votes.push_back(sign_block(statement_of(), node.signing));
        votes.push_back(sign_block(statement_of(5), node.signing));
        votes.push_back(votes[votes.size() - 2]);
        votes.back().signature.bytes[0] ^= 1;
    }
    votes.resize(3 * many.size() - 4);
    core::Bytes first;
    Random random{2};
    for (int round = 0; round < 5; ++round) {
        CertificateCollector any{large, statement_of()};
        for (const BlockVote& vote : votes) {
            const core::Bytes saved = any.save();
            any = CertificateCollector::restore(large, saved).value();
            EXPECT_EQ(any.save(), saved);
            (void)any.apply(vote);
        }
        if (first.empty()) first = any.save();
        EXPECT_EQ(any.save(), first);
        EXPECT_EQ(any.has_majority(), verify_certificate(large, any.certificate()).has_value());
        for (std::size_t i = votes.size(); i > 1; --i)
            std::swap(votes[i - 1], votes[random.below(static_cast<std::uint32_t>(i))]);
    }
}

TEST_F(Collectors, OfTwoSignaturesOfOneNodeTheLeastCounts) {
    // Two of one key over one digest: the second one has another nonce.
    const pouw::test::Json file = load_vectors("validation/certificates.json");
    const pouw::test::Json& two = file["two_signatures"];
    const auto a = BlockVote::decode(bytes(two["votes"][0])).value();
    const auto b = BlockVote::decode(bytes(two["votes"][1])).value();
    ASSERT_NE(a.signature, b.signature);
    const std::vector<weights::NodeWeight> one{{a.signer, 1}};
    const Electorate single{a.statement.chain, a.statement.epoch, weights::WeightTable::create(one).value()};
    CertificateCollector forwards{single, a.statement};
    CertificateCollector backwards{single, a.statement};
    for (const BlockVote& vote : {a, b}) EXPECT_TRUE(forwards.apply(vote).verdict);
    for (const BlockVote& vote : {b, a}) EXPECT_TRUE(backwards.apply(vote).verdict);
    EXPECT_EQ(forwards, backwards);
    EXPECT_EQ(forwards.support(), 1u);
    EXPECT_EQ(forwards.certificate().signatures[0].signature, std::min(a.signature, b.signature));
}

TEST_F(Collectors, RestoreChecksEverything) {
    ASSERT_TRUE(collector.apply(vote(1)).verdict);
    const core::Bytes saved = collector.save();
    EXPECT_EQ(CertificateCollector::restore(electorate, saved).value(), collector);
    const auto refusal_of = [&](Electorate other, const core::Bytes& data) {
        return CertificateCollector::restore(std::move(other), data).error().code;
    };
    for (std::size_t size = 0; size < saved.size(); ++size)
        EXPECT_FALSE(CertificateCollector::restore(electorate, core::ByteView{saved}.first(size)));
    core::Bytes bad = saved;
    bad.back() ^= 1;
    EXPECT_EQ(refusal_of(electorate, bad), crypto::errc::invalid_signature);
    Electorate other = electorate;
    other.epoch = 8;
    EXPECT_EQ(refusal_of(other, saved), validation::errc::other_epoch);
    other = electorate;
    other.chain = {};
    EXPECT_EQ(refusal_of(other, saved), validation::errc::other_chain);
    other = electorate;
    other.weights = table_of(ascending({5, 3, 1}));
    EXPECT_EQ(refusal_of(other, saved), validation::errc::other_weights);
}

// Evidence

class BlockEquivocations : public Certificates {
  protected:
    [[nodiscard]] BlockVote vote(const BlockStatement& statement, std::size_t node = 0) const {
        return sign_block(statement, nodes[node].signing);
    }
};

TEST_F(BlockEquivocations, HaveOneFormAndConvict) {
    BlockStatement other_epoch = statement_of();
    other_epoch.epoch = 8;
    BlockStatement change = statement_of();
    change.next_weights = filled<crypto::Hash256>(1);
    BlockStatement other_change = change;
    other_change.next_weights = filled<crypto::Hash256>(2);
    const std::vector<BlockStatement> statements{statement_of(), statement_of(4), other_epoch, change,
                                                 other_change};
    for (const BlockStatement& a : statements) {
        for (const BlockStatement& b : statements) {
            if (a == b) continue;
            const auto evidence = BlockEquivocation::create(vote(a), vote(b)).value();
            EXPECT_EQ(evidence, BlockEquivocation::create(vote(b), vote(a)).value());
            const core::Bytes encoded = evidence.encode();
            EXPECT_EQ(BlockEquivocation::decode(encoded).value(), evidence);
            const auto conviction = evidence.conviction(test_digest, 200).value();
            EXPECT_EQ(conviction.node, nodes[0].key());
            EXPECT_EQ(conviction.ground, core::Ground::conflicting_blocks);
            EXPECT_EQ(core::name(conviction.ground), "conflicting_blocks");
            EXPECT_EQ(conviction.height, core::Height{200});
            EXPECT_EQ(conviction.evidence, crypto::evidence_digest(encoded));
            for (std::size_t size = 0; size < encoded.size(); ++size)
                EXPECT_EQ(BlockEquivocation::decode(core::ByteView{encoded}.first(size)).error().code,
                          core::errc::truncated);
        }
    }
}

TEST_F(BlockEquivocations, HonestNodesAreNotConvicted) {
    const auto refusal_of = [](const BlockVote& a, const BlockVote& b) {
        return BlockEquivocation::create(a, b).error();
    };
    const BlockVote good = vote(statement_of());
    EXPECT_EQ(refusal_of(good, good), (core::error{core::errc::no_misbehaviour, "one statement"}));
    EXPECT_EQ(refusal_of(good, vote(statement_of(4), 1)),
              (core::error{core::errc::no_misbehaviour, "two signers"}));
    EXPECT_EQ(refusal_of(good, vote(statement_of(3, 101))),
              (core::error{core::errc::no_misbehaviour, "different chains or heights"}));
    BlockStatement elsewhere = statement_of(4);
    elsewhere.chain = {};
    EXPECT_EQ(refusal_of(good, vote(elsewhere)),
              (core::error{core::errc::no_misbehaviour, "different chains or heights"}));
}

TEST_F(BlockEquivocations, FalseOnesConvictNobody) {
    const auto good = BlockEquivocation::create(vote(statement_of()), vote(statement_of(4))).value();
    const auto refuses = [](const BlockEquivocation& bad) {
        const auto conviction = bad.conviction(test_digest, 1);
        return !conviction && conviction.error().code == core::errc::no_misbehaviour;
    };
    const auto with = [&](auto change) {
        BlockEquivocation bad = good;
        change(bad);
        return bad;
    };
    EXPECT_TRUE(refuses(with([](auto& e) { e.lesser.signature.bytes[3] ^= 1; })));
    EXPECT_TRUE(refuses(with([](auto& e) { e.greater.signature.bytes[3] ^= 1; })));
    EXPECT_TRUE(refuses(with([](auto& e) { e.height = 99; })));
    EXPECT_TRUE(refuses(with([](auto& e) { e.lesser.epoch = 6; })));
    EXPECT_TRUE(refuses(with([](auto& e) { std::swap(e.lesser, e.greater); })));
    EXPECT_TRUE(refuses(with([](auto& e) { e.greater = e.lesser; })));
    EXPECT_TRUE(refuses(with([&](auto& e) { e.signer = nodes[1].key(); })));
    EXPECT_TRUE(refuses(with([](auto& e) { e.signer = {}; })));
    EXPECT_DEATH((void)with([](auto& e) { std::swap(e.lesser, e.greater); }).encode(), "encode_side");
}

TEST_F(BlockEquivocations, OfAnotherChainConvictNobody) {
    BlockStatement one = statement_of();
    BlockStatement other = statement_of(4);
    one.chain = other.chain = crypto::chain_digest(core::ChainId{"elsewhere"});
    BlockEquivocation evidence = BlockEquivocation::create(vote(one), vote(other)).value();
    ASSERT_TRUE(evidence.conviction(one.chain, 200));
    EXPECT_EQ(evidence.conviction(test_digest, 200).error().code, validation::errc::other_chain);
    // Before any signature is looked at.
    evidence.lesser.signature = {};
    EXPECT_EQ(evidence.conviction(test_digest, 200).error().code, validation::errc::other_chain);
    // Nor does the evidence of one chain become that of another when it says so.
    evidence = BlockEquivocation::create(vote(one), vote(other)).value();
    evidence.chain = test_digest;
    EXPECT_EQ(evidence.conviction(test_digest, 200).error().code, core::errc::no_misbehaviour);
}

TEST_F(BlockEquivocations, DecodeRefusesByName) {
    const core::Bytes good = BlockEquivocation::create(vote(statement_of()), vote(statement_of(4)))->encode();
    // version (4) chain (32) height (8) signer (32), twice epoch (8) block (32) flag (1) signature (64)
    ASSERT_EQ(good.size(), 76u + 2 * 105);
    core::Bytes bad = good;
    bad.push_back(0);
    EXPECT_EQ(BlockEquivocation::decode(bad).error().code, core::errc::trailing_bytes);
    bad = good;
    bad[0] = 2;
    EXPECT_EQ(BlockEquivocation::decode(bad).error().code, core::errc::unsupported_version);
    bad = good;
    bad[116] = 2;
    EXPECT_EQ(BlockEquivocation::decode(bad).error().code, core::errc::non_canonical);
    bad = good;
    std::copy_n(good.begin() + 76, 105, bad.begin() + 76 + 105);
    EXPECT_EQ(BlockEquivocation::decode(bad).error().code, core::errc::non_canonical);
    bad = good;
    std::swap_ranges(bad.begin() + 76, bad.begin() + 76 + 105, bad.begin() + 76 + 105);
    EXPECT_EQ(BlockEquivocation::decode(bad).error().code, core::errc::non_canonical);
}

TEST_F(BlockEquivocations, TwoCertificatesConvictTheSignersOfBoth) {
    const BlockCertificate a = certificate({0, 2, 3});
    const BlockCertificate b = certificate({0, 1, 3}, statement_of(4));
    const auto found = equivocations(electorate, a, b);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].conviction(test_digest, 1)->node, nodes[0].key());
    EXPECT_EQ(found[1].conviction(test_digest, 1)->node, nodes[3].key());
    EXPECT_EQ(equivocations(electorate, b, a), found);
    EXPECT_TRUE(equivocations(electorate, a, certificate({0, 1})).empty());
    EXPECT_TRUE(equivocations(electorate, a, certificate({0, 1}, statement_of(4, 101))).empty());
}

TEST_F(BlockEquivocations, AnyTwoMajoritiesShareASigner) {
    for (std::uint32_t a = 0; a < 16; ++a) {
        for (std::uint32_t b = 0; b < 16; ++b) {
            const auto chosen = [](std::uint32_t set) {
                std::vector<std::uint32_t> out;
                for (std::uint32_t i = 0; i < 4; ++i)
                    if ((set >> i & 1) != 0) out.push_back(i);
                return out;
            };
            const BlockCertificate first = certificate(chosen(a));
            const BlockCertificate second = certificate(chosen(b), statement_of(4));
            if (!verify_certificate(electorate, first) || !verify_certificate(electorate, second)) continue;
            std::uint64_t weight = 0;
            for (const auto& evidence : equivocations(electorate, first, second))
                weight += electorate.weights.weight_of(evidence.signer);
            EXPECT_GE(weight, 2 * electorate.weights.majority_threshold() - electorate.weights.total());
        }
    }
}

// Vectors

TEST(CertificateVectors, Certificates) {
    const pouw::test::Json file = load_vectors("validation/certificates.json");
    ASSERT_GE(file["certificates"].size(), 20u);
    for (const auto& vector : file["certificates"]) {
        const auto table = weights::WeightTable::decode(bytes(vector["table"])).value();
        const Electorate electorate{fixed<core::ChainDigest>(vector["chain"]), u64(vector["epoch"]), table};
        const auto decoded = BlockCertificate::decode(bytes(vector["certificate"]));
        const auto comment = vector["comment"].get<std::string>();
        if (vector.contains("error")) {
            const core::error_code code =
                decoded ? verify_certificate(electorate, *decoded).error().code : decoded.error().code;
            EXPECT_EQ(code.name(), vector["error"].get<std::string>()) << comment;
            continue;
        }
        ASSERT_TRUE(decoded) << comment;
        EXPECT_TRUE(verify_certificate(electorate, *decoded)) << comment;
        EXPECT_EQ(decoded->encode(), bytes(vector["certificate"])) << comment;
        EXPECT_EQ(decoded->statement.encode(), bytes(vector["statement"])) << comment;
        EXPECT_EQ(decoded->statement.digest(), fixed<crypto::Hash256>(vector["digest"])) << comment;
        CertificateCollector collector{electorate, decoded->statement};
        for (const auto& entry : decoded->signatures) {
            const BlockVote vote{decoded->statement, table.nodes()[entry.position].node, entry.signature};
            EXPECT_TRUE(collector.apply(vote).verdict) << comment;
        }
        EXPECT_EQ(collector.save(), bytes(vector["certificate"])) << comment;
    }
}

TEST(CertificateVectors, Equivocations) {
    const pouw::test::Json file = load_vectors("validation/certificates.json");
    ASSERT_GE(file["equivocations"].size(), 4u);
    for (const auto& vector : file["equivocations"]) {
        const auto a = BlockVote::decode(bytes(vector["votes"][0])).value();
        const auto b = BlockVote::decode(bytes(vector["votes"][1])).value();
        const auto evidence = BlockEquivocation::create(a, b);
        if (vector.contains("error")) {
            EXPECT_EQ(evidence.error().code.name(), vector["error"].get<std::string>());
            continue;
        }
        EXPECT_EQ(evidence->encode(), bytes(vector["evidence"]));
        const auto conviction = evidence->conviction(a.statement.chain, u64(vector["height"])).value();
        EXPECT_EQ(conviction.evidence, fixed<core::EvidenceDigest>(vector["evidence_digest"]));
        EXPECT_EQ(conviction.node, a.signer);
    }
}

}  // namespace
}  // namespace pouw::inline v1::validation
