#include "pouw/pow/bitcoin.hpp"

#include "support.hpp"

#include "pouw/pow/errc.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::pow {
namespace {

using core::Bytes;

struct Block {
    const char* header;
    const char* hash;
};

// Blocks 0, 125552 and 286819.
constexpr Block blocks[]{
    {"0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f6"
     "1"
     "7fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c",
     "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"},
    {"0100000081cd02ab7e569e8bcd9317e2fe99f2de44d49ab2b8851ba4a308000000000000e320b6c2fffc8d750423db8b1eb942a"
     "e"
     "710e951ed797f7affc8892b0f1fc122bc7f5d74df2b9441a42a14695",
     "00000000000000001e8d6829a8a21adc5d38d0a473b144b6765798e61f98bd1d"},
    {"0200000017975b97c18ed1f7e255adf297599b55330edab87803c81701000000000000008a97295a2747b4f1a0b3948df399034"
     "4"
     "c0e19fa6b2b92b3a19c8e6badc141787358b0553535f011948750833",
     "0000000000000000e067a478024addfecdc93628978aa52d91fabd4292982a50"},
};

/// The genesis header with another `bits` field.
Bytes with_bits(std::uint32_t bits) {
    Bytes header = *core::from_hex(blocks[0].header);
    const auto field = core::to_le(bits);
    std::copy(field.begin(), field.end(), header.begin() + 72);
    return header;
}

TEST(Bitcoin, HashesAsTheRpcShowsThem) {
    for (const Block& block : blocks) {
        EXPECT_EQ(bitcoin_block_hash(*core::from_hex(block.header)).value(),
                  test::from_hex<core::BlockHash>(block.hash));
    }
}

TEST(Bitcoin, AnyOtherHeaderLacksTheWork) {
    for (const Block& block : blocks) {
        const Bytes header = *core::from_hex(block.header);
        for (std::size_t i = 0; i < header.size(); ++i) {
            if (i >= 72 && i < 76) continue;  // the target itself
            Bytes flipped = header;
            flipped[i] ^= 1;
            EXPECT_EQ(bitcoin_block_hash(flipped).error().code, pow::errc::insufficient_work) << i;
        }
    }
}

TEST(Bitcoin, AHeaderHas80Bytes) {
    Bytes header = *core::from_hex(blocks[0].header);
    header.push_back(0);
    EXPECT_EQ(bitcoin_block_hash(header).error(), (core::error{pow::errc::invalid_block_header}));
    header.resize(79);
    EXPECT_EQ(bitcoin_block_hash(header).error(), (core::error{pow::errc::invalid_block_header}));
    EXPECT_EQ(bitcoin_block_hash({}).error().code, pow::errc::invalid_block_header);
}

TEST(Bitcoin, TargetsThatAreNone) {
    const auto refused = [](std::uint32_t bits, std::string_view detail) {
        const auto hash = bitcoin_block_hash(with_bits(bits));
        ASSERT_FALSE(hash) << bits;
        EXPECT_EQ(hash.error(), (core::error{pow::errc::invalid_block_header, detail})) << bits;
    };
    for (const std::uint32_t bits : {0x1d80ffffu, 0x1dffffffu, 0x04923456u, 0x01fedcbau, 0xffffffffu}) {
        refused(bits, "the target is negative");
    }
    for (const std::uint32_t bits :
         {0x00000000u, 0x1d000000u, 0xff000000u, 0x00123456u, 0x01003456u, 0x02000056u}) {
        refused(bits, "the target is zero");
    }
    for (const std::uint32_t bits :
         {0x21010000u, 0x2200ff00u, 0x22010000u, 0x230000ffu, 0x23000001u, 0xff123456u, 0xff000001u}) {
        refused(bits, "the target exceeds 256 bits");
    }
}

TEST(Bitcoin, TargetsAtTheEdges) {
    // The largest ones: nearly every hash is below them.
    for (const std::uint32_t bits : {0x2100ffffu, 0x220000ffu, 0x207fffffu}) {
        const auto hash = bitcoin_block_hash(with_bits(bits));
        EXPECT_TRUE(hash || hash.error().code == pow::errc::insufficient_work) << bits;
    }
    EXPECT_TRUE(bitcoin_block_hash(with_bits(0x2100ffff)));
    EXPECT_TRUE(bitcoin_block_hash(with_bits(0x220000ff)));
    // The smallest ones: none is.
    for (const std::uint32_t bits : {0x01010000u, 0x01123456u, 0x02008000u, 0x03000001u}) {
        EXPECT_EQ(bitcoin_block_hash(with_bits(bits)).error().code, pow::errc::insufficient_work) << bits;
    }
}

}  // namespace
}  // namespace pouw::inline v1::pow
