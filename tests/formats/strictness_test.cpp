// What all readers have in common, seen through the smallest of them.
#include "formats/texts.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/economics/errc.hpp"
#include "pouw/formats/epoch.hpp"
#include "pouw/formats/parameters.hpp"
#include "pouw/formats/verdict.hpp"
#include "pouw/formats/votes.hpp"

#include <fmt/format.h>

#include <chrono>

namespace pouw::inline v1::formats {
namespace {

const std::string issuance = R"({"subsidy_ppm":"900000","minimum":"5","left":"7"})";

std::string repeated(std::string_view piece, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += piece;
    return out;
}

TEST(Strictness, ReadsWhatIsWellFormed) {
    const auto parsed = parse_issuance(issuance);
    ASSERT_TRUE(parsed.has_value()) << describe(parsed.refusal());
    EXPECT_EQ(parsed->minimum, 5);
    EXPECT_TRUE(parse_issuance("\n {\"left\" : \"7\", \"min\\u0069mum\":\"5\" ,\"subsidy_ppm\":\"0\"}\t")
                    .has_value());
}

TEST(Strictness, RefusesWhatIsNoJson) {
    for (const std::string_view text : {"", " ", "{", "{}x", "{} {}", R"({"a":1,})", "{'a':1}", "nul", "\xff",
                                        R"({"a":"\x"})", "{\"a\":\"\xc3(\"}", R"({"a":01})", R"({"a":1e999})",
                                        "// note\n{}", R"({"a")", R"({"a":"\ud800"})"}) {
        const auto parsed = parse_issuance(text);
        ASSERT_FALSE(parsed.has_value()) << text;
        EXPECT_EQ(parsed.error().code.name(), "not_json") << text;
    }
    expect_refused(parse_issuance(std::string_view{"{}\0", 3}), errc::not_json, "");
    expect_refused(parse_issuance(std::string_view{"{}\0{}", 5}), errc::not_json, "");
    expect_refused(parse_votes(R"({"votes":[{"epoch":"1"},{"epoch":)"), errc::not_json, "votes[1].epoch");
}

TEST(Strictness, RefusesWhatIsNoObject) {
    for (const std::string_view text : {"[]", "5", "-5", "0.5", "null", "true", "\"{}\"", "[{}]"})
        expect_refused(parse_issuance(text), errc::expected_object, "");
    expect_refused(parse_votes(R"({"votes":[5]})"), errc::expected_object, "votes[0]");
    expect_refused(parse_votes(R"({"votes":{}})"), errc::expected_array, "votes");
}

TEST(Strictness, RefusesFieldsThatAreMissingUnknownOrTwice) {
    expect_refused(parse_issuance(replaced(issuance, "minimum", "maximum")), errc::missing_field, "minimum");
    expect_refused(parse_issuance(replaced(issuance, "{", R"({"tip":"1",)")), errc::unknown_field, "tip");
    expect_refused(parse_issuance(replaced(issuance, "{", R"({"left":"7",)")), errc::duplicate_field, "left");
    expect_refused(parse_issuance(replaced(issuance, "{", R"({"l\u0065ft":"7",)")), errc::duplicate_field,
                   "left");
    expect_refused(parse_issuance(replaced(issuance, "{", R"({"tip":{"a":1,"b":[{"c":1,"c":2}]},)")),
                   errc::duplicate_field, "tip.b[0].c");
    expect_refused(parse_issuance(R"({"":1,"":2})"), errc::duplicate_field, "");
}

TEST(Strictness, NumbersAreDecimalStrings) {
    const auto with = [](std::string_view value) {
        return parse_issuance(replaced(issuance, "\"5\"", value));
    };
    expect_refused(with("5"), errc::json_number, "minimum");
    expect_refused(with("-5"), errc::json_number, "minimum");
    expect_refused(with("5.0"), errc::floating_number, "minimum");
    expect_refused(with("18446744073709551616"), errc::floating_number, "minimum");
    expect_refused(with("null"), errc::expected_decimal, "minimum");
    expect_refused(with("[\"5\"]"), errc::expected_decimal, "minimum");
    for (const std::string_view text : {"\"\"", "\"05\"", "\"+5\"", "\"-5\"", "\" 5\"", "\"5 \"", "\"5.0\"",
                                        "\"0x5\"", "\"5e1\"", "\"\\u0000\"", "\"\xd9\xa5\""})
        expect_refused(with(text), core::errc::invalid_amount, "minimum");
    EXPECT_EQ(with("\"170141183460469231731687303715884105727\"").value().minimum, core::max_amount);
    expect_refused(with("\"170141183460469231731687303715884105728\""), core::errc::overflow, "minimum");
    expect_refused(with(fmt::format("\"{:9>4000}\"", "")), core::errc::overflow, "minimum");
    const auto rate = [](std::string_view value) {
        return parse_issuance(replaced(issuance, "900000", value));
    };
    expect_refused(rate("1000001"), core::errc::rate_above_one, "subsidy_ppm");
    expect_refused(rate("18446744073709551616"), core::errc::overflow, "subsidy_ppm");
    expect_refused(rate("1000000"), economics::errc::invalid_rules, "");
}

TEST(Strictness, DepthIsBounded) {
    constexpr std::size_t size = 200'000;
    expect_refused(parse_issuance(std::string(size, '[')), errc::expected_object, "");
    const auto nested =
        parse_issuance(fmt::format("{{\"a\":{}{}}}", std::string(size, '['), std::string(size, ']')));
    ASSERT_FALSE(nested.has_value());
    EXPECT_EQ(nested.error().code.name(), "too_deep");
    const auto objects = parse_issuance(repeated("{\"a\":", size));
    ASSERT_FALSE(objects.has_value());
    EXPECT_EQ(objects.error().code.name(), "too_deep");
    // The limit is that of open objects and arrays.
    EXPECT_TRUE(parse_votes(R"({"votes":[]})", {.depth = 2}).has_value());
    expect_refused(parse_votes(R"({"votes":[]})", {.depth = 1}), errc::too_deep, "votes");
}

TEST(Strictness, SizeIsBounded) {
    EXPECT_TRUE(parse_issuance(issuance, {.bytes = issuance.size()}).has_value());
    expect_refused(parse_issuance(issuance, {.bytes = issuance.size() - 1}), errc::text_too_large, "");
    expect_refused(parse_issuance(issuance + "   ", {.bytes = issuance.size()}), errc::text_too_large, "");
}

TEST(Strictness, TimeIsNotQuadratic) {
    // In quadratic time each would take minutes.
    const auto start = std::chrono::steady_clock::now();
    std::string keys;
    for (int i = 0; i < 300'000; ++i) keys += "\"k" + std::to_string(i) + "\":0,";
    expect_refused(parse_issuance("{" + keys + issuance.substr(1)), errc::unknown_field, "k0");
    expect_refused(parse_issuance("{" + keys + "\"k299999\":0}"), errc::duplicate_field, "k299999");
    expect_refused(parse_votes("{\"votes\":[" + repeated("{},", 300'000) + "{}]}"), errc::missing_field,
                   "votes[0].chain");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{60});
}

TEST(Strictness, ARefusalIsOneLineForPeople) {
    EXPECT_EQ(describe(parse_issuance("{}x").refusal()), "not JSON");
    EXPECT_EQ(describe(parse_issuance(replaced(issuance, "\"5\"", "\"05\"")).refusal()),
              "minimum: an amount is negative or out of range: a leading zero");
    EXPECT_EQ(describe(parse_issuance(replaced(issuance, "\"5\"", "5")).refusal()),
              "minimum: a JSON number; expected a decimal string");
}

TEST(Strictness, ARefusedTextHasNoValue) {
    EXPECT_DEATH((void)parse_issuance("{}").value(), "strictness_test.*is missing: subsidy_ppm");
    EXPECT_DEATH((void)parse_issuance(issuance).refusal(), "has_value");
    const auto carried = [](std::string_view text) -> core::result<core::Amount> {
        const auto parsed = parse_issuance(text);
        if (!parsed) return parsed.error();
        return parsed->minimum;
    };
    EXPECT_EQ(carried("{}").error().code, errc::missing_field);
    EXPECT_EQ(carried(issuance).value(), 5);
}

}  // namespace
}  // namespace pouw::inline v1::formats
