// The functions that an exported program is made of, as C.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <scrawl/precision.hpp>

namespace scrawl::c_source {

/// Notes which functions a program calls, so that it gets these and those that they call, and no
/// compiler warns of others.
class Functions {
 public:
  /// Of programs in int8 or f32.
  explicit Functions(Precision precision) : precision_(precision) {}

  /// Throws std::out_of_range where there is none of that name.
  void use(std::string_view name);

  /// Their definitions, each before those that call it.
  std::string text() const;

 private:
  Precision precision_;
  std::vector<bool> used_;  // of all functions there are
};

}  // namespace scrawl::c_source
