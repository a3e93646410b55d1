/// Memory for weights and activations.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace pouw::inline v1::pow {

/// Uninitialised memory, on large pages where the system has them.
template <typename T>
class Memory {
  public:
    Memory() = default;
    explicit Memory(std::size_t size) : size_{size} {
        const auto alignment = std::align_val_t{bytes() >= huge_page ? huge_page : cache_line};
        values_ = {static_cast<T*>(::operator new(bytes(), alignment)), Free{alignment}};
#if defined(__linux__) && defined(MADV_HUGEPAGE)
        // Advice: that it is not taken costs time alone.
        if (bytes() >= huge_page) madvise(values_.get(), bytes(), MADV_HUGEPAGE);
#endif
    }

    [[nodiscard]] T* data() const noexcept { return values_.get(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return size_ * sizeof(T); }

  private:
    static constexpr std::size_t huge_page = std::size_t{1} << 21;
    static constexpr std::size_t cache_line = 64;
    struct Free {
        std::align_val_t alignment{cache_line};
        void operator()(T* values) const noexcept { ::operator delete(values, alignment); }
    };
    std::size_t size_ = 0;
    std::unique_ptr<T[], Free> values_;
};

}  // namespace pouw::inline v1::pow
