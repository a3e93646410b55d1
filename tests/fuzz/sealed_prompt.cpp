// The bytes as they are, and with a sender's true signature put to them: what decodes encodes to the same
// bytes.
#include "pouw/crypto/sealed_prompt.hpp"

#include "fuzz/fuzz.hpp"

#include "pouw/crypto/domain.hpp"

#include <algorithm>

using namespace pouw;
using fuzz::require;

namespace {

crypto::MasterSeed fixed_seed() {
    crypto::MasterSeed seed;
    seed.fill().front() = 0;
    return seed;
}

void decode(const core::Bytes& data) {
    static const auto key = crypto::SealingKey::derive(fixed_seed());
    const auto prompt = crypto::SealedPrompt::decode(data);
    if (!prompt) return;
    require(prompt->encode() == data);
    const auto body = prompt->open(key);
    require(!body || body->size() == prompt->body_size());
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto sender = crypto::SigningKey::derive(fixed_seed());
    core::Bytes bytes{data, data + size};
    decode(bytes);
    if (size < 4 + crypto::PublicKey::size + crypto::Signature::size) return 0;
    std::copy(sender.public_key().bytes.begin(), sender.public_key().bytes.end(), bytes.begin() + 4);
    bytes.resize(size - crypto::Signature::size);
    const crypto::Signature signature = sender.sign(crypto::hash(crypto::domain::prompt, bytes));
    core::append(bytes, signature.view());
    decode(bytes);
    return 0;
}
