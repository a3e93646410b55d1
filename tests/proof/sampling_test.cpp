#include "pouw/proof/sampling.hpp"

#include "proof/fixture.hpp"
#include "proof/tree_hash.hpp"
#include "random.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/crypto/evidence.hpp"
#include "pouw/pow/errc.hpp"
#include "pouw/proof/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <type_traits>

namespace pouw::inline v1::proof {
namespace {

using pouw::test::Random;
using test::node_key;
using test::tiny_claim;
using test::tiny_race;
using test::tiny_terms;
using test::unsound;

SamplingSeed beacon(std::uint64_t number) {
    core::BeaconOutput output;
    const auto bytes = core::to_le(number);
    std::copy(bytes.begin(), bytes.end(), output.bytes.begin());
    return SamplingSeed{output};
}

CommitmentClaim claim_of(const TreeRoot& tree) {
    CommitmentClaim claim = *commitment_claim(tiny_claim());
    claim.tree = tree;
    return claim;
}

SoundnessTarget target_of(core::Fraction false_fraction, std::uint32_t bits) {
    return SoundnessTarget::create(false_fraction, bits).value();
}

/// A target that needs exactly this number of samples: against one half, each sample adds a bit or more.
SoundnessTarget target_for(std::uint64_t count, std::uint64_t samples) {
    const SoundnessTarget target =
        target_of({1, 2}, stats::soundness_bits(count, stats::marked_at_least(count, {1, 2}), samples));
    EXPECT_EQ(samples_for(target, count).value(), samples);
    return target;
}

TEST(SoundnessTargets, WithoutAShareOrABitAreRefused) {
    EXPECT_EQ(SoundnessTarget::create({1, 10}, 0).error().code, proof::errc::invalid_target);
    EXPECT_EQ(SoundnessTarget::create({0, 10}, 20).error().code, proof::errc::invalid_target);
    EXPECT_EQ(SoundnessTarget::create({11, 10}, 20).error().code, proof::errc::invalid_target);
    EXPECT_EQ(SoundnessTarget::create({}, 20).error().code, proof::errc::invalid_target);
    const SoundnessTarget target = target_of({1, 10}, 1);
    EXPECT_EQ(target.false_fraction(), (core::Fraction{1, 10}));
    EXPECT_EQ(target.soundness_bits(), 1u);
    // Of a set that is not empty, every target needs a sample.
    for (const std::uint64_t count : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{1000}, UINT64_MAX}) {
        for (const core::Fraction share :
             {core::Fraction{1, 1}, core::Fraction{1, 2}, core::Fraction{1, 100}})
            EXPECT_GE(samples_for(target_of(share, 1), count).value(), 1u);
    }
    EXPECT_EQ(samples_for(target, 0).value(), 0u);
}

TEST(SoundnessTargets, ACountWithoutSamplesHasNoWeight) {
    SampleVerdict verdict;
    verdict.claimed = 1'000'000;
    EXPECT_TRUE(verdict.valid());
    EXPECT_EQ(verdict.weight(), 0u);
    verdict.soundness_bits = stats::certain;
    EXPECT_EQ(verdict.weight(), 0u);
    verdict.samples = 20;
    EXPECT_EQ(verdict.weight(), 0u);
    verdict.passed = 20;
    EXPECT_EQ(verdict.weight(), 1'000'000u);
    // A whole commitment, opened by nothing.
    const Commitment commitment = sign(*commitment_claim(tiny_claim()), node_key());
    const auto refused = verify(tiny_terms(), beacon(9), target_of({1, 1}, 1), commitment,
                                *NonceTree{tiny_claim().nonces}.open({}), tiny_race(), unsound());
    EXPECT_EQ(refused->refusal->code, proof::errc::insufficient_soundness);
    EXPECT_EQ(refused->weight(), 0u);
}

TEST(SampleRanks, AreDifferentBelowTheCountAndNested) {
    for (const std::uint64_t count : {std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{1000}, UINT64_MAX}) {
        const CommitmentClaim claim = claim_of({{}, count});
        const auto all = sample_ranks(beacon(1), claim, 40);
        EXPECT_EQ(all.size(), std::min<std::uint64_t>(40, count));
        EXPECT_EQ(std::set<std::uint64_t>(all.begin(), all.end()).size(), all.size());
        EXPECT_LT(*std::max_element(all.begin(), all.end()), count);
        for (std::uint64_t fewer = 0; fewer < all.size(); ++fewer) {
            const auto some = sample_ranks(beacon(1), claim, fewer);
            EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
        }
    }
    EXPECT_TRUE(sample_ranks(beacon(1), claim_of(empty_tree_root()), 5).empty());
}

TEST(SampleRanks, DependOnSeedRootCountAndNode) {
    const CommitmentClaim claim = claim_of({{}, 1'000'000});
    const auto ranks = sample_ranks(beacon(1), claim, 20);
    EXPECT_NE(sample_ranks(beacon(2), claim, 20), ranks);
    CommitmentClaim other = claim;
    other.tree.root.bytes[0] ^= 1;
    EXPECT_NE(sample_ranks(beacon(1), other, 20), ranks);
    other = claim;
    other.terms.node = node_key(2).public_key();
    EXPECT_NE(sample_ranks(beacon(1), other, 20), ranks);
    EXPECT_EQ(sample_ranks(PrivateSeed{beacon(1).bytes()}, claim, 20), ranks);
    EXPECT_NE(sample_ranks(PrivateSeed::generate(), claim, 20),
              sample_ranks(PrivateSeed::generate(), claim, 20));
}

TEST(SampleRanks, NothingElseThatTheNodeChoosesGivesASecondDraw) {
    const CommitmentClaim claim = claim_of({{}, 1'000'000});
    const auto ranks = sample_ranks(beacon(1), claim, 20);
    CommitmentClaim other = claim;
    for (std::uint64_t last = 1'000'000; last < 1'000'100; ++last) {
        other.ranges = {{0, last}};
        EXPECT_NE(signing_digest(other), signing_digest(claim));
        EXPECT_EQ(sample_ranks(beacon(1), other, 20), ranks);
    }
}

TEST(SampleRanks, EveryPairIsAsLikely) {
    // 10 ranks, 2 drawn: 45 pairs, 45,000 draws. Chi-square with 44 degrees of freedom; 85 is one in 5,000.
    const CommitmentClaim claim = claim_of({{}, 10});
    std::map<std::set<std::uint64_t>, int> seen;
    for (std::uint64_t number = 0; number < 45000; ++number) {
        const auto ranks = sample_ranks(beacon(number), claim, 2);
        ++seen[{ranks.begin(), ranks.end()}];
    }
    EXPECT_EQ(seen.size(), 45u);
    double chi_square = 0;
    for (const auto& [pair, times] : seen) chi_square += (times - 1000) * (times - 1000) / 1000.0;
    EXPECT_LT(chi_square, 85);
}

// Cheats
// --------------------------------------------------------------------------------------------------------------

constexpr std::uint8_t tree_height = 7;
constexpr std::uint64_t places = 1 << tree_height;
constexpr std::uint8_t gap_bits =
    8;  // the honest tree has the nonces 0, 256, 512, ...: room for lies about counts

constexpr std::uint64_t nonce_at(std::uint64_t place) { return place << gap_bits; }
constexpr std::uint64_t cheats = 10000;

/// A tree as a cheater may hash it, whatever the rules say, and the openings he can write of it.
struct Forgery {
    std::vector<crypto::Hash256> leaves;  ///< what stands at each place
    /// Changes the subtree that a parent is told, by height and first place.
    std::function<void(std::uint8_t, std::uint64_t, Subtree&)> lie = [](std::uint8_t, std::uint64_t,
                                                                        Subtree&) {};

