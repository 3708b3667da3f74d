#include "raft/storage/little_endian.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace blixard::raft {
namespace {

TEST(LittleEndianTest, LeastSignificantByteStandsFirst) {
  char bytes[8];
  StoreLittleEndian(uint64_t{0x0102030405060708}, bytes);
  EXPECT_EQ(std::string(bytes, 8), "\x08\x07\x06\x05\x04\x03\x02\x01");
}

TEST(LittleEndianTest, RoundTripsTheExtremesOfEveryWidth) {
  char bytes[8];
  for (const uint64_t value : {uint64_t{0}, uint64_t{0x80}, UINT64_MAX, UINT64_MAX / 2 + 1}) {
    StoreLittleEndian(value, bytes);
    EXPECT_EQ(LoadLittleEndian<uint64_t>(bytes), value);
    StoreLittleEndian(static_cast<uint32_t>(value), bytes);
    EXPECT_EQ(LoadLittleEndian<uint32_t>(bytes), static_cast<uint32_t>(value));
    StoreLittleEndian(static_cast<uint16_t>(value), bytes);
    EXPECT_EQ(LoadLittleEndian<uint16_t>(bytes), static_cast<uint16_t>(value));
    StoreLittleEndian(static_cast<uint8_t>(value), bytes);
    EXPECT_EQ(LoadLittleEndian<uint8_t>(bytes), static_cast<uint8_t>(value));
  }
}

}  // namespace
}  // namespace blixard::raft
