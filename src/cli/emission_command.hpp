/// `pouw emission list` and `pouw emission show`: the schedules of pouw::emission from the command line.
#pragma once

#include <CLI/CLI.hpp>

#include <cstdio>

namespace pouw::inline v1::cli {

/// Adds the subcommand `emission` to `app`; its results go to `out`. A usage error, an unknown name or a
/// number out of range included, is thrown from the parse as a CLI::ParseError: one line, for an exit with 2.
void add_emission_command(CLI::App& app, std::FILE* out = stdout);

}  // namespace pouw::inline v1::cli