    Forgery() {
        for (std::uint64_t place = 0; place < places; ++place) leaves.push_back(leaf_digest(nonce_at(place)));
    }
    [[nodiscard]] Subtree subtree(std::uint8_t height, std::uint64_t place) const {
        Subtree out{height == 0 ? leaves[place] : crypto::Hash256{}, 1};
        if (height > 0) {
            const Subtree left = subtree(height - 1, place);
            const Subtree right = subtree(height - 1, right_low(place, height));
            out = {node_digest(static_cast<std::uint8_t>(height + gap_bits), nonce_at(place), left, right),
                   left.count + right.count};
        }
        lie(height, place, out);
        return out;
    }
    [[nodiscard]] TreeRoot root() const { return tree_root(subtree(tree_height, 0)); }

    /// The best answer: every sampled place shown as a leaf, all else as it was told.
    void write(core::Bytes& out, std::uint8_t height, std::uint64_t place,
               const std::set<std::uint64_t>& shown) const {
        const auto next = shown.lower_bound(place);
        if (next == shown.end() || *next > place_end(place, height)) {
            const Subtree told = subtree(height, place);
            out.push_back(255);
            std::uint64_t count = told.count;
            for (; count >= 128; count >>= 7) out.push_back(static_cast<std::uint8_t>(count | 128));
            out.push_back(static_cast<std::uint8_t>(count));
            return core::append(out, told.digest.view());
        }
        out.push_back(height == 0 ? 0 : static_cast<std::uint8_t>(height + gap_bits));
        if (height == tree_height) out.insert(out.end(), (64 - tree_height - gap_bits + 7) / 8, 0);
        if (height == 0) return out.insert(out.end(), gap_bits / 8, 0), void();
        write(out, height - 1, place, shown);
        write(out, height - 1, right_low(place, height), shown);
    }
    [[nodiscard]] Opening opening(const std::vector<std::uint64_t>& ranks) const {
        core::Bytes body;
        write(body, tree_height, 0, {ranks.begin(), ranks.end()});
        return Opening::decode_body(body).value();
    }
};

/// Judges 10,000 challenges and compares how often the cheat is missed with the formula: within 4.5 standard
/// deviations. `is_missed` is asked only when the opening is accepted; `unopenable` are the ranks that cannot
/// be shown.
void simulate(const Forgery& forgery, std::uint64_t bad, std::uint64_t samples,
              const std::function<bool(const VerifiedOpening&)>& all_pass, std::uint64_t first_seed) {
    const CommitmentClaim claim = claim_of(forgery.root());
    const SoundnessTarget target = target_for(claim.tree.count, samples);
    double miss = 1;
    for (std::uint64_t i = 0; i < samples; ++i) {
        miss *= static_cast<double>(claim.tree.count - bad - i) / static_cast<double>(claim.tree.count - i);
    }
    // The formula of the library bounds it.
    EXPECT_GE(miss, std::exp2(-1.0 - stats::soundness_bits(claim.tree.count, bad, samples)));
    EXPECT_LE(miss, std::exp2(-1.0 * stats::soundness_bits(claim.tree.count, bad, samples)) * 1.000001);
    std::uint64_t missed = 0;
    for (std::uint64_t number = 0; number < cheats; ++number) {
        const SamplingSeed seed = beacon(first_seed + number);
        std::vector<std::uint64_t> ranks = sample_ranks(seed, claim, samples);
        // A rank beyond the places cannot even be written down.
        std::erase_if(ranks, [](std::uint64_t rank) { return rank >= places; });
        const auto opened = verify_samples(seed, target, claim, forgery.opening(ranks));
        missed += opened && all_pass(opened->opening());
    }
    const double deviation = std::sqrt(cheats * miss * (1 - miss));
    EXPECT_NEAR(static_cast<double>(missed), cheats * miss, 4.5 * deviation + 1);
}

bool everything_passes(const VerifiedOpening&) { return true; }

TEST(Cheats, FalseNoncesAreCaughtAsOftenAsTheFormulaSays) {
    for (const std::uint64_t bad : {1u, 6u, 20u, 64u}) {
        for (const std::uint64_t samples : {3u, 12u, 40u}) {
            const auto all_pass = [bad](const VerifiedOpening& opened) {
                return std::all_of(
                    opened.leaves().begin(), opened.leaves().end(),
                    [bad](const VerifiedOpening::Leaf& leaf) { return leaf.rank * 37 % places >= bad; });
            };
            simulate(Forgery{}, bad, samples, all_pass, 1'000'000 * bad + samples);
        }
    }
}

TEST(Cheats, RepeatedNonces) {
    // Some places repeat the leaf of a true nonce: no opening leads there, for the path of a nonce is the
    // nonce.
    Forgery forgery;
    for (std::uint64_t i = 0; i < 10; ++i) forgery.leaves[11 * i + 3] = leaf_digest(nonce_at(2));
    simulate(forgery, 10, 12, everything_passes, 1);
}

TEST(Cheats, RepeatedSubtrees) {
    // One true subtree of eight stands at a second place too.
    Forgery forgery;
    forgery.lie = [](std::uint8_t height, std::uint64_t place, Subtree& told) {
        if (height == 3 && place == 64) told = Forgery{}.subtree(3, 8);
    };
    simulate(forgery, 8, 12, everything_passes, 2);
}

TEST(Cheats, AWrongCount) {
    // The 32 places from 64 on say that they are 44: with this lie above it, nothing below can be shown.
    constexpr std::uint64_t lie = 12;
    Forgery forgery;
    forgery.lie = [](std::uint8_t height, std::uint64_t place, Subtree& told) {
        if (height == 5 && place == 64) told.count += lie;
    };
    const CommitmentClaim claim = claim_of(forgery.root());
    EXPECT_EQ(claim.tree.count, places + lie);
    const SoundnessTarget target = target_for(places + lie, 6);
    std::uint64_t missed = 0;
    for (std::uint64_t number = 0; number < cheats; ++number) {
        const auto ranks = sample_ranks(beacon(number), claim, 6);
        std::vector<std::uint64_t> shown;  // of the ranks in the lie the best that there is
        bool touched = false;
        for (const std::uint64_t rank : ranks) {
            const bool lied_about = rank >= 64 && rank < 64 + 32 + lie;
            touched |= lied_about;
            shown.push_back(lied_about ? std::min<std::uint64_t>(rank, 95) : rank < 64 ? rank : rank - lie);
        }
        const auto opened = verify_samples(beacon(number), target, claim, forgery.opening(shown));
        EXPECT_EQ(opened.has_value(), !touched);
        missed += opened.has_value();
    }
    double miss = 1;
    for (int i = 0; i < 6; ++i) miss *= (96.0 - i) / (140 - i);
    EXPECT_NEAR(static_cast<double>(missed), cheats * miss, 4.5 * std::sqrt(cheats * miss * (1 - miss)));
}

TEST(Cheats, ACountThatHasNoRoomIsNotEvenRead) {
    Forgery forgery;
    forgery.lie = [](std::uint8_t height, std::uint64_t place, Subtree& told) {
        if (height == 5 && place == 64) told.count = (std::uint64_t{1} << (5 + gap_bits)) + 1;
    };
    core::Bytes body;
    forgery.write(body, tree_height, 0, {96});  // so that the liar is a stub of its own
    const auto opening = Opening::decode_body(body);
    ASSERT_FALSE(opening);
    EXPECT_EQ(opening.error().code, core::errc::count_too_large);
}

TEST(Cheats, OmittedSubtrees) {
    // A digest of nothing for 16 places.
    Forgery forgery;
    forgery.lie = [](std::uint8_t height, std::uint64_t place, Subtree& told) {
        if (height == 4 && place == 32) told.digest.bytes.fill(7);
    };
    simulate(forgery, 16, 8, everything_passes, 3);
}

TEST(Cheats, AnotherTreeIsAlwaysCaught) {
    Forgery committed;
    committed.leaves[0] = leaf_digest(nonce_at(5));
    const CommitmentClaim claim = claim_of(committed.root());
    const Forgery answered;
    const SoundnessTarget target = target_for(places, 3);
    for (std::uint64_t number = 0; number < cheats; ++number) {
        const auto ranks = sample_ranks(beacon(number), claim, 3);
        const auto opened = verify_samples(beacon(number), target, claim, answered.opening(ranks));
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, proof::errc::root_mismatch);
    }
}

