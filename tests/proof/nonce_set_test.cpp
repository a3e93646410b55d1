#include "pouw/proof/nonce_set.hpp"

#include "random.hpp"
#include "vectors.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/proof/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace pouw::inline v1::proof {
namespace {

using test::Json;
using test::Random;

std::vector<std::uint64_t> nonces_of(const Json& list) {
    std::vector<std::uint64_t> out;
    for (const Json& nonce : list) out.push_back(test::u64(nonce));
    return out;
}

/// A scan without holes in which each nonce passes with probability 1/n.
std::vector<std::uint64_t> dense_scan(double probability, std::size_t size, std::uint64_t seed) {
    Random random{seed};
    const auto limit = static_cast<std::uint64_t>(probability * 0x1p64);
    std::vector<std::uint64_t> out;
    for (std::uint64_t nonce = 0; out.size() < size; ++nonce) {
        if (random.next() < limit) out.push_back(nonce);
    }
    return out;
}

double bits_per_nonce(const std::vector<std::uint64_t>& nonces) {
    return 8 * static_cast<double>(encode_nonces(nonces).size()) / static_cast<double>(nonces.size());
}

TEST(NonceSet, Vectors) {
    const Json vectors = test::load_vectors("proof/nonce_sets.json");
    for (const Json& set : vectors["sets"]) {
        const auto nonces = nonces_of(set["nonces"]);
        EXPECT_EQ(core::to_hex(encode_nonces(nonces)), set["bytes"]) << set["name"];
        const auto decoded = decode_nonces(test::bytes(set["bytes"]), test::u64(set["count"]));
        ASSERT_TRUE(decoded) << set["name"];
        EXPECT_EQ(*decoded, nonces) << set["name"];
    }
    EXPECT_GE(vectors["sets"].size(), 10u);
}

TEST(NonceSet, BadVectorsAreRefusedWithTheReason) {
    const std::map<std::string, core::error_code> codes{
        {"count_too_large", core::errc::count_too_large},   {"ends_inside_gap", core::errc::truncated},
        {"noncanonical_escape", core::errc::non_canonical}, {"nonce_too_large", proof::errc::nonce_overflow},
        {"padding_bit", core::errc::non_canonical},         {"byte_left_over", core::errc::trailing_bytes}};
    const Json vectors = test::load_vectors("proof/bad_nonce_sets.json");
    for (const Json& bad : vectors["cases"]) {
        const auto decoded = decode_nonces(test::bytes(bad["bytes"]), test::u64(bad["count"]));
        ASSERT_FALSE(decoded) << bad["name"];
        EXPECT_EQ(decoded.error().code, codes.at(bad["reason"])) << bad["name"];
    }
    EXPECT_GE(vectors["cases"].size(), 10u);
}

TEST(NonceSet, WithinFivePercentOfTheEntropyUpToOneHalf) {
    for (const double p : {0.5, 0.45, 0.382, 0.3, 0.214, 0.15, 0.1, 0.05, 0.02, 0.01, 1.0 / 900, 1e-4}) {
        const double entropy = -(std::log2(p) + (1 - p) / p * std::log2(1 - p));
        const std::size_t size = 20000;
        EXPECT_LE(bits_per_nonce(dense_scan(p, size, 1)), 1.05 * entropy) << p;
    }
}

TEST(NonceSet, AtMost11Point4BitsAtOneIn900) {
    EXPECT_LE(bits_per_nonce(dense_scan(1.0 / 900, 50000, 2)), 11.4);
}

TEST(NonceSet, SparseAndStridedSetsStayBelowTheirRawSize) {
    Random random{3};
    std::vector<std::uint64_t> sparse(5000);
    for (std::uint64_t& nonce : sparse) nonce = random.next();
    std::sort(sparse.begin(), sparse.end());
    EXPECT_LE(bits_per_nonce(sparse), 58);  // the entropy of a gap of mean 2^51.7 is 53.1 bits

    std::vector<std::uint64_t> strided = dense_scan(1.0 / 900, 20000, 4);
    for (std::uint64_t& nonce : strided) nonce = 5 + 16 * nonce;
    EXPECT_LE(bits_per_nonce(strided), 11.4 + 4);

    // Ten machines with far ranges: one jump each.
    std::vector<std::uint64_t> ranges;
    for (std::uint64_t machine = 0; machine < 10; ++machine) {
        for (const std::uint64_t nonce : dense_scan(1.0 / 900, 2000, machine))
            ranges.push_back((machine << 60) + nonce);
    }
    EXPECT_LE(bits_per_nonce(ranges), 11.5);
}

TEST(NonceSet, RandomSetsRoundTrip) {
    Random random{5};
    for (int round = 0; round < 2000; ++round) {
        std::set<std::uint64_t> set;
        const std::uint64_t size = random.next() % 200;
        for (std::uint64_t i = 0; i < size; ++i) set.insert(random.next() >> (random.next() % 64));
        const std::vector<std::uint64_t> nonces{set.begin(), set.end()};
        const core::Bytes bytes = encode_nonces(nonces);
        const auto decoded = decode_nonces(bytes, nonces.size());
        ASSERT_TRUE(decoded);
        EXPECT_EQ(*decoded, nonces);
    }
}

TEST(NonceSet, EveryAcceptedStringIsCanonical) {
    Random random{6};
    int accepted = 0;
    for (int round = 0; round < 200000; ++round) {
        core::Bytes bytes(random.next() % 5);
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
        const std::uint64_t count = random.next() % 12;
        const auto decoded = decode_nonces(bytes, count);
        if (!decoded) continue;
        ++accepted;
        EXPECT_EQ(encode_nonces(*decoded), bytes);
        EXPECT_EQ(decoded->size(), count);
        EXPECT_TRUE(std::is_sorted(decoded->begin(), decoded->end(), std::less_equal<>{}));
    }
    EXPECT_GT(accepted, 1000);
}

TEST(NonceSet, StreamsInBothDirections) {
    NonceEncoder encoder;
    EXPECT_TRUE(encoder.bytes().empty());
    for (const std::uint64_t nonce : {3u, 4u, 1000u}) encoder.add(nonce);
    EXPECT_EQ(encoder.count(), 3u);
    const core::Bytes first = encoder.bytes();
    encoder.add(1001);
    const core::Bytes second = encoder.bytes();
    EXPECT_EQ(*decode_nonces(first, 3), (std::vector<std::uint64_t>{3, 4, 1000}));
    EXPECT_EQ(*decode_nonces(second, 4), (std::vector<std::uint64_t>{3, 4, 1000, 1001}));
}

TEST(NonceSetDeathTest, TheCallerKeepsTheOrder) {
    NonceEncoder encoder;
    encoder.add(5);
    EXPECT_DEATH(encoder.add(5), "");
    EXPECT_DEATH(encoder.add(4), "");
    EXPECT_DEATH((void)NonceDecoder::create({}, 0)->next(), "");
}

}  // namespace
}  // namespace pouw::inline v1::proof
