#include "box.hpp"

int store::Box::grow(int by) { return size_ += by; }

int use(store::Box& box) { return box.grow(1); }