TEST(Cheats, AnotherCountIsAlwaysCaught) {
    const Forgery forgery;
    const CommitmentClaim honest = claim_of(forgery.root());
    for (const std::uint64_t count : {std::uint64_t{0}, places - 1, places + 1, UINT64_MAX}) {
        const CommitmentClaim claim = claim_of({forgery.root().root, count});
        for (std::uint64_t number = 0; number < 50; ++number) {
            // As many of the true places as samples are asked for, so that nothing but the count is wrong.
            const std::vector<std::uint64_t> ranks = sample_ranks(beacon(number), honest, 5);
            const SoundnessTarget target = count == 0 ? target_of({1, 10}, 1) : target_for(count, 5);
            const auto opened = verify_samples(beacon(number), target, claim, forgery.opening(ranks));
            EXPECT_EQ(opened.error().code,
                      count == 0 ? proof::errc::wrong_samples : proof::errc::count_mismatch);
        }
    }
}

TEST(Samples, AreExactlyThoseOfTheSeed) {
    const Forgery honest;
    const CommitmentClaim claim = claim_of(honest.root());
    const SoundnessTarget target = target_of({1, 10}, 4);
    const std::uint64_t needed = *samples_for(target, places);
    auto ranks = sample_ranks(beacon(1), claim, needed);
    const auto refusal = [&](const std::vector<std::uint64_t>& shown) {
        const auto opened = verify_samples(beacon(1), target, claim, honest.opening(shown));
        return opened ? core::error_code{} : opened.error().code;
    };
    EXPECT_EQ(refusal(ranks), core::error_code{});
    EXPECT_EQ(refusal(sample_ranks(beacon(1), claim, needed - 1)), proof::errc::insufficient_soundness);
    // Not one forward pass more than the verifier's own terms say, however true the other samples are.
    EXPECT_EQ(refusal(sample_ranks(beacon(1), claim, needed + 1)), proof::errc::wrong_samples);
    EXPECT_EQ(refusal(sample_ranks(beacon(1), claim, places)), proof::errc::wrong_samples);
    EXPECT_EQ(refusal(sample_ranks(beacon(2), claim, needed)), proof::errc::wrong_samples);
    EXPECT_EQ(refusal({}), proof::errc::insufficient_soundness);
    ranks.back() = (ranks.back() + 1) % places;
    EXPECT_EQ(refusal(ranks), proof::errc::wrong_samples);
    // A node that shows two cut subtrees where nobody asked.
    std::vector<std::uint64_t> tree_nonces(places);
    for (std::uint64_t i = 0; i < places; ++i) tree_nonces[i] = nonce_at(i);
    NonceTree tree{tree_nonces};
    ASSERT_EQ(tree.root(), honest.root());
    const auto sampled = sample_ranks(beacon(1), claim, needed);
    EXPECT_TRUE(verify_samples(beacon(1), target, claim, *tree.open({.ranks = sampled})));
    EXPECT_EQ(
        verify_samples(beacon(1), target, claim,
                       *tree.open({.ranks = sampled,
                                   .ranges = {{nonce_at(1), nonce_at(2)}, {nonce_at(33), nonce_at(77)}}}))
            .error()
            .code,
        proof::errc::wrong_samples);
}

