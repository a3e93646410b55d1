#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/refuse_input.hpp"

#include "pouw/formats/epoch.hpp"
#include "pouw/formats/statement.hpp"

#include <fmt/core.h>

#include <limits>
#include <memory>

namespace pouw::inline v1::cli {
namespace {

struct SettleOptions {
    std::string file;
    bool json = false;
};

formats::parsed<formats::SettledEpoch> settle(const std::string& path, const formats::OnTask& on_task) {
    FilePieces pieces{path};
    // The file is read in pieces: its size costs no memory.
    return formats::settle_epoch([&] { return pieces.next(); }, on_task,
                                 {.bytes = std::numeric_limits<std::uint64_t>::max()});
}

void print_line(const economics::Payout& payout) {
    const bool fund = payout.owner == economics::Owner::training || payout.owner == economics::Owner::reserve;
    fmt::print("{:<9} {:<64} {:<9} {}\n", name(payout.owner), fund ? "-" : core::to_hex(payout.id.view()),
               name(payout.reason), core::to_decimal(payout.amount));
}

void print_text(const std::string& path) {
    const auto settled =
        settle(path, [](const economics::TaskRecord& task, const economics::TaskOutcome& outcome) {
            for (const economics::Payout& payout : formats::requester_payouts(task, outcome))
                print_line(payout);
        });
    if (!settled) refuse_input(path, settled.refusal(), "settled", false);  // the file has changed
    const economics::Statement& statement = settled->statement;
    for (const economics::Payout& payout : statement.payouts) print_line(payout);
    fmt::print("epoch {}: {} paid in, {} issued, {} to requesters at once, {} paid out\n",
               statement.epoch.value, core::to_decimal(statement.paid_in), core::to_decimal(statement.issued),
               core::to_decimal(statement.paid_to_requesters), core::to_decimal(statement.paid_out));
}

void print_json(const std::string& path) {
    fmt::print("{{\"settled\":true,\"requesters\":[");
    bool first = true;
    const auto settled =
        settle(path, [&](const economics::TaskRecord& task, const economics::TaskOutcome& outcome) {
            for (const economics::Payout& payout : formats::requester_payouts(task, outcome)) {
                fmt::print("{}\n{}", first ? "" : ",", formats::to_json(task.task.id, payout));
                first = false;
            }
        });
    if (!settled) refuse_input(path, settled.refusal(), "settled", false);  // the file has changed
    // The statement, behind its opening brace.
    fmt::print("],\"reputations\":{},{}\n", formats::reputations_to_json(settled->statement, settled->ledger),
               formats::to_json(settled->statement).substr(1));
}

Exit run(const SettleOptions& options) {
    // Once to see whether all of it is right, and once to print: so nothing is printed of an epoch that is
    // refused, and nothing is held either.
    if (const auto settled = settle(options.file, {}); !settled)
        refuse_input(options.file, settled.refusal(), "settled", options.json);
    options.json ? print_json(options.file) : print_text(options.file);
    return Exit::success;
}

}  // namespace

void add_settle_command(CLI::App& app, const SetExit& set_exit) {
    auto options = std::make_shared<SettleOptions>();
    CLI::App& command =
        *app.add_subcommand("settle", "The payouts of an epoch: every coin that came in goes out");
    command.add_option("EPOCH", options->file, "the epoch, as docs/formats.md describes it")->required();
    command.add_flag("--json", options->json, "print the payouts as JSON; amounts are decimal strings");
    on_command(command, set_exit, [options] { return run(*options); });
}

}  // namespace pouw::inline v1::cli
