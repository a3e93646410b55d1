#include "fuzz/heap.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace pouw::inline v1::fuzz {
namespace {

std::atomic<std::uint64_t> allocated{0};
std::atomic<std::uint64_t> peak{0};

void* allocate(std::size_t size) noexcept {
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) return nullptr;
    const std::size_t usable = malloc_usable_size(memory);
    const std::uint64_t now = allocated.fetch_add(usable, std::memory_order_relaxed) + usable;
    if (now > peak.load(std::memory_order_relaxed)) peak.store(now, std::memory_order_relaxed);
    return memory;
}

void release(void* memory) noexcept {
    if (memory == nullptr) return;
    allocated.fetch_sub(malloc_usable_size(memory), std::memory_order_relaxed);
    std::free(memory);
}

}  // namespace

std::uint64_t bytes_allocated() noexcept { return allocated.load(std::memory_order_relaxed); }
std::uint64_t peak_of_bytes_allocated() noexcept { return peak.load(std::memory_order_relaxed); }
void forget_peak() noexcept { peak.store(bytes_allocated(), std::memory_order_relaxed); }

}  // namespace pouw::inline v1::fuzz

void* operator new(std::size_t size) {
    void* memory = pouw::fuzz::allocate(size);
    if (memory == nullptr) throw std::bad_alloc{};
    return memory;
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return pouw::fuzz::allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return pouw::fuzz::allocate(size); }
void operator delete(void* memory) noexcept { pouw::fuzz::release(memory); }
void operator delete[](void* memory) noexcept { pouw::fuzz::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { pouw::fuzz::release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { pouw::fuzz::release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { pouw::fuzz::release(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { pouw::fuzz::release(memory); }
