#include "cli/command.hpp"
#include "cli/emission_command.hpp"
#ifdef POUW_WITH_SOUNDNESS
#include "cli/soundness/soundness_command.hpp"
#endif

#include "pouw/core/version.hpp"

#include <fmt/core.h>
#include <signal.h>

#include <cstdio>
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

int run(int argc, char** argv) {
    CLI::App app{"Proof of useful work: run and verify a Race", "pouw"};
    app.set_version_flag("--version", fmt::format("pouw {}", core::version));
    app.require_subcommand(1);
    int exit_code = 0;
    const SetExit set_exit = [&exit_code](Exit code) { exit_code = static_cast<int>(code); };
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
    try {
        app.parse(argc, argv);
        return exit_code;
    } catch (const CLI::Success& help) {  // --help, --version
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        if (app.get_subcommands().empty() && argc > 1 && argv[1][0] != '-') {
            fmt::print(stderr, "pouw: unknown command '{}' (see `pouw --help`)\n", argv[1]);
            return static_cast<int>(Exit::usage);
        }
        fmt::print(stderr, "{}: {}\n", command_name(app), error.what());
        return static_cast<int>(Exit::usage);
    } catch (const Failure& failure) {
        fmt::print(stderr, "{}: {}\n", command_name(app), failure.what());
        return static_cast<int>(failure.code());
    } catch (const std::bad_alloc&) {
        fmt::print(stderr, "{}: out of memory\n", command_name(app));
        return static_cast<int>(Exit::usage);
    }
}

}  // namespace
}  // namespace pouw::inline v1::cli

int main(int argc, char** argv) {
    // A closed pipe or a file-size limit is an error of one write, not the end of a Race.
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
#ifdef POUW_WITH_REFERENCE
    pouw::reference::register_backend();
#endif
    return pouw::cli::run(argc, argv);
}
