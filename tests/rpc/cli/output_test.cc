// What programs read from the commands: JSON made from protobuf writes 64-bit integers as text, so
// no message that is printed has one.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "rpc/proto/output.pb.h"
#include "rpc/proto/placement.pb.h"

namespace blixard::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// The names of the fields that would be text, of the message and of all that it holds.
std::set<std::string> NumbersAsText(const Descriptor& message) {
  std::set<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const auto type = field.cpp_type();
    if (type == FieldDescriptor::CPPTYPE_INT64 || type == FieldDescriptor::CPPTYPE_UINT64) {
      names.insert(field.full_name());
    }
    if (type == FieldDescriptor::CPPTYPE_MESSAGE) names.merge(NumbersAsText(*field.message_type()));
  }
  return names;
}

TEST(OutputTest, EveryNumberIsANumber) {
  const google::protobuf::FileDescriptor& file = *v1::ClusterStatus::descriptor()->file();
  for (int i = 0; i < file.message_type_count(); ++i) {
    EXPECT_EQ(NumbersAsText(*file.message_type(i)), std::set<std::string>());
  }
}

TEST(OutputTest, NumbersAsTextWouldBeSeen) {
  EXPECT_EQ(
      NumbersAsText(*v1::GetVmResponse::descriptor()),
      (std::set<std::string>{"blixard.v1.GetVmResponse.applied_index", "blixard.v1.Vm.vm_id"}));
}

}  // namespace
}  // namespace blixard::rpc
