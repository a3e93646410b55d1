#include "cli/command.hpp"

#include "pouw/core/describe.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/pow/backend.hpp"

#include <fmt/core.h>

#include <memory>

namespace pouw::inline v1::cli {
namespace {

struct Check {
    std::string name;
    std::string outcome;  ///< "passed", "not supported by this machine", or what failed
    bool failed;
};

Check check_of(std::string name, const core::result<void>& result) {
    return {std::move(name), result ? "passed" : core::describe(result.error()), !result};
}

std::vector<Check> run_checks() {
    std::vector<Check> checks{check_of("libsodium", crypto::initialize())};
    for (const pow::Backend* backend : pow::backends()) {
        std::string name = fmt::format("backend {}", backend->name());
        checks.push_back(backend->supported()
                             ? check_of(std::move(name), pow::self_test(*backend))
                             : Check{std::move(name), "not supported by this machine", false});
    }
    return checks;
}

Exit run(bool json) {
    bool passed = true;
    Json rows = Json::array();
    for (const Check& check : run_checks()) {
        passed = passed && !check.failed;
        rows.push_back({{"name", check.name}, {"outcome", check.outcome}});
        if (!json) fmt::print("{:<24} {}\n", check.name, check.outcome);
    }
    if (json) fmt::print("{}\n", Json{{"passed", passed}, {"checks", rows}}.dump(2));
    if (!passed) throw Failure{Exit::refused, "a check failed"};
    return Exit::success;
}

}  // namespace

void add_selftest_command(CLI::App& app, const SetExit& set_exit) {
    auto json = std::make_shared<bool>(false);
    CLI::App& command =
        *app.add_subcommand("selftest", "Run the known-answer tests of everything this machine supports");
    command.add_flag("--json", *json, "print JSON");
    on_command(command, set_exit, [json] { return run(*json); });
}

}  // namespace pouw::inline v1::cli
