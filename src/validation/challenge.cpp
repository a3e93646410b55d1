#include "pouw/validation/challenge.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/core/version.hpp"
#include "pouw/crypto/evidence.hpp"
#include "pouw/crypto/uniform.hpp"
#include "pouw/validation/errc.hpp"

#include <algorithm>

namespace pouw::inline v1::validation {
namespace {

using core::fail;
using core::result;

crypto::Hash256 sampling_key(const EpochBeacon& epoch, const core::NodeId& validator,
                             const core::BeaconOutput& output) {
    return crypto::Hasher{crypto::domain::challenge}
        .update(epoch.chain().view())
        .update(epoch.epoch().value)
        .update(output.view())
        .update(validator.view())
        .finish();
}

result<void> check_tasks(std::span<const UncheckedTask> tasks, const core::NodeId& validator,
                         core::Height answers_closed) {
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        if (tasks[i].task.executor == validator) return fail(errc::own_work);
        if (tasks[i].answered > answers_closed)
            return fail(core::errc::too_late, "a result that owes no check");
        if (i == 0) continue;
        if (tasks[i].task.id == tasks[i - 1].task.id) return fail(errc::duplicate_task);
        if (tasks[i].task.id < tasks[i - 1].task.id) return fail(errc::task_out_of_order);
    }
    return {};
}

}  // namespace

Challenge::Challenge(const EpochBeacon& epoch, const core::NodeId& validator, core::Height deadline)
    : epoch_{epoch}, validator_{validator}, deadline_{deadline} {}

result<Challenge> Challenge::draw(const Validators& validators, const core::NodeId& validator,
                                  std::span<const UncheckedTask> unchecked, const beacon::Output& output,
                                  const ChallengeTerms& terms) {
    POUW_EXPECTS(terms.answers_closed < terms.reports_closed);
    if (output.known_at <= terms.reports_closed) return fail(errc::early_output);
    if (const auto found = validators.find(validator); !found) return found.error();
    if (const auto checked = check_tasks(unchecked, validator, terms.answers_closed); !checked)
        return checked.error();
    Challenge out{validators.beacon(), validator, terms.deadline};
    std::vector<UncheckedTask> others;
    for (const UncheckedTask& missed : unchecked) {
        if (!is_guaranteed(validators, validator, missed.task, missed.rate)) {
            others.push_back(missed);
        } else if (!out.withheld_) {
            out.withheld_ = out.convicted(core::Ground::withheld_check, {&missed, 1}, output.height);
        }
    }
    crypto::UniformDraws draws{sampling_key(out.epoch_, validator, output.value)};
    for (const std::uint64_t place : draws.distinct(others.size(), terms.samples)) {
        out.questions_.push_back({others[place]});
    }
    return out;
}

std::vector<UncheckedTask> Challenge::open() const {
    std::vector<UncheckedTask> out;
    for (const Question& question : questions_) {
        if (question.answer == Answer::awaited) out.push_back(question.about);
    }
    return out;
}

result<void> Challenge::answer(const Validators& validators, const core::TaskId& task,
                               const vrf::Proof& proof, core::Height height) {
    POUW_EXPECTS(validators.beacon() == epoch_);
    if (height > deadline_) return fail(core::errc::too_late);
    const auto question = std::find_if(questions_.begin(), questions_.end(),
                                       [&](const Question& q) { return q.about.task.id == task; });
    if (question == questions_.end()) return fail(errc::unknown_task);
    if (question->answer != Answer::awaited) return fail(errc::already_answered);
    const auto shown = check_proof(validators, validator_, question->about.task, question->about.rate, proof);
    if (!shown) return shown.error();
    question->answer = shown->selected ? Answer::withheld : Answer::cleared;
    if (shown->selected && !withheld_)
        withheld_ = convicted(core::Ground::withheld_check, {&question->about, 1}, height);
    return {};
}

Answer Challenge::state(core::Height height) const noexcept {
    const auto any = [&](Answer answer) {
        return std::any_of(questions_.begin(), questions_.end(),
                           [&](const Question& question) { return question.answer == answer; });
    };
    if (withheld_) return Answer::withheld;
    if (!any(Answer::awaited)) return Answer::cleared;
    return height < deadline_ ? Answer::awaited : Answer::silent;
}

core::Conviction Challenge::convicted(core::Ground ground, std::span<const UncheckedTask> tasks,
                                      core::Height height) const {
    core::Bytes evidence;
    evidence.reserve(116 + 80 * tasks.size());
    const auto put = [&](core::ByteView part) { core::append(evidence, part); };
    put(core::to_le(core::spec_version));
    put(epoch_.chain().view());
    put(core::to_le(epoch_.epoch().value));
    put(epoch_.output().view());
    put(validator_.view());
    put(core::to_le(deadline_.value));
    for (const UncheckedTask& question : tasks) {
        put(question.task.id.view());
        put(question.task.executor.view());
        const core::Fraction rate = question.rate.reduced();
        put(core::to_le(rate.numerator));
        put(core::to_le(rate.denominator));
    }
    return {validator_, ground, crypto::evidence_digest(evidence), height};
}

std::optional<core::Conviction> Challenge::conviction(core::Height height) const {
    if (withheld_) return withheld_;
    if (state(height) != Answer::silent) return std::nullopt;
    return convicted(core::Ground::silence, open(), deadline_);
}

}  // namespace pouw::inline v1::validation