// With forward passes
// ---------------------------------------------------------------------------------------------

/// A commitment to the first nonces of the fixture, `bad` false ones among them.
Claim claim_with_false(std::size_t bad) {
    Claim claim = tiny_claim();
    for (std::uint64_t nonce = 0; nonce < test::outcomes().size() && bad > 0; ++nonce) {
        if (test::outcomes()[nonce]) continue;
        claim.nonces.push_back(nonce);
        --bad;
    }
    std::sort(claim.nonces.begin(), claim.nonces.end());
    return claim;
}

TEST(VerifySampled, AcceptsAnHonestNodeAndStatesTheSoundness) {
    const Commitment commitment = sign(*commitment_claim(tiny_claim()), node_key());
    NonceTree tree{tiny_claim().nonces};
    const SoundnessTarget target = target_of({1, 4}, 2);
    const std::uint64_t samples = *samples_for(target, tree.count());
    const Opening opening = *tree.open({.ranks = sample_ranks(beacon(9), commitment.claim, samples)});
    const auto verdict = verify(tiny_terms(), beacon(9), target, commitment, opening, tiny_race(), unsound());
    ASSERT_TRUE(verdict);
    EXPECT_TRUE(verdict->valid());
    EXPECT_EQ(verdict->weight(), tree.count());
    EXPECT_EQ(verdict->samples, samples);
    EXPECT_EQ(verdict->passed, samples);
    EXPECT_GE(verdict->soundness_bits, 2u);
    EXPECT_FALSE(verdict->fraud_proof);
    const Opening all = *tree.open({.ranks = sample_ranks(beacon(9), commitment.claim, tree.count())});
    const SoundnessTarget whole = target_of({1, tree.count()}, stats::certain);
    EXPECT_EQ(
        verify(tiny_terms(), PrivateSeed{beacon(9).bytes()}, whole, commitment, all, tiny_race(), unsound())
            ->soundness_bits,
        stats::certain);
}

