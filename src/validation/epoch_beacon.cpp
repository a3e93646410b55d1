#include "pouw/validation/epoch_beacon.hpp"

#include "pouw/crypto/chain_digest.hpp"
#include "pouw/validation/errc.hpp"

namespace pouw::inline v1::validation {

core::result<EpochBeacon> EpochBeacon::create(const core::ChainId& chain, core::Epoch epoch,
                                              const beacon::Output& output) {
    if (output.known_at > output.height) return core::fail(errc::invalid_beacon_output);
    EpochBeacon out;
    out.chain_ = crypto::chain_digest(chain);
    out.epoch_ = epoch;
    out.output_ = output.value;
    out.known_at_ = output.known_at;
    return out;
}

}  // namespace pouw::inline v1::validation
