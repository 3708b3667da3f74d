#include "raft/core/checksum.h"

#include <gtest/gtest.h>

#include <string>

namespace blixard::raft {
namespace {

// The check value of every catalogue of CRCs, and two vectors of RFC 3720, B.4.
TEST(ChecksumTest, IsTheConventionalCrc32c) {
  EXPECT_EQ(PayloadCrc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(PayloadCrc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(PayloadCrc32c(std::string(32, '\xff')), 0x62A8AB43u);
  EXPECT_EQ(PayloadCrc32c(""), 0u);
}

TEST(ChecksumTest, ExtendsOverPieces) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text.push_back(static_cast<char>(i * 31));
  for (size_t cut : {0u, 1u, 7u, 500u, 999u, 1000u}) {
    const uint32_t first = PayloadCrc32c(text.substr(0, cut));
    EXPECT_EQ(ExtendCrc32c(first, text.substr(cut)), PayloadCrc32c(text)) << "cut at " << cut;
  }
}

TEST(ChecksumTest, SeesEveryFlippedBit) {
  const std::string good = "some payload";
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(PayloadCrc32c(bad), PayloadCrc32c(good)) << "bit " << bit;
  }
}

}  // namespace
}  // namespace blixard::raft
