#pragma once
namespace store {
class Box {
 public:
  int grow(int by);
  int twice() { return grow(1) + this->grow(1); }

 private:
  int size_ = 0;
};
class Bag {
 public:
  int grow(int by) { return by; }
  int twice() { return grow(2); }
};
}  // namespace store
