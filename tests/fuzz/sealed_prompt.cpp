// The bytes as they are, and with a sender's true signature put to them: what decodes encodes to the same
// bytes.
#include "pouw/crypto/sealed_prompt.hpp"

#include "fuzz/fuzz.hpp"

#include "pouw/crypto/domain.hpp"

namespace pouw::inline v1::fuzz {
namespace {

crypto::MasterSeed fixed_seed() {
    crypto::MasterSeed seed;
    seed.fill().front() = 0;
    return seed;
}

core::Bytes signed_again(core::ByteView data) {
    static const auto sender = crypto::SigningKey::derive(fixed_seed());
    core::Bytes bytes{data.begin(), data.end()};
    if (data.size() < 4 + crypto::PublicKey::size + crypto::Signature::size) return bytes;
    std::copy(sender.public_key().bytes.begin(), sender.public_key().bytes.end(), bytes.begin() + 4);
    bytes.resize(data.size() - crypto::Signature::size);
    const crypto::Signature signature = sender.sign(crypto::hash(crypto::domain::prompt, bytes));
    core::append(bytes, signature.view());
    return bytes;
}

void check_one(core::ByteView data) {
    static const auto key = crypto::SealingKey::derive(fixed_seed());
    const auto prompt = crypto::SealedPrompt::decode(data);
    if (!prompt) return;
    require(equal(prompt->encode(), data), "a prompt has one encoding");
    const auto body = prompt->open(key);
    require(!body || body->size() == prompt->body_size(), "a prompt tells its size");
}

bool check(core::ByteView data) {
    check_one(data);
    check_one(signed_again(data));
    return true;
}

void decode(core::ByteView data) { (void)crypto::SealedPrompt::decode(signed_again(data)).has_value(); }

}  // namespace

const Target target{.decode = decode, .check = check, .bounds = bounds_with_keys(8)};

}  // namespace pouw::inline v1::fuzz
