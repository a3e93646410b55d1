/// A backend that searches by itself, and passes that compute while their caller does something else.
#include "support.hpp"

#include "pouw/core/errc.hpp"
#include "pouw/pow/miner.hpp"
#include "pouw/pow/threshold.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace pouw::inline v1::pow {
namespace {

/// What a device does, on the processor: generates its weights from their key, searches ranges by itself, and
/// computes a submitted batch on a thread of its own.
class DeviceBackend final : public Backend {
  public:
    using Spoil = std::function<void(const NonceSequence&, std::vector<Solution>&)>;

    [[nodiscard]] std::string_view name() const noexcept override { return "device"; }
    [[nodiscard]] std::string_view description() const noexcept override { return "searches, for tests"; }
    [[nodiscard]] bool supported() const noexcept override { return true; }
    [[nodiscard]] core::result<std::shared_ptr<const Network>> load(
        const ModelConfig& config, std::shared_ptr<const TensorSource> source,
        const LoadOptions& options) const override {
        if (const auto key = source->weights_key()) {
            source = std::make_shared<StreamedTensors>(config, *key);
            ++generated;
        }
        auto network = scalar_backend().load(config, std::move(source), options);
        if (!network) return network;
        return std::shared_ptr<const Network>{
            std::make_shared<DeviceNetwork>(*this, config, *std::move(network))};
    }

    mutable std::atomic<int> generated{0};
    mutable std::atomic<int> searches{0};
    mutable std::atomic<int> passes{0};
    mutable Spoil spoil;

  private:
    class DevicePass final : public ForwardPass {
      public:
        DevicePass(const DeviceBackend& backend, std::unique_ptr<ForwardPass> pass)
            : backend_{backend}, pass_{std::move(pass)} {}
        core::result<void> run(std::span<const Input> inputs, std::span<std::int8_t> outputs,
                               std::stop_token stop) override {
            if (auto started = submit(inputs, outputs, std::move(stop)); !started) return started;
            return wait();
        }
        core::result<void> submit(std::span<const Input> inputs, std::span<std::int8_t> outputs,
                                  std::stop_token stop) override {
            ++backend_.passes;
            in_flight_ = std::async(std::launch::async, [this, inputs, outputs, stop] {
                return pass_->run(inputs, outputs, stop);
            });
            return {};
        }
        core::result<void> wait() override { return in_flight_.get(); }

      private:
        const DeviceBackend& backend_;
        std::unique_ptr<ForwardPass> pass_;
        std::future<core::result<void>> in_flight_;
    };

    class DeviceSearch final : public Search {
      public:
        DeviceSearch(const DeviceBackend& backend, const ModelConfig& config, SearchTerms terms,
                     std::unique_ptr<ForwardPass> pass)
            : backend_{backend}, config_{config}, terms_{std::move(terms)}, pass_{std::move(pass)} {}
        core::result<std::vector<Solution>> run(const NonceSequence& range, std::stop_token stop) override {
            ++backend_.searches;
            std::vector<Solution> found;
            for (std::uint64_t i = 0; i < range.count; ++i) {
                const InputSeed seed = input_seed(terms_.race_key, terms_.node, range[i]);
                const Input input = make_input(config_, seed);
                std::vector<std::int8_t> output(config_.model_dim);
                if (auto done = pass_->run({&input, 1}, output, stop); !done) return done.error();
                const Evaluation evaluation{
                    .nonce = range[i],
                    .tokens = input.tokens,
                    .output = output,
                    .squared_length = squared_length(output),
                    .squared_distance =
                        squared_distance(output, make_permutation(config_, seed, output), terms_.target)};
                if (evaluation.passes(terms_.threshold)) found.push_back(evaluation.solution());
            }
            if (backend_.spoil) backend_.spoil(range, found);
            return found;
        }

      private:
        const DeviceBackend& backend_;
        ModelConfig config_;
        SearchTerms terms_;
        std::unique_ptr<ForwardPass> pass_;
    };

