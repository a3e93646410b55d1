#include "pouw/core/bytes.hpp"

#include "pouw/core/errc.hpp"

#include <gtest/gtest.h>

namespace pouw::inline v1::core {
namespace {

using Four = FixedBytes<struct FourTag, 4>;

TEST(Hex, RoundTrip) {
    const Bytes data{0x00, 0x7f, 0x80, 0xff};
    EXPECT_EQ(to_hex(data), "007f80ff");
    EXPECT_EQ(*from_hex("007f80ff"), data);
    EXPECT_EQ(*from_hex("007F80Ff"), data);
    EXPECT_TRUE(from_hex("")->empty());
}

TEST(Hex, RefusesWhatIsNotHex) {
    for (const char* text : {"0", "0x00", "0g", " 00", "00 ", "-1", "\xff\xff"}) {
        const auto r = from_hex(text);
        ASSERT_FALSE(r) << text;
        EXPECT_EQ(r.error().code, core::errc::invalid_hex) << text;
    }
}

TEST(FixedBytes, TakesExactlyItsSize) {
    EXPECT_EQ(Four::from(Bytes(3)).error().code, core::errc::wrong_length);
    EXPECT_EQ(Four::from(Bytes(5)).error().code, core::errc::wrong_length);
    EXPECT_EQ(*Four::from(Bytes{1, 2, 3, 4}), (Four{{1, 2, 3, 4}}));
    EXPECT_LT((Four{{0, 9, 9, 9}}), (Four{{1, 0, 0, 0}}));
}

TEST(LittleEndian, RoundTrip) {
    EXPECT_EQ(to_le(std::uint32_t{0x04030201}), (std::array<std::uint8_t, 4>{1, 2, 3, 4}));
    EXPECT_EQ(load_le<std::uint64_t>(Bytes{0xff, 0, 0, 0, 0, 0, 0, 0x80}), 0x80000000000000ffull);
}

TEST(Reader, IsBoundedAndSticky) {
    const Bytes data{1, 0, 0, 0, 9, 8, 7};
    Reader reader{data};
    EXPECT_EQ(reader.integer<std::uint32_t>(), 1u);
    EXPECT_TRUE(reader.ok());
    EXPECT_EQ(reader.fixed<Four>(), Four{});
    EXPECT_FALSE(reader.ok());
    EXPECT_TRUE(reader.take(1).empty());
    EXPECT_TRUE(reader.rest().empty());
}

}  // namespace
}  // namespace pouw::inline v1::core