TEST(VerifySampled, AModelThatIsNotKnownToBeSoundHasNoWeight) {
    const Commitment commitment = sign(*commitment_claim(tiny_claim()), node_key());
    NonceTree tree{tiny_claim().nonces};
    const SoundnessTarget target = target_of({1, 4}, 2);
    const std::uint64_t samples = *samples_for(target, tree.count());
    const Opening opening = *tree.open({.ranks = sample_ranks(beacon(9), commitment.claim, samples)});
    const auto verified = verify_samples(beacon(9), target, commitment.claim, opening);
    for (const auto& verdict : {verify(tiny_terms(), beacon(9), target, commitment, opening, tiny_race()),
                                recompute_samples(commitment, *verified, tiny_race())}) {
        ASSERT_TRUE(verdict);
        EXPECT_EQ(verdict->refusal->code, pow::errc::unsound_config);
        EXPECT_EQ(verdict->evaluated, 0u);
        EXPECT_EQ(verdict->weight(), 0u);
    }
}

TEST(VerifySampled, AHundredTimesTheSamplesCostNoForwardPass) {
    const Commitment commitment = sign(*commitment_claim(tiny_claim()), node_key());
    NonceTree tree{tiny_claim().nonces};
    const SoundnessTarget target = target_of({1, 1}, 1);
    EXPECT_EQ(samples_for(target, tree.count()).value(), 1u);
    const Opening all = *tree.open({.ranks = sample_ranks(beacon(9), commitment.claim, tree.count())});
    const auto verdict = verify(tiny_terms(), beacon(9), target, commitment, all, tiny_race(), unsound());
    EXPECT_EQ(verdict->refusal->code, proof::errc::wrong_samples);
    EXPECT_EQ(verdict->evaluated, 0u);
    EXPECT_EQ(verdict->weight(), 0u);
}

