#include "memory_optimization/string_namespace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "memory_optimization/string_pool.h"

namespace blixard::memory {
namespace {

// Growth without bound from texts of untrusted senders.
TEST(StringNamespaceTest, ATenantFillsItsOwnQuotaAndNobodyElses) {
  StringPool pool({.name = "labels", .max_strings = 100});
  StringNamespace acme = pool.AddNamespace({.name = "acme", .max_strings = 2}).value();
  StringNamespace globex = pool.AddNamespace({.name = "globex", .max_strings = 2}).value();
  const InternedString a = acme.Intern("a").value();
  ASSERT_TRUE(acme.Intern("b").ok());
  const absl::Status status = acme.Intern("c").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(std::string(status.message()),
            "string pool labels, namespace acme: max_strings 2 reached");
  EXPECT_TRUE(globex.Intern("c").ok());
  EXPECT_TRUE(pool.Intern("d").ok());
  EXPECT_EQ(acme.Intern("a").value(), a);
  EXPECT_EQ(acme.Stats().strings, 2u);
  EXPECT_EQ(acme.Stats().refused, 1u);
  EXPECT_EQ(globex.Stats().strings, 1u);
  EXPECT_EQ(globex.Stats().refused, 0u);
}

TEST(StringNamespaceTest, BytesAreLimitedTooAndTheErrorNamesTheValues) {
  StringPool pool({.name = "labels"});
  StringNamespace acme = pool.AddNamespace({.name = "acme", .max_bytes = 64}).value();
  ASSERT_TRUE(acme.Intern("short").ok());  // 8 of header, 5, NUL: 16
  const absl::Status status = acme.Intern(std::string(100, 'x')).status();
  EXPECT_EQ(std::string(status.message()),
            "string pool labels, namespace acme: max_bytes 64 reached, in use 16, wanted 112");
  EXPECT_TRUE(acme.Intern("fits").ok());
}

TEST(StringNamespaceTest, EqualTextIsOneHandleAndTheFirstPays) {
  StringPool pool;
  StringNamespace first = pool.AddNamespace({.name = "first"}).value();
  StringNamespace second = pool.AddNamespace({.name = "second", .max_strings = 1}).value();
  const InternedString shared = first.Intern("shared").value();
  EXPECT_EQ(second.Intern("shared").value(), shared);
  EXPECT_EQ(pool.Intern("shared").value(), shared);
  EXPECT_EQ(first.Stats().strings, 1u);
  EXPECT_EQ(second.Stats().strings, 0u);
  EXPECT_TRUE(second.Intern("own").ok());
}

TEST(StringNamespaceTest, ThePoolsBoundHoldsForAllTogether) {
  StringPool pool({.name = "small", .max_strings = 1});
  StringNamespace space = pool.AddNamespace({.name = "space", .max_strings = 10}).value();
  ASSERT_TRUE(space.Intern("a").ok());
  EXPECT_THAT(std::string(space.Intern("b").status().message()),
              testing::HasSubstr("string pool small: max_strings 1 reached"));
  EXPECT_EQ(space.Stats().strings, 1u);
}

TEST(StringNamespaceTest, TheEmptyTextAndAFrozenPool) {
  StringPool pool;
  StringNamespace space = pool.AddNamespace({.name = "space"}).value();
  ASSERT_TRUE(space.Intern("there").ok());
  pool.Freeze();
  EXPECT_EQ(space.Intern("").value(), InternedString());
  EXPECT_TRUE(space.Intern("there").ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(space.Intern("new").status()));
}

TEST(StringNamespaceTest, TheirNumberIsBounded) {
  StringPool pool({.name = "crowded"});
  for (int i = 0; i < 65'535; ++i) ASSERT_TRUE(pool.AddNamespace({.name = "n"}).ok());
  EXPECT_THAT(std::string(pool.AddNamespace({.name = "last"}).status().message()),
              testing::HasSubstr("crowded, namespace last: namespaces: want <= 65535"));
}

}  // namespace
}  // namespace blixard::memory
