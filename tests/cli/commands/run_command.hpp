/// Runs a command of `pouw` in this process.
#pragma once

#include "cli/command.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace pouw::inline v1::cli {

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
    add(app, [&](Exit code) { outcome.exit_code = static_cast<int>(code); });
    std::reverse(arguments.begin(), arguments.end());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    try {
        app.parse(arguments);
    } catch (const CLI::ParseError&) {
        outcome.exit_code = 2;
    } catch (const Failure& failure) {
        fmt::print(stderr, "{}\n", failure.what());
        outcome.exit_code = static_cast<int>(failure.code());
    }
    outcome.out = testing::internal::GetCapturedStdout();
    outcome.err = testing::internal::GetCapturedStderr();
    return outcome;
}

/// A key file as `pouw keygen` writes it, of a seed that is known.
inline void write_key_file(const std::string& path) {
    std::ofstream{path} << "pouw-master-seed-v1:" << std::string(64, '7') << '\n';
    std::filesystem::permissions(path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

/// A new folder of one test, which ends with it: tests run beside each other.
class TestFolder {
  public:
    TestFolder() {
        std::string name = testing::TempDir() + "pouw_XXXXXX";
        if (mkdtemp(name.data()) == nullptr) std::abort();
        path_ = name + "/";
    }
    ~TestFolder() { std::filesystem::remove_all(path_); }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    /// The path of a file in it.
    [[nodiscard]] std::string operator/(const std::string& file) const { return path_ + file; }

  private:
    std::string path_;
};

}  // namespace pouw::inline v1::cli
