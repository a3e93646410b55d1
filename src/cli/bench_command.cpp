#include "cli/bench_peaks.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/peers/peers.hpp"

#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/chacha20.hpp"
#include "pouw/pow/errc.hpp"
#include "pouw/pow/race.hpp"

#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <numeric>
#include <thread>

namespace pouw::inline v1::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// What is measured repeatedly is reported as the median; interleaved, so that a slow moment strikes all
/// alike.
constexpr int rounds = 5;

/// The race and node of the check values (docs/spec/pow.md section 7), whose outputs are known.
constexpr std::string_view check_race = "633756fa774c8cfa0c64779e47a17abe94f548a739d36f23b85e1fb179486a36";
constexpr std::string_view check_node = "f1e6919610f4eb099d02d24721e9fad18c04980573f8b0238815af08d1469c94";

/// BLAKE2b-256 of the outputs of nonces 0..3, one after another.
constexpr std::size_t digest_nonces = 4;
struct ExpectedDigest {
    std::string_view preset;
    std::string_view digest;
};
constexpr ExpectedDigest expected_digests[]{
    {"whitepaper", "7ad9a8076b66c7f8ea87019d2cc1e5914f8cb7277f5c0665d37d9ed1079bcb6f"},
    {"whitepaper-2.3b", "0a5f18ce1d79acf1d464a8bc7b326c62df13d95d47a7a9b968f4e78883479b6a"},
    {"tiny", "7a536e3871bbdd7305f069846191fd58484b33367b7e8d7323b19f52b534e778"},
    {"tiny-gated", "c64bc8ad499c5e3fc321af48fa4fd88d1e97382fdb999b4cd5a4d6b7ffdcd4a1"}};

struct BenchOptions {
    ModelOptions model;
    std::string backend;
    Text threads;
    bool compare = false;
    bool json = false;
};

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

template <typename Fixed>
Fixed from_hex(std::string_view hex) {
    return Fixed::from(core::from_hex(hex).value()).value();
}

/// Runs `work(i)` on as many threads; returns the seconds until the last is done.
template <typename Work>
double on_threads(unsigned threads, const Work& work) {
    const auto start = Clock::now();
    {
        std::vector<std::jthread> team;
        for (unsigned i = 1; i < threads; ++i) team.emplace_back([&work, i] { work(i); });
        work(0u);
    }
    return seconds_since(start);
}

/// Processor time of all threads.
double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Operations per second: by the clock, and by the processor time of all threads, which does not count what
/// other programs take of a machine.
struct Speed {
    double by_clock = 0;
    double by_processor = 0;
};

/// The speed of `work`, which returns the operations it did.
template <typename Work>
Speed measure_speed(const Work& work) {
    const double processor = processor_seconds();
    const auto start = Clock::now();
    const auto operations = static_cast<double>(work());
    return {operations / seconds_since(start), operations / (processor_seconds() - processor)};
}

/// A register loop on all threads together.
Speed peak(const PeakLoop& loop, unsigned threads) {
    constexpr std::uint64_t iterations = 8'000'000;  // some 15 ms
    return measure_speed([&] {
        std::vector<std::uint64_t> done(threads);
        on_threads(threads, [&](unsigned i) { done[i] = loop.run(iterations); });
        return std::accumulate(done.begin(), done.end(), std::uint64_t{0});
    });
}

double median_peak(const PeakLoop& loop, unsigned threads) {
    if (loop.run == nullptr) return 0;
    std::vector<double> values;
    for (int i = 0; i < rounds; ++i) values.push_back(peak(loop, threads).by_clock);
    return median(values);
}

/// Seconds to generate as many bytes of ChaCha20 as the model has weights, into memory that stays in cache.
double chacha20_seconds(const pow::ModelConfig& config, unsigned threads) {
    const std::uint64_t share = pow::parameter_count(config) / threads;
    const auto key = from_hex<pow::WeightsKey>(check_race);
    return on_threads(threads, [&](unsigned i) {
        const crypto::ChaCha20Stream stream{key.view(), i};
        std::vector<std::uint8_t> tile(std::size_t{1} << 15);
        for (std::uint64_t offset = 0; offset < share; offset += tile.size()) stream.read(offset, tile);
    });
}

