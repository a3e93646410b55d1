/// Options that several commands share, read strictly.
///
/// Every value arrives as text and is converted here: CLI11 would read -1 as 2^64 - 1. Text of the wrong form
/// is a usage failure, a well-formed value that is wrong a refusal; both name the option.
#pragma once

#include "pouw/core/bytes.hpp"
#include "pouw/core/fraction.hpp"
#include "pouw/crypto/keys.hpp"
#include "pouw/pow/config.hpp"
#include "pouw/pow/seeds.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pouw::inline v1::cli {

/// Text of an option; absent when it was not given.
using Text = std::optional<std::string>;

[[nodiscard]] std::uint64_t parse_u64(std::string_view option, std::string_view text);
[[nodiscard]] std::uint64_t parse_positive(std::string_view option, std::string_view text);
[[nodiscard]] std::vector<std::uint64_t> parse_u64_list(std::string_view option, std::string_view text);
[[nodiscard]] core::Bytes parse_hex(std::string_view option, std::string_view text);

/// Seconds as a decimal number above 0.
[[nodiscard]] double parse_seconds(std::string_view option, std::string_view text);

/// A share above 0 and at most 1, as a fraction (1/100) or a whole percentage (30%).
[[nodiscard]] core::Fraction parse_share(std::string_view option, std::string_view text);

/// Hexadecimal of exactly the type's size.
template <typename Fixed>
[[nodiscard]] Fixed parse_fixed(std::string_view option, std::string_view text);

/// Which model: --preset and --binding.
struct ModelOptions {
    Text preset;
    Text binding;
    bool insecure = false;

    void add_to(CLI::App& command, bool needs_opt_in);
    /// The named preset (whitepaper unless told) with the named binding (output unless told).
    [[nodiscard]] pow::ModelConfig config() const;
    /// A model that `pow::require_sound` refuses is for tests and research: it needs --insecure.
    void require_opt_in(const pow::ModelConfig& config) const;
};

/// Which race: --chain-id, --height, --block-hash or --block-header, --beacon.
struct ChainOptions {
    Text chain_id;
    Text height;
    Text block_hash;
    Text block_header;
    Text beacon;

    void add_to(CLI::App& command);
    [[nodiscard]] bool any() const;
    /// Expects nothing; a missing option is a usage failure.
    [[nodiscard]] pow::RaceSeed race_seed() const;
};

/// How rare a proof is: --threshold or --probability.
struct ThresholdOptions {
    Text threshold;
    Text probability;

    void add_to(CLI::App& command);
    [[nodiscard]] std::optional<std::uint64_t> value(const pow::ModelConfig& config) const;
};

/// Who computes: --threads and --backend.
struct ComputeOptions {
    Text threads_text;
    std::string backend;

    void add_to(CLI::App& command);
    [[nodiscard]] unsigned threads() const;
};

/// The result's value, or a failure that names the option: a usage failure for what the machine or the
/// request lacks.
[[noreturn]] void fail_with(std::string_view what, const core::error& error);

}  // namespace pouw::inline v1::cli
