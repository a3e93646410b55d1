#include "pouw/validation/checkpoint.hpp"

#include "random.hpp"
#include "validation/network.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/validation/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::validation {
namespace {

using namespace test;
using pouw::test::bytes;
using pouw::test::load_vectors;
using pouw::test::Random;
using pouw::test::u64;

/// A certificate by all nodes.
BlockCertificate signed_by_all(const BlockStatement& statement, const std::vector<Node>& nodes) {
    const weights::WeightTable table = table_of(nodes);
    CertificateCollector collector{{statement.chain, statement.epoch, table}, statement};
    for (const Node& node : nodes) EXPECT_TRUE(collector.apply(sign_block(statement, node.signing)).verdict);
    return collector.certificate();
}

class Checkpoints : public testing::Test {
  protected:
    /// A block that the weights of `nodes` sign.
    [[nodiscard]] CheckpointStep step(const std::vector<Node>& nodes, core::Epoch epoch, core::Height height,
                                      std::optional<crypto::Hash256> next = {}) const {
        const auto block = filled<core::BlockHash>(static_cast<std::uint8_t>(height.value));
        return {table_of(nodes), signed_by_all({test_digest, epoch, height, block, next}, nodes)};
    }
    [[nodiscard]] core::error_code refusal(const CheckpointStep& bad) const {
        return advance(trusted, bad).error().code;
    }

