#include "raft/runtime/replica_on_disk.h"

#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "raft/runtime/blocking_calls.h"
#include "raft/runtime/local_transport.h"
#include "raft/runtime/string_state_machine.h"
#include "tests/raft/storage/volatile_directory.h"

namespace blixard::raft {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Text : public StringStateMachine {
  std::string CarryOut(absl::string_view request) override {
    text_.append(request.data(), request.size());
    return text_;
  }
  std::string Save() override { return text_; }
  absl::Status Load(absl::string_view state) override {
    text_ = std::string(state);
    return absl::OkStatus();
  }

  std::string text_;
};

// What the process writes to its log meanwhile.
class LogLines : public google::LogSink {
 public:
  LogLines() { google::AddLogSink(this); }
  ~LogLines() override { google::RemoveLogSink(this); }

  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  void send(google::LogSeverity, const char*, const char*, int, const struct ::tm*,
            const char* message, size_t length) override {
    const std::lock_guard lock(mutex_);
    text_.append(message, length).append("\n");
  }

  mutable std::mutex mutex_;
  std::string text_;  // guarded by mutex_
};

class ReplicaOnDiskTest : public ::testing::Test {
 protected:
  // A lone voter.
  absl::StatusOr<std::unique_ptr<ReplicaOnDisk>> Start(Text& text, uint64_t cluster = 1) {
    ReplicaConfig config{.cluster = ClusterId{cluster}, .id = ReplicaId{1}};
    config.voters = {ReplicaId{1}};
    config.tick = absl::Milliseconds(1);
    config.snapshot_entries = 3;
    return ReplicaOnDisk::Start(config, {.directory = directory_},
                                {.transport = network_, .state_machine = text}, nullptr);
  }

  // Until it leads.
  static std::string Propose(Replica& replica, absl::string_view request) {
    for (const absl::Time end = absl::Now() + absl::Seconds(60); absl::Now() < end;) {
      const absl::StatusOr<std::string> outcome = ProposeAndWait(replica, request);
      if (outcome.ok()) return *outcome;
      absl::SleepFor(absl::Milliseconds(1));
    }
    return "no answer";
  }

  LocalTransport network_;
  VolatileDirectory volatile_;
  const std::string directory_ = volatile_.path() + "/replica";
};

TEST_F(ReplicaOnDiskTest, StartsInANewDirectoryAndAgainWithWhatItHolds) {
  for (const char* expected : {"a", "aa", "aaa", "aaaa", "aaaaa", "aaaaaa"}) {
    Text text;
    auto started = Start(text);
    ASSERT_TRUE(started.ok()) << started.status();
    EXPECT_EQ(Propose((*started)->replica(), "a"), expected);
  }
  EXPECT_FALSE(std::filesystem::is_empty(directory_ + "/snapshots")) << "after every third entry";
}

TEST_F(ReplicaOnDiskTest, SaysWhatACrashHadTornAndWhichSnapshotIsDamaged) {
  {
    Text text;
    auto started = Start(text);
    ASSERT_TRUE(started.ok()) << started.status();
    for (int i = 0; i < 10; ++i) Propose((*started)->replica(), "a");
    const auto has_snapshot = [&] {
      return (*started)->replica().Status().node.snapshot_index.value > 0;
    };
    while (!has_snapshot()) absl::SleepFor(absl::Milliseconds(1));
  }
  LogLines lines;
  {
    Text text;
    ASSERT_TRUE(Start(text).ok());
  }
  EXPECT_THAT(lines.text(), HasSubstr("replica 1 of cluster 1"));
  EXPECT_THAT(lines.text(), HasSubstr(directory_));
  EXPECT_THAT(lines.text(), Not(HasSubstr("set aside")));
  for (const auto& file : std::filesystem::directory_iterator(directory_ + "/snapshots")) {
    if (file.path().extension() != ".snapshot") continue;
    std::fstream(file.path(), std::ios::in | std::ios::out).seekp(40).put('X');
  }
  Text text;
  const auto started = Start(text);
  EXPECT_THAT(lines.text(), HasSubstr("set aside"));
}

TEST_F(ReplicaOnDiskTest, RefusesAnothersDataAndADirectoryThatIsInUse) {
  Text text, other;
  auto started = Start(text);
  ASSERT_TRUE(started.ok()) << started.status();
  EXPECT_EQ(Start(other).status().code(), absl::StatusCode::kUnavailable);
  started->reset();
  EXPECT_EQ(Start(other, 2).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Start(other, 0).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace blixard::raft
