#include "pouw/soundness/report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <limits>

namespace pouw::inline v1::soundness {
namespace {

std::string number(double value) {
    if (value >= 100) return fmt::format("{:.0f}", value);
    if (value >= 10) return fmt::format("{:.1f}", value);
    if (value >= 0.1 || value == 0) return fmt::format("{:.3f}", value);
    return fmt::format("{:.2g}", value);
}

std::string range(const Interval& value) {
    return fmt::format("{} ({} to {})", number(value.estimate), number(value.low), number(value.high));
}

/// Text of a cell, in which a bar would end it.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out;
}

/// The measured gain, or the bound where nothing was measured.
std::string at_rate(const AttackResult& a, std::size_t rate) {
    const Interval& measured = a.speed_ups[rate].chosen.speed_up;
    if (measured.high > 0) return range(measured);
    return a.bound ? range((*a.bound)[rate]) : "";
}

std::string at_output_binding(const AttackResult& attack) {
    switch (attack.output_binding) {
        case OutputBinding::impossible:
            return "not possible by construction";
        case OutputBinding::same:
            return "the same";
        case OutputBinding::exact_outputs: {
            if (!attack.exact_outputs) return "not measured";
            std::string text = fmt::format("exact outputs {:.2g}, at most {:.2g}",
                                           attack.exact_outputs->estimate, attack.exact_outputs->high);
            if (attack.exact_outputs->estimate > 0)
                text += fmt::format("; speed-up {}", range(*attack.exact_gain()));
            return text;
        }
    }
    return "";
}

/// Rows of one family in the table.
constexpr std::size_t shown_of_family = 8;

/// Of every family the attacks that came closest to the gate, in the order of the report.
std::vector<const AttackResult*> shown(const std::vector<AttackResult>& attacks) {
    std::vector<const AttackResult*> out;
    for (const AttackResult& attack : attacks) {
        const auto stronger = std::count_if(attacks.begin(), attacks.end(), [&](const AttackResult& other) {
            return other.family == attack.family && other.decisive().high > attack.decisive().high;
        });
        if (static_cast<std::size_t>(stronger) < shown_of_family) out.push_back(&attack);
    }
    return out;
}

void append_attack(std::string& out, const AttackResult& a, const pow::ModelConfig& config) {
    const auto write = std::back_inserter(out);
    fmt::format_to(write, "| {} | {} | {} | {} | {} |", a.family, a.attack, number(a.cost), at_rate(a, 0),
                   at_rate(a, 1));
    fmt::format_to(write, " {} |", a.bound ? range(a.decisive()) : "");
    fmt::format_to(write, " {} | {} |\n", at_output_binding(a), verdict_on(a, config));
}

}  // namespace

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::passed:
            return "passed";
        case Verdict::undecided:
            return "undecided";
        case Verdict::finding:
            return "FINDING";
        case Verdict::flagged:
            return "flagged";
        case Verdict::missed:
            return "MISSED";
        case Verdict::information:
            return "";
    }
    return "";
}

Interval AttackResult::decisive() const {
    const auto of = [&](std::size_t r) { return bound ? (*bound)[r] : speed_ups[r].chosen.speed_up; };
    return of(0).high > of(1).high ? of(0) : of(1);
}

std::optional<Interval> AttackResult::exact_gain() const {
    if (!exact_outputs) return std::nullopt;
    const double unit = std::max(cost, std::numeric_limits<double>::min());
    return Interval{exact_outputs->low / unit, exact_outputs->estimate / unit, exact_outputs->high / unit};
}

Verdict judge(const AttackResult& result, double gate) {
    const Interval value = result.decisive();
    const bool some_exact = result.exact_outputs && result.exact_outputs->estimate > 0;
    const Interval exact = some_exact ? *result.exact_gain() : Interval{};
    if (value.low > finding_level || exact.low > finding_level) return Verdict::finding;
    if (value.high == 0) return Verdict::undecided;  // nothing was measured
    return value.high <= gate && exact.high <= gate ? Verdict::passed : Verdict::undecided;
}

