/// Backends on the kernels of src/pow/kernels: weights packed into panels, a batch computed panel by panel.
#pragma once

#include "pouw/pow/backend.hpp"

#include <vector>

namespace pouw::pow {

/// The backends of this architecture, the fastest first, supported by this machine or not.
[[nodiscard]] std::vector<const Backend*> packed_backends();

}  // namespace pouw::pow
