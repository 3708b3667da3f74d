#include "raft/core/configuration_codec.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/configuration.h"
#include "raft/core/configuration_change.h"
#include "raft/core/split_mix.h"
#include "raft/core/types.h"
#include "tests/raft/core/configuration_text.h"

namespace blixard::raft {
namespace {

const char* const kConfigurations[] = {
    "voters=(1)",
    "voters=(1 2 3)",
    "voters=(1 2 3) learners=(4 18446744073709551615)",
    "voters=(1 4)&&(1 2 3)",
    "voters=(1 4)&&(1 2 3) learners=(9) learners_next=(2 3) autoleave",
    "voters=(1 2 3) addresses=(2@host-b:7002)",
    "voters=(1 4)&&(1 2) learners=(9) learners_next=(2) autoleave addresses=(1@a 2@b 4@c 9@d)",
};

const char* const kChanges[] = {
    "leave",
    "add_voter=4",
    "add_voter=4 remove=1 transition=joint_explicit",
    "add_learner=18446744073709551615 remove=2,3 transition=joint_implicit",
    "add_learner=4@host-d:7004",
    "add_voter=4,5@host-e:7005 remove=1 transition=joint_explicit",
};

// What was damaged is refused, or it is another value's only encoding.
template <class Value>
void ExpectRefusedOrCanonical(const absl::StatusOr<Value>& decoded, absl::string_view bytes) {
  if (decoded.ok()) {
    EXPECT_EQ(Encode(*decoded), bytes);
  } else {
    EXPECT_EQ(decoded.status().code(), absl::StatusCode::kDataLoss) << decoded.status();
  }
}

void ExpectRefusedOrCanonical(const std::string& bytes) {
  ExpectRefusedOrCanonical(DecodeConfiguration(bytes), bytes);
  ExpectRefusedOrCanonical(DecodeConfigurationChange(bytes), bytes);
}

std::vector<std::string> AllEncoded() {
  std::vector<std::string> all;
  for (const char* text : kConfigurations) all.push_back(Encode(ParseConfiguration(text)));
  for (const char* text : kChanges) all.push_back(Encode(ParseConfigurationChange(text)));
  return all;
}

TEST(ConfigurationCodecTest, ConfigurationsComeBackAsTheyWere) {
  for (const char* text : kConfigurations) {
    const Configuration configuration = ParseConfiguration(text);
    ASSERT_TRUE(CheckConfiguration(configuration).ok()) << text;
    const std::string bytes = Encode(configuration);
    EXPECT_EQ(bytes.size(), EncodedBytes(configuration));
    const absl::StatusOr<Configuration> decoded = DecodeConfiguration(bytes);
    ASSERT_TRUE(decoded.ok()) << text << ": " << decoded.status();
    EXPECT_EQ(ToString(*decoded), text);
  }
}

TEST(ConfigurationCodecTest, ChangesComeBackAsTheyWere) {
  for (const char* text : kChanges) {
    const ConfigurationChange change = ParseConfigurationChange(text);
    const std::string bytes = Encode(change);
    EXPECT_EQ(bytes.size(), EncodedBytes(change));
    const absl::StatusOr<ConfigurationChange> decoded = DecodeConfigurationChange(bytes);
    ASSERT_TRUE(decoded.ok()) << text << ": " << decoded.status();
    EXPECT_EQ(*decoded, change) << text;
  }
}

TEST(ConfigurationCodecTest, TheFormatIsAsItsHeaderSays) {
  const Configuration joint = ParseConfiguration("voters=(1 4)&&(1 3) learners_next=(3) autoleave");
  EXPECT_EQ(Encode(joint), std::string("\1\1\1\0\2\2\0\1"
                                       "\1\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0"
                                       "\1\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0"
                                       "\3\0\0\0\0\0\0\0",
                                       48));
  EXPECT_EQ(Encode(ParseConfigurationChange("add_learner=258 transition=joint_explicit")),
            std::string("\1\2\2\1\2\2\1\0\0\0\0\0\0", 13));
}

TEST(ConfigurationCodecTest, AddressesMakeItVersionTwo) {
  const Configuration pair = ParseConfiguration("voters=(1 4) addresses=(4@ab)");
  EXPECT_EQ(Encode(pair), std::string("\2\1\0\1\2\0\0\0"
                                      "\1\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0"
                                      "\4\0\0\0\0\0\0\0\2ab",
                                      35));
  EXPECT_EQ(Encode(ParseConfigurationChange("add_voter=4@ab remove=1")),
            std::string("\2\2\0\2\1\4\0\0\0\0\0\0\0\2ab\3\1\0\0\0\0\0\0\0\0", 26));
}

TEST(ConfigurationCodecTest, VersionAndAddressesMustAgree) {
  std::string plain = Encode(ParseConfiguration("voters=(1)"));
  plain[0] = 2;
  EXPECT_EQ(DecodeConfiguration(plain).status().message(),
            "addresses: want at least one in format version 2");
  std::string addressed = Encode(ParseConfiguration("voters=(1) addresses=(1@a)"));
  addressed[0] = 1;
  EXPECT_EQ(DecodeConfiguration(addressed).status().message(),
            "addresses: want none in format version 1");
  EXPECT_EQ(
      DecodeConfigurationChange(std::string("\2\2\0\1\3\1\0\0\0\0\0\0\0\0", 14)).status().message(),
      "addresses: want at least one in format version 2");
  addressed[0] = 3;
  EXPECT_EQ(DecodeConfiguration(addressed).status().message(),
            "format version: want 1 or 2, got 3");
}

TEST(ConfigurationCodecTest, AnAddressIsAsLongAsItsLengthCanSay) {
  Configuration alone = ParseConfiguration("voters=(1)");
  alone.addresses = {{.id = ReplicaId{1}, .address = std::string(kMaxAddressBytes, 'a')}};
  const absl::StatusOr<Configuration> decoded = DecodeConfiguration(Encode(alone));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->AddressOf(ReplicaId{1}), alone.addresses[0].address);
  EXPECT_EQ(decoded->AddressOf(ReplicaId{2}), "");
  alone.addresses[0].address += 'a';
  EXPECT_EQ(CheckConfiguration(alone).message(),
            "addresses: want 1 to 255 bytes for replica 1, got 256");
  EXPECT_EQ(CheckConfigurationChange({.changes = {{.type = MemberChangeType::kAddVoter,
                                                   .id = ReplicaId{1},
                                                   .address = alone.addresses[0].address}}})
                .message(),
            "change.address: want at most 255 bytes, got 256");
}

TEST(ConfigurationCodecTest, TheLargestFitsTheBound) {
  Configuration joint;
  for (uint64_t id = 1; id <= kMaxMembers; ++id) {
    joint.outgoing.push_back(ReplicaId{id});
    (id == 1 ? joint.voters : joint.learners_next).push_back(ReplicaId{id});
    joint.addresses.push_back({.id = ReplicaId{id}, .address = std::string(kMaxAddressBytes, 'a')});
  }
  ASSERT_TRUE(CheckConfiguration(joint).ok()) << CheckConfiguration(joint);
  EXPECT_EQ(EncodedBytes(joint), kMaxEncodedConfigurationBytes);
  EXPECT_TRUE(DecodeConfiguration(Encode(joint)).ok());
  joint.learners.push_back(ReplicaId{kMaxMembers + 1});
  EXPECT_EQ(CheckConfiguration(joint).message(), "members: want at most 64, got 65");
}

TEST(ConfigurationCodecTest, WhatIsCutShortOrTooLongIsDataLoss) {
  for (const std::string& whole : AllEncoded()) {
    for (size_t size = 0; size < whole.size(); ++size) {
      const absl::string_view cut(whole.data(), size);
      EXPECT_EQ(DecodeConfiguration(cut).status().code(), absl::StatusCode::kDataLoss);
      EXPECT_EQ(DecodeConfigurationChange(cut).status().code(), absl::StatusCode::kDataLoss);
    }
    EXPECT_EQ(DecodeConfiguration(whole + '\0').status().code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(DecodeConfigurationChange(whole + '\0').status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST(ConfigurationCodecTest, OneKindIsNotTakenForTheOther) {
  const std::string configuration = Encode(ParseConfiguration("voters=(1)"));
  EXPECT_EQ(DecodeConfigurationChange(configuration).status().message(), "kind: want 2, got 1");
  const std::string change = Encode(ParseConfigurationChange("add_voter=1"));
  EXPECT_EQ(DecodeConfiguration(change).status().message(), "kind: want 1, got 2");
}

TEST(ConfigurationCodecTest, AnyOtherByteAnywhereIsRefusedOrMeansItself) {
  for (const std::string& whole : AllEncoded()) {
    for (size_t at = 0; at < whole.size(); ++at) {
      for (int value = 0; value < 256; ++value) {
        std::string bytes = whole;
        bytes[at] = static_cast<char>(value);
        ExpectRefusedOrCanonical(bytes);
      }
    }
  }
}

TEST(ConfigurationCodecTest, GarbageIsRefusedOrMeansItself) {
  for (uint64_t seed = 1; seed <= 20000; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SplitMix random(seed);
    std::string bytes(random.Below(80), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.Below(random.Below(2) ? 256 : 4));
    if (bytes.size() > 1) bytes[0] = static_cast<char>(1 + seed % 2);  // past the version
    ExpectRefusedOrCanonical(bytes);
  }
}

TEST(ConfigurationCodecTest, WhatNoGroupMayBeIsNotWritten) {
  EXPECT_DEATH(Encode(Configuration{}), "voters: want at least 1");
  EXPECT_DEATH(Encode(ParseConfigurationChange("add_voter=0")), "change.id");
}

}  // namespace
}  // namespace blixard::raft