std::string_view expected_digest(const std::string& preset, const pow::ModelConfig& config) {
    if (config.permutation_binding != pow::PermutationBinding::output) return "";
    for (const ExpectedDigest& known : expected_digests) {
        if (known.preset == preset) return known.digest;
    }
    return "";
}

/// What part of a register loop's speed something reaches: each time of the loops right before and after it.
class Fractions {
  public:
    Fractions(const PeakLoop& loop, unsigned threads) : loop_{loop}, threads_{threads} {}

    void sample_peak() {
        if (loop_.run != nullptr) peaks_.push_back(peak(loop_, threads_));
    }
    void add(const Speed& speed) {
        if (peaks_.size() < 2) return;
        const Speed& before = peaks_[peaks_.size() - 2];
        const Speed& after = peaks_.back();
        by_clock_.push_back(2 * speed.by_clock / (before.by_clock + after.by_clock));
        by_processor_.push_back(2 * speed.by_processor / (before.by_processor + after.by_processor));
    }
    [[nodiscard]] double by_clock() const { return by_clock_.empty() ? 0 : median(by_clock_); }
    [[nodiscard]] double by_processor() const { return by_processor_.empty() ? 0 : median(by_processor_); }

  private:
    PeakLoop loop_;
    unsigned threads_;
    std::vector<Speed> peaks_;
    std::vector<double> by_clock_;
    std::vector<double> by_processor_;
};

/// How one backend fares with a number of threads.
struct Row {
    std::string backend;
    unsigned threads = 0;
    double nonces_per_second = 0;
    double fraction_of_int8_peak = 0;         ///< of the machine's fastest int8 instruction
    double fraction_of_instruction_peak = 0;  ///< of the backend's own
    /// The first by processor time, which other programs on the machine do not spoil.
    double processor_fraction_of_int8_peak = 0;
    double processor_fraction_of_instruction_peak = 0;
};

/// How one backend comes into memory, and how long it takes for a nonce alone.
struct BackendRow {
    std::string backend;
    double first_set_up_seconds = 0;
    double set_up_seconds = 0;
    double set_up_by_chacha20 = 0;  ///< over the bare streams, each time right after them
    double single_nonce_seconds = 0;
    std::uint64_t weight_bytes = 0;
    std::string digest;
};

class Bench {
  public:
    explicit Bench(const BenchOptions& options)
        : preset_{options.model.preset.value_or("whitepaper")},
          config_{options.model.config()},
          threads_{options.threads ? static_cast<unsigned>(parse_positive("--threads", *options.threads))
                                   : std::max(1u, std::thread::hardware_concurrency())},
          compare_{options.compare},
          quiet_{options.json} {
        for (const pow::Backend* backend : pow::backends()) {
            // What is registered beside the built-in ones (for checks, or for other devices) is measured if
            // named.
            const bool wanted = options.backend.empty()
                                    ? backend->supported() && backend->name() != "reference"
                                    : backend->name() == options.backend;
            if (wanted) backends_.push_back(backend);
        }
        if (backends_.empty()) fail_with("--backend " + options.backend, {pow::errc::unknown_backend, ""});
        for (const pow::Backend* backend : backends_) {
            if (auto ready = pow::select_backend(backend->name()); !ready)
                fail_with("--backend " + std::string{backend->name()}, ready.error());
        }
        for (unsigned n = 1; n < threads_; n *= 2) thread_counts_.push_back(n);
        thread_counts_.push_back(threads_);
        find_int8_peak();
    }

    Exit run() {
        measure_machine();
        for (const pow::Backend* backend : backends_) measure(*backend);
        if (compare_) compare();
        if (quiet_) print_json();
        return wrong_ ? Exit::refused : Exit::success;
    }

  private:
    /// The fastest int8 instruction of this machine, whichever backend was asked for.
    void find_int8_peak() {
        double best = 0;
        for (const pow::Backend* backend : pow::backends()) {
            if (!backend->supported()) continue;
            const PeakLoop loop = int8_peak_of(backend->instruction());
            if (const double speed = median_peak(loop, 1); speed > best) {
                best = speed;
                int8_ = loop;
            }
        }
    }

