#include "pouw/proof/commitment.hpp"

#include "proof/fixture.hpp"
#include "random.hpp"
#include "vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/pow/errc.hpp"
#include "pouw/proof/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::proof {
namespace {

using pouw::test::Random;
using test::node_key;
using test::tiny_claim;
using test::tiny_terms;

Commitment tiny_commitment(std::vector<NonceRange> ranges = {}) {
    return sign(*commitment_claim(tiny_claim(), std::move(ranges)), node_key());
}

TEST(Commitment, RoundTrip) {
    for (const auto& ranges :
         {std::vector<NonceRange>{}, std::vector<NonceRange>{{0, 31}, {32, 63}, {100, UINT64_MAX}}}) {
        const Commitment commitment = tiny_commitment(ranges);
        const core::Bytes bytes = commitment.encode();
        EXPECT_EQ(bytes.size(), smallest_commitment + 16 * ranges.size());
        const auto decoded = Commitment::decode(bytes);
        ASSERT_TRUE(decoded);
        EXPECT_EQ(*decoded, commitment);
        EXPECT_TRUE(verify_terms(tiny_terms(), *decoded));
    }
}

TEST(Commitment, SignedElsewhere) {
    const CommitmentClaim claim = *commitment_claim(tiny_claim());
    crypto::Signature signature = node_key().sign(signing_digest(claim));
    EXPECT_EQ(*attach_signature(claim, signature), tiny_commitment());
    signature.bytes[3] ^= 1;
    EXPECT_EQ(attach_signature(claim, signature).error().code, crypto::errc::invalid_signature);
    // The signature of the proof is none of the commitment.
    EXPECT_EQ(attach_signature(claim, sign(tiny_claim(), node_key()).signature).error().code,
              crypto::errc::invalid_signature);
}

TEST(Commitment, EveryTruncationAndExtensionIsRefused) {
    core::Bytes bytes = tiny_commitment({{0, 63}}).encode();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(Commitment::decode(core::ByteView{bytes}.first(size)).error().code, core::errc::truncated)
            << size;
    }
    bytes.push_back(0);
    EXPECT_EQ(Commitment::decode(bytes).error().code, core::errc::trailing_bytes);
}

TEST(Commitment, EveryFlippedBitIsRefused) {
    const core::Bytes good = tiny_commitment({{0, 63}}).encode();
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        core::Bytes bytes = good;
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        const auto commitment = Commitment::decode(bytes);
        EXPECT_FALSE(commitment && verify_terms(tiny_terms(), *commitment)) << bit;
    }
}

TEST(Commitment, FieldsAreRefusedWithTheirReason) {
    const core::Bytes good = tiny_commitment({{0, 63}}).encode();
    const auto changed = [&](std::size_t offset, std::initializer_list<int> values) {
        core::Bytes bytes = good;
        for (const int value : values) bytes[offset++] = static_cast<std::uint8_t>(value);
        const auto commitment = Commitment::decode(bytes);
        return commitment ? core::error_code{} : commitment.error().code;
    };
    EXPECT_EQ(changed(0, {'P'}), core::errc::invalid_magic);
    EXPECT_EQ(changed(8, {2}), core::errc::unsupported_version);
    EXPECT_EQ(changed(76, {1, 0}), crypto::errc::invalid_public_key);
    EXPECT_EQ(changed(108, {0, 0, 0, 0}), pow::errc::invalid_threshold);
    EXPECT_EQ(changed(116, {0}), proof::errc::root_mismatch);
    EXPECT_EQ(changed(116, {65}), proof::errc::invalid_ranges);
    EXPECT_EQ(changed(156, {1, 0x10}), proof::errc::invalid_ranges);
    EXPECT_EQ(changed(156, {255, 255, 255, 255}), proof::errc::invalid_ranges);
    EXPECT_EQ(changed(156, {2}), core::errc::truncated);
    EXPECT_EQ(changed(156, {0}), core::errc::trailing_bytes);
    EXPECT_EQ(changed(160, {64}), proof::errc::invalid_ranges);
}

