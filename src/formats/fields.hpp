/// The fields of JSON objects, read strictly. The first thing that is wrong is kept, with its place.
#pragma once

#include "formats/document.hpp"

#include "pouw/core/amount.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/rate.hpp"
#include "pouw/core/result.hpp"
#include "pouw/core/wide.hpp"
#include "pouw/formats/parsed.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pouw::inline v1::formats {

/// Where a value stands in the text: a field of the value above it, or an element.
struct Place {
    const Place* parent = nullptr;
    std::string_view name{};
    std::optional<std::size_t> index{};  ///< of an element of the array `name`

    [[nodiscard]] std::string path() const;
};

/// The fields of one object. Each is read at most once by name; `finish` refuses those that nobody read. What
/// is read after the first refusal is a default value: ask `ok()` before using values.
class Fields {
  public:
    /// The outermost object.
    Fields(Value object, std::optional<Refusal>& refusal) : Fields{object, Place{}, refusal} {}
    Fields(Value object, const Place& place, std::optional<Refusal>& refusal);
    Fields(const Fields&) = delete;
    Fields& operator=(const Fields&) = delete;

    /// Whether nothing of the whole text has been refused so far.
    [[nodiscard]] bool ok() const noexcept { return !refusal_; }

    [[nodiscard]] core::uint128 decimal(std::string_view name);
    [[nodiscard]] std::uint64_t u64(std::string_view name);
    [[nodiscard]] std::uint32_t u32(std::string_view name);
    [[nodiscard]] core::Amount amount(std::string_view name);
    [[nodiscard]] core::Rate rate(std::string_view name);
    [[nodiscard]] bool boolean(std::string_view name);
    [[nodiscard]] std::string text(std::string_view name);
    /// A JSON number.
    [[nodiscard]] std::uint64_t number(std::string_view name);
    /// A `core::FixedBytes` in hexadecimal.
    template <typename Bytes>
    [[nodiscard]] Bytes bytes(std::string_view name) {
        Bytes out;
        read_hex(name, out.bytes);
        return out;
    }
    /// The value from 0 to `count - 1` whose `name_of(value)` is the text. `all` names them for people.
    template <typename Enum, typename Name>
    [[nodiscard]] Enum choice(std::string_view name, std::uint8_t count, Name name_of, std::string_view all) {
        const auto value = find(name);
        for (std::uint8_t i = 0; value && i < count; ++i) {
            if (value->kind() == Kind::text && value->text() == name_of(static_cast<Enum>(i)))
                return static_cast<Enum>(i);
        }
        if (value) refuse(name, core::fail(errc::expected_choice, all));
        return Enum{};
    }

    [[nodiscard]] bool has(std::string_view name) const;
    /// Whether the field is null; such a field counts as read.
    [[nodiscard]] bool take_null(std::string_view name);

    /// Calls `visit(fields)` for the object in a field.
    template <typename Visit>
    void object(std::string_view name, Visit visit) {
        const auto value = find(name);
        if (!value) return;
        Fields fields{*value, Place{&place_, name, {}}, refusal_};
        visit(fields);
        fields.finish();
    }
    /// Calls `visit(fields)` for each object of an array.
    template <typename Visit>
    void each(std::string_view name, Visit visit) {
        std::size_t index = 0;
        each_value(name, [&](Value value) {
            Fields fields{value, Place{&place_, name, index++}, refusal_};
            if (!ok()) return false;
            visit(fields);
            fields.finish();
            return ok();
        });
    }
    /// The strings of an array.
    [[nodiscard]] std::vector<std::string> texts(std::string_view name);

    /// Refuses a field that nobody read.
    void finish();

    /// Refuses a field of this object, or with an empty name the object.
    void refuse(std::string_view name, const core::error& error);
    /// Refuses when `checked` is an error.
    template <typename Result>
    void require(std::string_view name, const Result& checked) {
        if (ok() && !checked) refuse(name, checked.error());
    }

  private:
    /// The value of a field, which counts as read; nothing after a refusal.
    [[nodiscard]] std::optional<Value> find(std::string_view name);
    template <typename Visit>
    void each_value(std::string_view name, Visit visit) {
        const auto value = find(name);
        if (!value) return;
        if (value->kind() != Kind::array) return refuse(name, core::fail(errc::expected_array));
        value->each_element(visit);
    }
    [[nodiscard]] core::uint128 decimal_up_to(std::string_view name, core::uint128 most,
                                              std::string_view too_large);
    void read_hex(std::string_view name, std::span<std::uint8_t> out);

    Value object_;
    Place place_;
    std::optional<Refusal>& refusal_;
    std::array<std::string_view, 24> read_{};
    std::size_t count_ = 0;
};

/// Reads the outermost object of a text: `read(fields)` returns the value.
template <typename T, typename Read>
[[nodiscard]] parsed<T> parse_text(std::string_view text, const Limits& limits, Read read) {
    Document document;
    std::optional<Refusal> refusal = read_document(in_one_piece(text), limits, nullptr, document);
    if (refusal) return *std::move(refusal);
    Fields fields{Value{document, 0}, refusal};
    T out = read(fields);
    fields.finish();
    if (refusal) return *std::move(refusal);
    return out;
}

}  // namespace pouw::inline v1::formats