    void measure_machine() {
        for (const unsigned n : thread_counts_) {
            peaks_.push_back({{"threads", n},
                              {"int8_operations_per_second", median_peak(int8_, n)},
                              {"float32_operations_per_second", median_peak(float32_peak(), n)}});
        }
        std::vector<double> values;
        for (int i = 0; i < rounds; ++i) values.push_back(chacha20_seconds(config_, threads_));
        chacha20_seconds_ = median(values);
        if (quiet_) return;
        fmt::print("{}, {:.3f} GOP a nonce\n\n", preset_,
                   static_cast<double>(pow::operations_per_nonce(config_)) / 1e9);
        fmt::print("{:<8} {:>22} {:>24}\n", "threads", int8_.instruction, float32_peak().instruction);
        for (const Json& row : peaks_) {
            fmt::print("{:<8} {:>17.0f} GOP/s {:>18.0f} GFLOP/s\n", row["threads"].get<unsigned>(),
                       row["int8_operations_per_second"].get<double>() / 1e9,
                       row["float32_operations_per_second"].get<double>() / 1e9);
        }
        fmt::print("\nChaCha20 alone: {:.3f} s for the weights on {} threads\n", chacha20_seconds_, threads_);
    }

    [[nodiscard]] pow::Race load(const pow::Backend& backend, double& seconds) const {
        const auto start = Clock::now();
        auto race = pow::Race::create(config_, from_hex<pow::RaceSeed>(check_race), backend.name(),
                                      {.stored = true, .threads = threads_});
        seconds = seconds_since(start);
        if (!race) fail_with(backend.name(), race.error());
        return *std::move(race);
    }

    void measure(const pow::Backend& backend) {
        BackendRow about;
        about.backend = backend.name();
        // The first may meet memory that the system has yet to find.
        (void)load(backend, about.first_set_up_seconds);
        std::vector<double> seconds(rounds);
        std::vector<double> ratios;
        for (double& value : seconds) {
            const double bare = chacha20_seconds(config_, threads_);
            (void)load(backend, value);
            ratios.push_back(value / bare);
        }
        about.set_up_seconds = median(seconds);
        about.set_up_by_chacha20 = median(ratios);
        const pow::Race race = load(backend, seconds.front());
        about.weight_bytes = race.network().memory_bytes();
        about.single_nonce_seconds = single_nonce_seconds(race);
        about.digest = check(backend, race, 1, digest_nonces);
        if (!quiet_) {
            fmt::print(
                "\n{}: set-up {:.3f} s ({:.2f} x ChaCha20; the first time {:.3f} s), {:.1f} MB of weights\n",
                about.backend, about.set_up_seconds, about.set_up_by_chacha20, about.first_set_up_seconds,
                static_cast<double>(about.weight_bytes) / 1e6);
            fmt::print("  one nonce alone on one thread: {:.1f} ms\n", about.single_nonce_seconds * 1e3);
            fmt::print("  digest {}, expected {}\n", about.digest, expected_digest(preset_, config_));
        }
        backend_rows_.push_back(about);
        for (const unsigned n : thread_counts_) measure(backend, race, n);
    }

    static double single_nonce_seconds(const pow::Race& race) {
        pow::TeamEvaluator alone = make_team(race, 1, 1);
        std::vector<double> values;
        for (std::uint64_t nonce = 0; nonce < rounds; ++nonce) {
            const auto start = Clock::now();
            if (auto done = alone.evaluate(std::span{&nonce, 1}); !done)
                fail_with(race.backend().name(), done.error());
            values.push_back(seconds_since(start));
        }
        return median(values);
    }

    /// Evaluates nonces 0..3 as parts of the batches that are measured; the digest must be the known one.
    std::string check(const pow::Backend& backend, const pow::Race& race, unsigned threads,
                      std::size_t batch) {
        pow::TeamEvaluator team = make_team(race, threads, batch);
        return check(backend, evaluate(race, team));
    }