TEST(VerifySampled, RanksThatTheNodeChoseAreNoSamples) {
    static_assert(!std::is_constructible_v<VerifiedSamples, VerifiedOpening>);
    static_assert(!std::is_default_constructible_v<VerifiedSamples>);
    static_assert(!std::is_invocable_v<decltype(recompute_samples), Commitment, VerifiedOpening, pow::Race,
                                       VerifyOptions>);
    const Claim claim = claim_with_false(1);
    const Commitment commitment = sign(*commitment_claim(claim), node_key());
    NonceTree tree{claim.nonces};
    std::vector<std::uint64_t> true_ranks;
    for (std::uint64_t rank = 0; rank < claim.nonces.size(); ++rank)
        if (test::outcomes()[claim.nonces[rank]]) true_ranks.push_back(rank);
    const auto opened = VerifiedOpening::create(tree.root(), *tree.open({.ranks = true_ranks}));
    const auto shown = recompute_shown(commitment, *opened, tiny_race());
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->passed, true_ranks.size());
    EXPECT_FALSE(shown->false_nonce || shown->fraud_proof);
    // Samples of one commitment are not those of another.
    const auto samples = verify_samples(beacon(9), target_for(tree.count(), 3), commitment.claim,
                                        *tree.open({.ranks = sample_ranks(beacon(9), commitment.claim, 3)}));
    ASSERT_TRUE(samples);
    EXPECT_TRUE(samples->are_of(commitment.claim));
    EXPECT_FALSE(samples->are_of(*commitment_claim(tiny_claim())));
}

