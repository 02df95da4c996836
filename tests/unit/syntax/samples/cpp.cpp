#include <map>
#include "shelf/box.hpp"

namespace shop::stock {

class Forward;
using Names = std::map<std::string, int>;
inline constexpr int k_limit = 3;

/// A box with things.
/// It can be opened.
template <class T, int N = k_limit>
class Box final : public Base<T>, private Other {
 public:
  explicit Box(int size = 0) : size_(size), items_{make_items(size)} {}
  ~Box() override;
  Box& operator=(const Box& other) = default;
  bool operator==(const Box&) const;
  explicit operator bool() const { return size_ > 0; }
  //! How many.
  [[nodiscard]] int size() const noexcept;
  virtual void open(Key key) = 0;
  template <typename U>
  U convert(U value) const {
    return static_cast<U>(value);
  }
  static int count;
  struct Lid {
    int weight = 0;
  };
  enum class State { open, closed };
  friend void swap(Box& a, Box& b);

 private:
  int size_ = 0;
  std::vector<std::unique_ptr<Item>> items_;
};

template <class T, int N>
int Box<T, N>::size() const noexcept {
  const auto visit = [&](const Item& item, int depth) { return item.visit(depth, local_only); };
  auto [first, second] = find_pair(size_);
  for (const auto& item : items_) second += visit(item, first);
  return shop::util::sum<int>(second) + this->size_;
}

namespace {
void helper(int);
const char* const k_name = "x";
}  // namespace

extern "C" {
int c_call(void* pointer);
}

}  // namespace shop::stock

int shop::stock::Box<int>::count = 0;
static std::string name_of(const shop::stock::Key& key) try {
  struct Local { int x; } local;
  return key.name();
} catch (const Error& error) {
  throw;
}

#ifdef WIDE
auto wide() -> std::wstring { return L""; }
#endif
template <typename T> concept Small = sizeof(T) < 8;
