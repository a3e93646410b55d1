/// How long work says how far it is.
#pragma once

#include <cstdint>
#include <functional>

namespace pouw::inline v1::core {

/// Called now and then with the work done and the whole, from the thread that started the work.
using ProgressCallback = std::function<void(std::uint64_t done, std::uint64_t total)>;

}  // namespace pouw::inline v1::core
