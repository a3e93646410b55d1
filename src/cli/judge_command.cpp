#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/describe.hpp"
#include "pouw/judgement/comparison.hpp"
#include "pouw/simulation/operating_characteristic.hpp"

#include <fmt/core.h>

#include <cmath>
#include <memory>

namespace pouw::inline v1::cli {
namespace {

/// Records of a million tokens with their candidates are megabytes; what is larger is none.
constexpr std::uint64_t largest_record = std::uint64_t{1} << 31;

std::uint32_t parse_u32(std::string_view option, std::string_view text) {
    const std::uint64_t value = parse_u64(option, text);
    if (value > UINT32_MAX) throw usage(option, "must be below 2^32");
    return static_cast<std::uint32_t>(value);
}

/// A fraction such as 7/2, or a whole number.
core::Fraction parse_fraction(std::string_view option, std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return {parse_u64(option, text), 1};
    const auto fraction = core::Fraction::create(parse_u64(option, text.substr(0, slash)),
                                                 parse_u64(option, text.substr(slash + 1)));
    if (!fraction) throw usage(option, core::describe(fraction.error()));
    return *fraction;
}

/// What a rule's parameters make, or a usage failure.
template <typename T>
T made(std::string_view what, core::result<T> result) {
    if (!result) throw usage(what, core::describe(result.error()));
    return *std::move(result);
}

/// The values of the options of one subcommand, by their names; those not given are empty.
struct Values {
    std::vector<std::pair<std::string, Text>> texts;
    std::vector<std::string> files;
    bool json = false;