    std::string check(const pow::Backend& backend, const std::vector<pow::Evaluation>& evaluations) {
        if (evaluations.size() < digest_nonces) return "";
        std::vector<std::int8_t> outputs;
        for (std::size_t i = 0; i < digest_nonces; ++i)
            outputs.insert(outputs.end(), evaluations[i].output.begin(), evaluations[i].output.end());
        std::string digest = core::to_hex(crypto::blake2b_256(core::as_bytes(std::span{outputs})).view());
        if (const std::string_view expected = expected_digest(preset_, config_);
            !expected.empty() && digest != expected) {
            fmt::print(stderr, "pouw bench: {} computes digest {}, expected {}\n", backend.name(), digest,
                       expected);
            wrong_ = true;
        }
        return digest;
    }

    static pow::TeamEvaluator make_team(const pow::Race& race, unsigned threads, std::size_t batch = 0) {
        auto team = pow::TeamEvaluator::create(race, from_hex<pow::NodeSeed>(check_node), threads, batch);
        if (!team) fail_with(race.backend().name(), team.error());
        return *std::move(team);
    }

    static std::vector<pow::Evaluation> evaluate(const pow::Race& race, pow::TeamEvaluator& team) {
        std::vector<std::uint64_t> nonces(team.round_size());
        for (std::size_t i = 0; i < nonces.size(); ++i) nonces[i] = i;
        auto evaluations = team.evaluate(nonces);
        if (!evaluations) fail_with(race.backend().name(), evaluations.error());
        return *std::move(evaluations);
    }

    void measure(const pow::Backend& backend, const pow::Race& race, unsigned threads) {
        pow::TeamEvaluator team = make_team(race, threads);
        const PeakLoop own = int8_peak_of(backend.instruction());
        Fractions of_int8{int8_, threads};
        Fractions of_own{own, threads};
        std::vector<double> speeds;
        (void)check(backend, evaluate(race, team));
        for (int i = 0; i < rounds; ++i) {
            of_int8.sample_peak();
            of_own.sample_peak();
            std::vector<pow::Evaluation> evaluations;
            const Speed speed = measure_speed([&] {
                evaluations = evaluate(race, team);
                return evaluations.size() * pow::operations_per_nonce(config_);
            });
            of_own.sample_peak();
            of_int8.sample_peak();
            of_int8.add(speed);
            of_own.add(speed);
            speeds.push_back(speed.by_clock / static_cast<double>(pow::operations_per_nonce(config_)));
            (void)check(backend, evaluations);
        }
        const Row row{.backend = std::string{backend.name()},
                      .threads = threads,
                      .nonces_per_second = median(speeds),
                      .fraction_of_int8_peak = of_int8.by_clock(),
                      .fraction_of_instruction_peak = of_own.by_clock(),
                      .processor_fraction_of_int8_peak = of_int8.by_processor(),
                      .processor_fraction_of_instruction_peak = of_own.by_processor()};
        rows_.push_back(row);
        if (quiet_) return;
        fmt::print("  {} threads: {:.2f} nonces/s, {:.1f}% of the int8 peak ({:.1f}% by processor time)",
                   threads, row.nonces_per_second, 100 * row.fraction_of_int8_peak,
                   100 * row.processor_fraction_of_int8_peak);
        if (own.run != nullptr && own.run != int8_.run)
            fmt::print(", {:.1f}% of {} ({:.1f}%)", 100 * row.fraction_of_instruction_peak, own.instruction,
                       100 * row.processor_fraction_of_instruction_peak);
        fmt::print("\n");
    }

