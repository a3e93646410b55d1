// `pouw vrf`: public-key, prove, verify.
#pragma once

#include <CLI/CLI.hpp>

namespace pouw::cli {

/// Adds the command to `app`. Running it sets `exit_code`: 0, 1 for a proof that does not verify, 2 for
/// arguments or files it cannot use; one line on stderr says why. `exit_code` outlives `app`.
void add_vrf_command(CLI::App& app, int& exit_code);

}  // namespace pouw::cli
