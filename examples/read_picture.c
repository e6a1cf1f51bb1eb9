/* Reads pictures from C: read_picture 7.png ... */
#include <stdio.h>

#include <scrawl/scrawl.h>

int main(int argc, char** argv) {
  scrawl_error error = SCRAWL_ERROR;
  scrawl_recognizer* recognizer = scrawl_recognizer_new(NULL, &error);
  int failed = 0;
  for (int i = 1; i < argc; ++i) {
    scrawl_reading* reading = scrawl_read_file(recognizer, argv[i], NULL, &error);
    if (reading == NULL) {
      fprintf(stderr, "%s\n", error.message);
      failed = 1;
    } else {
      printf("%s: %s (%g)\n", argv[i], scrawl_reading_text(reading),
             scrawl_reading_confidence(reading));
    }
    scrawl_reading_free(reading);
  }
  scrawl_recognizer_free(recognizer);
  return failed;
}
