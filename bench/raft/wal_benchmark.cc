// The log on a real disk beside the least that the disk can do: one bare fdatasync of the same size
// into a file that was filled before. Both sides take turns within one iteration, because the speed
// of a disk drifts by more than what is measured.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <glog/logging.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bench/rows.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/checksum.h"
#include "raft/core/entry.h"
#include "raft/core/types.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/wal.h"

namespace blixard::raft {
namespace {

const bool rows = bench::Promise({
    {.subject = "WAL: append + sync of 4 KiB, median",
     .benchmark = "BM_WalAppendSync4KiB/real_time",
     .counter = "wal_us",
     .unit = "us"},
    {.subject = "WAL: the same over a bare fdatasync of 4 KiB into a filled file",
     .benchmark = "BM_WalAppendSync4KiB/real_time",
     .counter = "of_bare",
     .unit = "x",
     .reach = 1.15},
    {.subject = "WAL: group commit, 512 proposals of 256 B waiting",
     .benchmark = "BM_WalGroupCommit/real_time",
     .counter = "wal_mib_per_s",
     .unit = "MiB/s",
     .higher_is_better = true},
    {.subject = "WAL: the same over that file's bandwidth, synced each 64 KiB",
     .benchmark = "BM_WalGroupCommit/real_time",
     .counter = "of_bare",
     .unit = "x",
     .reach = 0.85,
     .higher_is_better = true},
});

using Clock = std::chrono::steady_clock;

constexpr uint64_t kFileBytes = 16u << 20;

// A directory that goes with it. On the disk of TEST_TMPDIR or the working directory: /tmp may be
// memory.
class DiskDirectory {
 public:
  DiskDirectory() {
    const char* base = std::getenv("TEST_TMPDIR");
    path_ = std::string(base != nullptr ? base : ".") + "/wal_benchmark.XXXXXX";
    PCHECK(mkdtemp(path_.data()) != nullptr) << path_;
  }
  ~DiskDirectory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The bare side: writes and fdatasyncs, one behind the other, round and round in a filled file.
class FilledFile {
 public:
  explicit FilledFile(const std::string& path) : fd_(open(path.c_str(), O_RDWR | O_CREAT, 0600)) {
    PCHECK(fd_ >= 0) << path;
    const std::string zeros(1 << 20, '\0');
    for (uint64_t at = 0; at < kFileBytes; at += zeros.size()) Write(at, zeros);
    PCHECK(fsync(fd_) == 0);
  }
  ~FilledFile() { close(fd_); }

  void WriteSynced(absl::string_view bytes) {
    if (at_ + bytes.size() > kFileBytes) at_ = 0;
    Write(at_, bytes);
    PCHECK(fdatasync(fd_) == 0);
    at_ += bytes.size();
  }

 private:
  void Write(uint64_t at, absl::string_view bytes) {
    PCHECK(pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at)) ==
           static_cast<ssize_t>(bytes.size()));
  }

  const int fd_;
  uint64_t at_ = 0;
};

OpenedWal OpenWal(const std::string& directory) {
  static auto& files = *new PosixFileSystem();
  absl::StatusOr<OpenedWal> opened =
      Wal::Open(files, memory::BufferPool::Default(),
                {.directory = directory, .cluster = ClusterId{1}, .replica = ReplicaId{1}});
  CHECK(opened.ok()) << opened.status();
  return *std::move(opened);
}

// Appends entries of one payload, compacts as it goes, and has segments made between the
// measurements, as another thread would.
class Appender {
 public:
  Appender(const std::string& directory, size_t payload_bytes, size_t batch)
      : wal_(OpenWal(directory).wal), entries_(batch) {
    const std::string payload(payload_bytes, 'p');
    for (Entry& entry : entries_) {
      entry.term = {1};
      entry.type = EntryType::kCommand;
      entry.payload_crc32c = PayloadCrc32c(payload);
      entry.payload = *memory::BufferPool::Default().AcquireCopy(payload);
    }
  }

  void Prepare() {
    for (Entry& entry : entries_) entry.index = ++last_;
    if (++rounds_ % kRoundsPerCompaction == 0) {
      CHECK(wal_->CompactThrough({.term = {1}, .index = committed_}).ok());
    }
    committed_ = last_ - entries_.size();
    while (wal_->PrepareStep()) {
    }
  }

  void AppendSynced() {
    const HardState state = {.term = {1}, .vote = ReplicaId{1}, .commit = committed_};
    CHECK(wal_->Append(state, entries_).ok());
    CHECK(wal_->Sync().ok());
  }

 private:
  static constexpr uint64_t kRoundsPerCompaction = 256;

  const std::unique_ptr<Wal> wal_;
  std::vector<Entry> entries_;
  uint64_t rounds_ = 0;
  LogIndex last_;
  LogIndex committed_;
};

template <class Work>
double Microseconds(Work&& work) {
  const Clock::time_point start = Clock::now();
  work();
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

double Median(std::vector<double> values) {
  CHECK(!values.empty());
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void BM_WalAppendSync4KiB(benchmark::State& state) {
  const DiskDirectory directory;
  FilledFile bare(directory.path() + "/bare");
  Appender appender(directory.path() + "/wal", 4096, 1);
  const std::string block(4096, 'b');
  std::vector<double> bare_us;
  std::vector<double> wal_us;
  for (auto _ : state) {
    bare_us.push_back(Microseconds([&] { bare.WriteSynced(block); }));
    appender.Prepare();
    wal_us.push_back(Microseconds([&] { appender.AppendSynced(); }));
  }
  state.counters["bare_us"] = Median(bare_us);
  state.counters["wal_us"] = Median(wal_us);
  state.counters["of_bare"] = Median(wal_us) / Median(bare_us);
}

// Payload bytes a second against bytes a second of the bare file.
void BM_WalGroupCommit(benchmark::State& state) {
  constexpr size_t kProposals = 512;
  constexpr size_t kPayloadBytes = 256;
  constexpr size_t kBareBytes = 64 << 10;
  const DiskDirectory directory;
  FilledFile bare(directory.path() + "/bare");
  Appender appender(directory.path() + "/wal", kPayloadBytes, kProposals);
  const std::string block(kBareBytes, 'b');
  std::vector<double> bare_us;
  std::vector<double> wal_us;
  for (auto _ : state) {
    bare_us.push_back(Microseconds([&] { bare.WriteSynced(block); }));
    appender.Prepare();
    wal_us.push_back(Microseconds([&] { appender.AppendSynced(); }));
  }
  constexpr double kMicrosecondsPerMib = 1e6 / (1 << 20);
  const double bare_rate = kBareBytes / Median(bare_us) * kMicrosecondsPerMib;
  const double wal_rate = kProposals * kPayloadBytes / Median(wal_us) * kMicrosecondsPerMib;
  state.counters["bare_mib_per_s"] = bare_rate;
  state.counters["wal_mib_per_s"] = wal_rate;
  state.counters["of_bare"] = wal_rate / bare_rate;
}

BENCHMARK(BM_WalAppendSync4KiB)->UseRealTime();
BENCHMARK(BM_WalGroupCommit)->UseRealTime();

}  // namespace
}  // namespace blixard::raft
