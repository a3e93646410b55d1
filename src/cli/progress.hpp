/// What long commands show and how they are ended: a progress line, a stopwatch, signals and a deadline.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>

namespace pouw::inline v1::cli {

class Stopwatch {
  public:
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// One line on standard error that is rewritten in place on a terminal, and repeated every ten seconds
/// elsewhere.
class ProgressLine {
  public:
    explicit ProgressLine(bool enabled);
    ~ProgressLine() { finish(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(std::string_view text);
    /// Clears the line, so that what follows starts at the left.
    void finish();

  private:
    bool enabled_;
    bool terminal_;
    bool shown_ = false;
    std::optional<Stopwatch> since_last_;
};

/// Turns SIGINT, SIGTERM and SIGHUP into a stop request, once; a second one ends the program at once. A
/// signal that the program was started to ignore stays ignored. Made before any other thread, so that all of
/// them leave the signals to it.
class SignalStop {
  public:
    SignalStop();
    ~SignalStop();
    SignalStop(const SignalStop&) = delete;
    SignalStop& operator=(const SignalStop&) = delete;

    [[nodiscard]] std::stop_token token() const noexcept { return source_.get_token(); }

  private:
    std::stop_source source_;
    std::jthread waiter_;
};

/// A stop request after some time, or when another token asks for it.
class Deadline {
  public:
    Deadline(std::optional<double> seconds, std::stop_token other);
    [[nodiscard]] std::stop_token token() const noexcept { return source_.get_token(); }

  private:
    std::stop_source source_;
    std::stop_callback<std::function<void()>> forward_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread timer_;
};

}  // namespace pouw::inline v1::cli
