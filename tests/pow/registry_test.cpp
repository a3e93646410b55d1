#include "support.hpp"

#include "pouw/pow/backend.hpp"
#include "pouw/pow/errc.hpp"
#include "pouw/reference/backend.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pouw::inline v1::pow {
namespace {

using test::HookedBackend;
using test::ScopedEnvironment;

constexpr const char* variable = "POUW_BACKEND";

std::size_t count_named(std::string_view name) {
    const auto all = backends();
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](const Backend* backend) { return backend->name() == name; }));
}

TEST(Registry, EverySupportedBackendPassesItsSelfTest) {
    for (const Backend* backend : test::supported_backends()) {
        EXPECT_TRUE(self_test(*backend)) << backend->name();
        EXPECT_EQ(select_backend(backend->name()).value(), backend);
        EXPECT_FALSE(backend->description().empty());
    }
}

TEST(Registry, NamesAreUnique) {
    for (const Backend* backend : backends()) EXPECT_EQ(count_named(backend->name()), 1u);
    EXPECT_EQ(count_named("scalar"), 1u);
    EXPECT_EQ(count_named("reference"), 1u);
}

TEST(Registry, RegisteringTheReferenceAgainDoesNothing) {
    reference::register_backend();
    EXPECT_EQ(count_named("reference"), 1u);
    EXPECT_EQ(select_backend("reference").value(), &reference::backend());
}

TEST(Registry, ANegativePriorityStandsBehindTheBuiltIn) {
    const auto all = backends();
    const auto scalar = std::find(all.begin(), all.end(), &scalar_backend());
    EXPECT_LT(scalar, std::find(all.begin(), all.end(), &reference::backend()));
}

/// Supported when it is told to be; computes as the scalar backend does.
class Ranked final : public Backend {
  public:
    explicit Ranked(std::string_view name) : name_{name} {}
    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    [[nodiscard]] std::string_view description() const noexcept override { return "for tests"; }
    [[nodiscard]] bool supported() const noexcept override { return supported_here; }
    [[nodiscard]] core::result<std::shared_ptr<const Network>> load(
        const ModelConfig& config, std::shared_ptr<const TensorSource> source,
        const LoadOptions& options) const override {
        return scalar_backend().load(config, std::move(source), options);
    }
    bool supported_here = false;

  private:
    std::string_view name_;
};

TEST(Registry, PrioritiesDecideTheOrderAndTheDefault) {
    const ScopedEnvironment none{variable, std::nullopt};
    const Backend* const before = select_backend().value();
    static Ranked fast{"fast"};
    static Ranked as_fast{"as fast"};
    static Ranked between{"between"};
    static Ranked only_named{"only named"};
    register_backend(fast, 1000);
    register_backend(as_fast, 1000);
    register_backend(between, 1);
    register_backend(only_named, -5);
    EXPECT_EQ(priority(fast), 1000);
    EXPECT_EQ(priority(scalar_backend()), 0);
    EXPECT_EQ(priority(reference::backend()), -1);
    EXPECT_EQ(priority(Ranked{"unknown"}), std::nullopt);

    const auto all = backends();
    EXPECT_EQ(all[0], &fast);
    EXPECT_EQ(all[1], &as_fast);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const Backend* a, const Backend* b) {
        return *priority(*a) > *priority(*b);
    }));
    EXPECT_EQ(std::find(all.begin(), all.end(), &scalar_backend()) - 1,
              std::find(all.begin(), all.end(), &between));

    EXPECT_EQ(select_backend().value(), before);  // this machine does not support it
    fast.supported_here = true;
    EXPECT_EQ(select_backend().value(), &fast);
    fast.supported_here = false;
    only_named.supported_here = true;
    EXPECT_EQ(select_backend().value(), before);
    EXPECT_EQ(select_backend("only named").value(), &only_named);
    only_named.supported_here = false;
}

TEST(Registry, ARaceTakesABackendThatIsNotRegistered) {
    static Ranked own{"own"};
    const ModelConfig config = test::preset("tiny");
    EXPECT_EQ(Race::create(config, RaceSeed{}, own).error().code, pow::errc::unsupported_backend);
    own.supported_here = true;
    EXPECT_EQ(&Race::create(config, RaceSeed{}, own).value().backend(), &own);
    EXPECT_EQ(count_named("own"), 0u);

    HookedBackend& wrong = test::hooked_backend("wrong too");
    HookedBackend::Use use{wrong};
    use.hook([](std::span<std::int8_t> outputs) { outputs.back() ^= 1; });
    EXPECT_EQ(Race::create(config, RaceSeed{}, wrong).error().code, pow::errc::failed_self_test);
}

TEST(Registry, UnknownNames) {
    const ScopedEnvironment none{variable, std::nullopt};
    for (const char* name : {"none such", "Scalar", "scalar ", " "}) {
        EXPECT_EQ(select_backend(name).error().code, pow::errc::unknown_backend) << name;
    }
}

TEST(Registry, AnUnsupportedChoiceIsAnError) {
    HookedBackend& backend = test::hooked_backend("never supported");
    EXPECT_EQ(select_backend("never supported").error().code, pow::errc::unsupported_backend);
    const ScopedEnvironment named{variable, "never supported"};
    EXPECT_EQ(select_backend().error().code, pow::errc::unsupported_backend);
    EXPECT_FALSE(backend.supported());
}

TEST(Registry, ABackendThatComputesWrongValuesIsRefused) {
    HookedBackend& backend = test::hooked_backend("wrong");
    HookedBackend::Use use{backend};
    // Only the last of several nonces is wrong, in one coordinate.
    use.hook([](std::span<std::int8_t> outputs) { outputs.back() ^= 1; });
    EXPECT_EQ(self_test(backend).error().code, pow::errc::failed_self_test);
    EXPECT_EQ(select_backend("wrong").error().code, pow::errc::failed_self_test);
    use.hook({});
    EXPECT_TRUE(self_test(backend));
    // The verdict of its first use stands.
    EXPECT_EQ(select_backend("wrong").error().code, pow::errc::failed_self_test);
}

TEST(Registry, TheDefaultIsTheBestSupported) {
    for (const std::optional<std::string>& nothing : {std::optional<std::string>{}, {""}}) {
        const ScopedEnvironment none{variable, nothing};
        const Backend* best = select_backend().value();
        EXPECT_TRUE(best->supported());
        EXPECT_NE(best, &reference::backend());
        const auto all = backends();
        EXPECT_EQ(best, *std::find_if(all.begin(), all.end(),
                                      [](const Backend* backend) { return backend->supported(); }));
    }
}

TEST(Registry, TheEnvironmentNamesABackend) {
    const ScopedEnvironment named{variable, "reference"};
    EXPECT_EQ(select_backend().value(), &reference::backend());
    EXPECT_EQ(select_backend("scalar").value(), &scalar_backend());  // the argument comes first
    EXPECT_EQ(Race::create(test::preset("tiny"), RaceSeed{}).value().backend().name(), "reference");
}

TEST(Registry, AWrongEnvironmentIsAnErrorAndNoFallback) {
    const ScopedEnvironment named{variable, "none such"};
    EXPECT_EQ(select_backend().error().code, pow::errc::unknown_backend);
    EXPECT_EQ(select_backend("scalar").value(), &scalar_backend());
}

TEST(RegistryDeathTest, ANameIsTakenOnce) {
    static HookedBackend second{"scalar"};
    EXPECT_DEATH(register_backend(second, 0), "");
}

}  // namespace
}  // namespace pouw::inline v1::pow
