/// Convictions as parts of other texts.
#pragma once

#include "formats/fields.hpp"
#include "formats/json.hpp"

#include "pouw/core/conviction.hpp"

namespace pouw::inline v1::formats {

[[nodiscard]] core::Conviction read_conviction(Fields& fields);
[[nodiscard]] Json json_of(const core::Conviction& conviction);

}  // namespace pouw::inline v1::formats