std::string_view verdict_on(const AttackResult& attack, const pow::ModelConfig& config) {
    const bool possible = config.permutation_binding == pow::PermutationBinding::input ||
                          attack.output_binding != OutputBinding::impossible;
    if (possible || attack.verdict != Verdict::passed) return to_string(attack.verdict);
    return "not possible; within the gate at binding input";
}

bool Report::passed() const {
    const auto good_attack = [](const AttackResult& a) {
        return a.verdict == Verdict::passed || a.verdict == Verdict::information;
    };
    const auto good_health = [](const HealthResult& h) {
        return h.verdict == Verdict::passed || h.verdict == Verdict::information;
    };
    const auto good_control = [](const ControlResult& c) { return c.verdict == Verdict::flagged; };
    return complete && !attacks.empty() && !controls.empty() &&
           std::all_of(attacks.begin(), attacks.end(), good_attack) &&
           std::all_of(health.begin(), health.end(), good_health) &&
           std::all_of(controls.begin(), controls.end(), good_control);
}

namespace {

std::string_view heading(const Report& report) {
    if (report.passed()) return "passed";
    if (!report.complete) return "INCOMPLETE";
    return report.attacks.empty() && report.controls.empty() ? "outputs only, NOT ATTACKED" : "NOT PASSED";
}

}  // namespace

std::string to_markdown(const Report& report) {
    std::string out;
    const auto write = std::back_inserter(out);
    fmt::format_to(write, "## Soundness of {}: {}\n\n", report.subject, heading(report));
    fmt::format_to(write, "Gate {:.2f}; {:.0f} s; seed {}.", report.gate, report.seconds, report.seed);
    for (const auto& [what, count] : report.samples) fmt::format_to(write, " {}: {}.", what, count);
    fmt::format_to(
        write, "\n\n### Attacks\n\nSpeed-up over honest work at binding input, with its 99% interval.\n\n");
    fmt::format_to(write,
                   "| attack | | cost | at 1/900 | at 1/50 | bound | at binding output | verdict "
                   "|\n|---|---|---|---|---|---|---|---|\n");
    for (const AttackResult* attack : shown(report.attacks)) append_attack(out, *attack, report.config);
    fmt::format_to(write,
                   "\n{} attacks in all; of a family those {} with the highest upper ends are shown.\n",
                   report.attacks.size(), shown_of_family);
    fmt::format_to(write,
                   "\n### Controls\n\n| network | attack | cost | at 1/900 | at 1/50 | bound | required | "
                   "verdict |\n|---|---|---|---|---|---|---|---|\n");
    for (const ControlResult& c : report.controls) {
        if (c.property) {
            fmt::format_to(write, "| {} | {} |  | {} |  |  | {} | {} |\n", c.control,
                           cell(c.property->property), range(c.property->value), c.condition,
                           to_string(c.verdict));
            continue;
        }
        fmt::format_to(write, "| {} | {}: {} | {} | {} | {} | {} | {} | {} |\n", c.control, c.attack.family,
                       c.attack.attack, number(c.attack.cost), at_rate(c.attack, 0), at_rate(c.attack, 1),
                       c.attack.bound ? range(c.attack.decisive()) : "", c.condition, to_string(c.verdict));
    }
    if (!report.health.empty()) {
        fmt::format_to(
            write,
            "\n### Statistical health\n\n| property | value | expected | verdict |\n|---|---|---|---|\n");
        for (const HealthResult& h : report.health)
            fmt::format_to(write, "| {} | {} | {} | {} |\n", cell(h.property), range(h.value),
                           cell(h.expected), to_string(h.verdict));
    }
    const auto note = [&](const AttackResult& a) {
        if (!a.note.empty()) fmt::format_to(write, "\n* {}, {}: {}", a.family, a.attack, a.note);
    };
    for (const AttackResult& a : report.attacks) note(a);
    for (const ControlResult& c : report.controls) note(c.attack);
    for (const HealthResult& h : report.health) {
        if (h.verdict == Verdict::finding && !h.note.empty())
            fmt::format_to(write, "\n* {}: {}", h.property, h.note);
    }
    out += '\n';
    return out;
}

}  // namespace pouw::inline v1::soundness
