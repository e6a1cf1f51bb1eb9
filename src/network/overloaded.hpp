// Lambdas as one function object, for visits that leave no alternative out.
#pragma once

namespace scrawl {

/// std::visit(Overloaded{[](const Dense&) {...}, [](const Conv&) {...}, ...}, layer) does not
/// compile when an alternative has no lambda; a lambda of `auto` would hide that.
template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace scrawl
