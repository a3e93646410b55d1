#include "pouw/pow/miner.hpp"

#include "pouw/core/checked.hpp"
#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace pouw::inline v1::pow {
namespace {

/// A search by a forward pass, for backends that offer none.
class EvaluatorSearch final : public Search {
  public:
    EvaluatorSearch(Evaluator evaluator, std::uint64_t threshold)
        : evaluator_{std::move(evaluator)}, threshold_{threshold} {}

    core::result<std::vector<Solution>> run(const NonceSequence& range, std::stop_token stop) override {
        nonces_.clear();
        for (std::uint64_t i = 0; i < range.count; ++i) nonces_.push_back(range[i]);
        const auto evaluations = evaluator_.evaluate(nonces_, std::move(stop));
        if (!evaluations) return evaluations.error();
        std::vector<Solution> solutions;
        for (const Evaluation& evaluation : *evaluations)
            if (evaluation.passes(threshold_)) solutions.push_back(evaluation.solution());
        return solutions;
    }

  private:
    Evaluator evaluator_;
    std::uint64_t threshold_;
    std::vector<std::uint64_t> nonces_;
};

core::result<std::unique_ptr<Search>> make_search(const Race& race, const NodeSeed& node,
                                                  std::uint64_t threshold, std::size_t batch) {
    const std::span<const std::int8_t> target = race.target();
    auto offered = race.network().search({.race_key = race.key(),
                                          .node = node,
                                          .target = {target.begin(), target.end()},
                                          .threshold = threshold},
                                         batch);
    if (!offered || *offered != nullptr) return offered;
    auto evaluator = Evaluator::create(race, node, batch);
    if (!evaluator) return evaluator.error();
    return std::unique_ptr<Search>{std::make_unique<EvaluatorSearch>(*std::move(evaluator), threshold)};
}

/// What a thread found in one batch.
struct Batch {
    NonceSequence range;
    std::vector<Solution> solutions;
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

