/// `std::hash` for ids and ordinals, so that they can be keys of unordered containers. The library itself
/// does not include this header: nothing in it may depend on the order of such containers.
///
/// Ids are digests or public keys, and their owners can choose them so that they collide. Keep ids that come
/// from outside in ordered containers.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

/// The hash of all bytes.
template <typename Tag, std::size_t Size>
struct std::hash<pouw::core::FixedBytes<Tag, Size>> {
    [[nodiscard]] std::size_t operator()(const pouw::core::FixedBytes<Tag, Size>& value) const noexcept {
        return std::hash<std::string_view>{}({reinterpret_cast<const char*>(value.bytes.data()), Size});
    }
};

/// The hash of the number.
template <typename Tag>
struct std::hash<pouw::core::Ordinal<Tag>> {
    [[nodiscard]] std::size_t operator()(pouw::core::Ordinal<Tag> value) const noexcept {
        return std::hash<std::uint64_t>{}(value.value);
    }
};

/// The hash of the raw bytes.
template <>
struct std::hash<pouw::core::ChainId> {
    [[nodiscard]] std::size_t operator()(const pouw::core::ChainId& value) const noexcept {
        const pouw::core::ByteView bytes = value.bytes();
        return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
};
