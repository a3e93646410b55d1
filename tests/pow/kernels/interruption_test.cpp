/// Passes that are interrupted: the system must keep all registers of a backend, tiles among them.
#include "pow/kernels/random_model.hpp"

#include "pouw/crypto/initialize.hpp"

#include <gtest/gtest.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

namespace pouw::inline v1::pow {
namespace {

using test::Pattern;
using test::PatternTensors;
using test::Random;

std::atomic<int> interruptions = 0;

/// Uses the registers itself.
void interrupt(int) {
    volatile double value = 1.0;
    for (int i = 0; i < 100; ++i) value = value * 1.5 - 0.25;
    ++interruptions;
}

/// Interrupts the process every half millisecond.
class Interruptions {
  public:
    Interruptions() {
        struct sigaction action {};
        action.sa_handler = interrupt;
        action.sa_flags = SA_RESTART;
        sigaction(SIGALRM, &action, &before_);
        const itimerval often{{0, 500}, {0, 500}};
        setitimer(ITIMER_REAL, &often, nullptr);
    }
    ~Interruptions() {
        const itimerval never{};
        setitimer(ITIMER_REAL, &never, nullptr);
        sigaction(SIGALRM, &before_, nullptr);
    }
    Interruptions(const Interruptions&) = delete;
    Interruptions& operator=(const Interruptions&) = delete;

  private:
    struct sigaction before_ {};
};

class InterruptedPass : public testing::TestWithParam<const Backend*> {
  protected:
    void SetUp() override {
        if (!GetParam()->supported()) GTEST_SKIP() << "this machine does not support " << GetParam()->name();
        ASSERT_TRUE(crypto::initialize());
        config_ = preset("tiny").value();
        Random random{7};
        inputs_ = test::random_inputs(config_, 40, random);
        network_ = GetParam()
                       ->load(config_, std::make_shared<PatternTensors>(config_, Pattern::random, 3u), {})
                       .value();
        expected_ = outputs();
    }

    [[nodiscard]] std::vector<std::int8_t> outputs() const {
        std::vector<std::int8_t> out(inputs_.size() * config_.model_dim);
        const auto pass = network_->forward_pass(inputs_.size()).value();
        if (!pass->run(inputs_, out, {})) out.clear();
        return out;
    }

    ModelConfig config_;
    std::vector<Input> inputs_;
    std::shared_ptr<const Network> network_;
    std::vector<std::int8_t> expected_;
};

TEST_P(InterruptedPass, SurvivesSignals) {
    const Interruptions often;
    const int before = interruptions;
    for (int i = 0; i < 20'000 && interruptions < before + 40; ++i) ASSERT_EQ(outputs(), expected_);
    EXPECT_GE(interruptions, before + 40);
}

TEST_P(InterruptedPass, SurvivesOtherThreads) {
    std::atomic<int> wrong = 0;
    {
        std::vector<std::jthread> team;
        for (int i = 0; i < 5; ++i) {
            team.emplace_back([&] {
                for (int round = 0; round < 10; ++round) wrong += outputs() != expected_ ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(wrong, 0);
}

TEST_P(InterruptedPass, RunsInAChildProcess) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) _exit(outputs() == expected_ ? 0 : 1);
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

INSTANTIATE_TEST_SUITE_P(All, InterruptedPass, testing::ValuesIn(backends()), [](const auto& instance) {
    std::string name{instance.param->name()};
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

}  // namespace
}  // namespace pouw::inline v1::pow
