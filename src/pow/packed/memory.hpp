/// Memory for weights and activations.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace pouw::inline v1::pow {

inline constexpr std::size_t huge_page = std::size_t{1} << 21;
inline constexpr std::size_t cache_line = 64;

/// Uninitialised memory, on large pages where the system has them.
template <typename T>
class Memory {
  public:
    Memory() = default;
    explicit Memory(std::size_t size) : size_{size} {
        // Half a page or more is rounded up to whole ones: the rest of a page would lie on small ones.
        const bool huge = bytes() >= huge_page / 2;
        const std::size_t taken = huge ? (bytes() + huge_page - 1) / huge_page * huge_page : bytes();
        const auto alignment = std::align_val_t{huge ? huge_page : cache_line};
        values_ = {static_cast<T*>(::operator new(taken, alignment)), Free{alignment}};
#if defined(__linux__) && defined(MADV_HUGEPAGE)
        // Advice: that it is not taken costs time alone.
        if (huge) madvise(values_.get(), taken, MADV_HUGEPAGE);
#endif
    }

    [[nodiscard]] T* data() const noexcept { return values_.get(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return size_ * sizeof(T); }

  private:
    struct Free {
        std::align_val_t alignment{cache_line};
        void operator()(T* values) const noexcept { ::operator delete(values, alignment); }
    };
    std::size_t size_ = 0;
    std::unique_ptr<T[], Free> values_;
};

}  // namespace pouw::inline v1::pow
