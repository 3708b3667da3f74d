#include "raft/runtime/log_writer.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "raft/core/message.h"
#include "raft/runtime/append_work.h"
#include "raft/runtime/stage_clock.h"
#include "raft/runtime/stage_latencies.h"
#include "raft/runtime/transport.h"
#include "raft/storage/log_storage.h"

namespace blixard::raft {
namespace {

// What happened, in order, on both sides of the writer.
using Journal = std::vector<std::string>;

class JournalTransport : public Transport {
 public:
  explicit JournalTransport(Journal& journal) : journal_(journal) {}

  void Send(const Message&) override { journal_.push_back("send"); }
  void Flush() override {}

 private:
  Journal& journal_;
};

class JournalStorage : public LogStorage {
 public:
  explicit JournalStorage(Journal& journal) : journal_(journal) {}

  absl::Status append_status;
  absl::Status sync_status;

  absl::Status Append(const std::optional<HardState>&, absl::Span<const Entry>) override {
    journal_.push_back("append");
    return append_status;
  }
  absl::Status Sync() override {
    journal_.push_back("sync");
    return sync_status;
  }
  absl::Status CompactThrough(EntryId) override { return absl::OkStatus(); }
  absl::Status InstallSnapshot(EntryId, const HardState&) override { return absl::OkStatus(); }
  bool PrepareStep() override { return false; }
  bool WantsPrepare() const override { return false; }
  LogSpace space() const override { return {}; }
  LogStorageStats stats() const override { return {}; }

 private:
  Journal& journal_;
};

class NoClock : public StageClock {
 public:
  uint64_t NowNanoseconds() override { return 0; }
};

class LogWriterTest : public testing::Test {
 protected:
  // A new term, and a vote told to one peer.
  void Add(Term term) {
    auto work = std::make_unique<AppendWork>();
    work->hard_state = {.term = term, .vote = ReplicaId{2}};
    work->must_sync = true;
    work->promises.emplace_back();
    work->promise_count = 1;
    works_.push_back(std::move(work));
  }

  Journal journal_;
  JournalStorage storage_{journal_};
  JournalTransport transport_{journal_};
  NoClock clock_;
  StageLatencies latencies_{clock_};
  LogWriter writer_{storage_, transport_, latencies_};
  AppendWorks works_;
};

TEST_F(LogWriterTest, S19PromisesLeaveOnlyAfterTheOneSyncOfAll) {
  Add(Term{1});
  Add(Term{2});
  EXPECT_EQ(writer_.Write(works_), LogWriter::Outcome::kDone);
  EXPECT_EQ(journal_, Journal({"append", "append", "sync", "send", "send"}));
  for (const auto& work : works_) EXPECT_TRUE(work->status.ok()) << work->status;
}

TEST_F(LogWriterTest, S19NothingIsPromisedWhenTheSyncFails) {
  storage_.sync_status = absl::InternalError("sync: want success, got EIO");
  Add(Term{1});
  EXPECT_EQ(writer_.Write(works_), LogWriter::Outcome::kDone);
  EXPECT_EQ(journal_, Journal({"append", "sync"}));
  EXPECT_EQ(works_[0]->status, storage_.sync_status);
}

TEST_F(LogWriterTest, FullDiskPromisesNothingAndTakesTheWorksOnceMore) {
  storage_.append_status = absl::ResourceExhaustedError("no space");
  Add(Term{1});
  EXPECT_EQ(writer_.Write(works_), LogWriter::Outcome::kDiskFull);
  EXPECT_EQ(journal_, Journal({"append"}));
  storage_.append_status = absl::OkStatus();
  EXPECT_EQ(writer_.Write(works_), LogWriter::Outcome::kDone);
  EXPECT_EQ(journal_, Journal({"append", "append", "sync", "send"}));
}

}  // namespace
}  // namespace blixard::raft
