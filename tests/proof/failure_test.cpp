/// A backend that fails in the middle of a verification gives an error, never a verdict.
#include "pow/failing_backend.hpp"
#include "proof/fixture.hpp"

#include "pouw/pow/errc.hpp"
#include "pouw/proof/errc.hpp"
#include "pouw/proof/fraud_proof.hpp"
#include "pouw/proof/sampling.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::proof {
namespace {

using pouw::test::FailingBackend;
using test::node_key;
using test::tiny_claim;
using test::tiny_config;
using test::tiny_terms;

const FailingBackend failing{"failing"};

pow::Race failing_race() {
    failing.fail_after(FailingBackend::never);
    return pow::Race::create(tiny_config(), tiny_terms().race_seed, failing).value();
}

constexpr std::int64_t after[]{0, 1, 3};

TEST(Failure, OfTheBackendIsAnErrorOfVerify) {
    const pow::Race race = failing_race();
    const Proof proof = sign(tiny_claim(), node_key());
    ASSERT_GE(proof.claim.nonces.size(), 4 * race.network().preferred_batch());
    for (const unsigned threads : {1u, 2u}) {
        for (const bool first : {true, false}) {
            const VerifyOptions options = test::unsound({.threads = threads, .stop_at_first_failure = first});
            for (const std::int64_t batches : after) {
                failing.fail_after(batches);
                const auto verdict = verify(tiny_terms(), proof, race, options);
                ASSERT_FALSE(verdict) << threads << ' ' << batches;
                EXPECT_EQ(verdict.error().code, pow::errc::backend_failed);
            }
            failing.fail_after(0, FailingBackend::With::error, false);
            EXPECT_EQ(verify(tiny_terms(), proof, race, options).error().code, pow::errc::backend_failed);
            failing.fail_after(1, FailingBackend::With::bad_alloc);
            EXPECT_THROW((void)verify(tiny_terms(), proof, race, options), std::bad_alloc);
        }
    }
    failing.fail_after(FailingBackend::never);
    EXPECT_TRUE(verify(tiny_terms(), proof, race, test::unsound())->valid());
}

TEST(Failure, OfTheBackendIsAnErrorOfVerifySampled) {
    const pow::Race race = failing_race();
    const Commitment commitment = sign(*commitment_claim(tiny_claim()), node_key());
    NonceTree tree{tiny_claim().nonces};
    const SamplingSeed seed{core::BeaconOutput{}};
    const SoundnessTarget target = SoundnessTarget::create({1, tree.count()}, 100).value();  // all of them
    const Opening opening = *tree.open({.ranks = sample_ranks(seed, commitment.claim, tree.count())});
    for (const unsigned threads : {1u, 2u}) {
        for (const std::int64_t batches : after) {
            failing.fail_after(batches);
            const auto verdict = verify(tiny_terms(), seed, target, commitment, opening, race,
                                        test::unsound({.threads = threads}));
            ASSERT_FALSE(verdict) << threads << ' ' << batches;
            EXPECT_EQ(verdict.error().code, pow::errc::backend_failed);
        }
        failing.fail_after(0, FailingBackend::With::error, false);
        EXPECT_EQ(
            verify(tiny_terms(), seed, target, commitment, opening, race, test::unsound({.threads = threads}))
                .error()
                .code,
            pow::errc::backend_failed);
    }
}

TEST(Failure, OfTheBackendIsNoRefusalOfAFraudProof) {
    const pow::Race race = failing_race();
    NonceTree tree{tiny_claim().nonces};
    const FraudProof accusation{sign(*commitment_claim(tiny_claim()), node_key()),
                                *tree.open({.ranks = {0}})};
    EXPECT_EQ(verify(tiny_terms(), accusation, race).error().code, proof::errc::passing_nonce);
    failing.fail_after(0);
    EXPECT_EQ(verify(tiny_terms(), accusation, race).error().code, pow::errc::backend_failed);
    failing.fail_after(0, FailingBackend::With::error, false);
    EXPECT_EQ(verify(tiny_terms(), accusation, race).error().code, pow::errc::backend_failed);
}

}  // namespace
}  // namespace pouw::inline v1::proof
