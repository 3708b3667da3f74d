#include "rpc/transport/name_lookup.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace blixard::rpc {

class NameLookup::Question {
 public:
  explicit Question(std::string address) : address(std::move(address)) {}

  const std::string address;
  std::optional<Answer> answer;  // guarded by State::mutex
};

struct NameLookup::State {
  explicit State(Find find) : find(std::move(find)) {}

  const Find find;
  std::mutex mutex;
  std::condition_variable changed;
  // All below guarded by mutex.
  std::deque<std::shared_ptr<Question>> waiting;
  bool has_thread = false;
  bool stop = false;
};

NameLookup::NameLookup(Find find) : state_(std::make_shared<State>(std::move(find))) {}

NameLookup::~NameLookup() {
  const std::lock_guard lock(state_->mutex);
  state_->stop = true;
  state_->changed.notify_one();
}

// The thread is left to itself, since nothing can call it back from a resolver: a stop that joined
// it would take as long as that.
std::shared_ptr<NameLookup::Question> NameLookup::Ask(const std::string& address) {
  auto question = std::make_shared<Question>(address);
  const std::lock_guard lock(state_->mutex);
  auto& waiting = state_->waiting;
  const auto is_given_up = [](const auto& one) { return one.use_count() == 1; };
  waiting.erase(std::remove_if(waiting.begin(), waiting.end(), is_given_up), waiting.end());
  waiting.push_back(question);
  if (!std::exchange(state_->has_thread, true)) std::thread(&Run, state_).detach();
  state_->changed.notify_one();
  return question;
}

std::optional<NameLookup::Answer> NameLookup::AnswerTo(const Question& question) const {
  const std::lock_guard lock(state_->mutex);
  return question.answer;
}

void NameLookup::Run(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  while (true) {
    state->changed.wait(lock, [&] { return state->stop || !state->waiting.empty(); });
    if (state->stop) return;
    const std::shared_ptr<Question> question = std::move(state->waiting.front());
    state->waiting.pop_front();
    if (question.use_count() == 1) continue;
    lock.unlock();
    Answer answer = state->find(question->address);
    lock.lock();
    question->answer = std::move(answer);
  }
}

NameLookup::Answer FindByResolver(const std::string& address) { return FindAddresses(address, 0); }

}  // namespace blixard::rpc
