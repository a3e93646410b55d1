/// Splits independent pieces of work over threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <stop_token>
#include <thread>
#include <vector>

namespace pouw::soundness {

/// Calls `work(i)` for i in 0..count-1 on `threads` threads, the calling one among them, in no particular
/// order. Returns false when stopped before the end. `work` must not throw.
template <typename Work>
bool parallel_for(std::size_t count, unsigned threads, const std::stop_token& stop, const Work& work) {
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> done{0};
    const auto loop = [&] {
        while (!stop.stop_requested()) {
            const std::size_t index = next.fetch_add(1);
            if (index >= count) return;
            work(index);
            ++done;
        }
    };
    {
        std::vector<std::jthread> team;
        for (unsigned i = 1; i < threads && i < count; ++i) team.emplace_back(loop);
        loop();
    }
    return done == count;
}

}  // namespace pouw::soundness