    [[nodiscard]] const Text& text(std::string_view option) const {
        const auto found = std::find_if(texts.begin(), texts.end(),
                                        [&](const auto& entry) { return entry.first == option; });
        POUW_EXPECTS(found != texts.end());
        return found->second;
    }
    [[nodiscard]] bool has(std::string_view option) const { return text(option).has_value(); }
    [[nodiscard]] const std::string& required(std::string_view option) const {
        if (!has(option)) throw usage(option, "is missing");
        return *text(option);
    }
    [[nodiscard]] std::uint32_t number(std::string_view option) const {
        return parse_u32(option, required(option));
    }
    [[nodiscard]] std::uint32_t number_or(std::string_view option, std::uint32_t otherwise) const {
        return has(option) ? number(option) : otherwise;
    }
    [[nodiscard]] core::Fraction share(std::string_view option) const {
        return parse_share(option, required(option));
    }
};

/// Prints a verdict and makes it the exit code.
Exit conclude(const Values& values, bool convicted, const Json& json, const std::string& line) {
    fmt::print("{}\n", values.json ? json.dump() : line);
    return convicted ? Exit::refused : Exit::success;
}

Exit judge_binomial(const Values& values) {
    const auto test =
        made("--rate, --significance",
             stats::BinomialTest::create(values.share("--rate"), values.share("--significance")));
    const std::uint32_t checks = values.number("--checks");
    const std::uint32_t failures = values.number("--failures");
    if (failures > checks) throw usage("--failures", "are more than the checks");
    const bool convicted = test.rejects(checks, failures);
    const auto critical = test.critical_failures(checks);
    const std::uint64_t value = stats::p_value(checks, failures, test.honest_rate());
    return conclude(
        values, convicted,
        Json{{"convicted", convicted},
             {"critical_failures", critical ? Json(*critical) : Json(nullptr)},
             {"p_value_times_2_63", std::to_string(value)}},
        fmt::format("{}: {} failures of {}, p-value {:.3e}; {}", convicted ? "convicted" : "not convicted",
                    failures, checks, std::ldexp(static_cast<double>(value), -63),
                    critical ? fmt::format("{} convict", *critical) : "no number convicts"));
}

std::variant<stats::ErrorRates, stats::LogarithmLimits> limits_of(const Values& values) {
    if (values.has("--limit")) {
        if (values.has("--false-positive") || values.has("--false-negative")) {
            throw usage("--limit", "takes the place of --false-positive and --false-negative");
        }
        const core::Fraction rejection = parse_fraction("--limit", values.required("--limit"));
        return stats::LogarithmLimits{rejection,
                                      values.has("--acceptance")
                                          ? parse_fraction("--acceptance", values.required("--acceptance"))
                                          : rejection};
    }
    if (values.has("--acceptance")) throw usage("--acceptance", "goes with --limit");
    return stats::ErrorRates{values.share("--false-positive"), values.share("--false-negative")};
}

double nats(core::int128 value) { return std::ldexp(static_cast<double>(value), -80); }

Exit judge_sprt(const Values& values) {
    const auto test =
        made("the test", std::visit(
                             [&](const auto& limits) {
                                 return stats::SequentialTest::create(values.share("--honest"),
                                                                      values.share("--dishonest"), limits);
                             },
                             limits_of(values)));
    const std::uint32_t failures = values.number("--failures");
    const std::uint32_t passes = values.number("--passes");
    const stats::Decision decision = test.decide(failures, passes);
    const auto ratio = test.log_likelihood_ratio(failures, passes);
    const std::string_view name = decision == stats::Decision::rejected   ? "convicted"
                                  : decision == stats::Decision::accepted ? "acquitted"
                                                                          : "undecided";
    return conclude(values, decision == stats::Decision::rejected,
                    Json{{"verdict", name},
                         {"log_likelihood_ratio_times_2_80",
                          {core::to_decimal(ratio.lower), core::to_decimal(ratio.upper)}}},
                    fmt::format("{}: log-likelihood ratio {:.5f}", name, nats(ratio.lower)));
}

Exit judge_consecutive(const Values& values) {
    const auto rate = made("--rate", stats::checked_probability(values.share("--rate")));
    const auto limit = made("--limit", stats::checked_probability(values.share("--limit")));
    const std::uint32_t needed = made("--rate, --limit", stats::run_to_convict(rate, limit));
    const std::uint32_t run = values.number("--run");
    const bool convicted = run >= needed;
    return conclude(
        values, convicted, Json{{"convicted", convicted}, {"run_to_convict", needed}},
        fmt::format("{}: {} in a row convict", convicted ? "convicted" : "not convicted", needed));
}

judgement::Judge judge_of(const Values& values) {
    judgement::JudgementRules rules;
    if (values.has("--run-rate")) rules.run = {values.share("--run-rate"), values.share("--run-limit")};
    if (values.has("--honest")) {
        rules.sequential = {values.share("--honest"), values.share("--dishonest"), limits_of(values)};
    }
    if (values.has("--epoch-rate"))
        rules.epoch = {values.share("--epoch-rate"), values.share("--significance")};
    return made("the rules", judgement::Judge::create(rules));
}

Exit print_operating_characteristic(const Values& values) {
    constexpr std::uint32_t most_checks = 2000;
    const std::uint32_t checks = values.number("--checks");
    if (checks > most_checks) throw usage("--checks", "more than 2000 take too long");
    const core::Fraction rate = parse_fraction("--rate", values.required("--rate"));
    if (rate.numerator > rate.denominator) throw usage("--rate", "must be from 0 to 1");
    const auto found = simulation::operating_characteristic(
        judge_of(values), checks,
        static_cast<double>(rate.numerator) / static_cast<double>(rate.denominator));
    return conclude(
        values, false,
        Json{{"convicted", found.convicted},
             {"by_run", found.by_run},
             {"by_sequential", found.by_sequential},
             {"by_epoch", found.by_epoch},
             {"average_sample_number", found.average_sample_number}},
        fmt::format("convicted {:.3e} (run {:.2e}, sequential {:.2e}, epoch {:.2e}) after {:.1f} checks in "
                    "the mean",
                    found.convicted, found.by_run, found.by_sequential, found.by_epoch,
                    found.average_sample_number));
}

judgement::InferenceRecord read_record(const std::string& path) {
    auto record = judgement::InferenceRecord::decode(read_file(path, largest_record));
    if (!record) throw refused(path, core::describe(record.error()));
    return *std::move(record);
}

judgement::Sampler sampler_of(const Values& values) {
    judgement::SamplerSettings settings;
    settings.seed = parse_fixed<crypto::Hash256>("--seed", values.required("--seed"));
    settings.temperature = values.number_or("--temperature", settings.temperature);
    settings.top_k = values.number_or("--top-k", settings.top_k);
    settings.top_p = values.number_or("--top-p", settings.top_p);
    settings.longest = values.number("--longest");
    if (values.has("--end-token")) settings.end_token = values.number("--end-token");
    return made("the sampler", judgement::Sampler::create(settings));
}

Exit judge_comparison(const Values& values) {
    const auto comparer =
        made("--mismatch-rate, --significance",
             judgement::Comparer::create({.threshold = values.number("--threshold"),
                                          .tolerance = {values.number_or("--mass-tolerance", 0),
                                                        values.number_or("--surprisal-tolerance", 0)},
                                          .mismatch_rate = values.share("--mismatch-rate"),
                                          .significance = values.share("--significance")}));
    const judgement::Sampler sampler = sampler_of(values);
    const auto found = comparer.compare(read_record(values.files[0]), read_record(values.files[1]), sampler);
    if (!found) throw refused(values.files[1], core::describe(found.error()));
    const bool accepted = found->finding == judgement::Finding::accepted;
    return conclude(values, !accepted,
                    Json{{"accepted", accepted},
                         {"finding", judgement::name(found->finding)},
                         {"tokens", found->tokens},
                         {"distance", found->distance.mean()},
                         {"inconsistent", found->inconsistent},
                         {"mismatches", found->mismatches}},
                    fmt::format("{}: distance {} / 65536 nat, {} tokens, {} inconsistent, {} not drawn again",
                                judgement::name(found->finding), found->distance.mean(), found->tokens,
                                found->inconsistent, found->mismatches));
}

struct Option {
    const char* name;
    const char* type;
    const char* description;
};

/// Adds a subcommand; `run` finds the options' values by their names.
CLI::App& add(CLI::App& judge, const SetExit& set_exit, const char* name, const char* description,
              std::initializer_list<Option> options, Exit (*run)(const Values&)) {
    auto values = std::make_shared<Values>();
    CLI::App& command = *judge.add_subcommand(name, description);
    values->texts.reserve(options.size());  // the command keeps references
    for (const Option& option : options) {
        Text& text = values->texts.emplace_back(option.name, std::nullopt).second;
        command.add_option(option.name, text, option.description)->type_name(option.type);
    }
    if (run == judge_comparison) {
        command.add_option("RECORD", values->files, "the executor's record, and the checker's")
            ->required()
            ->expected(2);
    }
    command.add_flag("--json", values->json, "print the verdict as JSON");
    on_command(command, set_exit, [values, run] { return run(*values); });
    return command;
}

}  // namespace

void add_judge_command(CLI::App& app, const SetExit& set_exit) {
    CLI::App& judge = *app.add_subcommand("judge", "What checks of a node, or of a result, prove");
    judge.require_subcommand(1);
    const Option honest{"--honest", "SHARE", "failures of honest nodes"};
    const Option dishonest{"--dishonest", "SHARE", "failures of nodes to be found"};
    const Option false_positive{"--false-positive", "SHARE", "probability of convicting an honest node"};
    const Option false_negative{"--false-negative", "SHARE", "probability of acquitting a dishonest node"};
    const Option limit{"--limit", "NUMBER", "instead: log-likelihood ratio that convicts"};
    const Option acceptance{"--acceptance", "NUMBER",
                            "and the one below zero that acquits (default: the same)"};
    add(judge, set_exit, "binomial", "Exact one-sided test of all checks of an epoch",
        {{"--checks", "N", "checks"},
         {"--failures", "N", "of them failed"},
         {"--rate", "SHARE", "failures of honest nodes"},
         {"--significance", "SHARE", "chance of convicting an honest node, at most"}},
        judge_binomial);
    add(judge, set_exit, "sprt", "Sequential probability ratio test",
        {{"--failures", "N", "failed checks"},
         {"--passes", "N", "passed checks"},
         honest,
         dishonest,
         false_positive,
         false_negative,
         limit,
         acceptance},
        judge_sprt);
    add(judge, set_exit, "consecutive", "Failures in a row",
        {{"--run", "N", "failures in a row"},
         {"--rate", "SHARE", "failures of honest nodes"},
         {"--limit", "SHARE", "a run convicts when honest nodes have it with a chance below this"}},
        judge_consecutive);
    add(judge, set_exit, "operating-characteristic",
        "What rules do to nodes that fail at some rate (an estimate)",
        {{"--checks", "N", "checks in an epoch"},
         {"--rate", "NUMBER", "failures of the node, such as 1/20"},
         {"--run-rate", "SHARE", "rule: failures in a row; of honest nodes"},
         {"--run-limit", "SHARE", "and their chance that convicts"},
         honest,
         dishonest,
         false_positive,
         false_negative,
         limit,
         acceptance,
         {"--epoch-rate", "SHARE", "rule: all checks of the epoch; failures of honest nodes"},
         {"--significance", "SHARE", "and the chance of convicting one"}},
        print_operating_characteristic);
    add(judge, set_exit, "compare", "An inference against its recomputation by a checker",
        {{"--threshold", "N", "largest mean distance, in 1/65536 nat"},
         {"--mass-tolerance", "N", "of a drawn token, in millionths of the distribution (default 0)"},
         {"--surprisal-tolerance", "N", "of a most probable token, in 1/65536 nat (default 0)"},
         {"--mismatch-rate", "SHARE", "tokens of honest executors beyond the tolerance"},
         {"--significance", "SHARE", "chance of so many mismatches that convicts"},
         {"--seed", "HEX", "of the request: 32 bytes"},
         {"--temperature", "N", "in 1/65536 (default 65536)"},
         {"--top-k", "N", "candidates (default: all of the record)"},
         {"--top-p", "N", "mass in millionths (default 1000000)"},
         {"--longest", "N", "tokens that were asked for at most"},
         {"--end-token", "N", "that ends a text"}},
        judge_comparison);
}

}  // namespace pouw::inline v1::cli
