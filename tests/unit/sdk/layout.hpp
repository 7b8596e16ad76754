// Measures how a type of the contract lies in memory, as lines of text.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

namespace certctl::layout {

// Converts to whatever a member of an aggregate wants.
struct Anything {
  template <class T>
  operator T() const;  // NOLINT(google-explicit-constructor): never called, only asked whether it could be
};

template <class T, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
  return requires {
    T{((void)I, Anything{})...};
  };
}

// How many members an aggregate has: one that fits into padding moves neither the size nor another member.
template <class T, std::size_t N = 0>
constexpr std::size_t member_count() {
  if constexpr (takes<T>(std::make_index_sequence<N + 1>())) {
    return member_count<T, N + 1>();
  } else {
    return N;
  }
}

template <class T>
std::string type_line(const char* name) {
  std::string line = std::string(name) + " size " + std::to_string(sizeof(T)) + " align " + std::to_string(alignof(T));
  if constexpr (std::is_aggregate_v<T> && !std::is_polymorphic_v<T>) {
    line += " members " + std::to_string(member_count<T>());
  }
  return line;
}

// Itanium C++ ABI 2.3: a pointer to a virtual member is 1 plus the offset of its slot.
template <class Member>
std::size_t slot(Member member) {
  std::ptrdiff_t parts[2];
  static_assert(sizeof(member) == sizeof(parts));
  std::memcpy(parts, &member, sizeof(parts));
  return static_cast<std::size_t>(parts[0] - 1) / sizeof(void*);
}

// With the mangled type: a parameter that was added or changed shows.
template <class Member>
std::string slot_line(const char* name, Member member) {
  return std::string(name) + " slot " + std::to_string(slot(member)) + " type " + typeid(member).name();
}

// One more virtual member gets the next free slot: a member that was appended to the interface shows.
template <class Interface>
struct OneMore : Interface {
  virtual void one_more() = 0;

 protected:
  ~OneMore() = default;
};

template <class Interface>
std::string interface_line(const char* name) {
  return std::string(name) + " slots " + std::to_string(slot(&OneMore<Interface>::one_more));
}

}  // namespace certctl::layout
