#include "rpc/client/last_answer.h"

#include "absl/strings/str_cat.h"

namespace blixard::rpc {

void LastAnswer::Note(absl::string_view address, const absl::Status& status) {
  if (absl::IsDeadlineExceeded(status)) {
    silent_ = std::string(address);
    return;
  }
  answered_ = absl::StrCat(address, " said: ", status.message());
  silent_.clear();
}

std::string LastAnswer::ToString() const {
  if (answered_.empty() && silent_.empty()) return "nobody was asked";
  if (answered_.empty()) return absl::StrCat(silent_, " did not answer");
  if (silent_.empty()) return answered_;
  return absl::StrCat(answered_, "; then ", silent_, " did not answer");
}

}  // namespace blixard::rpc
