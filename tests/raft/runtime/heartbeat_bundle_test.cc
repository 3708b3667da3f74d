#include "raft/runtime/heartbeat_bundle.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/checksum.h"
#include "raft/core/split_mix.h"
#include "raft/storage/little_endian.h"

namespace blixard::raft {
namespace {

constexpr HeartbeatBundle::Route kRoute = {.from = ReplicaId{1}, .to = ReplicaId{2}};
constexpr size_t kMaxBytes = 4096;

Message Heartbeat(uint64_t group) {
  Message message;
  message.cluster = ClusterId{group};
  message.from = kRoute.from;
  message.to = kRoute.to;
  message.term = Term{group + 7};
  message.commit = LogIndex{group * 1'000'003};
  message.context = 0x1122334455667788 + group;
  return message;
}

std::string FrameOf(const std::vector<Message>& messages) {
  HeartbeatBundle bundle(kRoute, kMaxBytes);
  for (const Message& message : messages) bundle.Add(message);
  return std::string(bundle.Seal());
}

// Bytes changed on purpose, with a checksum that fits.
std::string Resealed(std::string frame) {
  StoreLittleEndian(ExtendCrc32c(0, absl::string_view(frame).substr(4)), frame.data());
  return frame;
}

void ExpectEqual(const Message& got, const Message& want) {
  EXPECT_EQ(got.type, want.type);
  EXPECT_EQ(got.reject, want.reject);
  EXPECT_EQ(got.lost_data, want.lost_data);
  EXPECT_EQ(got.cluster, want.cluster);
  EXPECT_EQ(got.from, want.from);
  EXPECT_EQ(got.to, want.to);
  EXPECT_EQ(got.term, want.term);
  EXPECT_EQ(got.commit, want.commit);
  EXPECT_EQ(got.context, want.context);
  EXPECT_FALSE(got.urgent || got.force || got.wants_snapshot);
  EXPECT_TRUE(got.entries.empty() && got.payload.size() == 0);
}

TEST(HeartbeatBundleTest, RandomHeartbeatsAndRepliesComeBackInOrder) {
  constexpr uint64_t kSeed = 5;
  SCOPED_TRACE(kSeed);
  SplitMix random(kSeed);
  HeartbeatBundle bundle(kRoute, kMaxBytes);
  Message got;
  got.entries.resize(3);  // what was in it before must go
  for (int round = 0; round < 20; ++round) {
    std::vector<Message> sent;
    for (uint64_t n = 1 + random.Below(100); n > 0; --n) {
      Message& message = sent.emplace_back(Heartbeat(random.Next()));
      message.type = random.Below(2) == 0 ? MessageType::kHeartbeat : MessageType::kHeartbeatReply;
      message.reject = random.Below(2) == 0;
      message.lost_data = random.Below(2) == 0;
      bundle.Add(message);
    }
    absl::StatusOr<HeartbeatBundleReader> reader = HeartbeatBundleReader::Open(bundle.Seal());
    ASSERT_TRUE(reader.ok()) << reader.status();
    EXPECT_EQ(reader->to(), kRoute.to);
    for (const Message& message : sent) {
      ASSERT_GT(reader->records_left(), 0u);
      reader->Next(got);
      ExpectEqual(got, message);
    }
    EXPECT_EQ(reader->records_left(), 0u);
    bundle.Clear();
  }
}

TEST(HeartbeatBundleTest, LayoutIsFixed) {
  const std::string frame = FrameOf({Heartbeat(3), Heartbeat(4)});
  ASSERT_EQ(frame.size(), 32u + 2 * 33);
  EXPECT_EQ(frame.substr(4, 12), std::string("\x62\0\0\0\x03\0\0\0\x02\0\0\0", 12));
  EXPECT_EQ(frame[16], 1);
  EXPECT_EQ(frame[24], 2);
  EXPECT_EQ(frame[32], 3);
  EXPECT_EQ(frame[32 + 33], 4);
}

TEST(HeartbeatBundleTest, CarriesWhatMayWaitAndNothingElse) {
  EXPECT_TRUE(HeartbeatBundle::CanCarry(Heartbeat(1)));
  Message reply = Heartbeat(1);
  reply.type = MessageType::kHeartbeatReply;
  EXPECT_TRUE(HeartbeatBundle::CanCarry(reply));
  struct Case {
    absl::string_view name;
    std::function<void(Message&)> change;
  };
  for (const Case& c : std::vector<Case>{
           {"append", [](Message& m) { m.type = MessageType::kAppend; }},
           {"timeout now", [](Message& m) { m.type = MessageType::kTimeoutNow; }},
           {"urgent", [](Message& m) { m.urgent = true; }},
           {"force", [](Message& m) { m.force = true; }},
           {"wants_snapshot", [](Message& m) { m.wants_snapshot = true; }},
           {"log", [](Message& m) { m.log.index = LogIndex{1}; }},
           {"rejected_index", [](Message& m) { m.rejected_index = LogIndex{1}; }},
           {"entries", [](Message& m) { m.entries.resize(1); }},
           {"payload",
            [](Message& m) { m.payload = *memory::BufferPool::Default().AcquireCopy("x"); }}}) {
    SCOPED_TRACE(c.name);
    Message message = Heartbeat(1);
    c.change(message);
    EXPECT_FALSE(HeartbeatBundle::CanCarry(message));
  }
}

TEST(HeartbeatBundleTest, IsFullBeforeItIsTooLarge) {
  constexpr size_t kRoomForTwo = kHeartbeatBundleHeaderBytes + 3 * kHeartbeatRecordBytes - 1;
  HeartbeatBundle bundle(kRoute, kRoomForTwo);
  bundle.Add(Heartbeat(1));
  EXPECT_FALSE(bundle.full());
  bundle.Add(Heartbeat(2));
  EXPECT_TRUE(bundle.full());
  EXPECT_LE(bundle.Seal().size(), kRoomForTwo);
  bundle.Clear();
  EXPECT_TRUE(bundle.empty());
  EXPECT_FALSE(bundle.full());
}

TEST(HeartbeatBundleDeathTest, ChecksWhatItIsGiven) {
  HeartbeatBundle bundle(kRoute, kMaxBytes);
  EXPECT_DEATH(bundle.Seal(), "empty");
  Message astray = Heartbeat(1);
  astray.to = ReplicaId{3};
  EXPECT_DEATH(bundle.Add(astray), "from 1 to 3");
  EXPECT_DEATH(HeartbeatBundle(kRoute, kHeartbeatBundleHeaderBytes), "max_bytes");
}

TEST(HeartbeatBundleTest, EveryFlippedBitAndEveryCutIsDetected) {
  const std::string good = FrameOf({Heartbeat(1), Heartbeat(2), Heartbeat(3)});
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_TRUE(absl::IsDataLoss(HeartbeatBundleReader::Open(bad).status())) << "bit " << bit;
  }
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(absl::IsDataLoss(HeartbeatBundleReader::Open(good.substr(0, size)).status()))
        << size << " bytes";
  }
  EXPECT_TRUE(absl::IsDataLoss(HeartbeatBundleReader::Open(good + "x").status()));
}

TEST(HeartbeatBundleTest, IntactNonsenseIsRefusedByName) {
  const std::string good = FrameOf({Heartbeat(1)});
  struct Case {
    size_t at;
    char byte;
    absl::string_view want;
  };
  for (const Case& c :
       std::vector<Case>{{8, 2, "format version at byte 8: want 3, got 2"},
                         {9, 1, "byte 9: want 0, got 1"},
                         {11, -1, "byte 11: want 0, got 255"},
                         {12, 2, "number of records at byte 12: want what 65 bytes hold, got 2"},
                         {12, 0, "number of records at byte 12: want what 65 bytes hold, got 0"},
                         {64, 8, "flags of record 0: want 0 to 7, got 8"}}) {
    SCOPED_TRACE(c.want);
    std::string bad = good;
    bad[c.at] = c.byte;
    const absl::Status status = HeartbeatBundleReader::Open(Resealed(bad)).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_NE(status.message().find(c.want), absl::string_view::npos) << status;
  }
}

}  // namespace
}  // namespace blixard::raft
