#include "cli/emission_command.hpp"

#include "pouw/emission/chains/aipg.hpp"
#include "pouw/emission/chains/bitcoin.hpp"
#include "pouw/emission/chains/bittensor.hpp"
#include "pouw/emission/chains/heurist.hpp"
#include "pouw/emission/chains/morpheus.hpp"
#include "pouw/emission/chains/race_coin.hpp"
#include "pouw/emission/exponential.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace pouw::inline v1::cli {
namespace {

using core::int128;
using emission::Step;
// Members in the order in which they are written.
using Json = nlohmann::ordered_json;

struct Row {
    Step step = 0;
    int128 reward = 0;
    int128 cumulative = 0;
    int128 remaining = 0;
    std::uint64_t phase = 0;
};
using Query = std::function<Row(Step)>;

template <emission::Schedule S>
Query query(S schedule) {
    return [schedule = std::move(schedule)](Step h) {
        return Row{h, schedule.reward(h), schedule.cumulative(h), emission::remaining(schedule, h),
                   schedule.phase(h)};
    };
}

/// A reading of the schedule: its name, what a step counts, and how to query it.
struct Variant {
    std::string_view name;
    std::string_view unit;
    std::function<Query()> make;
};
struct Entry {
    std::string_view name;
    std::string_view base_unit;
    std::string_view description;
    std::vector<Variant> variants;  // the first one is the default
};

const std::vector<Entry>& entries() {
    using namespace emission;
    static const std::vector<Entry> all{
        {"race-coin",
         "1e-9 coin",
         "PoW 2.0 white paper: minimum issuance by day without demand, or subsidy by fees paid",
         {{"minimum", "day", [] { return query(race_coin::MinimumIssuance{}); }},
          {"demand", "fee", [] { return query(race_coin::SubsidyByFees{}); }}}},
        {"morpheus",
         "1e-18 MOR",
         "the five pools as the public contract pays each step, by the day of the contract",
         {{"day", "day", [] { return query(morpheus::ContractSchedule{}); }},
          {"second", "second", [] { return query(morpheus::ContractSchedule{1}); }}}},
        {"morpheus-additive",
         "1e-18 MOR",
         "the five pools, every step the difference of cumulative amounts",
         {{"day", "day", [] { return query(morpheus::AdditiveSchedule{}); }},
          {"second", "second", [] { return query(morpheus::AdditiveSchedule{1}); }}}},
        {"aipg-paper",
         "1e-8 AIPG",
         "AI Power Grid white paper: 500 coins, halving every 100,000 blocks",
         {{"block", "block", [] { return query(aipg::paper); }}}},
        {"aipg-chain",
         "1e-8 AIPG",
         "AI Power Grid: what the public chain pays",
         {{"block", "block", [] { return query(aipg::chain); }}}},
        {"bitcoin",
         "1e-8 BTC",
         "50 coins, halving every 210,000 blocks",
         {{"block", "block", [] { return query(bitcoin::schedule); }}}},
        {"bittensor",
         "1e-9 TAO",
         "halving by issuance; by block (nothing recycled) or by the amount issued",
         {{"block", "block", [] { return query(bittensor::schedule); }},
          {"issuance", "rao issued", [] { return query(bittensor::ByIssuance{}); }}}},
        {"exponential",
         "1e-9 coin",
         "deployed PoW 2.0 network: 285,000 coins an epoch, decay 0.000475, cap 600 million",
         {{"default", "epoch",
           [] { return query(ExponentialSchedule::create(exponential_default).value()); }},
          {"mainnet", "epoch",
           [] { return query(ExponentialSchedule::create(exponential_mainnet).value()); }}}},
        {"heurist",
         "1e-18 HUE",
         "release of the supply by month: liquid, cliffs and vesting of the token page",
         {{"month", "month", [] { return query(heurist::Release{}); }}}},
    };
    return all;
}

struct Options {
    std::string name;
    std::string at, from, to, step, variant;
    bool csv = false;
    bool json = false;
};

constexpr Step max_rows = 10'000'000;

[[noreturn]] void usage_error(std::string_view message) { throw CLI::ValidationError(std::string{message}); }

/// Runs `print` and makes sure that all of it is written.
template <typename Print>
void print_to(std::FILE* out, Print print) {
    bool written = true;
    try {
        print();
    } catch (const std::system_error&) {
        written = false;
    }
    if (!written || std::fflush(out) != 0) throw CLI::FileError("the output cannot be written");
}

Step parse_step(std::string_view option, const std::string& text) {
    const auto value = core::from_decimal(text);
    if (!value || *value > UINT64_MAX)
        usage_error(fmt::format("{} takes a whole number from 0 to 2^64 - 1, not \"{}\"", option, text));
    return static_cast<Step>(*value);
}

const Entry& find_entry(const std::string& name) {
    std::string known;
    for (const Entry& entry : entries()) {
        if (entry.name == name) return entry;
        known += fmt::format("{}{}", known.empty() ? "" : ", ", entry.name);
    }
    usage_error(fmt::format("unknown schedule \"{}\"; known are {}", name, known));
}

const Variant& find_variant(const Entry& entry, const std::string& name) {
    if (name.empty()) return entry.variants.front();
    std::string known;
    for (const Variant& variant : entry.variants) {
        if (variant.name == name) return variant;
        known += fmt::format("{}{}", known.empty() ? "" : ", ", variant.name);
    }
    usage_error(fmt::format("{} has no variant \"{}\"; it has {}", entry.name, name, known));
}

Json to_json(const Row& row) {
    return {{"step", std::to_string(row.step)},
            {"reward", core::to_decimal(row.reward)},
            {"cumulative", core::to_decimal(row.cumulative)},
            {"remaining", core::to_decimal(row.remaining)},
            {"phase", std::to_string(row.phase)}};
}

std::string to_csv(const Row& row) {
    return fmt::format("{},{},{},{},{}", row.step, core::to_decimal(row.reward),
                       core::to_decimal(row.cumulative), core::to_decimal(row.remaining), row.phase);
}

/// Steps from..to, both included, at a distance; one row at a time, so that a long range needs no memory.
struct Range {
    Step from = 0;
    Step to = 0;
    Step step = 1;

