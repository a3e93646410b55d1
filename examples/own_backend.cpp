// A backend of a third party: everything that the interface asks for, with the products left to the scalar
// backend. One that computes them itself replaces `OwnPass::run`, and reads the weights in
// `OwnBackend::load`.
#include "pouw/core/describe.hpp"

#include <fmt/core.h>
#include <pouw/pow/miner.hpp>
#include <pouw/pow/threshold.hpp>

#include <memory>
#include <utility>

namespace {

using namespace pouw;

/// Scratch memory, and the computation of one batch at a time. Whatever can fail on a device returns
/// pow::errc::backend_failed here.
class OwnPass final : public pow::ForwardPass {
  public:
    explicit OwnPass(std::unique_ptr<pow::ForwardPass> products) : products_{std::move(products)} {}

    core::result<void> run(std::span<const pow::Input> inputs, std::span<std::int8_t> outputs,
                           std::stop_token stop) override {
        return products_->run(inputs, outputs, std::move(stop));
    }
    // A device overrides `submit` and `wait` too, and then `run` is one after the other.

  private:
    std::unique_ptr<pow::ForwardPass> products_;
};

/// The weights, shared by the threads.
class OwnNetwork final : public pow::Network {
  public:
    explicit OwnNetwork(std::shared_ptr<const pow::Network> weights) : weights_{std::move(weights)} {}

    core::result<std::unique_ptr<pow::ForwardPass>> forward_pass(std::size_t batch) const override {
        auto products = weights_->forward_pass(batch);
        if (!products) return products.error();
        return std::unique_ptr<pow::ForwardPass>{std::make_unique<OwnPass>(*std::move(products))};
    }
    // A device overrides `search` too, and then the miner hands it ranges of nonces.

    std::size_t preferred_batch() const noexcept override { return weights_->preferred_batch(); }
    bool streams() const noexcept override { return weights_->streams(); }
    std::uint64_t memory_bytes() const noexcept override { return weights_->memory_bytes(); }

  private:
    std::shared_ptr<const pow::Network> weights_;
};

class OwnBackend final : public pow::Backend {
  public:
    std::string_view name() const noexcept override { return "own"; }
    std::string_view description() const noexcept override { return "an example"; }
    bool supported() const noexcept override { return true; }

    core::result<std::shared_ptr<const pow::Network>> load(const pow::ModelConfig& config,
                                                           std::shared_ptr<const pow::TensorSource> source,
                                                           const pow::LoadOptions& options) const override {
        // With `source->weights_key()` a device generates the weights itself; `source->rows` has them else.
        auto weights = pow::scalar_backend().load(config, std::move(source), options);
        if (!weights) return weights;
        return std::shared_ptr<const pow::Network>{std::make_shared<OwnNetwork>(*std::move(weights))};
    }
};

}  // namespace

int main() {
    static const OwnBackend own;
    pow::register_backend(own, 1000);  // above the built-in ones: it runs unless another is named
    const auto config = pow::preset("tiny").value();
    const auto seed = pow::race_seed({.chain_id = "example", .height = 7, .block_hash = {}, .beacon = {}});
    const auto race = pow::Race::create(config, seed);  // runs the known-answer test first
    if (!race) {
        fmt::print("{}\n", core::describe(race.error()));
        return 1;
    }
    const auto threshold = pow::threshold_for(config, 1, 20).value();
    const auto report = pow::Miner{*race, pow::NodeSeed{}, threshold}.run({.count = 100});
    fmt::print("{}: {} solutions, {} faults\n", race->backend().name(), report.solutions, report.faults);
    return report.error || report.faults > 0 ? 1 : 0;
}
