/// The errors of `pouw::vrf`.
#pragma once

#include "pouw/core/error.hpp"

#include <cstdint>

// clang-format off
#define POUW_VRF_ERRORS(X) \
    X(invalid_vrf_key, 500, "the VRF key is no point of the curve, or one of small order") \
    X(invalid_vrf_proof, 501, "not the encoding of a VRF proof") \
    X(false_vrf_proof, 502, "the VRF proof is not one of this input by this key")
// clang-format on

namespace pouw::inline v1::vrf {

POUW_ERRORS("vrf", POUW_VRF_ERRORS)

}  // namespace pouw::inline v1::vrf

#undef POUW_VRF_ERRORS