    template <typename Visit>
    void each(Visit visit) const {
        for (Step h = from;; h += step) {
            visit(h);
            if (to - h < step) return;
        }
    }
};

Range parse_range(const Options& options) {
    if (!options.at.empty()) {
        if (!options.from.empty() || !options.to.empty() || !options.step.empty())
            usage_error("--at excludes --from, --to and --step");
        const Step at = parse_step("--at", options.at);
        return {at, at, 1};
    }
    if (options.from.empty() || options.to.empty()) usage_error("give --at, or --from and --to");
    const Range range{parse_step("--from", options.from), parse_step("--to", options.to),
                      options.step.empty() ? 1 : parse_step("--step", options.step)};
    if (range.to < range.from) usage_error("--to is below --from");
    if (range.step == 0) usage_error("--step is 0");
    if ((range.to - range.from) / range.step >= max_rows)
        usage_error(fmt::format("more than {} rows; give a larger --step", max_rows));
    return range;
}

void show(const Options& options, std::FILE* out) {
    if (options.csv && options.json) usage_error("--csv excludes --json");
    const Entry& entry = find_entry(options.name);
    const Variant& variant = find_variant(entry, options.variant);
    const Range range = parse_range(options);
    const Query query = variant.make();
    if (options.json) {
        const auto row_json = [&](Step h) {
            Json json{{"schedule", entry.name},
                      {"variant", variant.name},
                      {"unit", variant.unit},
                      {"base_unit", entry.base_unit}};
            json.update(to_json(query(h)));
            return json.dump();
        };
        if (!options.at.empty()) {
            fmt::print(out, "{}\n", row_json(range.from));
            return;
        }
        range.each([&](Step h) { fmt::print(out, "{}{}", h == range.from ? "[" : ",\n", row_json(h)); });
        fmt::print(out, "]\n");
        return;
    }
    if (options.csv) {
        fmt::print(out, "step,reward,cumulative,remaining,phase\n");
        range.each([&](Step h) { fmt::print(out, "{}\n", to_csv(query(h))); });
        return;
    }
    fmt::print(out, "{}, by {}, in {}\n", entry.name, variant.unit, entry.base_unit);
    fmt::print(out, "{:>20} {:>28} {:>28} {:>28} {:>6}\n", "step", "reward", "cumulative", "remaining",
               "phase");
    range.each([&](Step h) {
        const Row row = query(h);
        fmt::print(out, "{:>20} {:>28} {:>28} {:>28} {:>6}\n", row.step, core::to_decimal(row.reward),
                   core::to_decimal(row.cumulative), core::to_decimal(row.remaining), row.phase);
    });
}

void list(bool json, std::FILE* out) {
    Json all = Json::array();
    for (const Entry& entry : entries()) {
        Json variants = Json::array();
        std::string names;
        for (const Variant& variant : entry.variants) {
            variants.push_back({{"name", variant.name}, {"unit", variant.unit}});
            names += fmt::format("{}{}", names.empty() ? "" : ", ", variant.name);
        }
        if (!json) {
            fmt::print(out, "{:<18} {:<10} {:<20} {}\n", entry.name, entry.base_unit, names,
                       entry.description);
            continue;
        }
        // What the schedule issues in all, by its first variant.
        const Row start = entry.variants.front().make()(0);
        all.push_back({{"name", entry.name},
                       {"base_unit", entry.base_unit},
                       {"variants", variants},
                       {"total", core::to_decimal(start.cumulative + start.remaining)},
                       {"description", entry.description}});
    }
    if (json) fmt::print(out, "{}\n", all.dump(2));
}

}  // namespace

void add_emission_command(CLI::App& app, std::FILE* out) {
    CLI::App* emission = app.add_subcommand("emission", "Emission schedules, in base units");
    emission->require_subcommand(1);

    const auto list_json = std::make_shared<bool>(false);
    CLI::App* list_command =
        emission->add_subcommand("list", "The schedules, their base units and what a step of each is");
    list_command->add_flag("--json", *list_json, "As JSON");
    list_command->callback([list_json, out] { print_to(out, [&] { list(*list_json, out); }); });

    const auto options = std::make_shared<Options>();
    CLI::App* show_command = emission->add_subcommand(
        "show", "Reward at a step, what is issued before it, what remains, and the phase");
    show_command->add_option("NAME", options->name, "A schedule of `pouw emission list`")->required();
    show_command->add_option("--at", options->at, "One step");
    show_command->add_option("--from", options->from, "First step of a range");
    show_command->add_option("--to", options->to, "Last step of the range");
    show_command->add_option("--step", options->step, "Steps from row to row (default: 1)");
    show_command->add_option("--variant", options->variant,
                             "A variant that `list` names (default: the first)");
    show_command->add_flag("--csv", options->csv, "As CSV, with a header");
    show_command->add_flag("--json", options->json,
                           "As JSON: an object for --at, an array for a range; numbers are decimal strings");
    show_command->callback([options, out] { print_to(out, [&] { show(*options, out); }); });
}

}  // namespace pouw::inline v1::cli
