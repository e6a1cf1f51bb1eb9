/* Reads a picture with a model of one's own: own_model MODEL.safetensors PICTURE */
#include <stdio.h>

#include <scrawl/scrawl.h>

int main(int argc, char** argv) {
  scrawl_error error = SCRAWL_ERROR;
  scrawl_recognizer_options options = SCRAWL_RECOGNIZER_OPTIONS;
  if (argc != 3) return fprintf(stderr, "usage: own_model MODEL.safetensors PICTURE\n"), 2;
  options.model_file = argv[1];
  scrawl_recognizer* recognizer = scrawl_recognizer_new(&options, &error);
  scrawl_reading* reading = scrawl_read_file(recognizer, argv[2], NULL, &error);
  puts(reading ? scrawl_reading_text(reading) : error.message);
  scrawl_reading_free(reading);
  scrawl_recognizer_free(recognizer);
  return error.status;
}
