#include "pouw/validation/challenge.hpp"

#include "pouw/core/contract.hpp"
#include "pouw/core/errc.hpp"
#include "pouw/crypto/uniform.hpp"
#include "pouw/validation/errc.hpp"

#include <algorithm>

namespace pouw::validation {
namespace {

using core::fail;
using core::result;

crypto::Hash256 sampling_key(const Epoch& epoch, const crypto::PublicKey& validator,
                             const crypto::Hash256& fresh) {
    return crypto::Hasher{crypto::domain::challenge}
        .update(epoch.chain.view())
        .update(epoch.number)
        .update(fresh.view())
        .update(validator.view())
        .finish();
}

result<void> check_order(std::span<const UncheckedTask> tasks, const crypto::PublicKey& validator) {
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        POUW_EXPECTS(tasks[i].rate.denominator >= 1);
        if (tasks[i].task.executor == validator) return fail(errc::own_work);
        if (i == 0) continue;
        if (tasks[i].task.id == tasks[i - 1].task.id) return fail(errc::duplicate_task);
        if (tasks[i].task.id < tasks[i - 1].task.id) return fail(errc::task_out_of_order);
    }
    return {};
}

}  // namespace

result<Challenge> Challenge::draw(const Validators& validators, const crypto::PublicKey& validator,
                                  std::span<const UncheckedTask> unchecked, const crypto::Hash256& fresh,
                                  std::uint64_t samples, std::uint64_t deadline) {
    if (const auto found = validators.find(validator); !found) return found.error();
    if (const auto ordered = check_order(unchecked, validator); !ordered) {
        return ordered.error();
    }
    Challenge out;
    out.epoch_ = validators.epoch();
    out.validator_ = validator;
    out.deadline_ = deadline;
    crypto::UniformDraws draws{sampling_key(out.epoch_, validator, fresh)};
    for (const std::uint64_t place : draws.distinct(unchecked.size(), samples)) {
        out.questions_.push_back({unchecked[place]});
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
                               const vrf::Proof& proof, std::uint64_t height) {
    POUW_EXPECTS(validators.epoch() == epoch_);
    if (height > deadline_) return fail(core::errc::too_late);
    const auto question = std::find_if(questions_.begin(), questions_.end(),
                                       [&](const Question& q) { return q.about.task.id == task; });
    if (question == questions_.end()) return fail(errc::unknown_task);
    if (question->answer != Answer::awaited) return fail(errc::already_answered);
    const auto shown = check_proof(validators, validator_, question->about.task, question->about.rate, proof);
    if (!shown) return shown.error();
    question->answer = shown->selected ? Answer::withheld : Answer::cleared;
    return {};
}

Answer Challenge::state(std::uint64_t height) const noexcept {
    const auto any = [&](Answer answer) {
        return std::any_of(questions_.begin(), questions_.end(),
                           [&](const Question& question) { return question.answer == answer; });
    };
    if (any(Answer::withheld)) return Answer::withheld;
    if (!any(Answer::awaited)) return Answer::cleared;
    return height < deadline_ ? Answer::awaited : Answer::silent;
}

}  // namespace pouw::validation
