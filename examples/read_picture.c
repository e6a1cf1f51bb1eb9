/* Reads pictures from C: read_picture 7.png ... */
#include <stdio.h>

#include <scrawl/scrawl.h>

int main(int argc, char** argv) {
  scrawl_error error = SCRAWL_ERROR;
  scrawl_recognizer* recognizer = scrawl_recognizer_new(NULL, &error);
  for (int i = 1; i < argc; ++i) {
    scrawl_reading* reading = scrawl_read_file(recognizer, argv[i], NULL, &error);
    printf("%s: %s (%g)\n", argv[i], reading ? scrawl_reading_text(reading) : error.message,
           scrawl_reading_confidence(reading));
    scrawl_reading_free(reading);
  }
  scrawl_recognizer_free(recognizer);
  return error.status;
}
