#include "cli/options.hpp"

#include "cli/command.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/pow/bitcoin.hpp"
#include "pouw/pow/threshold.hpp"
#include "pouw/validation/task.hpp"
#include "pouw/vrf/vrf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <thread>

namespace pouw::inline v1::cli {
namespace {

constexpr std::string_view not_a_number = "expected a whole number from 0 to 18446744073709551615";

bool is_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::uint64_t parse_u64(std::string_view option, std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!is_digits(text) || code != std::errc{} || end != text.data() + text.size()) {
        throw usage(option, fmt::format("'{}': {}", text, not_a_number));
    }
    return value;
}

std::uint64_t parse_positive(std::string_view option, std::string_view text) {
    const std::uint64_t value = parse_u64(option, text);
    if (value == 0) throw usage(option, "must be at least 1");
    return value;
}

std::vector<std::uint64_t> parse_u64_list(std::string_view option, std::string_view text) {
    std::vector<std::uint64_t> values;
    while (true) {
        const std::size_t comma = text.find(',');
        values.push_back(parse_u64(option, text.substr(0, comma)));
        if (comma == std::string_view::npos) return values;
        text.remove_prefix(comma + 1);
    }
}

core::Bytes parse_hex(std::string_view option, std::string_view text) {
    auto bytes = core::from_hex(text);
    if (!bytes) throw usage(option, core::describe(bytes.error()));
    return *std::move(bytes);
}

double parse_seconds(std::string_view option, std::string_view text) {
    const std::size_t point = text.find('.');
    const bool well_formed = is_digits(text.substr(0, point)) && text.size() <= 12 &&
                             (point == std::string_view::npos || is_digits(text.substr(point + 1)));
    double value = 0;
    if (well_formed) std::from_chars(text.data(), text.data() + text.size(), value);
    constexpr double most = 1e9;  // more nanoseconds than a clock counts are a time in the past
    if (!(value > 0 && value <= most))
        throw usage(option,
                    fmt::format("'{}': expected a number of seconds above 0, at most {:.0f}", text, most));
    return value;
}

core::Fraction parse_share(std::string_view option, std::string_view text) {
    core::Fraction share;
    const std::size_t slash = text.find('/');
    if (slash != std::string_view::npos) {
        const auto fraction = core::Fraction::create(parse_u64(option, text.substr(0, slash)),
                                                     parse_u64(option, text.substr(slash + 1)));
        if (!fraction) throw usage(option, core::describe(fraction.error()));
        share = *fraction;
    } else if (text.ends_with('%')) {
        share = {parse_u64(option, text.substr(0, text.size() - 1)), 100};
    } else {
        throw usage(option,
                    fmt::format("'{}': expected a fraction such as 1/100 or a percentage such as 30%", text));
    }
    if (!share.is_share()) throw usage(option, fmt::format("'{}': must be above 0 and at most 1", text));
    return share;
}

template <typename Fixed>
Fixed parse_fixed(std::string_view option, std::string_view text) {
    const core::Bytes bytes = parse_hex(option, text);
    const auto value = Fixed::from(bytes);
    if (!value) throw refused(option, fmt::format("expected {} bytes, got {}", Fixed::size, bytes.size()));
    return *value;
}
template core::BlockHash parse_fixed(std::string_view, std::string_view);
template core::BeaconOutput parse_fixed(std::string_view, std::string_view);
template crypto::Hash256 parse_fixed(std::string_view, std::string_view);
template crypto::PublicKey parse_fixed(std::string_view, std::string_view);
template core::TaskId parse_fixed(std::string_view, std::string_view);
template vrf::Proof parse_fixed(std::string_view, std::string_view);
template vrf::PublicKey parse_fixed(std::string_view, std::string_view);

void ModelOptions::add_to(CLI::App& command, bool needs_opt_in) {
    command.add_option("--preset", preset, "model: whitepaper (default), whitepaper-2.3b, tiny, tiny-gated")
        ->type_name("NAME");
    command.add_option("--binding", binding, "what the permutation is bound to: output (default) or input")
        ->type_name("NAME");
    if (needs_opt_in) command.add_flag("--insecure", insecure, "allow models that are not known to be sound");
}

pow::ModelConfig ModelOptions::config() const {
    const auto found = pow::preset(preset.value_or("whitepaper"));
    if (!found) throw usage("--preset", fmt::format("unknown preset '{}' (see `pouw info`)", *preset));
    pow::ModelConfig config = *found;
    if (binding == "input") {
        config.permutation_binding = pow::PermutationBinding::input;
    } else if (binding && binding != "output") {
        throw usage("--binding", fmt::format("'{}': expected output or input", *binding));
    }
    return config;
}

void ModelOptions::require_opt_in(const pow::ModelConfig& config) const {
    if (insecure || pow::require_sound(config)) return;
    throw usage("--preset, --binding", "the model is not known to be sound; say --insecure to use it");
}

void ChainOptions::add_to(CLI::App& command) {
    command.add_option("--chain-id", chain_id, "identifier of the chain")->type_name("TEXT");
    command.add_option("--height", height, "height of the block")->type_name("N");
    command.add_option("--block-hash", block_hash, "hash of the block, as the chain displays it")
        ->type_name("HEX");
    command
        .add_option("--block-header", block_header,
                    "raw 80-byte Bitcoin header; its proof of work is checked")
        ->type_name("HEX");
    command.add_option("--beacon", beacon, "output of the beacon, 32 bytes (default: zeros)")
        ->type_name("HEX");
}

bool ChainOptions::any() const { return chain_id || height || block_hash || block_header || beacon; }

pow::RaceSeed ChainOptions::race_seed() const {
    if (!chain_id) throw usage("--chain-id", "is required");
    if (!height) throw usage("--height", "is required");
    if (block_hash.has_value() == block_header.has_value()) {
        throw usage("--block-hash, --block-header", "exactly one of them is required");
    }
    pow::ChainState state{
        .chain_id = *chain_id, .height = parse_u64("--height", *height), .block_hash = {}, .beacon = {}};
    if (block_hash) {
        state.block_hash = parse_fixed<core::BlockHash>("--block-hash", *block_hash);
    } else {
        const auto hash = pow::bitcoin_block_hash(parse_hex("--block-header", *block_header));
        if (!hash) throw refused("--block-header", core::describe(hash.error()));
        state.block_hash = *hash;
    }
    if (beacon) state.beacon = parse_fixed<core::BeaconOutput>("--beacon", *beacon);
    return pow::race_seed(state);
}

void ThresholdOptions::add_to(CLI::App& command) {
    command.add_option("--threshold", threshold, "a nonce passes below this squared distance")
        ->type_name("T");
    command.add_option("--probability", probability, "the same as the chance of one nonce (default: 1/900)")
        ->type_name("1/N");
}

std::optional<std::uint64_t> ThresholdOptions::value(const pow::ModelConfig& config) const {
    if (threshold && probability)
        throw usage("--threshold, --probability", "at most one of them can be given");
    if (threshold) return parse_positive("--threshold", *threshold);
    if (!probability) return std::nullopt;
    const std::size_t slash = probability->find('/');
    if (slash == std::string::npos) throw usage("--probability", "expected a fraction such as 1/900");
    const auto derived = pow::threshold_for(
        config, parse_u64("--probability", std::string_view{*probability}.substr(0, slash)),
        parse_u64("--probability", std::string_view{*probability}.substr(slash + 1)));
    if (!derived) throw usage("--probability", core::describe(derived.error()));
    return *derived;
}

void ComputeOptions::add_to(CLI::App& command) {
    command.add_option("--threads", threads_text, "threads to use (default: all)")->type_name("N");
    command
        .add_option("--backend", backend,
                    "who computes (default: POUW_BACKEND, else the fastest; see `pouw info`)")
        ->type_name("NAME");
}

unsigned ComputeOptions::threads() const {
    if (!threads_text) return std::max(1u, std::thread::hardware_concurrency());
    const std::uint64_t threads = parse_positive("--threads", *threads_text);
    if (threads > 1024) throw usage("--threads", "must be at most 1024");
    return static_cast<unsigned>(threads);
}

void fail_with(std::string_view what, const core::error& error) {
    const Exit code = error.code == core::errc::cancelled ? Exit::cancelled : Exit::usage;
    throw Failure{code, fmt::format("{}: {}", what, core::describe(error))};
}

}  // namespace pouw::inline v1::cli
