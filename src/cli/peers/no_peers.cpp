#include "cli/peers/peers.hpp"

namespace pouw::inline v1::cli {

std::vector<std::unique_ptr<Peer>> make_peers(const pow::ModelConfig&) { return {}; }

}  // namespace pouw::inline v1::cli
