#include "fuzz/fuzz.hpp"

#include "pouw/validation/certificate.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void convicts_the_signer(const validation::BlockEquivocation& equivocation) {
    if (const auto conviction = equivocation.conviction(equivocation.chain, 1))
        require(conviction->node == equivocation.signer, "the signer is convicted");
}

}  // namespace

const Target target = decoder_of<validation::BlockEquivocation, convicts_the_signer>();

}  // namespace pouw::inline v1::fuzz
