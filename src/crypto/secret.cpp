#include "pouw/crypto/secret.hpp"

#include "pouw/core/contract.hpp"

#include <sodium.h>

namespace pouw::inline v1::crypto {

void wipe(void* memory, std::size_t size) noexcept { sodium_memzero(memory, size); }

bool equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
    POUW_EXPECTS(a.size() == b.size());
    return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace pouw::inline v1::crypto
