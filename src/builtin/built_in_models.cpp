// The built-in models: files that are compiled into the library.
#include <cstddef>
#include <span>

#include <scrawl/model.hpp>

#include "formats/model_file.hpp"
#include "recognition/recognizer.hpp"

// The assembler puts each file between two symbols.
asm(R"(
  .pushsection .rodata
  .balign 64
scrawl_default_model_begin:
  .incbin ")" SCRAWL_MODELS R"(/default.safetensors"
scrawl_default_model_end:
  .balign 64
scrawl_page_reader_begin:
  .incbin ")" SCRAWL_MODELS R"(/page_reader.safetensors"
scrawl_page_reader_end:
  .popsection
)");

extern "C" const std::byte scrawl_default_model_begin[];
extern "C" const std::byte scrawl_default_model_end[];
extern "C" const std::byte scrawl_page_reader_begin[];
extern "C" const std::byte scrawl_page_reader_end[];

namespace scrawl {

namespace {

Model load(const std::byte* begin, const std::byte* end, const char* name) {
  return to_model(parse_safetensors(std::span(begin, end), name), name);
}

}  // namespace

Model default_model() {
  return load(scrawl_default_model_begin, scrawl_default_model_end, "the built-in model");
}

Model default_page_reader() {
  return load(scrawl_page_reader_begin, scrawl_page_reader_end, "the built-in page reader");
}

Recognizer::Recognizer() : Recognizer(default_model()) {}
Recognizer::Recognizer(const Model& model) : Recognizer(model, default_page_reader()) {}

}  // namespace scrawl
