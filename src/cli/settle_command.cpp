#include "cli/command.hpp"
#include "cli/cycle_file.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

namespace pouw::cli {
namespace {

struct SettleOptions {
    std::string file;
    bool json = false;
};

SettledEpoch read_epoch(const std::string& path, const OnTask& on_task) {
    std::error_code code;
    if (!std::filesystem::is_regular_file(path, code))
        throw usage(path, code ? code.message() : "not a regular file");
    std::ifstream in{path, std::ios::binary};
    if (!in) throw usage(path, "cannot be read");
    try {
        return settle_epoch(in, on_task);
    } catch (const std::invalid_argument& error) {
        throw usage(path, error.what());
    }
}

void print_line(const economics::Payout& payout) {
    const bool fund = payout.owner == economics::Owner::training || payout.owner == economics::Owner::reserve;
    fmt::print("{:<9} {:<64} {:<9} {}\n", name(payout.owner), fund ? "-" : core::to_hex(payout.id.view()),
               name(payout.reason), core::to_decimal(payout.amount));
}

void print_text(const std::string& path) {
    const SettledEpoch settled =
        read_epoch(path, [](const economics::TaskRecord& task, const economics::TaskOutcome& outcome) {
            for (const economics::Payout& payout : requester_payouts(task, outcome)) print_line(payout);
        });
    for (const economics::Payout& payout : settled.statement.payouts) print_line(payout);
    fmt::print("epoch {}: {} paid in, {} issued, {} to requesters at once, {} paid out\n",
               settled.statement.epoch.value, core::to_decimal(settled.statement.paid_in),
               core::to_decimal(settled.statement.issued), core::to_decimal(settled.statement.paid_to_requesters),
               core::to_decimal(settled.statement.paid_out));
}

void print_json(const std::string& path, std::uint64_t epoch) {
    fmt::print("{{\"settled\":true,\"epoch\":\"{}\",\"requesters\":[", epoch);
    bool first = true;
    const SettledEpoch settled =
        read_epoch(path, [&](const economics::TaskRecord& task, const economics::TaskOutcome& outcome) {
            for (const economics::Payout& payout : requester_payouts(task, outcome)) {
                Json entry{{"task", core::to_hex(task.task.id.view())}};
                entry.update(to_json(payout));
                fmt::print("{}\n{}", first ? "" : ",", entry.dump());
                first = false;
            }
        });
    // The rest of the object, behind its opening brace.
    fmt::print("],{}\n", to_json(settled).dump().substr(1));
}

Exit run(const SettleOptions& options) {
    try {
        // Once to see whether all of it is right, and once to print: so nothing is printed of an epoch that is
        // refused, and nothing is held either.
        const SettledEpoch settled = read_epoch(options.file, [](const auto&, const auto&) {});
        options.json ? print_json(options.file, settled.statement.epoch.value) : print_text(options.file);
    } catch (const Rejected& rejected) {
        refuse_input(options.file, rejected, "settled", options.json);
    }
    if (std::fflush(stdout) != 0) throw Failure{Exit::usage, "the output cannot be written"};
    return Exit::success;
}

}  // namespace

void add_settle_command(CLI::App& app, const SetExit& set_exit) {
    auto options = std::make_shared<SettleOptions>();
    CLI::App& command =
        *app.add_subcommand("settle", "The payouts of an epoch: every coin that came in goes out");
    command.add_option("EPOCH", options->file, "the epoch, as docs/economics.md describes it")->required();
    command.add_flag("--json", options->json, "print the payouts as JSON; amounts are decimal strings");
    on_command(command, set_exit, [options] { return run(*options); });
}

}  // namespace pouw::cli
