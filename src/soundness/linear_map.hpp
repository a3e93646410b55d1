/// Linear maps learnt from examples.
#pragma once

#include "soundness/engine.hpp"

namespace pouw::inline v1::soundness {

/// The ridge regression of `targets` on `features` (rows are examples): `prediction = features × map`. The
/// penalty is that of as much noise as there is signal a feature, so that many features of no use add little.
[[nodiscard]] Matrix linear_map(const Matrix& features, const Matrix& targets, unsigned threads);

}  // namespace pouw::inline v1::soundness
