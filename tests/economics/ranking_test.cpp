#include "pouw/economics/ranking.hpp"

#include "random.hpp"
#include "vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/crypto/chain_digest.hpp"
#include "pouw/crypto/errc.hpp"
#include "pouw/validation/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::economics {
namespace {

using test::Json;
using test::Random;

const core::ChainDigest chain = crypto::chain_digest("test");

crypto::SigningKey key_of(std::uint8_t number) {
    std::array<std::uint8_t, 32> seed{};
    seed[0] = number;
    return crypto::SigningKey::from_seed(seed);
}

FundedRequest request_of(std::uint8_t sender, std::uint64_t sequence, core::Amount balance) {
    return {sign_request(chain, sequence, {}, 500, key_of(sender)), balance};
}

TEST(RankingVectors, OrdersAndIds) {
    const Json vectors = test::load_vectors("economics/ranking.json");
    const core::Bytes raw = test::bytes(vectors.at("chain_id"));
    const core::ChainDigest digest = crypto::chain_digest(core::ChainId{core::ByteView{raw}});
    for (const Json& entry : vectors.at("rankings")) {
        std::vector<FundedRequest> requests;
        for (std::size_t i = 0; i < entry.at("requests").size(); ++i) {
            const Json& row = entry.at("requests")[i];
            const core::Bytes encoded = test::bytes(row[0]);
            const ComputeRequest request = ComputeRequest::decode(encoded).value();
            EXPECT_TRUE(request.verify(digest));
            EXPECT_EQ(request.encode(), encoded);
            EXPECT_EQ(core::to_hex(request.id().view()), entry.at("ids")[i]);
            requests.push_back(
                {request, static_cast<core::Amount>(core::from_decimal(row[1].get<std::string>()).value())});
        }
        std::vector<std::size_t> expected;
        for (const Json& place : entry.at("order")) expected.push_back(test::u64(place));
        EXPECT_EQ(rank(requests).value(), expected);
    }
}

TEST(Ranking, TheLargestBalanceIsServedFirst) {
    const std::vector<FundedRequest> requests{request_of(1, 0, 5), request_of(2, 0, 0), request_of(3, 0, 900),
                                              request_of(4, 0, 5), request_of(3, 0, 900)};
    const auto order = rank(requests).value();
    ASSERT_EQ(order.size(), 3u);  // without coins no place, and one place for a request given twice
    EXPECT_EQ(order[0], 2u);
    EXPECT_LT(requests[order[1]].request.id(), requests[order[2]].request.id());
    EXPECT_TRUE(rank({}).value().empty());
    EXPECT_EQ(rank(std::vector{request_of(1, 0, -1)}).error().code, core::errc::invalid_amount);
}

TEST(Ranking, DoesNotDependOnTheOrderOfArrival) {
    Random random{4};
    std::vector<FundedRequest> requests;
    for (std::uint8_t i = 0; i < 40; ++i) requests.push_back(request_of(i, i % 3, random.below(6)));
    const auto ids = [](const std::vector<FundedRequest>& all) {
        std::vector<ComputeRequestId> out;
        for (const std::size_t place : rank(all).value()) out.push_back(all[place].request.id());
        return out;
    };
    const auto expected = ids(requests);
    for (int round = 0; round < 50; ++round) {
        for (std::size_t i = requests.size() - 1; i > 0; --i)
            std::swap(requests[i], requests[random.below(static_cast<std::uint32_t>(i + 1))]);
        EXPECT_EQ(ids(requests), expected);
    }
}

TEST(Ranking, AHolderThatDividesItsCoinsFalls) {
    const std::vector<FundedRequest> whole{request_of(1, 0, 100), request_of(2, 0, 60)};
    EXPECT_EQ(rank(whole).value().front(), 0u);
    const std::vector<FundedRequest> divided{request_of(3, 0, 50), request_of(4, 0, 50),
                                             request_of(2, 0, 60)};
    EXPECT_EQ(rank(divided).value().front(), 2u);
}

TEST(ComputeRequests, EveryBitIsSigned) {
    const ComputeRequest request = request_of(1, 9, 1).request;
    EXPECT_TRUE(request.verify(chain));
    const core::Bytes good = request.encode();
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        core::Bytes bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        const auto decoded = ComputeRequest::decode(bad);
        EXPECT_FALSE(decoded && decoded->verify(chain)) << bit;
    }
    EXPECT_EQ(request.verify({}).error().code, validation::errc::other_chain);
    ComputeRequest other = request;
    other.sender = {};
    other.sender.bytes[0] = 1;
    EXPECT_EQ(other.verify(chain).error().code, crypto::errc::invalid_public_key);
    other = request;
    other.sequence = 8;
    EXPECT_EQ(other.verify(chain).error().code, crypto::errc::invalid_signature);
    other.most_ips = 0;
    EXPECT_EQ(other.verify(chain).error().code, core::errc::non_canonical);
    EXPECT_EQ(ComputeRequest::decode(other.encode()).error().code, core::errc::non_canonical);
    EXPECT_EQ(ComputeRequest::decode(core::ByteView{good}.first(179)).error().code, core::errc::wrong_length);
    core::Bytes version = good;
    version[0] = 2;
    EXPECT_EQ(ComputeRequest::decode(version).error().code, core::errc::unsupported_version);
}

}  // namespace
}  // namespace pouw::inline v1::economics
