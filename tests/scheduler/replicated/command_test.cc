#include "scheduler/replicated/command.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/scheduler/replicated/sample_commands.h"

namespace blixard::scheduler {
namespace {

std::vector<Command> OneOfEach() {
  return {RegisterNode(1, "node-a"),
          RemoveNode(2, "node-b"),
          CreateVm(3, "vm-a", {.node = 5, .registration = 77}),
          CreateWithoutFit(4, "vm-b"),
          DeleteVm(5, "vm-c"),
          Command{.op = CommandOp::kInvalid},
          CompareDigest({.index = {99}, .digest = {.high = 1, .low = 2}})};
}

memory::Buffer WriteAll(const std::vector<Command>& commands) {
  memory::Buffer payload = memory::BufferPool::Default().Acquire(4096).value();
  CommandWriter writer(payload);
  for (const Command& command : commands) writer.Append(command);
  return payload;
}

// Every command of the payload, or the first error.
absl::StatusOr<std::vector<Command>> ReadAll(absl::string_view payload) {
  absl::StatusOr<CommandReader> reader = CommandReader::Open(payload);
  if (!reader.ok()) return reader.status();
  std::vector<Command> commands;
  while (reader->HasNext()) {
    absl::StatusOr<Command> command = reader->Next();
    if (!command.ok()) return command.status();
    commands.push_back(*command);
  }
  return commands;
}

TEST(CommandTest, ABatchComesBackAsItWasWritten) {
  const std::vector<Command> commands = OneOfEach();
  const memory::Buffer payload = WriteAll(commands);
  const absl::StatusOr<std::vector<Command>> back = ReadAll(payload.view());
  ASSERT_TRUE(back.ok()) << back.status();
  ASSERT_EQ(back->size(), commands.size());
  for (size_t i = 0; i < commands.size(); ++i) {
    EXPECT_TRUE((*back)[i] == commands[i]) << "command " << i;
  }
}

TEST(CommandTest, TheSizeIsKnownBeforehand) {
  size_t size = kCommandHeaderBytes;
  for (const Command& command : OneOfEach()) {
    EXPECT_LE(EncodedCommandBytes(command), kMaxCommandBytes);
    size += EncodedCommandBytes(command);
  }
  EXPECT_EQ(WriteAll(OneOfEach()).size(), size);
  const std::string longest(kMaxNameBytes, 'n');
  EXPECT_EQ(EncodedCommandBytes(CreateWithoutFit(1, longest)), kMaxCommandBytes);
}

TEST(CommandTest, TheFormatStaysAsItIs) {
  const Command command = {.op = CommandOp::kCreateVm,
                           .request_id = {.client_id = 2, .sequence = 3},
                           .name = "ab",
                           .resources = {.vcpu_milli = 4, .memory_mib = 5, .disk_gib = 6},
                           .node = NodeId{7},
                           .registration = RegistrationId{8}};
  EXPECT_EQ(WriteAll({command}).view(), absl::string_view("BXC\x01\x01\0\0\0"
                                                          "\x03"
                                                          "\x02\0\0\0\0\0\0\0"
                                                          "\x03\0\0\0\0\0\0\0"
                                                          "\x02"
                                                          "ab"
                                                          "\x04\0\0\0\x05\0\0\0\x06\0\0\0"
                                                          "\x07\0\0\0"
                                                          "\x08\0\0\0\0\0\0\0",
                                                          52));
}

TEST(CommandTest, TheWriterTakesWhatFitsAndNoMore) {
  memory::Buffer payload = memory::BufferPool::Default().Acquire(128).value();
  ASSERT_EQ(payload.capacity(), 128u);
  CommandWriter writer(payload);
  const Command command = RemoveNode(1, "0123456789");
  const size_t fitting = (128 - kCommandHeaderBytes) / EncodedCommandBytes(command);
  while (writer.Fits(command)) writer.Append(command);
  EXPECT_EQ(writer.count(), fitting);
  EXPECT_LE(payload.size(), 128u);
  EXPECT_EQ(ReadAll(payload.view()).value().size(), fitting);
  EXPECT_DEATH(writer.Append(command), "of 128 bytes used");
}

TEST(CommandDeathTest, ACommandThatCouldNotBeReadIsNotWritten) {
  Command half_decided = CreateVm(1, "vm");
  half_decided.registration = kNoRegistration;
  EXPECT_DEATH(WriteAll({half_decided}), "op 3");
  EXPECT_DEATH(WriteAll({DeleteVm(1, "")}), "op 4");
}

TEST(CommandTest, AnEmptyBatchIsABatch) {
  const memory::Buffer payload = WriteAll({});
  EXPECT_EQ(payload.size(), kCommandHeaderBytes);
  EXPECT_EQ(ReadAll(payload.view()).value().size(), 0u);
}

TEST(CommandTest, EveryTruncationIsRefused) {
  const std::string good(WriteAll(OneOfEach()).view());
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(ReadAll(absl::string_view(good).substr(0, size)).status().code(),
              absl::StatusCode::kDataLoss)
        << size << " bytes";
  }
  EXPECT_EQ(ReadAll(good + "x").status().code(), absl::StatusCode::kDataLoss);
}

TEST(CommandTest, AForeignHeaderIsRefused) {
  std::string bytes(WriteAll(OneOfEach()).view());
  bytes[3] = 2;
  EXPECT_EQ(CommandReader::Open(bytes).status().message(),
            "commands: want format version 1, got 2");
  bytes[0] = 'C';
  EXPECT_FALSE(CommandReader::Open(bytes).ok());
}

TEST(CommandTest, ACountThatCannotBeTrueIsRefused) {
  std::string bytes(WriteAll(OneOfEach()).view());
  bytes[7] = '\x7f';
  EXPECT_FALSE(CommandReader::Open(bytes).ok());
  std::string none(WriteAll({}).view());
  EXPECT_FALSE(CommandReader::Open(none + "x").ok());
}

TEST(CommandTest, FlippedBytesAreRefusedOrReadAsSomethingThatWritesBack) {
  const std::string good(WriteAll(OneOfEach()).view());
  for (size_t at = 0; at < good.size(); ++at) {
    for (int flip = 1; flip < 256; ++flip) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ flip);
      const absl::StatusOr<std::vector<Command>> read = ReadAll(bad);
      if (read.ok()) {
        ASSERT_EQ(WriteAll(*read).view(), bad) << "byte " << at;
      }
    }
  }
}

TEST(CommandTest, RandomBytesNeverCrashTheReader) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::string bytes("BXC\x01", 4);
    bytes += std::string({static_cast<char>(random() % 6), 0, 0, 0});
    for (size_t left = random() % 200; left > 0; --left) {
      bytes.push_back(static_cast<char>(random() % (seed % 2 == 0 ? 256 : 8)));
    }
    const absl::StatusOr<std::vector<Command>> read = ReadAll(bytes);
    if (read.ok()) {
      ASSERT_EQ(WriteAll(*read).view(), bytes);
    }
  }
}

}  // namespace
}  // namespace blixard::scheduler
