/* Which scrawl these headers belong to; scrawl_version() tells which library is running. */
#ifndef SCRAWL_VERSION_H
#define SCRAWL_VERSION_H

#define SCRAWL_VERSION_MAJOR 0
#define SCRAWL_VERSION_MINOR 1
#define SCRAWL_VERSION_PATCH 0

#endif