TEST(VerifySampled, TheEmptyCommitmentIsValidAndWeighsNothing) {
    Claim claim = tiny_claim();
    claim.nonces.clear();
    const Commitment commitment = sign(*commitment_claim(claim), node_key());
    const auto verdict = verify(tiny_terms(), beacon(9), target_of({1, 100}, 64), commitment, Opening{},
                                tiny_race(), unsound());
    EXPECT_TRUE(verdict->valid());
    EXPECT_EQ(verdict->weight(), 0u);
}

TEST(VerifySampled, AFalseNonceMakesAFraudProofThatConvinces) {
    const Claim claim = claim_with_false(3);
    const Commitment commitment = sign(*commitment_claim(claim), node_key());
    NonceTree tree{claim.nonces};
    const SoundnessTarget target = target_of({1, tree.count()}, stats::certain);
    const Opening opening = *tree.open({.ranks = sample_ranks(beacon(3), commitment.claim, tree.count())});
    const auto verdict =
        verify(tiny_terms(), beacon(3), target, commitment, opening, tiny_race(), unsound({.threads = 2}));
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->refusal->code, proof::errc::false_nonce);
    EXPECT_EQ(verdict->weight(), 0u);
    EXPECT_EQ(verdict->soundness_bits, 0u);
    ASSERT_TRUE(verdict->false_nonce && verdict->fraud_proof);
    EXPECT_FALSE(test::outcomes()[verdict->false_nonce->nonce]);
    const auto decoded = FraudProof::decode(verdict->fraud_proof->encode());
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, *verdict->fraud_proof);
    const auto verified = verify(tiny_terms(), *decoded, tiny_race());
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->false_nonce(), *verdict->false_nonce);
    EXPECT_EQ(verified->evidence(), crypto::evidence_digest(decoded->encode()));
    const core::Conviction expected{node_key().public_key(), core::Ground::false_nonce, verified->evidence(),
                                    core::Height{17}};
    EXPECT_EQ(verified->conviction(17), expected);
}

TEST(VerifySampled, RefusesInOrder) {
    const Commitment commitment = sign(*commitment_claim(tiny_claim()), node_key());
    NonceTree tree{tiny_claim().nonces};
    const SoundnessTarget target = target_of({1, 4}, 2);
    Terms other = tiny_terms();
    ++other.threshold;
    Commitment forged = commitment;
    forged.signature.bytes[0] ^= 1;
    const Opening few = *tree.open({.ranks = sample_ranks(beacon(9), commitment.claim, 1)});
    EXPECT_EQ(verify(other, beacon(9), target, commitment, few, tiny_race(), unsound())->refusal->code,
              proof::errc::threshold_mismatch);
    EXPECT_EQ(verify(tiny_terms(), beacon(9), target, forged, few, tiny_race(), unsound())->refusal->code,
              crypto::errc::invalid_signature);
    const auto verdict = verify(tiny_terms(), beacon(9), target, commitment, few, tiny_race(), unsound());
    EXPECT_EQ(verdict->refusal->code, proof::errc::insufficient_soundness);
    EXPECT_EQ(verdict->evaluated, 0u);
    EXPECT_EQ(verdict->weight(), 0u);
    const std::uint64_t samples = *samples_for(target, tree.count());
    const Opening enough = *tree.open({.ranks = sample_ranks(beacon(9), commitment.claim, samples)});
    EXPECT_EQ(
        verify(tiny_terms(), beacon(8), target, commitment, enough, tiny_race(), unsound())->refusal->code,
        proof::errc::wrong_samples);
}

