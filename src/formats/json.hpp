/// JSON that is written: values in the order in which they were added.
#pragma once

#include "pouw/core/amount.hpp"
#include "pouw/core/bytes.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/ids.hpp"
#include "pouw/core/rate.hpp"
#include "pouw/core/wide.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace pouw::inline v1::formats {

using Json = nlohmann::ordered_json;

[[nodiscard]] inline Json json_of(core::Amount amount) {
    POUW_EXPECTS(amount >= 0);
    return core::to_decimal(amount);
}
[[nodiscard]] inline Json json_of(core::Rate rate) { return std::to_string(rate.ppm()); }
[[nodiscard]] inline Json json_of(std::uint64_t number) { return std::to_string(number); }
[[nodiscard]] inline Json json_of(std::uint32_t number) { return std::to_string(number); }
template <typename Tag>
[[nodiscard]] Json json_of(core::Ordinal<Tag> ordinal) {
    return std::to_string(ordinal.value);
}
template <typename Tag, std::size_t Size>
[[nodiscard]] Json json_of(const core::FixedBytes<Tag, Size>& bytes) {
    return core::to_hex(bytes.view());
}
template <typename T>
[[nodiscard]] Json json_of(const std::optional<T>& value) {
    return value ? json_of(*value) : Json{};
}

/// The text; bytes of strings that are no UTF-8 are replaced. In one line, or indented.
[[nodiscard]] inline std::string text_of(const Json& json, int indent = -1) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pouw::inline v1::formats
