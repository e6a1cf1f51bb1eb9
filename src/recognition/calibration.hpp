// How far what both networks say of a digit is to be trusted.
#pragma once

namespace scrawl {

/// How probable it is that a digit is right of which both networks together are so sure, 0 to 1.
float calibrate(float confidence);

}  // namespace scrawl
