// The examples of docs/formats.md are what their sections say.
#include "pouw/formats/epoch.hpp"
#include "pouw/formats/parameters.hpp"
#include "pouw/formats/prices.hpp"
#include "pouw/formats/statement.hpp"
#include "pouw/formats/verdict.hpp"
#include "pouw/formats/votes.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace pouw::inline v1::formats {
namespace {

/// The JSON blocks of each section.
std::map<std::string, std::vector<std::string>> examples() {
    std::ifstream file{POUW_DOCS "/formats.md"};
    std::map<std::string, std::vector<std::string>> out;
    std::string section;
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("## ")) section = line.substr(3);
        if (line == "```json") out[section].emplace_back();
        if (inside && line != "```") out[section].back() += line + "\n";
        inside = line == "```json" || (inside && line != "```");
    }
    return out;
}

/// Why the text is refused; empty when it is not.
template <typename Parsed>
std::string why(const Parsed& parsed) {
    return parsed ? std::string{} : describe(parsed.refusal());
}

TEST(Docs, ExamplesAreRead) {
    using Read = std::function<std::string(std::string_view)>;
    const std::map<std::string, std::vector<Read>> readers{
        {"Epoch", {[](std::string_view text) { return why(settle_epoch(text)); }}},
        {"Prices", {[](std::string_view text) {
             const auto prices = parse_prices(text);
             return prices ? why(open_prices(*prices)) : why(prices);
         }}},
        {"Verdict",
         {[](std::string_view text) { return why(parse_proof_verdict(text)); },
          [](std::string_view text) { return why(parse_fraud_verdict(text)); }}},
        {"Votes",
         {[](std::string_view text) { return why(parse_vote(text)); },
          [](std::string_view text) { return why(parse_votes(text)); }}},
        {"Statement", {[](std::string_view text) { return why(parse_statement(text)); }}},
        {"Parameters",
         {[](std::string_view text) { return why(parse_rules(text)); },
          [](std::string_view text) { return why(parse_reputation_curve(text)); },
          [](std::string_view text) { return why(parse_issuance(text)); },
          [](std::string_view text) { return why(parse_price_bounds(text)); }}}};
    const auto found = examples();
    EXPECT_EQ(found.size(), readers.size());
    for (const auto& [section, all] : readers) {
        ASSERT_TRUE(found.contains(section)) << section;
        const auto& texts = found.at(section);
        ASSERT_EQ(texts.size(), all.size()) << section;
        for (std::size_t i = 0; i < texts.size(); ++i)
            EXPECT_EQ(all[i](texts[i]), "") << section << ", " << i;
    }
}

}  // namespace
}  // namespace pouw::inline v1::formats