    /// The best backend beside other libraries, one after another in every round, on one thread.
    void compare() {
        const pow::Backend& backend = *backends_.front();
        double seconds = 0;
        const pow::Race race = load(backend, seconds);
        pow::TeamEvaluator team = make_team(race, 1);
        for (const auto& peer : make_peers(config_)) {
            std::vector<double> ours, theirs, ratios, processor_ratios;
            peer->run();
            for (int i = 0; i < rounds; ++i) {
                const Speed peer_speed = measure_speed([&] {
                    peer->run();
                    return peer->batch();
                });
                const Speed speed = measure_speed([&] { return evaluate(race, team).size(); });
                theirs.push_back(peer_speed.by_clock);
                ours.push_back(speed.by_clock);
                ratios.push_back(speed.by_clock / peer_speed.by_clock);
                processor_ratios.push_back(speed.by_processor / peer_speed.by_processor);
            }
            peers_.push_back({{"peer", peer->name()},
                              {"nonces_per_second", median(theirs)},
                              {"backend", backend.name()},
                              {"backend_nonces_per_second", median(ours)},
                              {"ratio", median(ratios)},
                              {"processor_ratio", median(processor_ratios)}});
            if (!quiet_)
                fmt::print("\n{}: {:.2f} nonces/s; {} is {:.2f} x as fast ({:.2f} x by processor time)\n",
                           peer->name(), median(theirs), backend.name(), median(ratios),
                           median(processor_ratios));
        }
        if (peers_.empty() && !quiet_)
            fmt::print(
                "\nNo other library to compare with: see docs/performance.md for how to build them in\n");
    }

    void print_json() const {
        Json out{{"preset", preset_},
                 {"operations_per_nonce", std::to_string(pow::operations_per_nonce(config_))},
                 {"int8_instruction", int8_.instruction},
                 {"float32_instruction", float32_peak().instruction},
                 {"peaks", peaks_},
                 {"chacha20_seconds", chacha20_seconds_},
                 {"expected_digest", expected_digest(preset_, config_)},
                 {"correct", !wrong_},
                 {"backends", Json::array()},
                 {"rows", Json::array()},
                 {"peers", peers_},
                 {"peak_memory_bytes", peak_memory_bytes()}};
        for (const BackendRow& b : backend_rows_) {
            out["backends"].push_back({{"backend", b.backend},
                                       {"set_up_seconds", b.set_up_seconds},
                                       {"set_up_by_chacha20", b.set_up_by_chacha20},
                                       {"first_set_up_seconds", b.first_set_up_seconds},
                                       {"single_nonce_seconds", b.single_nonce_seconds},
                                       {"weight_bytes", b.weight_bytes},
                                       {"digest", b.digest}});
        }
        for (const Row& row : rows_) {
            out["rows"].push_back(
                {{"backend", row.backend},
                 {"threads", row.threads},
                 {"nonces_per_second", row.nonces_per_second},
                 {"fraction_of_int8_peak", row.fraction_of_int8_peak},
                 {"fraction_of_instruction_peak", row.fraction_of_instruction_peak},
                 {"processor_fraction_of_int8_peak", row.processor_fraction_of_int8_peak},
                 {"processor_fraction_of_instruction_peak", row.processor_fraction_of_instruction_peak}});
        }
        fmt::print("{}\n", out.dump(2));
    }

    static std::uint64_t peak_memory_bytes() {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
    }

    std::string preset_;
    pow::ModelConfig config_;
    unsigned threads_;
    bool compare_;
    bool quiet_;
    std::vector<const pow::Backend*> backends_;
    std::vector<unsigned> thread_counts_;
    PeakLoop int8_{"", nullptr};
    double chacha20_seconds_ = 0;
    bool wrong_ = false;
    Json peaks_ = Json::array();
    Json peers_ = Json::array();
    std::vector<BackendRow> backend_rows_;
    std::vector<Row> rows_;
};

}  // namespace

void add_bench_command(CLI::App& app, const SetExit& set_exit) {
    auto options = std::make_shared<BenchOptions>();
    CLI::App& command = *app.add_subcommand("bench", "Measure this machine and check what it computes");
    options->model.add_to(command, true);
    command.add_option("--backend", options->backend, "measure this one alone");
    command.add_option("--threads", options->threads, "measure up to so many threads (default: all)");
    command.add_flag("--compare", options->compare, "measure other libraries too, where they were built in");
    command.add_flag("--json", options->json, "print JSON");
    on_command(command, set_exit, [options] { return Bench{*options}.run(); });
}

}  // namespace pouw::inline v1::cli
