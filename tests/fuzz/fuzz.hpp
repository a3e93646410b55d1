/// What the fuzz targets have in common: each defines one `target`, and entry.cpp and replay.cpp run it.
#pragma once

#include "pouw/core/bytes.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>

namespace pouw::inline v1::fuzz {

/// An upper bound on the cost of an input, linear in its size.
struct Bound {
    std::uint64_t fixed = 0;
    std::uint64_t per_byte = 0;

    [[nodiscard]] constexpr std::uint64_t of(std::size_t size) const noexcept {
        return fixed + per_byte * size;
    }
};

/// What decoding one input may cost.
struct Bounds {
    /// The largest number of bytes on the heap at one time.
    Bound memory{.fixed = 2048, .per_byte = 64};
    /// The time, in units of the time in which this machine hashes one byte by BLAKE2b: about 1 ns.
    Bound time{.fixed = 20'000, .per_byte = 200};
};

/// The time in which a public key is checked, a signature verified or a point decoded, with room to spare.
inline constexpr std::uint64_t key_time = 400'000;
/// The bounds of a decoder that checks up to `keys` keys, signatures and points.
[[nodiscard]] constexpr Bounds bounds_with_keys(std::uint64_t keys = 1) noexcept {
    return {.memory = {.fixed = 2048, .per_byte = 64},
            .time = {.fixed = 20'000 + keys * key_time, .per_byte = 200}};
}

/// Whether the input at hand is checked completely, with everything that costs much: signatures and proofs
/// are verified, and none may hold that its owner has not made. Every seed is, and every input of a fuzzer.
/// Of the mutations that are replayed, one in `one_in` is, chosen by its own bytes. Every other input is
/// decoded, encoded again and measured all the same.
inline bool complete = true;
inline constexpr std::uint64_t one_in = 32;

/// Whether the inputs are mutations of seeds: then nobody has signed anything new.
inline bool mutating = false;

/// A function that reads untrusted bytes.
struct Target {
    /// Decodes the bytes and nothing else: the cost of this is measured. Nothing where there is no decoder.
    void (*decode)(core::ByteView data) = nullptr;
    /// Ends the program when a promise about these bytes is broken. Returns whether there was anything to
    /// try.
    bool (*check)(core::ByteView data) = nullptr;
    Bounds bounds{};
};

/// The time bound of nonces: a byte can hold eight of them.
inline constexpr std::uint64_t nonce_time_per_byte = 800;

/// The target of this program.
extern const Target target;

/// Ends the program when a promise is broken.
inline void require(bool holds, const char* promise = "see the target") {
    if (holds) return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

[[nodiscard]] inline bool equal(core::ByteView a, core::ByteView b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

/// Requires that nobody forges: of mutations, those alone are accepted that are seeds again.
inline void require_no_forgery(core::ByteView data, bool accepted) {
    static std::set<core::Bytes> seeds;
    if (!accepted) return;
    core::Bytes bytes{data.begin(), data.end()};
    if (mutating) return require(seeds.contains(bytes), "nobody forges");
    seeds.insert(std::move(bytes));
}

/// The target of a type with `decode` and `encode`: the bytes are refused, or they are the one encoding of a
/// value. `also` checks what else holds of such a value.
template <typename Value, void (*also)(const Value&) = nullptr>
[[nodiscard]] constexpr Target decoder_of(const Bounds& bounds = {}) noexcept {
    return {.decode = [](core::ByteView data) { (void)Value::decode(data).has_value(); },
            .check =
                [](core::ByteView data) {
                    const auto value = Value::decode(data);
                    if (!value) return true;
                    require(equal(value->encode(), data), "a value has one encoding");
                    if constexpr (also != nullptr) also(*value);
                    return true;
                },
            .bounds = bounds};
}

}  // namespace pouw::inline v1::fuzz
