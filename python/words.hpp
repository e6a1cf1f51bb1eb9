// Values that people call by words, as arguments.
#pragma once

#include <span>
#include <string>

#include "module.hpp"
#include "training/options.hpp"
#include "training/words.hpp"

namespace scrawl::python {

inline std::string text_of(const std::string& name, const py::handle& value) {
  if (py::isinstance<py::str>(value)) return value.cast<std::string>();
  throw py::type_error(name + ": found " + py::repr(value).cast<std::string>() +
                       ", expected a text");
}

template <typename Value>
Value value_of(const std::string& name, const std::string& text,
               std::span<const Word<Value>> words) {
  for (const auto& word : words)
    if (word.text == text) return word.value;
  throw py::value_error(name + ": found '" + text + "', expected " + list_words(words));
}

}  // namespace scrawl::python
