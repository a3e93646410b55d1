#include "fuzz/fuzz.hpp"

#include "pouw/validation/checkpoint.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void needs_a_table(const validation::Checkpoint& checkpoint) {
    require(!validation::advance(checkpoint, {}), "without weight nothing is final");
}

}  // namespace

const Target target = decoder_of<validation::Checkpoint, needs_a_table>();

}  // namespace pouw::inline v1::fuzz
