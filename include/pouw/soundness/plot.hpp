/// Plots of curves as SVG documents.
#pragma once

#include "pouw/core/export.hpp"
#include "pouw/soundness/report.hpp"

#include <span>
#include <string>

namespace pouw::inline v1::soundness {

/// One plot of all these curves, as an SVG document: lines with markers and 99% intervals (bars, or a band
/// where there are many points), axes, and a legend where there is more than one curve. Title, labels and the
/// kind of the y axis are those of the first curve. Values that are not finite are left out, and on a
/// logarithmic axis values that are not above 0; an interval that leaves the axis is cut at the frame. The
/// plot follows the reader's light or dark scheme. The same curves give the same bytes.
/// Expects: at least one curve.
[[nodiscard]] POUW_API std::string to_svg(std::span<const Curve> curves);

}  // namespace pouw::inline v1::soundness
