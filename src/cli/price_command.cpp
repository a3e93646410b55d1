#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/refuse_input.hpp"

#include "pouw/formats/prices.hpp"

#include <fmt/core.h>

#include <memory>

namespace pouw::inline v1::cli {
namespace {

constexpr std::uint64_t largest_votes = std::uint64_t{256} << 20;

struct PriceOptions {
    std::string file;
    bool json = false;
};

struct Closed {
    core::Epoch epoch;  ///< that begins
    core::Amount before = 0;
    core::Amount price = 0;
};

formats::parsed<Closed> close_epoch(const std::string& path) {
    const core::Bytes bytes = read_file(path, largest_votes);
    const auto prices = formats::parse_prices({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (!prices) return prices.refusal();
    auto open = formats::open_prices(*prices);
    if (!open) return open.refusal();
    const auto price = open->book.close(prices->epoch, open->weights);
    if (!price) return formats::Refusal{price.error(), "epoch"};
    return Closed{open->book.epoch(), prices->price, *price};
}

Exit run(const PriceOptions& options) {
    const auto closed = close_epoch(options.file);
    if (!closed) refuse_input(options.file, closed.refusal(), "priced", options.json);
    const std::string price = core::to_decimal(closed->price);
    if (options.json) {
        fmt::print(
            "{}\n",
            Json{{"priced", true}, {"epoch", std::to_string(closed->epoch.value)}, {"price", price}}.dump());
    } else {
        fmt::print("epoch {}: {} a unit of compute (before: {})\n", closed->epoch.value, price,
                   core::to_decimal(closed->before));
    }
    return Exit::success;
}

}  // namespace

void add_price_command(CLI::App& app, const SetExit& set_exit) {
    auto options = std::make_shared<PriceOptions>();
    CLI::App& command =
        *app.add_subcommand("price", "The price of a unit of compute that the votes of an epoch give");
    command.add_option("VOTES", options->file, "the votes, as docs/formats.md describes them")->required();
    command.add_flag("--json", options->json, "print the price as JSON; numbers are decimal strings");
    on_command(command, set_exit, [options] { return run(*options); });
}

}  // namespace pouw::inline v1::cli