TEST(Commitment, ComparesTheTermsInOrder) {
    const Commitment commitment = tiny_commitment();
    Terms other = tiny_terms();
    other.threshold += 1;
    EXPECT_EQ(verify_terms(other, commitment).error().code, proof::errc::threshold_mismatch);
    other.node = node_key(2).public_key();
    EXPECT_EQ(verify_terms(other, commitment).error().code, proof::errc::node_mismatch);
    other.race_seed.bytes[0] ^= 1;
    EXPECT_EQ(verify_terms(other, commitment).error().code, proof::errc::race_mismatch);
    other.model.bytes[0] ^= 1;
    EXPECT_EQ(verify_terms(other, commitment).error().code, proof::errc::model_mismatch);
}

TEST(Commitment, DeclaredRangesHoldAllNonces) {
    EXPECT_EQ(commitment_claim(tiny_claim(), {{1000, 2000}}).error().code, proof::errc::nonce_outside_ranges);
    // A dishonest node declares less than it commits to.
    NonceTree tree{tiny_claim().nonces};
    CommitmentClaim claim = *commitment_claim(tiny_claim());
    claim.ranges = {{0, tiny_claim().nonces.back() - 1}};
    EXPECT_EQ(verify_ranges(claim, *tree.open({.ranges = claim.ranges})).error().code,
              proof::errc::nonce_outside_ranges);
    EXPECT_EQ(verify_ranges(claim, *tree.open({.ranks = {0}})).error().code, proof::errc::wrong_samples);
    claim.ranges = {{0, 63}};
    EXPECT_TRUE(verify_ranges(claim, *tree.open({.ranges = claim.ranges})));
    EXPECT_EQ(verify_ranges(claim, Opening{}).error().code, proof::errc::count_mismatch);
}

// Work by mid-race
// ---------------------------------------------------------------------------------------------------

/// Two machines, each scanning its own range upwards; what they had at each time.
struct Scan {
    Claim claim = tiny_claim();
    std::vector<CommitmentClaim> history;
    NonceTree tree;

    explicit Scan(std::uint64_t seed) {
        Random random{seed};
        std::uint64_t next[]{0, std::uint64_t{1} << 40};
        const std::uint64_t first[]{0, std::uint64_t{1} << 40};
        for (int time = 0; time < 5; ++time) {
            for (std::uint64_t& scanned : next) {
                for (std::uint64_t end = scanned + random.next() % 400; scanned < end; ++scanned) {
                    if (random.next() % 4 == 0) {
                        EXPECT_TRUE(tree.insert(scanned));
                    }
                }
            }
            claim.nonces = tree.nonces();
            std::vector<NonceRange> ranges;
            for (int machine = 0; machine < 2; ++machine) {
                if (next[machine] > first[machine]) ranges.push_back({first[machine], next[machine] - 1});
            }
            if (!ranges.empty()) history.push_back(*commitment_claim(claim, ranges));
        }
    }
};

TEST(Extension, EveryEarlierRootIsProvableLater) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Scan scan{seed};
        const CommitmentClaim& last = scan.history.back();
        for (const CommitmentClaim& earlier : scan.history) {
            const Opening opening = *scan.tree.open({.ranges = earlier.ranges});
            EXPECT_TRUE(verify_extension(earlier, last, opening));
            // The earlier tree itself, made from the later one: the count below a bound against the earlier
            // root.
            NonceTree then = scan.tree.restricted(earlier.ranges);
            EXPECT_EQ(then.root(), earlier.tree);
            const std::vector<NonceRange> below{{earlier.ranges[0].first, earlier.ranges[0].last / 2}};
            const auto opened = VerifiedOpening::create(earlier.tree, *then.open({.ranges = below}));
            EXPECT_EQ(opened->count_in(below), scan.tree.restricted(below).count());
        }
        EXPECT_TRUE(core::is_at_least(scan.history[2].tree.count, last.tree.count, {1, 4}));
    }
}