    /// The nonces of batch `number`; none beyond the end.
    [[nodiscard]] NonceSequence range(std::uint64_t number) const {
        const auto start = core::checked_multiply<std::uint64_t>(number, batch_);
        if (empty_ || !start || *start > last_) return {};
        return {.first = first_ + *start * stride_,
                .stride = stride_,
                .count = std::min<std::uint64_t>(batch_ - 1, last_ - *start) + 1};
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
    /// A thread ends: with what its backend failed of, or an exception, or neither.
    void leave(const std::optional<core::error>& error, std::exception_ptr exception) {
        const std::lock_guard lock{mutex_};
        if (exception && !exception_) exception_ = exception;
        if (error && !error_) error_ = error;
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
    /// Once no thread runs.
    [[nodiscard]] std::exception_ptr exception() const { return exception_; }
    [[nodiscard]] const std::optional<core::error>& error() const { return error_; }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t next_ = 0;
    std::uint64_t expected_ = 0;
    unsigned running_;
    std::map<std::uint64_t, Batch> done_;
    std::exception_ptr exception_;
    std::optional<core::error> error_;
};

/// The threads that search. They end at the end of the schedule, or when `stop` is requested, which the first
/// failure does.
class Crew {
  public:
    Crew(const Race& race, const NodeSeed& node, std::uint64_t threshold, const MinerOptions& options,
         std::stop_source stop)
        : race_{race},
          node_{node},
          threshold_{threshold},
          batch_{options.batch},
          stop_{std::move(stop)},
          schedule_{options},
          exchange_{options.threads} {}
    ~Crew() { stop_.request_stop(); }  // before the threads are joined
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    void start(unsigned threads) {
        for (unsigned i = 0; i < threads; ++i) team_.emplace_back([this] { work(); });
    }
    [[nodiscard]] Exchange& exchange() noexcept { return exchange_; }

  private:
    void work() {
        std::optional<core::error> error;
        std::exception_ptr exception;
        try {
            if (const auto done = search(); !done) error = done.error();
        } catch (...) {
            exception = std::current_exception();
        }
        // Only who is asked to stop may be cancelled.
        if (error && error->code == core::errc::cancelled && stop_.stop_requested()) error.reset();
        if (error || exception) stop_.request_stop();
        exchange_.leave(error, exception);
    }

    core::result<void> search() {
        auto search = make_search(race_, node_, threshold_, batch_);
        if (!search) return search.error();
        while (!stop_.stop_requested()) {
            const std::uint64_t number = exchange_.next_batch();
            const NonceSequence range = schedule_.range(number);
            if (range.count == 0) break;
            auto solutions = (*search)->run(range, stop_.get_token());
            if (!solutions) return solutions.error();
            exchange_.deliver(number, {range, *std::move(solutions)});
        }
        return {};
    }

    const Race& race_;
    const NodeSeed& node_;
    std::uint64_t threshold_;
    std::size_t batch_;
    std::stop_source stop_;
    Schedule schedule_;
    Exchange exchange_;
    std::vector<std::jthread> team_;
};

/// Takes batches in order, has their solutions confirmed, hands these over, and keeps the report.
class Delivery {
  public:
    Delivery(const Race& race, const NodeSeed& node, std::uint64_t threshold, const MinerOptions& options,
             Confirmation confirmation)
        : race_{race},
          node_{node},
          threshold_{threshold},
          options_{options},
          confirmation_{std::move(confirmation)} {}

    void take(Batch batch) {
        report_.nonces_tried += batch.range.count;
        for (const Solution& solution : batch.solutions) {
            // A backend that searches by itself is not believed even that it searched what it was asked to.
            const bool in_order = !last_ || solution.nonce > *last_;
            if (!batch.range.contains(solution.nonce) || !in_order) {
                ++report_.faults;
                continue;
            }
            last_ = solution.nonce;
            pending_.push_back(solution);
        }
        if (options_.progress) options_.progress({report_.nonces_tried, report_.solutions + pending_.size()});
        // Which solutions are found does not depend on the clock, only when they are handed over.
        const auto waited = Clock::now() - last_confirmed_;
        if (pending_.size() >= most_pending || waited >= 30 * last_took_) confirm();
    }

    /// Confirms what is left.
    MinerReport finish(const std::optional<core::error>& error) {
        confirm();
        if (error) fail(*error, race_.backend());
        return std::move(report_);
    }

    [[nodiscard]] bool failed() const noexcept { return report_.error.has_value(); }

  private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t most_pending = 4096;

    void confirm() {
        if (pending_.empty()) return;
        const auto start = Clock::now();
        auto confirmed = confirmation_.confirm(pending_);
        if (!confirmed) confirmed = confirm_without(confirmed.error());
        last_confirmed_ = Clock::now();
        last_took_ = last_confirmed_ - start;
        const std::vector<Solution> found = std::exchange(pending_, {});
        if (!confirmed) {
            report_.unconfirmed.insert(report_.unconfirmed.end(), found.begin(), found.end());
            return;
        }
        report_.faults += found.size() - confirmed->size();
        for (const Solution& solution : *confirmed) {
            ++report_.solutions;
            if (options_.on_solution) options_.on_solution(solution);
        }
    }

    void fail(const core::error& error, const Backend& backend) {
        if (report_.error) return;
        report_.error = error;
        report_.failed = &backend;
    }

    /// The scalar backend needs no device.
    core::result<std::vector<Solution>> confirm_without(const core::error& failure) {
        fail(failure, confirmation_.backend());
        auto scalar =
            Confirmation::create(race_, node_, threshold_,
                                 {.backend = &scalar_backend(), .threads = options_.confirmation.threads});
        if (!scalar) return scalar.error();
        confirmation_ = *std::move(scalar);
        return confirmation_.confirm(pending_);
    }

    const Race& race_;
    const NodeSeed& node_;
    std::uint64_t threshold_;
    const MinerOptions& options_;
    Confirmation confirmation_;
    MinerReport report_;
    std::vector<Solution> pending_;
    std::optional<std::uint64_t> last_;
    Clock::time_point last_confirmed_ = Clock::now();
    Clock::duration last_took_{};
};

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

MinerReport Miner::run(const MinerOptions& requested) {
    POUW_EXPECTS(requested.stride >= 1 && requested.threads >= 1 && fits(requested));
    MinerOptions options = requested;
    if (options.batch == 0) options.batch = race_.network().preferred_batch();
    auto confirmation = Confirmation::create(race_, node_, threshold_, options.confirmation);
    if (!confirmation) return {.error = confirmation.error(), .failed = options.confirmation.backend};

    std::stop_source stop;  // ours: the caller's stop, a failure, or an exception of a callback
    const std::stop_callback forward{options.stop, [&stop] { stop.request_stop(); }};
    Delivery delivery{race_, node_, threshold_, options, *std::move(confirmation)};
    Crew crew{race_, node_, threshold_, options, stop};
    crew.start(options.threads);
    Exchange& exchange = crew.exchange();
    for (std::vector<Batch> batches = exchange.take(); !batches.empty(); batches = exchange.take()) {
        for (Batch& batch : batches) delivery.take(std::move(batch));
        if (delivery.failed()) stop.request_stop();
    }
    MinerReport report = delivery.finish(exchange.error());
    if (exchange.exception()) std::rethrow_exception(exchange.exception());
    return report;
}

}  // namespace pouw::inline v1::pow
