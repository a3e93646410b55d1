/// Replays a seed corpus and mutations of it, with any compiler and without a fuzzer, and searches for the
/// inputs that cost most.
///
///     replay_TARGET CORPUS-FOLDER MUTATIONS
///
/// Every input keeps the promises of the target, and none costs more than the target's bounds. The search
/// keeps the inputs that came closest to a bound and mutates them further. It prints the worst. What
/// signatures and proofs cost is paid for the seeds and for a sample of the mutations: see `complete`.
#include "fuzz/fuzz.hpp"
#include "fuzz/heap.hpp"
#include "fuzz/mutate.hpp"
#include "random.hpp"

#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/initialize.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <vector>

namespace pouw::inline v1::fuzz {
namespace {

using core::Bytes;
using test::Random;

/// Mutations that are checked stay small; those that are only measured grow.
constexpr std::size_t largest_checked = 2048;
constexpr std::size_t largest_measured = std::size_t{64} << 10;
constexpr std::uint64_t measured_only = 2000;

#ifdef POUW_SANITIZED
constexpr double slowdown = 40;  // of instrumented code against libsodium, which is not
#else
constexpr double slowdown = 1;
#endif

std::vector<Bytes> read_corpus(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files{std::filesystem::directory_iterator{folder}, {}};
    std::sort(files.begin(), files.end());
    std::vector<Bytes> out;
    for (const auto& path : files) {
        std::ifstream file{path, std::ios::binary};
        out.emplace_back(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{});
    }
    return out;
}

/// Whether a mutation is one of the sample: its bytes decide, so that a run can be repeated.
bool is_sampled(core::ByteView data) {
    std::uint64_t sum = data.size();
    for (const std::uint8_t byte : data) sum = (sum ^ byte) * 0x9e37'79b9'7f4a'7c15;
    return (sum >> 32) % one_in == 0;
}

template <typename Work>
double seconds(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The time in which this machine hashes one byte.
double hashing_of_a_byte() {
    const Bytes data(std::size_t{64} << 10, 7);
    double best = std::numeric_limits<double>::infinity();
    for (int i = 0; i < 200; ++i)
        best = std::min(best, seconds([&] { (void)crypto::hash(crypto::domain::evidence, data); }));
    return best / static_cast<double>(data.size());
}

/// What an input costs, as parts of the bounds: 1 reaches a bound.
struct Cost {
    double memory = 0;
    double time = 0;
    std::uint64_t bytes = 0;  ///< allocated at one time
    double units = 0;         ///< of time
};

class Meter {
  public:
    /// The cost, unless its time is below `enough`: then one measurement is as good as another.
    [[nodiscard]] Cost measure(const Bytes& data, double enough) const {
        Cost cost = measure_once(data);
        // The clock counts what else the machine does, and it does less another time.
        for (int again = 0; again < 20 && cost.time > enough; ++again) {
            const Cost next = measure_once(data);
            if (next.time < cost.time) cost = next;
        }
        return cost;
    }

  private:
    [[nodiscard]] Cost measure_once(const Bytes& data) const {
        const std::uint64_t before = bytes_allocated();
        forget_peak();
        Cost cost;
        cost.units = seconds([&] { target.decode(data); }) / unit_ / slowdown;
        cost.bytes = peak_of_bytes_allocated() - before;
        require(bytes_allocated() == before, "what is refused or dropped is freed");
        cost.memory =
            static_cast<double>(cost.bytes) / static_cast<double>(target.bounds.memory.of(data.size()));
        cost.time = cost.units / static_cast<double>(target.bounds.time.of(data.size()));
        return cost;
    }

    double unit_ = hashing_of_a_byte();
};

/// The inputs that came closest to one bound.
class Worst {
  public:
    Worst(const char* what, double Cost::*member) : what_{what}, member_{member} {}

    void consider(const Bytes& data, const Cost& cost) {
        const double reached = cost.*member_;
        if (inputs_.size() == kept && reached <= inputs_.back().cost.*member_) return;
        if (inputs_.size() == kept) inputs_.pop_back();
        const auto place = std::find_if(inputs_.begin(), inputs_.end(),
                                        [&](const Input& other) { return other.cost.*member_ < reached; });
        inputs_.insert(place, {data, cost});
    }
    [[nodiscard]] double least_kept() const {
        return inputs_.size() < kept ? 0 : inputs_.back().cost.*member_;
    }
    [[nodiscard]] const Bytes& any(Random& random) const {
        return inputs_[random.below64(inputs_.size())].data;
    }
    [[nodiscard]] bool holds() const { return inputs_.empty() || inputs_.front().cost.*member_ <= 1; }
    void print(double amount_of_cost(const Cost&)) const {
        const Input& worst = inputs_.front();
        std::printf("%s: %.0f for %zu bytes, %.1f%% of the bound\n", what_, amount_of_cost(worst.cost),
                    worst.data.size(), 100 * (worst.cost.*member_));
        if (holds()) return;
        std::printf("broken promise: %s stays within its bound\n%s\n", what_,
                    core::to_hex(worst.data).c_str());
    }

  private:
    static constexpr std::size_t kept = 16;
    struct Input {
        Bytes data;
        Cost cost;
    };
    const char* what_;
    double Cost::*member_;
    std::vector<Input> inputs_;
};

class Replay {
  public:
    explicit Replay(std::vector<Bytes> seeds) : seeds_{std::move(seeds)} {
        require(!seeds_.empty(), "the corpus has seeds");
        for (const Bytes& seed : seeds_) {
            require(target.check(seed), "a seed is worth a try");
            measure(seed);
        }
    }

    void mutate(std::uint64_t mutations) {
        mutating = true;
        for (std::uint64_t i = 0; i < mutations && holds(); ++i) {
            const Bytes data = mutated(parent(random_.below(10)), seeds_, random_, largest_checked);
            complete = is_sampled(data);
            (void)target.check(data);
            measure(data);
        }
        if (target.decode == nullptr) return;
        for (std::uint64_t i = 0; i < measured_only && holds(); ++i) {
            const Bytes data = mutated(parent(random_.below(2)), seeds_, random_, largest_measured);
            complete = is_sampled(data);
            measure(data);
        }
    }

    [[nodiscard]] bool report() const {
        std::printf("%zu seeds, %llu inputs\n", seeds_.size(), static_cast<unsigned long long>(measured_));
        if (target.decode == nullptr) return true;
        memory_.print([](const Cost& cost) { return static_cast<double>(cost.bytes); });
        time_.print([](const Cost& cost) { return cost.units; });
        return holds();
    }

  private:
    [[nodiscard]] bool holds() const { return memory_.holds() && time_.holds(); }
    [[nodiscard]] const Bytes& parent(std::uint32_t kind) {
        if (target.decode != nullptr && kind == 0) return memory_.any(random_);
        if (target.decode != nullptr && kind == 1) return time_.any(random_);
        return seeds_[random_.below64(seeds_.size())];
    }
    void measure(const Bytes& data) {
        if (target.decode == nullptr) return;
        ++measured_;
        const Cost cost = meter_.measure(data, std::max(0.1, time_.least_kept()));
        memory_.consider(data, cost);
        time_.consider(data, cost);
    }

    std::vector<Bytes> seeds_;
    Random random_{1};
    Meter meter_;
    Worst memory_{"memory", &Cost::memory};
    Worst time_{"time", &Cost::time};
    std::uint64_t measured_ = 0;
};

int run(const std::filesystem::path& folder, std::uint64_t mutations) {
    require(crypto::initialize().has_value(), "libsodium is safe");
    Replay replay{read_corpus(folder)};
    replay.mutate(mutations);
    return replay.report() ? 0 : 1;
}

}  // namespace
}  // namespace pouw::inline v1::fuzz

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    return pouw::fuzz::run(argv[1], std::strtoull(argv[2], nullptr, 10));
}
