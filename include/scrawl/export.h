/* What libscrawl.so shows of itself: all that is marked with SCRAWL_API, and nothing else. */
#ifndef SCRAWL_EXPORT_H
#define SCRAWL_EXPORT_H

#if defined(__GNUC__)
#define SCRAWL_API __attribute__((visibility("default")))
#else
#define SCRAWL_API
#endif

#endif
