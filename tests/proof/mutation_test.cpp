/// 10,000 mutated proofs: the verifier accepts exactly those that the reference implementation accepts. More
/// than half are signed again after the mutation, so that what stands behind the signature is tested too.
#include "proof/fixture.hpp"
#include "vectors.hpp"

#include "pouw/proof/verify.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace pouw::inline v1::proof {
namespace {

using pouw::test::Json;

bool accepts(core::ByteView bytes, const Terms& expected, const pow::Race& race) {
    const auto proof = Proof::decode(bytes);
    return proof && verify(expected, *proof, race, test::unsound({.threads = 2}))->valid();
}

TEST(Mutation, AcceptsExactlyWhatTheReferenceAccepts) {
    std::ifstream file{POUW_MUTANTS};
    ASSERT_TRUE(file) << "make_mutants did not run: " << POUW_MUTANTS;
    std::string line;
    ASSERT_TRUE(std::getline(file, line));
    const Json terms = Json::parse(line);
    const pow::ModelConfig config = pow::preset(terms["preset"].get<std::string>()).value();
    const Terms expected{.model = pow::model_id(config),
                         .race_seed = pouw::test::fixed<pow::RaceSeed>(terms["race_seed"]),
                         .node = pouw::test::fixed<core::NodeId>(terms["node"]),
                         .threshold = pouw::test::u64(terms["threshold"])};
    ASSERT_EQ(terms["permutation_binding"], 1);
    const pow::Race race = pow::Race::create(config, expected.race_seed).value();

    int mutants = 0;
    int accepted = 0;
    int signed_again = 0;
    while (std::getline(file, line)) {
        const Json mutant = Json::parse(line);
        const bool accept = mutant["accept"];
        ++mutants;
        accepted += accept;
        signed_again += mutant["mutation"].get<std::string>().ends_with("signed");
        EXPECT_EQ(accepts(pouw::test::bytes(mutant["proof"]), expected, race), accept)
            << "mutant " << mutants << ": " << mutant["mutation"] << ", the reference says "
            << mutant["reason"];
    }
    EXPECT_EQ(mutants, 10000);
    EXPECT_GE(signed_again, 5000);
    EXPECT_GE(accepted, 100);
    EXPECT_GE(mutants - accepted, 5000);
}

}  // namespace
}  // namespace pouw::inline v1::proof
