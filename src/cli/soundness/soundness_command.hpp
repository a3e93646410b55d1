/// `pouw soundness`: is a config a proof of all its work? Present where pouw::soundness is built.
#pragma once

#include "cli/command.hpp"

namespace pouw::inline v1::cli {

void add_soundness_command(CLI::App& app, const SetExit& set_exit);

}  // namespace pouw::inline v1::cli
