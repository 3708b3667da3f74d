// Text that is borrowed as long as nobody has to change it: a function that mostly returns its
// argument as it is need not copy it.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_COW_H_
#define BLIXARD_MEMORY_OPTIMIZATION_COW_H_

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/string_view.h"

namespace blixard::memory {

// Borrowed text must outlive it; owned text goes with it. Copying copies owned text (and may throw
// std::bad_alloc, with nothing changed); moving leaves the empty text, borrowed.
class Cow {
 public:
  Cow() = default;
  static Cow Borrowed(absl::string_view text) { return Cow(text); }
  static Cow Owned(std::string text) { return Cow(std::move(text)); }

  Cow(const Cow&) = default;
  Cow& operator=(const Cow& other) { return *this = Cow(other); }
  Cow(Cow&& other) noexcept : text_(std::exchange(other.text_, absl::string_view())) {}
  Cow& operator=(Cow&& other) noexcept {
    if (this != &other) text_ = std::exchange(other.text_, absl::string_view());
    return *this;
  }
  ~Cow() = default;

  bool is_owned() const { return std::holds_alternative<std::string>(text_); }
  absl::string_view view() const {
    const std::string* owned = std::get_if<std::string>(&text_);
    return owned != nullptr ? absl::string_view(*owned) : *std::get_if<absl::string_view>(&text_);
  }

  // The text to change: copied on the first call if it was borrowed. May throw std::bad_alloc, with
  // nothing changed.
  std::string& ToOwned() {
    if (!is_owned()) text_ = std::string(view());
    return *std::get_if<std::string>(&text_);
  }

  // The text for good: moved out if it was owned, which leaves the empty text; else copied.
  std::string IntoOwned() && {
    std::string text = std::move(ToOwned());
    text_ = absl::string_view();
    return text;
  }

  friend bool operator==(const Cow& a, const Cow& b) { return a.view() == b.view(); }
  friend bool operator==(const Cow& a, absl::string_view b) { return a.view() == b; }

 private:
  explicit Cow(absl::string_view text) : text_(text) {}
  explicit Cow(std::string text) : text_(std::move(text)) {}

  std::variant<absl::string_view, std::string> text_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_COW_H_
