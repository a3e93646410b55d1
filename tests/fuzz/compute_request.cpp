#include "fuzz/fuzz.hpp"

#include "pouw/economics/ranking.hpp"

namespace pouw::inline v1::fuzz {

const Target target = decoder_of<economics::ComputeRequest>();

}  // namespace pouw::inline v1::fuzz
