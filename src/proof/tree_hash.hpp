/// The hashes of the tree of nonces. docs/spec/proofs.md section 4.
#pragma once

#include "pouw/crypto/blake2b.hpp"
#include "pouw/proof/opening.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>

namespace pouw::inline v1::proof {

/// A subtree as its parent sees it.
struct Subtree {
    crypto::Hash256 digest;
    std::uint64_t count = 0;
};

/// The largest nonce of the place of `bits` open bits that begins with `low`.
[[nodiscard]] constexpr std::uint64_t place_end(std::uint64_t low, std::uint32_t bits) noexcept {
    return bits == 0 ? low : low | (UINT64_MAX >> (64 - bits));
}

/// The height at which two different nonces part: they agree in all bits above.
[[nodiscard]] constexpr std::uint8_t parting_height(std::uint64_t a, std::uint64_t b) noexcept {
    return static_cast<std::uint8_t>(std::bit_width(a ^ b));
}

/// `nonce` with its low `height` bits cleared.
[[nodiscard]] constexpr std::uint64_t prefix_at(std::uint64_t nonce, std::uint32_t height) noexcept {
    return height == 64 ? 0 : nonce >> height << height;
}

/// Which child of a node of this height holds the nonce.
[[nodiscard]] constexpr bool is_right(std::uint64_t nonce, std::uint8_t height) noexcept {
    return ((nonce >> (height - 1)) & 1) != 0;
}

/// The smallest nonce of the right half below a node.
[[nodiscard]] constexpr std::uint64_t right_low(std::uint64_t prefix, std::uint8_t height) noexcept {
    return prefix | std::uint64_t{1} << (height - 1);
}

[[nodiscard]] inline crypto::Hash256 leaf_digest(std::uint64_t nonce) noexcept {
    return crypto::hash(crypto::domain::set_leaf, core::to_le(nonce));
}

[[nodiscard]] inline crypto::Hash256 node_digest(std::uint8_t height, std::uint64_t prefix,
                                                 const Subtree& left, const Subtree& right) noexcept {
    std::array<std::uint8_t, 89> data;
    data[0] = height;
    auto out = data.begin() + 1;
    const auto put = [&out](const auto& bytes) { out = std::copy(bytes.begin(), bytes.end(), out); };
    put(core::to_le(prefix));
    put(core::to_le(left.count));
    put(core::to_le(right.count));
    put(left.digest.bytes);
    put(right.digest.bytes);
    return crypto::hash(crypto::domain::set_node, data);
}

[[nodiscard]] inline TreeRoot tree_root(const Subtree& top) noexcept {
    return {crypto::Hasher{crypto::domain::set_root}.update(top.count).update(top.digest.view()).finish(),
            top.count};
}

/// Where the right half of ascending nonces that part at `height` begins.
[[nodiscard]] inline std::size_t split_of(std::span<const std::uint64_t> nonces,
                                          std::uint8_t height) noexcept {
    const auto middle = std::partition_point(
        nonces.begin(), nonces.end(), [height](std::uint64_t nonce) { return !is_right(nonce, height); });
    return static_cast<std::size_t>(middle - nonces.begin());
}

/// The subtree of ascending nonces, at least one.
[[nodiscard]] inline Subtree subtree_of(std::span<const std::uint64_t> nonces) noexcept {
    if (nonces.size() == 1) return {leaf_digest(nonces.front()), 1};
    const std::uint8_t height = parting_height(nonces.front(), nonces.back());
    const std::size_t split = split_of(nonces, height);
    const Subtree left = subtree_of(nonces.first(split));
    const Subtree right = subtree_of(nonces.subspan(split));
    return {node_digest(height, prefix_at(nonces.front(), height), left, right), nonces.size()};
}

}  // namespace pouw::inline v1::proof
