#include "fuzz/fuzz.hpp"

#include "pouw/economics/governance.hpp"

namespace pouw::inline v1::fuzz {

const Target target = decoder_of<economics::ProposalEquivocation>();

}  // namespace pouw::inline v1::fuzz
