#include "fuzz/opening.hpp"

namespace pouw::inline v1::fuzz {
namespace {

void answers(const proof::Opening& opening) {
    if (const auto tree = opening.implied_root()) ask(proof::VerifiedOpening::create(*tree, opening).value());
}

}  // namespace

const Target target = decoder_of<proof::Opening, answers>();

}  // namespace pouw::inline v1::fuzz
