#include "cli/command.hpp"
#include "cli/emission_command.hpp"
#include "cli/output.hpp"
#ifdef POUW_WITH_SOUNDNESS
#include "cli/soundness/soundness_command.hpp"
#endif

#include "pouw/core/version.hpp"

#include <fmt/core.h>
#include <signal.h>

#include <cstdio>
#include <exception>
#include <new>
#ifdef POUW_WITH_REFERENCE
#include "pouw/reference/backend.hpp"
#endif

namespace pouw::inline v1::cli {
namespace {

/// The name of the command that was asked for, for messages.
std::string command_name(const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    return chosen.empty() ? "pouw" : "pouw " + chosen.front()->get_name();
}

void add_commands(CLI::App& app, const SetExit& set_exit) {
    add_race_command(app, set_exit);
    add_verify_command(app, set_exit);
    add_commit_command(app, set_exit);
    add_open_command(app, set_exit);
    add_weights_command(app, set_exit);
    add_evaluate_command(app, set_exit);
    add_vrf_command(app, set_exit);
    add_beacon_command(app, set_exit);
    add_emission_command(app);
    add_select_command(app, set_exit);
    add_judge_command(app, set_exit);
    add_settle_command(app, set_exit);
    add_price_command(app, set_exit);
    add_bench_command(app, set_exit);
    add_info_command(app, set_exit);
    add_keygen_command(app, set_exit);
    add_selftest_command(app, set_exit);
#ifdef POUW_WITH_SOUNDNESS
    add_soundness_command(app, set_exit);
#endif
}

/// Runs the command that the arguments name. Whatever it prints is written, or it has failed.
void run_command(CLI::App& app, int argc, char** argv) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help) {  // --help, --version
        (void)app.exit(help);
    }
    finish_output();
}

/// One line on standard error, and the exit code.
int fail(const std::string& command, Exit code, std::string_view why) {
    tell(fmt::format("{}: {}\n", command, printable(why)));
    return static_cast<int>(code);
}

int run(int argc, char** argv) {
    CLI::App app{"Proof of useful work: run and verify a Race", "pouw"};
    app.set_version_flag("--version", fmt::format("pouw {}", core::version));
    app.require_subcommand(1);
    int exit_code = 0;
    add_commands(app, [&exit_code](Exit code) { exit_code = static_cast<int>(code); });
    try {
        run_command(app, argc, argv);
        return exit_code;
    } catch (const CLI::ParseError& error) {
        if (app.get_subcommands().empty() && argc > 1 && argv[1][0] != '-')
            return fail("pouw", Exit::usage,
                        fmt::format("unknown command '{}' (see `pouw --help`)", argv[1]));
        return fail(command_name(app), Exit::usage, error.what());
    } catch (const Failure& failure) {
        return fail(command_name(app), failure.code(), failure.what());
    } catch (const std::bad_alloc&) {
        return fail(command_name(app), Exit::usage, "out of memory");
    } catch (const std::exception& error) {  // of the system: no thread, or nothing more can be printed
        const char* cause = std::ferror(stdout) != 0 ? "the output cannot be written: " : "";
        return fail(command_name(app), Exit::usage, fmt::format("{}{}", cause, error.what()));
    }
}

}  // namespace
}  // namespace pouw::inline v1::cli

int main(int argc, char** argv) {
    pouw::cli::open_standard_streams();
    // A closed pipe or a file-size limit is an error of one write, not the end of a Race.
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
#ifdef POUW_WITH_REFERENCE
    pouw::reference::register_backend();
#endif
    return pouw::cli::run(argc, argv);
}
