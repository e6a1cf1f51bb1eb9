// The built-in model: a file that is compiled into the library.
#include <cstddef>
#include <span>

#include <scrawl/model.hpp>
#include <scrawl/recognizer.hpp>

#include "formats/model_file.hpp"

// The assembler puts the file between two symbols.
asm(R"(
  .pushsection .rodata
  .balign 64
scrawl_default_model_begin:
  .incbin ")" SCRAWL_DEFAULT_MODEL R"("
scrawl_default_model_end:
  .popsection
)");

extern "C" const std::byte scrawl_default_model_begin[];
extern "C" const std::byte scrawl_default_model_end[];

namespace scrawl {

Model default_model() {
  const std::span content(scrawl_default_model_begin, scrawl_default_model_end);
  return to_model(parse_safetensors(content, "the built-in model"), "the built-in model");
}

Recognizer::Recognizer() : Recognizer(default_model()) {}

}  // namespace scrawl
