/// Every way in which input can be wrong: one code, its number, and what it means in a few words.
///
/// Numbers are stable: new codes are added, none is reused. Each module owns a hundred.
#pragma once

#include <cstdint>
#include <string_view>

// clang-format off
#define POUW_ERROR_CODES(X)                                                                        \
    /* core */                                                                                     \
    X(truncated, 1, "the input is truncated")                                                      \
    X(trailing_bytes, 2, "the input has trailing bytes")                                           \
    X(wrong_length, 3, "wrong length")                                                             \
    X(invalid_hex, 4, "not a hexadecimal string")                                                  \
    X(invalid_magic, 5, "not a file of this format")                                               \
    X(unsupported_version, 6, "unsupported specification version")                                 \
    X(overflow, 7, "the value is too large")                                                       \
    X(cancelled, 8, "cancelled")                                                                   \
    X(invalid_fraction, 9, "not a fraction above 0 and at most 1")                                 \
    /* crypto */                                                                                   \
    X(unsafe_libsodium, 100, "the linked libsodium fails the start-up check")                      \
    X(invalid_public_key, 101, "the public key is not the canonical encoding of a point of prime order") \
    X(invalid_signature, 102, "the signature does not verify")                                     \
    X(invalid_key_file, 103, "not a pouw key file")                                                \
    /* pow */                                                                                      \
    X(invalid_config, 200, "invalid model config")                                                 \
    X(unsound_config, 201, "the model config is not known to be sound")                            \
    X(unknown_preset, 202, "unknown preset")                                                       \
    X(unknown_backend, 203, "unknown backend")                                                     \
    X(unsupported_backend, 204, "this machine does not support the backend")                       \
    X(failed_self_test, 205, "the backend computes wrong values")                                  \
    X(invalid_block_header, 206, "not a Bitcoin block header of 80 bytes")                         \
    X(insufficient_work, 207, "the block header does not meet its own proof-of-work target")       \
    X(invalid_threshold, 208, "the threshold is 0, or the probability is outside (0, 1)")          \
    /* stats */                                                                                    \
    X(too_many_samples, 250, "the soundness asked for needs more samples than allowed")            \
    /* proof */                                                                                    \
    X(count_too_large, 300, "the count is larger than the bytes can hold")                         \
    X(non_canonical, 301, "non-canonical encoding")                                                \
    X(nonce_overflow, 302, "a nonce exceeds 2^64 - 1")                                             \
    X(model_mismatch, 303, "the proof is for another model")                                       \
    X(race_mismatch, 304, "the proof is for another race")                                         \
    X(key_mismatch, 305, "the proof is of another node")                                           \
    X(threshold_mismatch, 306, "the proof is for another threshold")                               \
    X(false_nonce, 307, "a claimed nonce does not pass")                                           \
    X(root_mismatch, 308, "the root is another")                                                   \
    X(count_mismatch, 309, "the count is another")                                                 \
    X(rank_out_of_range, 310, "a rank is not below the count")                                     \
    X(wrong_samples, 311, "the opening does not show exactly the nonces asked for")                \
    X(insufficient_soundness, 312, "the samples do not reach the soundness asked for")             \
    X(passing_nonce, 313, "the accused nonce passes")                                              \
    X(invalid_ranges, 314, "the declared nonce ranges overlap, descend or cannot hold the count")  \
    X(not_an_extension, 315, "the commitment does not continue the earlier one")                   \
    X(nonce_outside_ranges, 316, "a committed nonce lies outside the declared ranges")             \
    /* weights */                                                                                  \
    X(duplicate_node, 400, "a node has two weights")                                               \
    /* emission */                                                                                 \
    X(invalid_schedule, 900, "the parameters of the schedule are out of range")                    \
    X(supply_overflow, 901, "the schedule would issue more than an amount can hold")               \
    X(invalid_interval, 902, "the interval ends before it begins")                                 \
    X(never_issued, 903, "the schedule never issues that much")                                    \
    X(precision_exhausted, 904, "the precision does not decide the value of the schedule")         \
    X(invalid_amount, 905, "an amount is negative or out of range")                                \
    X(no_weight, 906, "there is no weight to divide among")                                        \
    X(cap_exceeded, 907, "more than the cap would be minted")                                      \
    X(insufficient_balance, 908, "more is taken than is held")                                     \
    X(sold_out, 909, "the pool has fewer coins left than are asked for")                           \
    X(insufficient_reserve, 910, "the reserve of the pool does not cover the payout")              \
    X(no_live_bid, 911, "no bid is live")                                                          \
    X(time_reversed, 912, "the time lies before the last one, or before the start")                \
    X(unknown_schedule, 913, "unknown emission schedule")
// clang-format on

namespace pouw::core {

enum class errc : std::uint16_t {
#define POUW_ENUMERATOR(name, number, text) name = number,
    POUW_ERROR_CODES(POUW_ENUMERATOR)
#undef POUW_ENUMERATOR
};

/// The meaning of a code, for people.
[[nodiscard]] constexpr std::string_view message(errc code) noexcept {
    switch (code) {
#define POUW_CASE(name, number, text) \
    case errc::name:                  \
        return text;
        POUW_ERROR_CODES(POUW_CASE)
#undef POUW_CASE
    }
    return "unknown error";
}

/// The stable name of a code, for JSON and logs.
[[nodiscard]] constexpr std::string_view name(errc code) noexcept {
    switch (code) {
#define POUW_CASE(name, number, text) \
    case errc::name:                  \
        return #name;
        POUW_ERROR_CODES(POUW_CASE)
#undef POUW_CASE
    }
    return "unknown";
}

}  // namespace pouw::core

#undef POUW_ERROR_CODES
