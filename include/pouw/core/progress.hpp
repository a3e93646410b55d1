/// The callback by which long work reports its progress.
#pragma once

#include <cstdint>
#include <functional>

namespace pouw::inline v1::core {

/// Receives the amount of work done and the total, on the thread that started the work.
using ProgressCallback = std::function<void(std::uint64_t done, std::uint64_t total)>;

}  // namespace pouw::inline v1::core
