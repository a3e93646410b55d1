#include "pouw/proof/nonce_tree.hpp"

#include "proof/tree_hash.hpp"
#include "random.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/proof/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

namespace pouw::inline v1::proof {
namespace {

using pouw::test::Random;
using Nonces = std::vector<std::uint64_t>;

/// All the tests of the small tree also run at the top of the nonce space and far apart: a tree of nonces n
/// << shift.
constexpr int shifts[]{0, 30, 60};

Nonces members(std::uint32_t set, int shift = 0) {
    Nonces out;
    for (std::uint64_t nonce = 0; nonce < 32; ++nonce) {
        if ((set >> nonce & 1) != 0) out.push_back(nonce << shift);
    }
    return out;
}

/// The tree of a set by the words of the specification, one bit after the other from the top: the reference
/// for all.
Subtree by_definition(const Nonces& nonces, int height = 64) {
    if (nonces.size() == 1) return {leaf_digest(nonces[0]), 1};
    Nonces left;
    Nonces right;
    for (const std::uint64_t nonce : nonces)
        ((nonce >> (height - 1) & 1) != 0 ? right : left).push_back(nonce);
    if (left.empty() || right.empty()) return by_definition(nonces, height - 1);
    const std::uint64_t prefix = height == 64 ? 0 : nonces[0] >> height << height;
    return {node_digest(static_cast<std::uint8_t>(height), prefix, by_definition(left, height - 1),
                        by_definition(right, height - 1)),
            nonces.size()};
}

TreeRoot root_by_definition(const Nonces& nonces) {
    return nonces.empty() ? empty_tree_root() : tree_root(by_definition(nonces));
}

VerifiedOpening checked(NonceTree& tree, OpeningRequest request) {
    auto opening = tree.open(std::move(request));
    auto opened = VerifiedOpening::create(tree.root(), opening.value());
    return *std::move(opened);
}

bool is_long() { return std::getenv("POUW_LONG") != nullptr; }

TEST(NonceTree, RootsOfNoneOneAndTwo) {
    EXPECT_EQ(NonceTree{}.root(), empty_tree_root());
    EXPECT_EQ(NonceTree{}.root().root,
              crypto::Hasher{crypto::domain::set_root}.update(std::uint64_t{0}).finish());
    const TreeRoot one = NonceTree{Nonces{7}}.root();
    EXPECT_EQ(one, tree_root({leaf_digest(7), 1}));
    const TreeRoot two = NonceTree{Nonces{7, UINT64_MAX}}.root();
    EXPECT_EQ(two, tree_root({node_digest(64, 0, {leaf_digest(7), 1}, {leaf_digest(UINT64_MAX), 1}), 2}));
}

TEST(NonceTreeExhaustive, EverySetOfFourBitNoncesHasItsOwnRoot) {
    std::set<crypto::Hash256> roots;
    for (std::uint32_t set = 0; set < 65536; ++set) {
        const Nonces nonces = members(set);
        const TreeRoot expected = root_by_definition(nonces);
        EXPECT_TRUE(roots.insert(expected.root).second) << set;
        EXPECT_EQ(NonceTree(nonces, {.bucket = 1 + set % 5}).root(), expected) << set;
    }
    EXPECT_EQ(roots.size(), 65536u);
}

TEST(NonceTreeExhaustive, EveryNonceOfEverySetIsShownPresentOrAbsent) {
    for (std::uint32_t set = 0; set < 65536; ++set) {
        const int shift = shifts[set % 3];
        const Nonces nonces = members(set, shift);
        NonceTree tree{nonces, {.bucket = 1}};
        const TreeRoot root = tree.root();
        for (std::uint64_t number = 0; number < 16; ++number) {
            const std::uint64_t nonce = number << shift;
            const Opening opening = tree.open({.nonces = {nonce}}).value();
            const auto opened = VerifiedOpening::create(root, opening);
            ASSERT_TRUE(opened) << set;
            const auto place = std::lower_bound(nonces.begin(), nonces.end(), nonce);
            const bool present = place != nonces.end() && *place == nonce;
            EXPECT_EQ(opened->find(nonce),
                      present ? VerifiedOpening::Presence::present : VerifiedOpening::Presence::absent);
            if (!present) continue;
            const auto rank = static_cast<std::uint64_t>(place - nonces.begin());
            EXPECT_EQ(opened->at(rank), nonce);
            EXPECT_EQ(opened->leaves().size(), 1u);
            EXPECT_TRUE(opened->shows_leaves_only());
            EXPECT_EQ(tree.open({.ranks = {rank}}).value(), opening);
            EXPECT_EQ(opened->narrowed_to(nonce), opening);
        }
        EXPECT_EQ(tree.open({.ranks = {nonces.size()}}).error().code, proof::errc::rank_out_of_range);
    }
}

TEST(NonceTreeExhaustive, EveryProofIsRefusedUnderEveryOtherRoot) {
    // The root that an opening leads to does not depend on the root that is expected, so that one comparison
    // with each of the other roots of three-bit sets is every wrong pair; those of four bits differ pairwise
    // (above).
    std::vector<TreeRoot> roots;
    for (std::uint32_t set = 0; set < 256; ++set) roots.push_back(root_by_definition(members(set)));
    for (std::uint32_t set = 0; set < 256; ++set) {
        NonceTree tree{members(set)};
        for (std::uint64_t nonce = 0; nonce < 8; ++nonce) {
            const Opening opening = tree.open({.nonces = {nonce}}).value();
            for (std::uint32_t other = 0; other < 256; ++other) {
                const auto opened = VerifiedOpening::create(roots[other], opening);
                EXPECT_EQ(opened.has_value(), other == set);
                if (other == set) continue;
                EXPECT_EQ(opened.error().code, roots[other].count == roots[set].count
                                                   ? proof::errc::root_mismatch
                                                   : proof::errc::count_mismatch);
            }
        }
    }
}

TEST(NonceTreeExhaustive, EveryFlippedBitOfEveryOpeningIsRefused) {
    std::uint64_t refused = 0;
    for (std::uint32_t set = 1; set < 65536; set += is_long() ? 1u : 97u) {
        const int shift = shifts[set % 3];
        NonceTree tree{members(set, shift), {.bucket = 2}};
        const TreeRoot root = tree.root();
        const std::uint64_t rank = set % tree.count();
        const core::Bytes good =
            tree.open({.ranks = {rank}, .nonces = {std::uint64_t{set % 16} << shift}})->encode();
        for (std::size_t bit = 8 * 12; bit < 8 * good.size(); ++bit) {
            core::Bytes bytes = good;
            bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
            const auto opening = Opening::decode(bytes);
            if (opening) {
                EXPECT_EQ(opening->encode(), bytes);
            }
            EXPECT_FALSE(opening && VerifiedOpening::create(root, *opening)) << set << " bit " << bit;
            ++refused;
        }
    }
    EXPECT_GT(refused, 200000u);
}

TEST(NonceTreeExhaustive, EveryRangeOfEveryThreeBitSet) {
    for (const int shift : shifts) {
        const std::uint64_t width = (std::uint64_t{1} << shift) - 1;
        for (std::uint32_t set = 0; set < 256; ++set) {
            const Nonces nonces = members(set, shift);
            NonceTree tree{nonces, {.bucket = 1}};
            for (std::uint64_t first = 0; first < 8; ++first) {
                for (std::uint64_t last = first; last < 8; ++last) {
                    const std::vector<NonceRange> range{{first << shift, (last << shift) + width}};
                    const VerifiedOpening opened = checked(tree, {.ranges = range});
                    const std::uint32_t below = set & ((2u << last) - (1u << first));
                    const TreeRoot expected = root_by_definition(members(below, shift));
                    EXPECT_EQ(opened.count_in(range), expected.count);
                    EXPECT_EQ(opened.restricted(range), expected);
                    EXPECT_EQ(tree.restricted(range).root(), expected);
                }
            }
        }
    }
}

TEST(NonceTree, InsertionInAnyOrderGivesTheSameTree) {
    Random random{1};
    for (int round = 0; round < 60; ++round) {
        std::set<std::uint64_t> set;
        for (std::uint64_t i = random.next() % 600; i > 0; --i)
            set.insert(random.next() >> (random.next() % 64));
        const Nonces sorted{set.begin(), set.end()};
        Nonces shuffled = sorted;
        for (std::size_t i = shuffled.size(); i > 1; --i)
            std::swap(shuffled[i - 1], shuffled[random.next() % i]);
        NonceTree tree{TreeOptions{.bucket = 1 + random.next() % 40}};
        for (const std::uint64_t nonce : shuffled) {
            EXPECT_TRUE(tree.insert(nonce));
            if (random.next() % 50 == 0) (void)tree.root();  // at any time
        }
        for (const std::uint64_t nonce : shuffled) EXPECT_FALSE(tree.insert(nonce));
        EXPECT_EQ(tree.nonces(), sorted);
        EXPECT_EQ(tree.root(), root_by_definition(sorted));
    }
}

TEST(NonceTree, BatchesShareTheirPaths) {
    Random random{2};
    std::set<std::uint64_t> set;
    while (set.size() < 5000) set.insert(random.next() % 5'000'000);
    const Nonces nonces{set.begin(), set.end()};
    NonceTree tree{nonces};
    std::size_t single = 0;
    OpeningRequest batch;
    for (int i = 0; i < 200; ++i) {
        batch.ranks.push_back(random.next() % nonces.size());
        single += tree.open({.ranks = {batch.ranks.back()}})->encode().size();
    }
    const VerifiedOpening opened = checked(tree, batch);
    for (const std::uint64_t rank : batch.ranks) EXPECT_EQ(opened.at(rank), nonces[rank]);
    EXPECT_LT(opened.opening().encode().size(), single * 2 / 3);
}

TEST(NonceTree, RandomSelectionsAnswerWhatWasAsked) {
    Random random{3};
    for (int round = 0; round < 300; ++round) {
        std::set<std::uint64_t> set;
        const std::uint64_t spread = random.next() % 64;
        for (std::uint64_t i = random.next() % 300; i > 0; --i) set.insert(random.next() >> spread);
        const Nonces nonces{set.begin(), set.end()};
        NonceTree tree{nonces, {.bucket = 1 + random.next() % 40}};
        OpeningRequest request;
        for (std::uint64_t i = random.next() % 6; i > 0; --i) {
            if (!nonces.empty()) request.ranks.push_back(random.next() % nonces.size());
            request.nonces.push_back(random.next() >> spread);
        }
        const std::uint64_t a = random.next() >> spread;
        const std::uint64_t b = random.next() >> spread;
        request.ranges = {{std::min(a, b), std::max(a, b)}};
        const core::Bytes bytes = tree.open(request)->encode();
        const auto decoded = Opening::decode(bytes);
        ASSERT_TRUE(decoded);
        EXPECT_EQ(decoded->encode(), bytes);
        const auto opened = VerifiedOpening::create(tree.root(), *decoded);
        ASSERT_TRUE(opened);
        for (const std::uint64_t rank : request.ranks) EXPECT_EQ(opened->at(rank), nonces[rank]);
        for (const std::uint64_t nonce : request.nonces) {
            EXPECT_EQ(opened->find(nonce), set.contains(nonce) ? VerifiedOpening::Presence::present
                                                               : VerifiedOpening::Presence::absent);
        }
        Nonces inside;
        std::copy_if(nonces.begin(), nonces.end(), std::back_inserter(inside),
                     [&](std::uint64_t nonce) { return nonce >= std::min(a, b) && nonce <= std::max(a, b); });
        EXPECT_EQ(opened->restricted(request.ranges), root_by_definition(inside));
        EXPECT_EQ(tree.restricted(request.ranges).root(), root_by_definition(inside));
    }
}

TEST(NonceTree, WhatIsNotShownIsNotAnswered) {
    NonceTree tree{members(0xffff)};
    const VerifiedOpening opened = checked(tree, {.ranks = {3}});
    EXPECT_EQ(opened.at(4), std::nullopt);
    EXPECT_EQ(opened.find(12), VerifiedOpening::Presence::not_shown);
    EXPECT_EQ(opened.count_in(std::vector<NonceRange>{{0, 12}}), std::nullopt);
    EXPECT_EQ(opened.count_in(std::vector<NonceRange>{{0, 15}}), 16u);
    EXPECT_EQ(opened.count_in(std::vector<NonceRange>{{0, 3}}), 4u);
    EXPECT_EQ(opened.count_in({}), 0u);
}

// What an attacker may write
// ---------------------------------------------------------------------------------------

core::Bytes opening_of(std::initializer_list<int> body) {
    core::Bytes out = Opening{}.encode();
    for (const int byte : body) out.push_back(static_cast<std::uint8_t>(byte));
    return out;
}

core::Bytes with_digests(core::Bytes bytes, std::initializer_list<int> more) {
    bytes.insert(bytes.end(), 32, 0xaa);
    for (const int byte : more) bytes.push_back(static_cast<std::uint8_t>(byte));
    if (more.size() > 0) bytes.insert(bytes.end(), 32, 0xbb);
    return bytes;
}

core::error_code refusal(const core::Bytes& bytes) {
    const auto opening = Opening::decode(bytes);
    return opening ? core::error_code{} : opening.error().code;
}

TEST(OpeningCodec, RefusesWithTheReason) {
    const core::Bytes empty = opening_of({});
    EXPECT_EQ(empty.size(), 12u);
    EXPECT_EQ(refusal(empty), core::error_code{});
    for (std::size_t size = 0; size < 12; ++size) {
        EXPECT_EQ(refusal({empty.begin(), empty.begin() + static_cast<std::ptrdiff_t>(size)}),
                  core::errc::truncated);
    }
    core::Bytes changed = empty;
    changed[7] = '2';
    EXPECT_EQ(refusal(changed), core::errc::invalid_magic);
    changed = empty;
    changed[8] = 2;
    EXPECT_EQ(refusal(changed), core::errc::unsupported_version);

    EXPECT_EQ(refusal(opening_of({0, 7, 0, 0, 0, 0, 0, 0, 0})), core::error_code{});  // the leaf 7
    EXPECT_EQ(refusal(opening_of({0, 7, 0, 0, 0, 0, 0, 0})), core::errc::truncated);
    EXPECT_EQ(refusal(opening_of({0, 7, 0, 0, 0, 0, 0, 0, 0, 0})), core::errc::trailing_bytes);
    EXPECT_EQ(refusal(opening_of({65})), core::errc::non_canonical);  // no such height
    EXPECT_EQ(refusal(opening_of({254})), core::errc::non_canonical);
    EXPECT_EQ(refusal(opening_of({64})), core::errc::truncated);  // a node without children
    EXPECT_EQ(refusal(opening_of({1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})), core::error_code{});  // nonces 0 and 1
    EXPECT_EQ(refusal(opening_of({1, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0})),
              core::errc::non_canonical);  // 63 bits, not 64
    EXPECT_EQ(refusal(opening_of({1, 0, 0, 0, 0, 0, 0, 0, 0, 1})),
              core::errc::non_canonical);  // a child as high
    // Counts.
    const auto stub = [](std::initializer_list<int> count) {
        core::Bytes bytes = opening_of({255});
        for (const int byte : count) bytes.push_back(static_cast<std::uint8_t>(byte));
        return refusal(with_digests(bytes, {}));
    };
    EXPECT_EQ(stub({1}), core::error_code{});
    EXPECT_EQ(stub({0}), core::errc::non_canonical);
    EXPECT_EQ(stub({0x81, 0}), core::errc::non_canonical);
    EXPECT_EQ(stub({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}), core::error_code{});
    EXPECT_EQ(stub({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}), core::errc::overflow);
    EXPECT_EQ(stub({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x81, 0}), core::errc::overflow);
    EXPECT_EQ(refusal(opening_of({255, 1})), core::errc::truncated);
    // A stub of two nonces where there is room for one.
    const core::Bytes pair = opening_of({1, 0, 0, 0, 0, 0, 0, 0, 0, 255, 2});
    EXPECT_EQ(refusal(with_digests(pair, {0})), core::errc::count_too_large);
}

TEST(OpeningCodec, CountsThatOverflowAreRefused) {
    // Two full halves: 2^63 + 2^63.
    const auto half = {255, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1};
    core::Bytes bytes = opening_of({64});
    bytes.insert(bytes.end(), half.begin(), half.end());
    bytes = with_digests(bytes, half);
    const auto opening = Opening::decode(bytes);
    ASSERT_TRUE(opening);
    EXPECT_EQ(VerifiedOpening::create(empty_tree_root(), *opening).error().code, core::errc::overflow);
    // One more than a half holds.
    const auto more = {255, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1};
    bytes = opening_of({64});
    bytes.insert(bytes.end(), more.begin(), more.end());
    EXPECT_EQ(refusal(with_digests(bytes, half)), core::errc::count_too_large);
}

TEST(OpeningCodec, AForgedSumLeadsToAnotherRoot) {
    // The children of an honest node with counts moved from one to the other: same total, other root.
    const Subtree left = by_definition({0, 1});
    const Subtree right = by_definition({4, 5, 6});
    const TreeRoot honest = tree_root({node_digest(3, 0, left, right), 5});
    const auto forged = [&](int first, int second) {
        core::Bytes bytes = opening_of({3, 0, 0, 0, 0, 0, 0, 0, 0, 255, first});
        core::append(bytes, left.digest.view());
        bytes.push_back(255);
        bytes.push_back(static_cast<std::uint8_t>(second));
        core::append(bytes, right.digest.view());
        return VerifiedOpening::create(honest, *Opening::decode(bytes));
    };
    EXPECT_TRUE(forged(2, 3));
    EXPECT_EQ(forged(3, 2).error().code, proof::errc::root_mismatch);
    EXPECT_EQ(forged(2, 4).error().code, proof::errc::count_mismatch);
}

TEST(OpeningCodec, ALeafIsNoNodeAndNoRoot) {
    // The digest of a leaf where a subtree of two nonces should be, and the root as a subtree of itself.
    const TreeRoot two = NonceTree{Nonces{0, 1}}.root();
    core::Bytes bytes = opening_of({255, 2});
    core::append(bytes, two.root.view());
    EXPECT_EQ(VerifiedOpening::create(two, *Opening::decode(bytes)).error().code, proof::errc::root_mismatch);
    EXPECT_EQ(VerifiedOpening::create(two, Opening{}).error().code, proof::errc::count_mismatch);
    NonceTree tree{Nonces{0, 1}};
    EXPECT_EQ(VerifiedOpening::create(empty_tree_root(), *tree.open({.ranks = {0}})).error().code,
              proof::errc::count_mismatch);
}

TEST(OpeningCodec, EveryStringOfUpToThreeBytesIsRefusedOrCanonical) {
    for (std::uint32_t value = 0; value < (1u << 24); value += is_long() ? 1u : 101u) {
        const core::Bytes bytes{static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(value >> 8),
                                static_cast<std::uint8_t>(value >> 16)};
        const auto opening = Opening::decode_body(bytes);
        if (opening) {
            EXPECT_EQ(opening->encode_body(), bytes);
        }
    }
}

TEST(Ranges, OverlapAndRoom) {
    const std::vector<NonceRange> ranges{{2, 4}, {5, 7}, {10, UINT64_MAX}};
    EXPECT_TRUE(are_ascending(ranges));
    EXPECT_FALSE(are_ascending(std::vector<NonceRange>{{2, 4}, {4, 7}}));
    EXPECT_FALSE(are_ascending(std::vector<NonceRange>{{2, 1}}));
    EXPECT_EQ(overlap(2, 7, ranges), Overlap::whole);
    EXPECT_EQ(overlap(2, 8, ranges), Overlap::part);
    EXPECT_EQ(overlap(8, 9, ranges), Overlap::none);
    EXPECT_EQ(overlap(0, 2, ranges), Overlap::part);
    EXPECT_EQ(overlap(9, 10, ranges), Overlap::part);
    EXPECT_EQ(overlap(UINT64_MAX, UINT64_MAX, ranges), Overlap::whole);
    EXPECT_EQ(overlap(0, UINT64_MAX, ranges), Overlap::part);
    EXPECT_EQ(overlap(0, UINT64_MAX, std::vector<NonceRange>{{0, UINT64_MAX}}), Overlap::whole);
    EXPECT_EQ(overlap(0, 0, {}), Overlap::none);
    const std::vector<NonceRange> six{{2, 4}, {5, 7}};
    EXPECT_TRUE(can_hold(six, 6));
    EXPECT_FALSE(can_hold(six, 7));
    EXPECT_TRUE(can_hold({}, 0));
    EXPECT_TRUE(can_hold(std::vector<NonceRange>{{0, UINT64_MAX}}, UINT64_MAX));
}

}  // namespace
}  // namespace pouw::inline v1::proof
