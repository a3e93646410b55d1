/// JSON as a flat list of tokens: no recursion, no pointers, few bytes for each value.
#pragma once

#include "pouw/formats/parsed.hpp"
#include "pouw/formats/text.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pouw::inline v1::formats {

enum class Kind : std::uint8_t { null, boolean, whole, negative, floating, text, array, object };

/// One value, or the key before a value (`text`). The values in an array or an object follow it.
struct Token {
    std::uint64_t payload = 0;  ///< the boolean, the whole number, or where the text begins
    std::uint32_t size = 0;     ///< bytes of the text, or tokens inside of the array or the object
    Kind kind = Kind::null;
};

/// The values of a JSON text, in its order.
class Document {
  public:
    std::vector<Token> tokens;
    std::string text;  ///< all keys and strings, without escapes

    [[nodiscard]] std::string_view text_of(const Token& token) const noexcept {
        return std::string_view{text}.substr(token.payload, token.size);
    }
};

/// A value of a document. A view.
class Value {
  public:
    Value(const Document& document, std::uint32_t at) : document_{&document}, at_{at} {}

    [[nodiscard]] Kind kind() const noexcept { return token().kind; }
    [[nodiscard]] bool boolean() const noexcept { return token().payload != 0; }
    [[nodiscard]] std::uint64_t whole() const noexcept { return token().payload; }
    [[nodiscard]] std::string_view text() const noexcept { return document_->text_of(token()); }

    /// Calls `visit(value)` for the elements of an array, in order, while it returns true.
    template <typename Visit>
    void each_element(Visit visit) const {
        for (std::uint32_t at = at_ + 1; at < end(); at = after(at)) {
            if (!visit(Value{*document_, at})) return;
        }
    }
    /// Calls `visit(key, value)` for the fields of an object, in order, while it returns true.
    template <typename Visit>
    void each_field(Visit visit) const {
        for (std::uint32_t at = at_ + 1; at < end(); at = after(at + 1)) {
            if (!visit(Value{*document_, at}.text(), Value{*document_, at + 1})) return;
        }
    }

  private:
    [[nodiscard]] const Token& token() const noexcept { return document_->tokens[at_]; }
    [[nodiscard]] std::uint32_t end() const noexcept { return after(at_); }
    /// The place behind a value and all that is in it.
    [[nodiscard]] std::uint32_t after(std::uint32_t at) const noexcept {
        const Token& t = document_->tokens[at];
        return at + 1 + (t.kind == Kind::array || t.kind == Kind::object ? t.size : 0);
    }

    const Document* document_;
    std::uint32_t at_;
};

/// An array of the outermost object that is handed over element by element and not kept. It is the last
/// field.
struct Stream {
    std::string_view name;
    /// The outermost object without the stream, before the first element.
    std::function<std::optional<Refusal>(Value)> header;
    std::function<std::optional<Refusal>(Value, std::size_t)> element;
};

/// Reads one JSON object.
/// Errors: errc::not_json, errc::text_too_large, errc::too_deep, errc::duplicate_field,
/// errc::expected_object; with a stream also errc::misplaced_field, errc::missing_field and
/// errc::expected_array for the stream, and what its functions return.
[[nodiscard]] std::optional<Refusal> read_document(const NextPiece& next, const Limits& limits,
                                                   const Stream* stream, Document& out);

}  // namespace pouw::inline v1::formats
