#include "pow/registry.hpp"

#include "pow/packed/backend.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/crypto/initialize.hpp"
#include "pouw/pow/errc.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>

namespace pouw::inline v1::pow {
namespace {

using core::fail;
using core::result;

struct Entry {
    const Backend* backend;
    int priority;
};

/// Behind all others of at least its priority.
void insert(std::vector<Entry>& all, const Entry& entry) {
    const auto behind = [&](const Entry& other) { return other.priority < entry.priority; };
    all.insert(std::find_if(all.begin(), all.end(), behind), entry);
}

std::vector<Entry> built_in_backends() {
    std::vector<Entry> all;
    for (const auto& [backend, priority] : packed_backends()) insert(all, {backend, priority});
    insert(all, {&scalar_backend(), 0});
    return all;
}

struct Registry {
    std::mutex mutex;
    std::vector<Entry> all = built_in_backends();
    std::map<const Backend*, result<void>> self_tests;
};

Registry& registry() {
    static Registry instance;
    return instance;
}

result<const Backend*> find(std::string_view name) {
    for (const Backend* backend : backends()) {
        if (backend->name() == name) return backend;
    }
    return fail(errc::unknown_backend);
}

/// The scalar backend is among them, which every machine supports.
const Backend* best() {
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
    std::vector<const Backend*> out;
    for (const Entry& entry : registry().all) out.push_back(entry.backend);
    return out;
}

void register_backend(const Backend& backend, int priority) {
    const std::lock_guard lock{registry().mutex};
    auto& all = registry().all;
    POUW_EXPECTS(std::none_of(all.begin(), all.end(),
                              [&](const Entry& other) { return other.backend->name() == backend.name(); }));
    insert(all, {&backend, priority});
}

std::optional<int> priority(const Backend& backend) {
    const std::lock_guard lock{registry().mutex};
    for (const Entry& entry : registry().all)
        if (entry.backend == &backend) return entry.priority;
    return std::nullopt;
}

result<const Backend*> select_backend(std::string_view name) {
    auto chosen = choose(name);
    if (!chosen) return chosen;
    if (auto usable = require_usable(**chosen); !usable) return usable.error();
    return chosen;
}

result<void> require_usable(const Backend& backend) {
    if (auto ready = crypto::initialize(); !ready) return ready;
    if (!backend.supported()) return fail(errc::unsupported_backend);
    return self_test_once(backend);
}

}  // namespace pouw::inline v1::pow
