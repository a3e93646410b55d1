// Reports: one encoding, and what verifies is signed by a selected validator and holds for one result alone.
#include "pouw/validation/report.hpp"

#include "fuzz/fuzz.hpp"

#include "pouw/crypto/chain_digest.hpp"

namespace pouw::inline v1::fuzz {
namespace {

using namespace validation;

/// One validator, which is selected for every task.
struct World {
    crypto::SigningKey signing = crypto::SigningKey::from_seed(std::array<std::uint8_t, 32>{1});
    vrf::SecretKey vrf_key = vrf::SecretKey::from_seed(std::array<std::uint8_t, 32>{2});
    Validators validators = create();

    [[nodiscard]] Validators create() const {
        const auto epoch = EpochBeacon::create("fuzz", 1, {{}, 10, 20});
        const weights::NodeWeight weight{signing.public_key(), 1};
        const Registration registration{signing.public_key(), vrf_key.public_key(), 1};
        return Validators{
            epoch.value(), weights::WeightTable::create({&weight, 1}).value(), {&registration, 1}};
    }
};

void verify(const Report& report) {
    static const World world;
    Subject subject = report.vote.subject;
    subject.chain = crypto::chain_digest("fuzz");
    subject.epoch = 1;
    if (!verify_report(world.validators, subject, {1, 1}, report)) return;
    require(report.vote.voter == world.signing.public_key() && report.vote.is_signed(), "a validator signed");
    require(vrf::proof_to_hash(report.proof).has_value(), "the selection is proved");
    subject.result.bytes[0] ^= 1;
    require(!verify_report(world.validators, subject, {1, 1}, report), "a report is on one result");
}

}  // namespace

const Target target = decoder_of<Report, verify>();

}  // namespace pouw::inline v1::fuzz
