#include "examples/raft_kv/client/random_clients.h"

#include <array>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace blixard::example {
namespace {

using Value = std::optional<std::string>;

constexpr std::array<const char*, 3> kKinds = {"read", "write", "cas"};

// One clock for all clients of the machine.
int64_t NowNanoseconds() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

// Our keys and values are letters, digits and points: nothing has to be escaped.
std::string Quoted(const Value& value) {
  return value.has_value() ? absl::StrCat("\"", *value, "\"") : "null";
}

// Takes the lines of all clients.
class HistoryWriter {
 public:
  explicit HistoryWriter(std::ostream& to) : to_(to) {}

  void Write(uint64_t client, const Request& request, const Reply& reply, int64_t call_ns) {
    const bool ok = reply.end() == Reply::DONE;
    const bool unknown = reply.end() == Reply::UNKNOWN;
    Value value, expected, result;
    if (request.has_value()) value = request.value();
    if (request.has_expected()) expected = request.expected();
    if (ok && request.kind() != Request::WRITE && reply.has_result()) result = reply.result();
    const std::string returned = unknown ? "null" : absl::StrCat(NowNanoseconds());
    std::lock_guard lock(mutex_);
    to_ << "{\"client\":" << client << ",\"op\":\"" << kKinds[request.kind()] << "\",\"key\":\""
        << request.key() << "\",\"value\":" << Quoted(value) << ",\"expected\":" << Quoted(expected)
        << ",\"result\":" << Quoted(result) << ",\"call_ns\":" << call_ns
        << ",\"return_ns\":" << returned << ",\"status\":\""
        << (ok        ? "ok"
            : unknown ? "unknown"
                      : "fail")
        << "\"}\n";
    ++(ok ? result_.ok : unknown ? result_.unknown : result_.failed);
    if (result_.first_trouble.empty()) result_.first_trouble = reply.why();
  }

  const RandomClientsResult& result() const { return result_; }

 private:
  std::ostream& to_;
  std::mutex mutex_;
  RandomClientsResult result_;  // guarded by mutex_
};

class RandomClient {
 public:
  RandomClient(const RandomClientsOptions& options, const std::vector<AskReplica>& replicas,
               uint64_t number, const std::string& run)
      : options_(options),
        replicas_(replicas),
        run_(run),
        number_(number),
        random_(options.seed + number),
        change_at_(number % replicas.size()) {}

  void Run(absl::Time until, HistoryWriter& history) {
    while (absl::Now() < until) {
      const Request request = Draw();
      const int64_t call_ns = NowNanoseconds();
      const Reply reply = AskUntilTaken(request);
      history.Write(number_, request, reply, call_ns);
      if (reply.end() == Reply::DONE) Remember(request, reply);
      // What may still happen belongs to a client that is never heard of again.
      if (reply.end() == Reply::UNKNOWN) number_ += options_.clients;
    }
  }

 private:
  uint64_t Below(uint64_t bound) { return random_() % bound; }

  Request Draw() {
    Request request;
    request.set_kind(static_cast<Request::Kind>(Below(kKinds.size())));
    request.set_key(absl::StrCat(run_, ".", Below(options_.keys)));
    if (request.kind() == Request::READ) return request;
    request.set_value(absl::StrCat(number_, ".", ++values_));  // no two write the same
    if (request.kind() == Request::CAS) {
      const Value& seen = seen_[request.key()];
      if (seen.has_value()) request.set_expected(*seen);
    }
    return request;
  }

  // Goes from replica to replica until one carries the request out: changes from the one that took
  // the last, reads from any. What ends unknown is not sent again, for it might be carried out
  // twice; only a read may.
  Reply AskUntilTaken(const Request& request) {
    const absl::Time deadline = absl::Now() + options_.patience;
    const bool is_read = request.kind() == Request::READ;
    size_t read_at = Below(replicas_.size());
    size_t& at = is_read ? read_at : change_at_;
    Reply reply;
    do {
      reply = replicas_[at](request);
      if (reply.end() == Reply::DONE) break;
      at = (at + 1) % replicas_.size();
      if (reply.end() == Reply::UNKNOWN && !is_read) break;
      absl::SleepFor(absl::Milliseconds(5));
    } while (absl::Now() < deadline);
    return reply;
  }

  void Remember(const Request& request, const Reply& reply) {
    Value& seen = seen_[request.key()];
    seen.reset();
    if (request.kind() == Request::WRITE) {
      seen = request.value();
    } else if (reply.has_result()) {
      seen = reply.result();
    }
  }

  const RandomClientsOptions options_;
  const std::vector<AskReplica>& replicas_;
  const std::string run_;
  uint64_t number_;
  std::mt19937_64 random_;
  size_t change_at_;  // the replica that took the last change
  uint64_t values_ = 0;
  std::map<std::string, Value> seen_;  // what stood there when this client last knew
};

}  // namespace

RandomClientsResult RunRandomClients(const RandomClientsOptions& options,
                                     const std::vector<AskReplica>& replicas,
                                     std::ostream& history) {
  const std::string run = absl::StrCat("run", absl::Hex(std::random_device()()));
  const absl::Time until = absl::Now() + options.time;
  HistoryWriter writer(history);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < options.clients; ++i) {
    threads.emplace_back([&, i] { RandomClient(options, replicas, i, run).Run(until, writer); });
  }
  for (std::thread& thread : threads) thread.join();
  return writer.result();
}

}  // namespace blixard::example
