/// What the commands of `pouw` have in common: how they are registered and how they end.
#pragma once

#include "pouw/core/result.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

namespace pouw::inline v1::cli {

using Json = nlohmann::ordered_json;

/// Exit codes of every command.
enum class Exit : int {
    success = 0,
    refused = 1,     ///< the input is well-formed and wrong: a verdict
    usage = 2,       ///< wrong options, a file that cannot be read or written, or a backend that failed
    unchecked = 3,   ///< valid on terms that the claim itself chose: no voting weight and no conviction
    cancelled = 130  ///< ended by a signal before there was anything to keep
};

/// Ends a command with one line on standard error.
class Failure : public std::runtime_error {
  public:
    Failure(Exit code, const std::string& line) : std::runtime_error{line}, code_{code} {}
    [[nodiscard]] Exit code() const noexcept { return code_; }

  private:
    Exit code_;
};

/// A usage failure that names the option or file.
[[nodiscard]] inline Failure usage(std::string_view what, std::string_view why) {
    return {Exit::usage, fmt::format("{}: {}", what, why)};
}

/// A refusal that names the option or file.
[[nodiscard]] inline Failure refused(std::string_view what, std::string_view why) {
    return {Exit::refused, fmt::format("{}: {}", what, why)};
}

/// The exit of the command that ran, for `main`.
using SetExit = std::function<void(Exit)>;

/// Makes `run` the action of a subcommand.
template <typename Run>
void on_command(CLI::App& command, const SetExit& set_exit, Run run) {
    command.callback([run = std::move(run), set_exit] { set_exit(run()); });
}

void add_race_command(CLI::App& app, const SetExit& set_exit);
void add_verify_command(CLI::App& app, const SetExit& set_exit);
void add_commit_command(CLI::App& app, const SetExit& set_exit);
void add_open_command(CLI::App& app, const SetExit& set_exit);
void add_weights_command(CLI::App& app, const SetExit& set_exit);
void add_vrf_command(CLI::App& app, const SetExit& set_exit);
void add_beacon_command(CLI::App& app, const SetExit& set_exit);
void add_select_command(CLI::App& app, const SetExit& set_exit);
void add_judge_command(CLI::App& app, const SetExit& set_exit);
void add_settle_command(CLI::App& app, const SetExit& set_exit);
void add_price_command(CLI::App& app, const SetExit& set_exit);
void add_evaluate_command(CLI::App& app, const SetExit& set_exit);
void add_bench_command(CLI::App& app, const SetExit& set_exit);
void add_info_command(CLI::App& app, const SetExit& set_exit);
void add_keygen_command(CLI::App& app, const SetExit& set_exit);
void add_selftest_command(CLI::App& app, const SetExit& set_exit);

}  // namespace pouw::inline v1::cli