    class DeviceNetwork final : public Network {
      public:
        DeviceNetwork(const DeviceBackend& backend, const ModelConfig& config,
                      std::shared_ptr<const Network> network)
            : backend_{backend}, config_{config}, network_{std::move(network)} {}
        [[nodiscard]] core::result<std::unique_ptr<ForwardPass>> forward_pass(
            std::size_t batch) const override {
            auto pass = network_->forward_pass(batch);
            if (!pass) return pass;
            return std::unique_ptr<ForwardPass>{std::make_unique<DevicePass>(backend_, *std::move(pass))};
        }
        [[nodiscard]] core::result<std::unique_ptr<Search>> search(const SearchTerms& terms,
                                                                   std::size_t) const override {
            auto pass = network_->forward_pass(1);
            if (!pass) return pass.error();
            return std::unique_ptr<Search>{
                std::make_unique<DeviceSearch>(backend_, config_, terms, *std::move(pass))};
        }
        [[nodiscard]] std::size_t preferred_batch() const noexcept override { return 8; }
        [[nodiscard]] bool streams() const noexcept override { return network_->streams(); }
        [[nodiscard]] std::uint64_t memory_bytes() const noexcept override {
            return network_->memory_bytes();
        }

      private:
        const DeviceBackend& backend_;
        ModelConfig config_;
        std::shared_ptr<const Network> network_;
    };
};

constexpr std::uint64_t count = 60;

struct Found {
    std::vector<std::uint64_t> nonces;
    MinerReport report;
};

Found mine(const Race& race, MinerOptions options) {
    Found found;
    options.on_solution = [&](const Solution& solution) { found.nonces.push_back(solution.nonce); };
    found.report =
        Miner{race, test::check_node_seed(), threshold_for(race.config(), 1, 6).value()}.run(options);
    return found;
}

Race race_on(const Backend& backend) {
    return Race::create(test::preset("tiny"), test::check_race_seed(), backend).value();
}

TEST(Search, TheMinerUsesAnOfferedSearch) {
    const DeviceBackend device;
    const Race race = race_on(device);
    EXPECT_GT(device.generated, 0);  // it took the key
    for (const std::uint64_t stride : {1u, 3u}) {
        const auto expected = mine(race_on(scalar_backend()), {.first = 5, .stride = stride, .count = count});
        ASSERT_GT(expected.nonces.size(), 2u);
        for (const unsigned threads : {1u, 2u}) {
            for (const std::size_t batch : {0u, 1u, 7u}) {
                device.searches = 0;
                device.passes = 0;
                const auto found = mine(
                    race, {.first = 5, .stride = stride, .count = count, .threads = threads, .batch = batch});
                EXPECT_EQ(found.nonces, expected.nonces);
                EXPECT_EQ(found.report.nonces_tried, count);
                EXPECT_FALSE(found.report.error);
                EXPECT_GT(device.searches, 0);
                EXPECT_EQ(device.passes, 0);  // confirmed elsewhere
            }
        }
    }
}

TEST(Search, IsNotBelieved) {
    const DeviceBackend device;
    const Race race = race_on(device);
    const auto expected = mine(race_on(scalar_backend()), {.count = count}).nonces;
    const auto faults_of = [&](DeviceBackend::Spoil spoil) {
        device.spoil = std::move(spoil);
        const auto found = mine(race, {.count = count, .batch = count});
        EXPECT_TRUE(
            std::includes(expected.begin(), expected.end(), found.nonces.begin(), found.nonces.end()));
        EXPECT_FALSE(found.report.error);
        return found.report.faults;
    };
    using Solutions = std::vector<Solution>;
    EXPECT_EQ(faults_of([](const NonceSequence&, Solutions&) {}), 0u);
    EXPECT_EQ(faults_of([](const NonceSequence&, Solutions& found) { ++found[1].squared_distance; }), 1u);
    EXPECT_EQ(faults_of([](const NonceSequence&, Solutions& found) { found.push_back(found.back()); }), 1u);
    EXPECT_EQ(faults_of([](const NonceSequence&, Solutions& found) { std::swap(found[0], found[1]); }), 1u);
    EXPECT_EQ(faults_of([](const NonceSequence& range, Solutions& found) {
                  found.push_back({range.first + range.stride * range.count, 1u << 20, 1});
              }),
              1u);
    EXPECT_EQ(faults_of([](const NonceSequence&, Solutions& found) {
                  for (Solution& solution : found) solution.squared_distance = 1;
              }),
              expected.size());
}

TEST(Search, BatchesOfTwoEvaluatorsAreInFlightTogether) {
    const DeviceBackend device;
    const Race race = race_on(device);
    const std::vector<std::uint64_t> nonces{0, 1, 2, 3};
    const auto expected =
        Evaluator::create(race_on(scalar_backend()), NodeSeed{}, 4).value().evaluate(nonces).value();
    Evaluator a = Evaluator::create(race, NodeSeed{}, 2).value();
    Evaluator b = Evaluator::create(race, NodeSeed{}, 2).value();
    for (int round = 0; round < 2; ++round) {
        ASSERT_TRUE(a.submit(std::span{nonces}.first(2)));
        ASSERT_TRUE(b.submit(std::span{nonces}.last(2)));
        const auto first = a.wait().value();
        const auto last = b.wait().value();
        for (std::size_t i = 0; i < 2; ++i) {
            EXPECT_EQ(first[i].output, expected[i].output);
            EXPECT_EQ(last[i].output, expected[2 + i].output);
        }
    }
    // One that is in flight is waited for by the end of its evaluator.
    ASSERT_TRUE(a.submit(std::span{nonces}.first(1)));
}

TEST(Search, TheDefaultSubmitComputes) {
    const Race race = race_on(scalar_backend());
    const Input input = make_input(race.config(), InputSeed{});
    const auto pass = race.network().forward_pass(1).value();
    std::vector<std::int8_t> expected(race.config().model_dim);
    ASSERT_TRUE(pass->run(std::span{&input, 1}, expected, {}));
    std::vector<std::int8_t> output(race.config().model_dim);
    ASSERT_TRUE(pass->submit(std::span{&input, 1}, output, {}));
    ASSERT_TRUE(pass->wait());
    EXPECT_EQ(output, expected);
    std::stop_source stop;
    stop.request_stop();
    ASSERT_TRUE(pass->submit(std::span{&input, 1}, output, stop.get_token()));
    EXPECT_EQ(pass->wait().error().code, core::errc::cancelled);
    EXPECT_EQ(race.network().search({}, 1).value(), nullptr);
}

TEST(SearchDeathTest, OneBatchIsInFlight) {
    const Race race = race_on(scalar_backend());
    const Input input = make_input(race.config(), InputSeed{});
    std::vector<std::int8_t> output(race.config().model_dim);
    const auto pass = race.network().forward_pass(1).value();
    EXPECT_DEATH((void)pass->wait(), "");
    ASSERT_TRUE(pass->submit(std::span{&input, 1}, output, {}));
    EXPECT_DEATH((void)pass->submit(std::span{&input, 1}, output, {}), "");
}

TEST(NonceSequence, Members) {
    const NonceSequence range{.first = UINT64_MAX - 6, .stride = 3, .count = 3};
    EXPECT_EQ(range[2], UINT64_MAX);
    for (const std::uint64_t inside : {UINT64_MAX - 6, UINT64_MAX - 3, UINT64_MAX})
        EXPECT_TRUE(range.contains(inside));
    for (const std::uint64_t outside : {UINT64_MAX - 9, UINT64_MAX - 5, std::uint64_t{0}})
        EXPECT_FALSE(range.contains(outside));
    EXPECT_FALSE((NonceSequence{.first = 0, .stride = 1, .count = 5}.contains(5)));
}

}  // namespace
}  // namespace pouw::inline v1::pow
