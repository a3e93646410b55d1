#include "pouw/proof/commitment.hpp"

#include "fuzz/fuzz.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void can_be_hashed(const proof::Commitment& commitment) { (void)proof::signing_digest(commitment.claim); }

}  // namespace

const Target target = decoder_of<proof::Commitment, can_be_hashed>(bounds_with_keys());

}  // namespace pouw::inline v1::fuzz
