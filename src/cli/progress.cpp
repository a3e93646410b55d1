#include "cli/progress.hpp"

#include "cli/output.hpp"

#include <fmt/core.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace pouw::inline v1::cli {
namespace {

sigset_t ending_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        // What nohup, or a shell in the background, lets a program ignore stays ignored.
        struct sigaction action {};
        if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&set, signal);
    }
    return set;
}

}  // namespace

ProgressLine::ProgressLine(bool enabled) : enabled_{enabled}, terminal_{isatty(STDERR_FILENO) == 1} {
    if (!terminal_) since_last_.emplace();  // in a log, short work shows nothing
}

void ProgressLine::show(std::string_view text) {
    const double interval = terminal_ ? 0.1 : 10;
    if (!enabled_ || (since_last_ && since_last_->seconds() < interval)) return;
    since_last_.emplace();
    shown_ = true;
    tell(fmt::format("{}{}{}", terminal_ ? "\r\x1b[K" : "", text, terminal_ ? "" : "\n"));
}

void ProgressLine::finish() {
    if (shown_ && terminal_) tell("\r\x1b[K");
    shown_ = false;
}

SignalStop::SignalStop() {
    const sigset_t set = ending_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    waiter_ = std::jthread{[this](const std::stop_token& done) {
        const sigset_t waited = ending_signals();
        constexpr timespec tick{.tv_sec = 0, .tv_nsec = 50'000'000};
        while (!done.stop_requested()) {
            const int signal = sigtimedwait(&waited, nullptr, &tick);
            if (signal < 0) continue;
            if (source_.stop_requested()) _exit(128 + signal);
            source_.request_stop();
        }
    }};
}

SignalStop::~SignalStop() {
    waiter_.request_stop();
    waiter_.join();
    const sigset_t set = ending_signals();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

Deadline::Deadline(std::optional<double> seconds, std::stop_token other)
    : forward_{std::move(other), [this] { source_.request_stop(); }} {
    if (!seconds) return;
    timer_ =
        std::jthread{[this, duration = std::chrono::duration<double>(*seconds)](const std::stop_token& done) {
            std::unique_lock lock{mutex_};
            wake_.wait_for(lock, done, duration, [] { return false; });
            if (!done.stop_requested()) source_.request_stop();
        }};
}

}  // namespace pouw::inline v1::cli
