// JSON texts: every reader refuses, or gives a value whose text is read as the same value; a text in pieces
// is read as in one.
#include "fuzz/fuzz.hpp"

#include "pouw/formats/epoch.hpp"
#include "pouw/formats/parameters.hpp"
#include "pouw/formats/prices.hpp"
#include "pouw/formats/statement.hpp"
#include "pouw/formats/verdict.hpp"
#include "pouw/formats/votes.hpp"

#include <string>

namespace pouw::inline v1::fuzz {
namespace {

using namespace formats;

template <typename Parse>
void round_trip(std::string_view text, Parse parse) {
    const auto value = parse(text);
    if (!value) {
        require(!describe(value.refusal()).empty(), "a refusal says why");
        return;
    }
    const auto again = parse(to_json(*value));
    require(again.has_value() && *again == *value, "what is written is read as the same value");
}

void settle(std::string_view text, std::size_t size) {
    const auto whole = settle_epoch(text);
    std::string_view left = text;
    const auto pieces = settle_epoch([&] {
        const std::string_view piece = left.substr(0, size);
        left.remove_prefix(piece.size());
        return piece;
    });
    require(whole.has_value() == pieces.has_value(), "pieces make no difference");
    if (!whole) {
        require(whole.refusal() == pieces.refusal(), "pieces make no difference to a refusal");
        return;
    }
    const economics::Statement& statement = whole->statement;
    require(statement == pieces->statement, "pieces make no difference to a statement");
    require(statement.paid_in + statement.issued == statement.paid_to_requesters + statement.paid_out,
            "every unit is conserved");
    require(parse_statement(to_json(statement)).value() == statement,
            "a statement is read as it was written");
}

std::string_view text_of(core::ByteView data) {
    return {reinterpret_cast<const char*>(data.data()), data.size()};
}

void decode(core::ByteView data) { (void)settle_epoch(text_of(data)).has_value(); }

bool check(core::ByteView data) {
    const std::string_view text = text_of(data);
    settle(text, 1 + data.size() % 7);
    round_trip(text, [](std::string_view t) { return parse_prices(t); });
    round_trip(text, [](std::string_view t) { return parse_proof_verdict(t); });
    round_trip(text, [](std::string_view t) { return parse_fraud_verdict(t); });
    round_trip(text, [](std::string_view t) { return parse_vote(t); });
    round_trip(text, [](std::string_view t) { return parse_statement(t); });
    round_trip(text, [](std::string_view t) { return parse_rules(t); });
    round_trip(text, [](std::string_view t) { return parse_reputation_curve(t); });
    round_trip(text, [](std::string_view t) { return parse_issuance(t); });
    round_trip(text, [](std::string_view t) { return parse_price_bounds(t); });
    if (const auto prices = parse_prices(text)) (void)open_prices(*prices).has_value();
    return true;
}

}  // namespace

const Target target{
    .decode = decode,
    .check = check,
    .bounds = {.memory = {.fixed = 32 << 10, .per_byte = 64}, .time = {.fixed = 200'000, .per_byte = 400}}};

}  // namespace pouw::inline v1::fuzz
