/// Runs a command of `pouw` in this process.
#pragma once

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace pouw::cli {

struct Outcome {
    int exit_code = -1;
    std::string out;
    std::string err;
};

/// `add` adds the command; `arguments` start with its name.
template <typename Add>
Outcome run_command(Add add, std::vector<std::string> arguments) {
    Outcome outcome;
    CLI::App app;
    add(app, outcome.exit_code);
    std::reverse(arguments.begin(), arguments.end());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    try {
        app.parse(arguments);
    } catch (const CLI::ParseError&) {
        outcome.exit_code = 2;
    }
    outcome.out = testing::internal::GetCapturedStdout();
    outcome.err = testing::internal::GetCapturedStderr();
    return outcome;
}

}  // namespace pouw::cli
