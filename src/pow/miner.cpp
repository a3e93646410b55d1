#include "pouw/pow/miner.hpp"

#include "pouw/core/checked.hpp"
#include "pouw/core/contract.hpp"

#include <gsl/util>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace pouw::pow {
namespace {

/// What a thread found in one batch.
struct Batch {
    std::uint64_t nonces = 0;
    std::uint64_t faults = 0;
    std::vector<Evaluation> hits;
};

/// The nonces from `first` in steps of `stride`, cut into numbered batches.
class Schedule {
  public:
    explicit Schedule(const MinerOptions& options)
        : empty_{options.count == std::uint64_t{0}},
          first_{options.first},
          stride_{options.stride},
          batch_{options.batch},
          last_{options.count ? *options.count - 1 : (UINT64_MAX - options.first) / options.stride} {}

    /// The nonces of batch `number`; empty beyond the end.
    [[nodiscard]] std::vector<std::uint64_t> nonces(std::uint64_t number) const {
        std::vector<std::uint64_t> out;
        const auto start = core::checked_multiply<std::uint64_t>(number, batch_);
        if (empty_ || !start || *start > last_) return out;
        const std::uint64_t size = std::min<std::uint64_t>(batch_ - 1, last_ - *start) + 1;
        for (std::uint64_t i = 0; i < size; ++i) out.push_back(first_ + (*start + i) * stride_);
        return out;
    }

  private:
    bool empty_;
    std::uint64_t first_;
    std::uint64_t stride_;
    std::uint64_t batch_;
    std::uint64_t last_;  ///< index of the last nonce: of the count, or the last below 2^64
};

/// Hands out batches to threads and takes their results back; the coordinating thread waits here.
class Exchange {
  public:
    explicit Exchange(unsigned workers) : running_{workers} {}

    [[nodiscard]] std::uint64_t next_batch() {
        const std::lock_guard lock{mutex_};
        return next_++;
    }
    void deliver(std::uint64_t number, Batch batch) {
        const std::lock_guard lock{mutex_};
        done_.emplace(number, std::move(batch));
        changed_.notify_one();
    }
    void leave(std::exception_ptr failure) {
        const std::lock_guard lock{mutex_};
        if (failure && !failure_) failure_ = failure;
        --running_;
        changed_.notify_one();
    }
    /// The finished batches that are next in order; once no thread runs, all that are left. Empty at the end.
    [[nodiscard]] std::vector<Batch> take() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return running_ == 0 || done_.contains(expected_); });
        std::vector<Batch> out;
        while (!done_.empty() && (running_ == 0 || done_.begin()->first == expected_)) {
            out.push_back(std::move(done_.begin()->second));
            expected_ = done_.begin()->first + 1;
            done_.erase(done_.begin());
        }
        return out;
    }
    [[nodiscard]] std::exception_ptr failure() const { return failure_; }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t next_ = 0;
    std::uint64_t expected_ = 0;
    unsigned running_;
    std::map<std::uint64_t, Batch> done_;
    std::exception_ptr failure_;
};

bool same(const Evaluation& a, const Evaluation& b) {
    return a.output == b.output && a.squared_distance == b.squared_distance;
}

}  // namespace

bool fits(const MinerOptions& options) noexcept {
    if (!options.count || *options.count == 0) return true;
    const auto span = core::checked_multiply<std::uint64_t>(options.stride, *options.count - 1);
    return span && core::checked_add(options.first, *span);
}

Miner::Miner(Race race, const NodeSeed& node, std::uint64_t threshold)
    : race_{std::move(race)}, node_{node}, threshold_{threshold} {
    POUW_EXPECTS(threshold >= 1);
}

MinerProgress Miner::run(const MinerOptions& requested, const HitCallback& on_hit,
                         const MinerProgressCallback& on_progress, std::stop_token stop) {
    POUW_EXPECTS(requested.stride >= 1 && requested.threads >= 1 && fits(requested));
    MinerOptions options = requested;
    if (options.batch == 0) options.batch = race_.network().preferred_batch();
    const Schedule schedule{options};
    Exchange exchange{options.threads};
    std::stop_source abort;  // ours: the caller's stop, a failure, or an exception of a callback
    const std::stop_callback forward{stop, [&abort] { abort.request_stop(); }};

    const auto mine = [&] {
        Evaluator evaluator{race_, node_, options.batch};
        while (!abort.stop_requested()) {
            const std::uint64_t number = exchange.next_batch();
            const std::vector<std::uint64_t> nonces = schedule.nonces(number);
            if (nonces.empty()) return;
            auto evaluations = evaluator.evaluate(nonces, abort.get_token());
            if (!evaluations) return;  // stopped
            Batch batch{.nonces = nonces.size(), .faults = 0, .hits = {}};
            for (Evaluation& evaluation : *evaluations) {
                if (!evaluation.passes(threshold_)) continue;
                const auto again = Evaluator{race_, node_, 1}.evaluate(std::span{&evaluation.nonce, 1});
                if (again && same(again->front(), evaluation)) {
                    batch.hits.push_back(std::move(evaluation));
                } else {
                    ++batch.faults;
                }
            }
            exchange.deliver(number, std::move(batch));
        }
    };
    const auto work = [&] {
        std::exception_ptr failure;
        try {
            mine();
        } catch (...) {
            failure = std::current_exception();
            abort.request_stop();
        }
        exchange.leave(failure);
    };

    MinerProgress progress;
    faults_ = 0;
    std::vector<std::jthread> team;
    const auto stop_team = gsl::finally([&abort] { abort.request_stop(); });  // before the threads are joined
    for (unsigned i = 0; i < options.threads; ++i) team.emplace_back(work);
    for (std::vector<Batch> batches = exchange.take(); !batches.empty(); batches = exchange.take()) {
        for (const Batch& batch : batches) {
            progress.nonces_tried += batch.nonces;
            faults_ += batch.faults;
            for (const Evaluation& hit : batch.hits) {
                ++progress.proofs;
                on_hit(hit);
            }
        }
        if (on_progress) on_progress(progress);
    }
    if (exchange.failure()) std::rethrow_exception(exchange.failure());
    return progress;
}

}  // namespace pouw::pow
