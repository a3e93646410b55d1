#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/price_file.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <memory>
#include <sstream>

namespace pouw::cli {
namespace {

constexpr std::uint64_t largest_votes = std::uint64_t{256} << 20;

struct PriceOptions {
    std::string file;
    bool json = false;
};

ClosedEpoch read_votes(const std::string& path) {
    const core::Bytes bytes = read_file(path, largest_votes);
    std::istringstream in{std::string{bytes.begin(), bytes.end()}};
    try {
        return close_epoch(in);
    } catch (const std::invalid_argument& error) {
        throw usage(path, error.what());
    }
}

Exit run(const PriceOptions& options) {
    try {
        const ClosedEpoch closed = read_votes(options.file);
        const std::string price = core::to_decimal(closed.price);
        if (options.json) {
            fmt::print(
                "{}\n",
                Json{{"priced", true}, {"epoch", std::to_string(closed.epoch)}, {"price", price}}.dump());
        } else {
            fmt::print("epoch {}: {} a unit of compute (before: {})\n", closed.epoch, price,
                       core::to_decimal(closed.before));
        }
    } catch (const Rejected& rejected) {
        refuse_input(options.file, rejected, "priced", options.json);
    }
    if (std::fflush(stdout) != 0) throw Failure{Exit::usage, "the output cannot be written"};
    return Exit::success;
}

}  // namespace

void add_price_command(CLI::App& app, const SetExit& set_exit) {
    auto options = std::make_shared<PriceOptions>();
    CLI::App& command =
        *app.add_subcommand("price", "The price of a unit of compute that the votes of an epoch give");
    command.add_option("VOTES", options->file, "the votes, as docs/economics.md describes them")->required();
    command.add_flag("--json", options->json, "print the price as JSON; numbers are decimal strings");
    on_command(command, set_exit, [options] { return run(*options); });
}

}  // namespace pouw::cli
