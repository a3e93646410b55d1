// `pouw beacon`: simulate.
#pragma once

#include <CLI/CLI.hpp>

namespace pouw::cli {

/// Adds the command to `app`. Running it sets `exit_code`: 0, 1 if a run contradicts what the ceremony
/// promises, 2 for arguments that make no ceremony; one line on stderr says why. `exit_code` outlives `app`.
void add_beacon_command(CLI::App& app, int& exit_code);

}  // namespace pouw::cli
