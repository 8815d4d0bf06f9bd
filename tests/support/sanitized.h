// SLIVER_SANITIZED is defined in a build with sanitizers: GCC and clang say so in different words.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLIVER_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLIVER_SANITIZED 1
#endif
#endif
