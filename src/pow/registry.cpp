#include "pow/packed.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/crypto/blake2b.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/pow/backend.hpp"
#include "pouw/pow/errc.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>

namespace pouw::pow {
namespace {

using core::fail;
using core::result;

std::vector<const Backend*> built_in_backends() {
    std::vector<const Backend*> all = packed_backends();
    all.push_back(&scalar_backend());
    return all;
}

struct Registry {
    std::mutex mutex;
    std::vector<const Backend*> all = built_in_backends();
    std::map<const Backend*, result<void>> self_tests;
};

Registry& registry() {
    static Registry instance;
    return instance;
}

/// The check values of docs/spec/pow.md section 8 for nonce 0 of a tiny preset: BLAKE2b-256 of the output.
struct KnownAnswer {
    std::string_view preset;
    std::string_view output_digest;
};
constexpr KnownAnswer known_answers[]{
    {"tiny", "f55321ed39b5d4605feb26145fa018d69c4e9cb488a6530f8bd690d0539a5d32"},
    {"tiny-gated", "b8bf963c059fd983560c1c74b5821fab927d9421ec47ee9d89b74def7f0dd9ab"}};

template <typename Fixed>
Fixed from_hex(std::string_view hex) {
    return Fixed::from(core::from_hex(hex).value()).value();
}

bool answers(const Backend& backend, const KnownAnswer& known) {
    const ModelConfig config = preset(known.preset).value();
    const RaceSeed seed =
        from_hex<RaceSeed>("633756fa774c8cfa0c64779e47a17abe94f548a739d36f23b85e1fb179486a36");
    const NodeSeed node =
        from_hex<NodeSeed>("f1e6919610f4eb099d02d24721e9fad18c04980573f8b0238815af08d1469c94");
    const RaceKey key = race_key(seed, model_id(config));
    const auto source = std::make_shared<StreamedTensors>(config, weights_key(key));
    // Stored and streamed weights may take different paths.
    for (const bool stored : {true, false}) {
        auto network = backend.load(config, source, {.stored = stored});
        if (!network) return false;
        const std::vector<Input> inputs(3, make_input(config, input_seed(key, node, 0)));
        std::vector<std::int8_t> outputs(inputs.size() * config.model_dim);
        if (!(*network)->forward_pass(inputs.size())->run(inputs, outputs, {})) return false;
        const auto expected = from_hex<crypto::Hash256>(known.output_digest);
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const auto output = std::span{outputs}.subspan(i * config.model_dim, config.model_dim);
            if (crypto::blake2b_256(core::as_bytes(output)) != expected) return false;
        }
    }
    return true;
}

result<const Backend*> find(std::string_view name) {
    for (const Backend* backend : backends()) {
        if (backend->name() == name) return backend;
    }
    return fail(errc::unknown_backend);
}

result<const Backend*> best() {
    // The last built-in one is the scalar backend, which every machine supports.
    const std::vector<const Backend*> all = backends();
    return *std::find_if(all.begin(), all.end(), [](const Backend* backend) { return backend->supported(); });
}

result<const Backend*> choose(std::string_view name) {
    if (!name.empty()) return find(name);
    if (const char* wanted = std::getenv("POUW_BACKEND"); wanted != nullptr && *wanted != '\0')
        return find(wanted);
    return best();
}

result<void> self_test_once(const Backend& backend) {
    Registry& r = registry();
    {
        const std::lock_guard lock{r.mutex};
        if (const auto known = r.self_tests.find(&backend); known != r.self_tests.end()) return known->second;
    }
    const result<void> verdict = self_test(backend);
    const std::lock_guard lock{r.mutex};
    r.self_tests.emplace(&backend, verdict);
    return verdict;
}

}  // namespace

std::vector<const Backend*> backends() {
    const std::lock_guard lock{registry().mutex};
    return registry().all;
}

void register_backend(const Backend& backend) {
    const std::lock_guard lock{registry().mutex};
    auto& all = registry().all;
    POUW_EXPECTS(std::none_of(all.begin(), all.end(),
                              [&](const Backend* other) { return other->name() == backend.name(); }));
    all.push_back(&backend);
}

result<const Backend*> select_backend(std::string_view name) {
    if (auto ready = crypto::initialize(); !ready) return ready.error();
    auto chosen = choose(name);
    if (!chosen) return chosen;
    if (!(*chosen)->supported()) return fail(errc::unsupported_backend);
    if (auto verdict = self_test_once(**chosen); !verdict) return verdict.error();
    return chosen;
}

result<void> self_test(const Backend& backend) {
    if (auto ready = crypto::initialize(); !ready) return ready;
    for (const KnownAnswer& known : known_answers) {
        if (!answers(backend, known)) return fail(errc::failed_self_test);
    }
    return {};
}

}  // namespace pouw::pow
