#include "rpc/client/endpoints.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace blixard::rpc {
namespace {

TEST(EndpointsTest, TriesOneAfterTheOtherAndAroundAgain) {
  Endpoints endpoints({"a:1", "b:1"});
  EXPECT_EQ(endpoints.Leader()->address, "a:1");
  endpoints.TryNext(endpoints.Leader());
  EXPECT_EQ(endpoints.Leader()->address, "b:1");
  endpoints.TryNext(endpoints.Leader());
  EXPECT_EQ(endpoints.Leader()->address, "a:1");
}

// Many calls fail at once when a leader dies; only the first of them may move on.
TEST(EndpointsTest, LateAnswersDoNotMoveOnAgain) {
  Endpoints endpoints({"a:1", "b:1", "c:1"});
  const Endpoints::Endpoint* const first = endpoints.Leader();
  endpoints.TryNext(first);
  endpoints.TryNext(first);
  EXPECT_EQ(endpoints.Leader()->address, "b:1");
  endpoints.FollowHint(first, "c:1");
  EXPECT_EQ(endpoints.Leader()->address, "b:1");
}

TEST(EndpointsTest, HintMayNameAnUnknownReplica) {
  Endpoints endpoints({"a:1"});
  endpoints.FollowHint(endpoints.Leader(), "new:1");
  EXPECT_EQ(endpoints.Leader()->address, "new:1");
  endpoints.TryNext(endpoints.Leader());
  EXPECT_EQ(endpoints.Leader()->address, "a:1");
}

TEST(EndpointsTest, MembersThatWereReplacedAreNotTriedAnyMore) {
  Endpoints endpoints({"a:1"});
  endpoints.FollowMembers({"a:1", "b:1", "c:1"});
  const auto round = [&] {
    std::vector<std::string> tried;
    for (int i = 0; i < 4; ++i) {
      endpoints.TryNext(endpoints.Leader());
      tried.push_back(endpoints.Leader()->address);
    }
    return tried;
  };
  EXPECT_EQ(round(), (std::vector<std::string>{"b:1", "c:1", "a:1", "b:1"}));
  endpoints.FollowMembers({"c:1", "d:1"});  // a was named by the caller: it may be an alias
  EXPECT_EQ(round(), (std::vector<std::string>{"c:1", "d:1", "a:1", "c:1"}));
  endpoints.FollowMembers({});
  EXPECT_EQ(round(), (std::vector<std::string>{"a:1", "a:1", "a:1", "a:1"}));
}

TEST(EndpointsTest, HintsDoNotGrowTheListForEver) {
  Endpoints endpoints({"a:1"});
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    endpoints.FollowHint(endpoints.Leader(), absl::StrCat("hint", i, ":1"));
    seen.insert(endpoints.Leader()->address);
  }
  EXPECT_LE(seen.size(), 64u);
}

}  // namespace
}  // namespace blixard::rpc
