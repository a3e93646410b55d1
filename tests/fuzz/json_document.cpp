// Any text as a JSON document: it is refused, or every value stands where another parser finds it. The text
// in pieces is the same text, memory is in proportion to its size, and the array that is streamed is its last
// field.
#include "formats/document.hpp"
#include "fuzz/fuzz.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace pouw;
using namespace pouw::formats;
using fuzz::require;
using Json = nlohmann::json;

namespace {

std::string_view text_of(core::ByteView data) {
    return {reinterpret_cast<const char*>(data.data()), data.size()};
}

constexpr std::uint64_t bytes_for_each = 50;
/// Longer texts are compared with the other parser where they are checked completely.
constexpr std::size_t short_text = 256;

/// What both parsers read must be the same. Fractions and negative numbers are refused later, so that nothing
/// but their kind is kept.
void compare(const Value& value, const Json& other) {
    switch (value.kind()) {
        case Kind::null:
            return require(other.is_null(), "null");
        case Kind::boolean:
            return require(other.is_boolean() && other == value.boolean(), "a boolean");
        case Kind::whole:
            return require(other.is_number_unsigned() && other == value.whole(), "a number");
        case Kind::negative:
            return require(other.is_number_integer() && !other.is_number_unsigned(), "a negative number");
        case Kind::floating:
            return require(other.is_number_float(), "a floating number");
        case Kind::text:
            return require(other.is_string() && other == std::string{value.text()}, "a text");
        case Kind::array: {
            std::size_t size = 0;
            require(other.is_array(), "an array");
            value.each_element([&](const Value& element) {
                require(size < other.size(), "no more elements");
                compare(element, other[size++]);
                return true;
            });
            return require(size == other.size(), "all elements");
        }
        case Kind::object: {
            std::size_t size = 0;
            require(other.is_object(), "an object");
            value.each_field([&](std::string_view key, const Value& field) {
                const auto found = other.find(std::string{key});
                require(found != other.end(), "a field");
                compare(field, *found);
                ++size;
                return true;
            });
            return require(size == other.size(), "each field once");  // of duplicates the other keeps one
        }
    }
}

std::optional<Refusal> read_in_pieces(std::string_view text, const Stream* stream, Document& out) {
    const std::size_t size = 1 + text.size() % 7;
    return read_document(
        [&] {
            const std::string_view piece = text.substr(0, size);
            text.remove_prefix(piece.size());
            return piece;
        },
        {}, stream, out);
}

void read_stream(std::string_view text, const Json& other) {
    std::size_t count = 0;
    const Stream stream{"tasks", [](Value) { return std::optional<Refusal>{}; },
                        [&](Value element, std::size_t index) {
                            require(index == count, "elements in order");
                            compare(element, other["tasks"][count++]);
                            return std::optional<Refusal>{};
                        }};
    Document header;
    if (read_in_pieces(text, &stream, header)) return;
    require(count == other["tasks"].size(), "all elements of the stream");
    require(header.tokens.size() <= text.size(), "the stream is not kept");
}

void decode(core::ByteView data) {
    Document document;
    (void)read_document(in_one_piece(text_of(data)), {}, nullptr, document);
}

bool check(core::ByteView data) {
    std::string text{text_of(data)};
    const std::size_t size = text.size();
    Document document;
    const auto refusal = read_document(in_one_piece(text), {}, nullptr, document);
    require(document.tokens.size() * sizeof(Token) + document.text.size() <= bytes_for_each * size,
            "memory in proportion to the text");
    Document pieces;
    require(read_in_pieces(text, nullptr, pieces) == refusal, "pieces make no difference");

    // The other parser spells out every character that it refuses, which takes it long.
    if (size > short_text && !fuzz::complete) return true;
    std::replace(text.begin(), text.end(), '\0', '\x01');  // which others take for the end
    const Json other = Json::parse(text, nullptr, false);
    if (refusal) {
        const bool no_json = refusal->error.code == errc::not_json;
        require(!no_json || other.is_discarded(), "refused as no JSON");
        require(refusal->error.code != errc::expected_object || !other.is_object(), "refused as no object");
        return true;
    }
    require(!other.is_discarded(), "JSON");
    compare(Value{document, 0}, other);
    if (other.contains("tasks")) read_stream(text, other);
    return true;
}

}  // namespace

const fuzz::Target fuzz::target{.decode = &decode,
                                .check = &check,
                                .bounds = {.memory = {.fixed = 64 << 10, .per_byte = 4 * bytes_for_each},
                                           .time = {.fixed = 1'000'000, .per_byte = 2'000}}};
