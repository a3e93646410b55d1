/// Signatures in a program that replays targets, in the place of libsodium's functions. Mutations carry the
/// signatures of their seeds again and again. A signature is verified for each seed and for each mutation
/// that is checked completely: it must be one that a seed has or that the target made itself. For other
/// mutations it is looked up: one that is not known is taken for false, which it is unless somebody can
/// forge.
#include "fuzz/fuzz.hpp"

#include <array>
#include <cstring>

namespace pouw::inline v1::fuzz {
namespace {

using Key = std::array<std::uint8_t, 32>;
/// Signature, key and digest.
using Signed = std::array<std::uint8_t, 64 + 32 + 32>;
constexpr std::size_t digest_size = 32;

Signed signed_of(const std::uint8_t* signature, const std::uint8_t* digest, const std::uint8_t* key) {
    Signed out;
    std::memcpy(out.data(), signature, 64);
    std::memcpy(out.data() + 64, key, 32);
    std::memcpy(out.data() + 96, digest, digest_size);
    return out;
}

/// What is known to be true: as much as there is room for, for good, and the last of the rest. It allocates
/// nothing, since allocations are measured.
template <typename Value>
class Known {
  public:
    void add(const Value& value) {
        if (contains(value)) return;
        if (mutating) {
            recent_[next_++ % recent_.size()] = value;
        } else if (lasting_ < kept_.size()) {
            kept_[lasting_++] = value;
        }
    }
    [[nodiscard]] bool contains(const Value& value) const {
        const auto end = kept_.begin() + static_cast<std::ptrdiff_t>(lasting_);
        return std::find(kept_.begin(), end, value) != end ||
               std::find(recent_.begin(), recent_.end(), value) != recent_.end();
    }

  private:
    std::array<Value, 1024> kept_{};  ///< of seeds
    std::size_t lasting_ = 0;
    std::array<Value, 32> recent_{};  ///< of the mutation at hand
    std::size_t next_ = 0;
};

template <typename Value>
Known<Value>& known() {
    static Known<Value> all;
    return all;
}

}  // namespace
}  // namespace pouw::inline v1::fuzz

using namespace pouw::fuzz;

extern "C" {

int __real_crypto_sign_ed25519_verify_detached(const unsigned char* signature, const unsigned char* message,
                                               unsigned long long size, const unsigned char* key);
int __real_crypto_sign_ed25519_detached(unsigned char* signature, unsigned long long* signature_size,
                                        const unsigned char* message, unsigned long long size,
                                        const unsigned char* key);

int __real_crypto_core_ed25519_is_valid_point(const unsigned char* point);

int __wrap_crypto_core_ed25519_is_valid_point(const unsigned char* point) {
    Key key;
    std::memcpy(key.data(), point, key.size());
    if (!complete && known<Key>().contains(key)) return 1;
    const int outcome = __real_crypto_core_ed25519_is_valid_point(point);
    if (outcome == 1 && !mutating) known<Key>().add(key);
    return outcome;
}

int __wrap_crypto_sign_ed25519_verify_detached(const unsigned char* signature, const unsigned char* message,
                                               unsigned long long size, const unsigned char* key) {
    if (size != digest_size) return __real_crypto_sign_ed25519_verify_detached(signature, message, size, key);
    const Signed one = signed_of(signature, message, key);
    if (!complete) return known<Signed>().contains(one) ? 0 : -1;
    const int outcome = __real_crypto_sign_ed25519_verify_detached(signature, message, size, key);
    if (outcome == 0 && mutating) require(known<Signed>().contains(one), "nobody forges a signature");
    if (outcome == 0) known<Signed>().add(one);
    return outcome;
}

int __wrap_crypto_sign_ed25519_detached(unsigned char* signature, unsigned long long* signature_size,
                                        const unsigned char* message, unsigned long long size,
                                        const unsigned char* key) {
    const int outcome = __real_crypto_sign_ed25519_detached(signature, signature_size, message, size, key);
    // The second half of the secret key is the public one.
    if (outcome == 0 && size == digest_size) known<Signed>().add(signed_of(signature, message, key + 32));
    return outcome;
}
}
