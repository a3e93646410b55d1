/// What bytes that nobody has signed cost: memory is counted by the operators new of this program.
#include "fuzz/heap.hpp"
#include "proof/fixture.hpp"

#include "pouw/crypto/errc.hpp"
#include "pouw/proof/errc.hpp"
#include "pouw/proof/sampling.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::proof {
namespace {

using test::node_key;
using test::tiny_claim;
using test::tiny_terms;

constexpr std::uint64_t small = 4096;

/// The memory that is allocated at one time while `work` runs.
template <typename Work>
std::uint64_t memory_of(const Work& work) {
    const std::uint64_t before = fuzz::bytes_allocated();
    fuzz::forget_peak();
    work();
    return fuzz::peak_of_bytes_allocated() - before;
}

/// An opening with as many items in as few bytes as can be: the full tree below each place of `bits` bits.
void append_full_tree(core::Bytes& out, std::uint32_t bits) {
    out.push_back(static_cast<std::uint8_t>(bits));
    if (bits == 0) return;
    append_full_tree(out, bits - 1);
    append_full_tree(out, bits - 1);
}

core::Bytes largest_opening(std::uint32_t bits) {
    core::Bytes out = Opening{}.encode();
    out.push_back(static_cast<std::uint8_t>(bits));
    out.insert(out.end(), (64 - bits + 7) / 8, 0);
    append_full_tree(out, bits - 1);
    append_full_tree(out, bits - 1);
    return out;
}

TEST(Memory, AnOpeningOfThreeNoncesIsBoundedBeforeItIsBuilt) {
    const core::Bytes bytes = largest_opening(22);
    EXPECT_GE(bytes.size(), 8'000'000u);
    const auto commitment = commitment_claim({.terms = tiny_terms(), .nonces = {1, 2, 3}});
    const auto target = SoundnessTarget::create({1, 2}, 1);
    const auto limits = opening_limits(*target, *commitment);
    EXPECT_EQ(limits->nonces, 3u);
    EXPECT_EQ(limits->leaves, *samples_for(*target, 3));
    const std::uint64_t memory = memory_of([&] {
        const auto opening = Opening::decode(bytes, *limits);
        EXPECT_FALSE(opening);
        EXPECT_TRUE(opening.error().code == proof::errc::count_mismatch ||
                    opening.error().code == proof::errc::wrong_samples);
    });
    EXPECT_LE(memory, small);
}

TEST(Memory, AnOpeningTakes64BytesForAByte) {
    const core::Bytes bytes = largest_opening(16);
    const std::uint64_t memory = memory_of([&] { EXPECT_TRUE(Opening::decode(bytes)); });
    EXPECT_LE(memory, 64 * bytes.size() + small);
    EXPECT_GE(memory, 32 * bytes.size());  // or the counter counts nothing
}

TEST(Memory, AFraudProofIsBoundedBeforeItIsBuilt) {
    Claim claim = tiny_claim();
    const Commitment commitment = sign(*commitment_claim(claim), node_key());
    FraudProof proof{commitment, *NonceTree{claim.nonces}.open({.ranks = {0}})};
    EXPECT_TRUE(FraudProof::decode(proof.encode()));
    proof.opening = *NonceTree{claim.nonces}.open({.ranks = {0, 1}});
    EXPECT_EQ(FraudProof::decode(proof.encode()).error().code, proof::errc::wrong_samples);
    proof.opening = Opening::decode(largest_opening(16)).value();
    const core::Bytes bytes = proof.encode();
    EXPECT_LE(memory_of([&] { EXPECT_FALSE(FraudProof::decode(bytes)); }), small);
}

TEST(Memory, UnsignedNoncesAreNotDecoded) {
    core::Bytes bytes = sign(tiny_claim(), node_key()).encode();
    // A million nonces in 125,000 bytes, under a signature that is not of them.
    constexpr std::uint64_t length = 125'000;
    const core::Bytes signature{bytes.end() - crypto::Signature::size, bytes.end()};
    bytes.resize(116);
    core::append(bytes, core::to_le(8 * length));
    core::append(bytes, core::to_le(length));
    bytes.resize(bytes.size() + length);
    core::append(bytes, signature);
    const std::uint64_t memory = memory_of([&] {
        EXPECT_EQ(Proof::decode_verified(tiny_terms(), bytes).error().code, crypto::errc::invalid_signature);
    });
    EXPECT_LE(memory, small);
    const std::uint64_t decoded = memory_of([&] { (void)Proof::decode(bytes).has_value(); });
    EXPECT_GE(decoded, 8 * 8 * length / 2);
    EXPECT_LE(decoded, 64 * bytes.size() + small);
}

TEST(Memory, RangesThatAreNotThereTakeNone) {
    core::Bytes bytes = sign(*commitment_claim(tiny_claim()), node_key()).encode();
    const auto count = core::to_le(static_cast<std::uint32_t>(largest_range_count));
    std::copy(count.begin(), count.end(), bytes.begin() + 156);
    const std::uint64_t memory =
        memory_of([&] { EXPECT_EQ(Commitment::decode(bytes).error().code, core::errc::truncated); });
    EXPECT_LE(memory, small);
}

}  // namespace
}  // namespace pouw::inline v1::proof