    std::vector<Node> old_nodes = make_nodes({5, 3, 2});
    std::vector<Node> new_nodes = make_nodes({1, 1, 1, 9});
    Checkpoint trusted{test_digest, 7, 100, {}, table_of(old_nodes).digest()};
};

TEST_F(Checkpoints, FollowBlocksOfOneEpoch) {
    const Checkpoint next = advance(trusted, step(old_nodes, 7, 150)).value();
    EXPECT_EQ(next, (Checkpoint{test_digest, 7, 150, filled<core::BlockHash>(150), trusted.weights}));
}

TEST_F(Checkpoints, FollowAChangeOfWeights) {
    const crypto::Hash256 changed = table_of(new_nodes).digest();
    const Checkpoint next = advance(trusted, step(old_nodes, 7, 150, changed)).value();
    EXPECT_EQ(next, (Checkpoint{test_digest, 8, 150, filled<core::BlockHash>(150), changed}));
    const std::vector<CheckpointStep> steps{step(old_nodes, 7, 120), step(old_nodes, 7, 150, changed),
                                            step(new_nodes, 8, 151), step(new_nodes, 8, 200, changed),
                                            step(new_nodes, 9, 201)};
    EXPECT_EQ(follow(trusted, steps, 2).value(),
              (Checkpoint{test_digest, 9, 201, filled<core::BlockHash>(201), changed}));
    EXPECT_EQ(follow(trusted, {}).value(), trusted);
}

TEST_F(Checkpoints, NoChangeOfWeightsCanBeSkipped) {
    const crypto::Hash256 changed = table_of(new_nodes).digest();
    std::vector<CheckpointStep> steps{step(old_nodes, 7, 150, changed), step(new_nodes, 8, 200, changed),
                                      step(new_nodes, 9, 201)};
    ASSERT_TRUE(follow(trusted, steps));
    EXPECT_EQ(refusal(steps[1]), validation::errc::other_weights);
    // The same table votes in two epochs, but the block between them is missing.
    steps.erase(steps.begin() + 1);
    EXPECT_EQ(follow(trusted, steps).error().code, validation::errc::other_epoch);
    // The old weights sign nothing after the change.
    const std::vector<CheckpointStep> late{step(old_nodes, 7, 150, changed), step(old_nodes, 7, 151)};
    EXPECT_EQ(follow(trusted, late).error().code, validation::errc::other_weights);
}

TEST_F(Checkpoints, RefusalsNameTheErrorInTheirOrder) {
    CheckpointStep bad = step(old_nodes, 7, 150);
    bad.certificate.signatures[0].signature.bytes[5] ^= 1;
    EXPECT_EQ(refusal(bad), crypto::errc::invalid_signature);
    bad.certificate.signatures.resize(1);
    bad.certificate.signatures[0].position = static_cast<std::uint32_t>(
        std::min_element(bad.weights.nodes().begin(), bad.weights.nodes().end(),
                         [](const auto& a, const auto& b) { return a.weight < b.weight; }) -
        bad.weights.nodes().begin());
    EXPECT_EQ(refusal(bad), validation::errc::no_majority);
    bad.certificate.statement.epoch = 8;
    EXPECT_EQ(refusal(bad), validation::errc::other_epoch);
    bad.certificate.statement.chain = {};
    EXPECT_EQ(refusal(bad), validation::errc::other_chain);
    bad.certificate.statement.height = 100;
    EXPECT_EQ(refusal(bad), validation::errc::stale_certificate);
    bad.certificate.statement.height = 99;
    EXPECT_EQ(refusal(bad), validation::errc::stale_certificate);
    bad.weights = table_of(new_nodes);
    EXPECT_EQ(refusal(bad), validation::errc::other_weights);
}

TEST_F(Checkpoints, TheUnassignedWeightIsPartOfTheTable) {
    CheckpointStep bad = step(old_nodes, 7, 150);
    bad.weights = bad.weights.with_unassigned(1).value();
    EXPECT_EQ(refusal(bad), validation::errc::other_weights);
}

TEST_F(Checkpoints, TheLastEpochHasNoNext) {
    trusted.epoch = UINT64_MAX;
    EXPECT_TRUE(advance(trusted, step(old_nodes, UINT64_MAX, 150)));
    EXPECT_EQ(refusal(step(old_nodes, UINT64_MAX, 150, crypto::Hash256{})), core::errc::overflow);
}

TEST_F(Checkpoints, RandomChainsAreFollowedFromEveryBlock) {
    Random random{3};
    std::vector<Node> nodes = make_nodes({5, 3, 2});
    std::vector<CheckpointStep> steps;
    std::vector<Checkpoint> at{trusted};
    core::Epoch epoch = 7;
    core::Height height = 100;
    for (int i = 0; i < 30; ++i) {
        height = height + 1 + random.below(5);
        std::vector<Node> next = make_nodes({1 + random.any_size() / 8, 1 + random.any_size() / 8, 1});
        const bool change = random.below(3) == 0;
        std::optional<crypto::Hash256> digest;
        if (change) digest = table_of(next).digest();
        steps.push_back(step(nodes, epoch, height, digest));
        at.push_back(advance(at.back(), steps.back()).value());
        if (change) {
            nodes = std::move(next);
            ++epoch;
        }
        EXPECT_EQ(at.back().epoch, epoch);
        EXPECT_EQ(at.back().weights, table_of(nodes).digest());
    }
    for (std::size_t i = 0; i <= steps.size(); i += 5) {
        EXPECT_EQ(follow(at[i], std::span{steps}.subspan(i)).value(), at.back());
    }
}

TEST_F(Checkpoints, DecodeEncodedOnesAndNothingElse) {
    const core::Bytes encoded = trusted.encode();
    EXPECT_EQ(Checkpoint::decode(encoded).value(), trusted);
    for (std::size_t size = 0; size < encoded.size(); ++size)
        EXPECT_EQ(Checkpoint::decode(core::ByteView{encoded}.first(size)).error().code,
                  core::errc::wrong_length);
    core::Bytes bad = encoded;
    bad.push_back(0);
    EXPECT_EQ(Checkpoint::decode(bad).error().code, core::errc::wrong_length);
    bad = encoded;
    bad[3] = 1;
    EXPECT_EQ(Checkpoint::decode(bad).error().code, core::errc::unsupported_version);
}

TEST(CheckpointVectors, Chains) {
    const pouw::test::Json file = load_vectors("validation/certificates.json");
    ASSERT_GE(file["chains"].size(), 3u);
    for (const auto& chain : file["chains"]) {
        Checkpoint trusted = Checkpoint::decode(bytes(chain["trusted"])).value();
        for (const auto& vector : chain["steps"]) {
            const CheckpointStep step{weights::WeightTable::decode(bytes(vector["table"])).value(),
                                      BlockCertificate::decode(bytes(vector["certificate"])).value()};
            const auto next = advance(trusted, step);
            if (vector.contains("error")) {
                EXPECT_EQ(next.error().code.name(), vector["error"].get<std::string>());
                break;
            }
            EXPECT_EQ(next->encode(), bytes(vector["checkpoint"]));
            trusted = *next;
        }
    }
}

}  // namespace
}  // namespace pouw::inline v1::validation