TEST(Extension, RefusesWhatWasChangedBelowTheBounds) {
    Scan scan{3};
    const CommitmentClaim earlier = scan.history[1];
    const auto judge = [&](std::vector<std::uint64_t> nonces) {
        NonceTree tree{nonces};
        CommitmentClaim later = scan.history.back();
        later.tree = tree.root();
        return verify_extension(earlier, later, *tree.open({.ranges = earlier.ranges}));
    };
    const std::vector<std::uint64_t> honest = scan.tree.nonces();
    EXPECT_TRUE(judge(honest));
    auto less = honest;
    less.erase(less.begin());
    EXPECT_EQ(judge(less).error().code, proof::errc::not_an_extension);
    auto more = honest;
    more.push_back(std::find(honest.begin(), honest.end(), 1) == honest.end() ? 1 : 2);
    EXPECT_EQ(judge(more).error().code, proof::errc::not_an_extension);
    auto moved = less;
    moved.push_back(more.back());
    EXPECT_EQ(judge(moved).error().code, proof::errc::not_an_extension);
    // What lies above the bounds is free.
    auto above = honest;
    above.push_back(std::uint64_t{1} << 50);
    EXPECT_TRUE(judge(above));
}

TEST(Extension, RefusesOtherSubjectsRangesAndOpenings) {
    Scan scan{4};
    const CommitmentClaim earlier = scan.history[1];
    const CommitmentClaim later = scan.history.back();
    const Opening opening = *scan.tree.open({.ranges = earlier.ranges});
    const auto refusal = [&](auto change) {
        CommitmentClaim other = later;
        change(other);
        return verify_extension(earlier, other, opening).error().code;
    };
    EXPECT_EQ(refusal([](CommitmentClaim& c) { c.terms.model.bytes[0] ^= 1; }), proof::errc::model_mismatch);
    EXPECT_EQ(refusal([](CommitmentClaim& c) { c.terms.race_seed.bytes[0] ^= 1; }),
              proof::errc::race_mismatch);
    EXPECT_EQ(refusal([](CommitmentClaim& c) { c.terms.node.bytes[0] ^= 1; }), proof::errc::node_mismatch);
    EXPECT_EQ(refusal([](CommitmentClaim& c) { ++c.terms.threshold; }), proof::errc::threshold_mismatch);
    EXPECT_EQ(refusal([](CommitmentClaim& c) { c.ranges.clear(); }), proof::errc::not_an_extension);
    EXPECT_EQ(refusal([](CommitmentClaim& c) { ++c.ranges[0].first; }), proof::errc::not_an_extension);
    EXPECT_EQ(refusal([&](CommitmentClaim& c) { c.ranges[1].last = earlier.ranges[1].last - 1; }),
              proof::errc::not_an_extension);
    EXPECT_EQ(refusal([](CommitmentClaim& c) { ++c.tree.count; }), proof::errc::count_mismatch);
    EXPECT_EQ(refusal([](CommitmentClaim& c) { c.tree.root.bytes[0] ^= 1; }), proof::errc::root_mismatch);
    EXPECT_EQ(verify_extension(earlier, later, *scan.tree.open({})).error().code, proof::errc::wrong_samples);
}

// What a node declares comes from the network: no range, or ranges that no commitment has, are no defect of
// the program that asks.
TEST(Commitment, RefusesToVerifyRangesThatNobodyCanDeclare) {
    CommitmentClaim claim = *commitment_claim(tiny_claim());
    const auto expect_refused = [&] {
        EXPECT_EQ(verify_ranges(claim, Opening{}).error().code, proof::errc::invalid_ranges);
        EXPECT_EQ(verify_extension(claim, claim, Opening{}).error().code, proof::errc::invalid_ranges);
    };
    expect_refused();
    claim.ranges = {{5, 4}};
    expect_refused();
    claim.ranges = {{7, 9}, {0, 63}};
    expect_refused();
    claim.ranges = {{0, 0}};  // too small for the nonces
    expect_refused();
}

TEST(CommitmentDeathTest, TheCallerKeepsTheRules) {
    CommitmentClaim claim = *commitment_claim(tiny_claim());
    EXPECT_DEATH((void)sign(claim, node_key(2)), "");
    claim.ranges = {{5, 4}};
    EXPECT_DEATH((void)signing_digest(claim), "");
    claim.ranges.clear();
    claim.terms.threshold = 0;
    EXPECT_DEATH((void)signing_digest(claim), "");
}

}  // namespace
}  // namespace pouw::inline v1::proof
