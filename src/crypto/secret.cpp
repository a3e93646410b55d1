#include "pouw/crypto/secret.hpp"

#include "crypto/declassify.hpp"

#include "pouw/core/contract.hpp"

#include <sodium.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <mutex>
#include <vector>

namespace pouw::inline v1::crypto {
namespace {

/// Slots in pages that libsodium guards, keeps out of core dumps and locks where it may. The pages are never
/// given back: keys of static objects are destroyed after everything else.
class LockedSlots {
  public:
    void* take() {
        const std::scoped_lock lock{mutex_};
        auto page = std::find_if(pages_.begin(), pages_.end(), [](const Page& p) { return p.free != 0; });
        if (page == pages_.end()) {
            pages_.push_back(new_page());
            page = pages_.end() - 1;
        }
        const int slot = std::countr_zero(page->free);
        page->free &= page->free - 1;
        return page->slots + static_cast<std::size_t>(slot) * detail::locked_slot_size;
    }

    void give_back(void* memory) noexcept {
        const std::scoped_lock lock{mutex_};
        const auto* slot = static_cast<const std::uint8_t*>(memory);
        const auto page = std::find_if(pages_.begin(), pages_.end(), [slot](const Page& p) {
            return !std::less<>{}(slot, p.slots) && std::less<>{}(slot, p.slots + page_size);
        });
        POUW_EXPECTS(page != pages_.end());
        page->free |= std::uint64_t{1}
                      << (static_cast<std::size_t>(slot - page->slots) / detail::locked_slot_size);
    }

    bool all_locked() const noexcept {
        const std::scoped_lock lock{mutex_};
        return all_locked_;
    }

  private:
    // One slot less than a page of 4 KiB has: libsodium puts a canary before them.
    static constexpr std::size_t slots = 63;
    static constexpr std::size_t page_size = slots * detail::locked_slot_size;

    struct Page {
        std::uint8_t* slots = nullptr;
        std::uint64_t free = 0;
    };

    Page new_page() {
        POUW_ENSURES(sodium_init() >= 0);
        auto* memory = static_cast<std::uint8_t*>(sodium_malloc(page_size));
        if (memory == nullptr) throw std::bad_alloc{};
        // It was locked when it was made; only a second time tells whether that went well.
        all_locked_ = sodium_mlock(memory, page_size) == 0 && all_locked_;
        return {memory, (std::uint64_t{1} << slots) - 1};
    }

    mutable std::mutex mutex_;
    std::vector<Page> pages_;
    bool all_locked_ = true;
};

LockedSlots& locked_slots() {
    static auto& slots = *new LockedSlots;
    return slots;
}

}  // namespace

void wipe(void* memory, std::size_t size) noexcept {
    sodium_memzero(memory, size);
    declassify(memory, size);
}

bool equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
    POUW_EXPECTS(a.size() == b.size());
    const int code = sodium_memcmp(a.data(), b.data(), a.size());
    declassify(code);
    return code == 0;
}

bool long_lived_secrets_are_locked() noexcept { return locked_slots().all_locked(); }

namespace detail {

void* take_locked_slot() noexcept { return locked_slots().take(); }
void give_back_locked_slot(void* slot) noexcept { locked_slots().give_back(slot); }

}  // namespace detail
}  // namespace pouw::inline v1::crypto