TEST(FraudProof, AnInnocentNodeIsNotConvicted) {
    const Commitment commitment = sign(*commitment_claim(tiny_claim()), node_key());
    NonceTree tree{tiny_claim().nonces};
    const FraudProof accusation{commitment, *tree.open({.ranks = {2}})};
    const auto refusal = [](const FraudProof& proof) {
        return verify(tiny_terms(), proof, tiny_race()).error().code;
    };
    EXPECT_EQ(refusal(accusation), proof::errc::passing_nonce);
    EXPECT_EQ(refusal({commitment, *tree.open({.ranks = {2, 3}})}), proof::errc::wrong_samples);
    EXPECT_EQ(refusal({commitment, *tree.open({})}), proof::errc::wrong_samples);
    EXPECT_EQ(refusal({commitment, Opening{}}), proof::errc::count_mismatch);
    // A nonce that the node did not commit to: shown absent, or in a tree of the accuser's.
    EXPECT_EQ(refusal({commitment, *tree.open({.nonces = {UINT64_MAX}})}), proof::errc::wrong_samples);
    NonceTree other{claim_with_false(1).nonces};
    EXPECT_EQ(refusal({commitment, *other.open({.ranks = {0}})}), proof::errc::count_mismatch);
    // A commitment that the node did not sign.
    FraudProof forged{commitment, *other.open({.ranks = {0}})};
    forged.commitment.claim.tree = other.root();
    EXPECT_EQ(refusal(forged), crypto::errc::invalid_signature);
    forged.commitment = sign(*commitment_claim(claim_with_false(1)), node_key());
    forged.commitment.claim.terms.node = node_key(2).public_key();
    EXPECT_EQ(refusal(forged), proof::errc::node_mismatch);
}

TEST(FraudProof, TruncationsExtensionsAndFlipsAreRefused) {
    const Claim claim = claim_with_false(1);
    NonceTree tree{claim.nonces};
    std::uint64_t rank = 0;
    while (test::outcomes()[claim.nonces[rank]]) ++rank;
    const FraudProof proof{sign(*commitment_claim(claim), node_key()), *tree.open({.ranks = {rank}})};
    const core::Bytes good = proof.encode();
    EXPECT_TRUE(verify(tiny_terms(), *FraudProof::decode(good), tiny_race()));
    const std::size_t body = good.size() - proof.opening.encode_body().size();
    for (std::size_t size = 0; size < good.size(); ++size) {
        const auto decoded = FraudProof::decode(core::ByteView{good}.first(size));
        // The opening may be empty, and an empty opening is of the empty tree alone.
        EXPECT_EQ(decoded.has_value(), size == body) << size;
        if (!decoded) {
            EXPECT_EQ(decoded.error().code, core::errc::truncated);
        }
    }
    core::Bytes longer = good;
    longer.push_back(0);
    EXPECT_EQ(FraudProof::decode(longer).error().code, core::errc::trailing_bytes);
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        core::Bytes bytes = good;
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        const auto decoded = FraudProof::decode(bytes);
        if (decoded) {
            EXPECT_EQ(decoded->encode(), bytes);
        }
        EXPECT_FALSE(decoded && accused_nonce(tiny_terms(), *decoded)) << bit;
    }
}

}  // namespace
}  // namespace pouw::inline v1::proof
