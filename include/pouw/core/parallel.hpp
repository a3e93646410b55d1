/// A loop over independent pieces of work that runs on several threads.
#pragma once

#include "pouw/core/progress.hpp"

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <vector>

namespace pouw::inline v1::core {

/// Calls `work(i)` or `work(i, worker)` once for each i in 0..count-1, in no particular order, on at most
/// `threads` threads, of which the calling thread is one. `worker` is below `threads` and the same within a
/// thread. The calling thread reports the progress. The function returns false when a stop was requested,
/// whatever was done by then. The first exception of `work` ends the loop and is thrown again.
/// Cost: the start of `threads` - 1 threads.
template <typename Work>
bool parallel_for(std::uint64_t count, unsigned threads, const ProgressCallback& progress,
                  const std::stop_token& stop, const Work& work) {
    std::atomic<std::uint64_t> next{0};
    std::atomic<std::uint64_t> done{0};
    std::atomic<bool> failed{false};
    std::exception_ptr failure;
    std::mutex failure_mutex;
    const auto loop = [&](unsigned worker) {
        while (!stop.stop_requested() && !failed) {
            const std::uint64_t index = next.fetch_add(1);
            if (index >= count) return;
            try {
                if constexpr (std::is_invocable_v<const Work&, std::uint64_t, unsigned>) {
                    work(index, worker);
                } else {
                    work(index);
                }
                ++done;
                if (worker == 0 && progress) progress(done, count);
            } catch (...) {
                const std::lock_guard lock{failure_mutex};
                if (!failure) failure = std::current_exception();
                failed = true;
            }
        }
    };
    {
        std::vector<std::jthread> team;
        for (unsigned i = 1; i < threads && i < count; ++i) team.emplace_back(loop, i);
        loop(0);
    }
    if (failure) std::rethrow_exception(failure);
    return done == count && !stop.stop_requested();
}

}  // namespace pouw::inline v1::core
