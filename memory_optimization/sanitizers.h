// Which sanitizer this is built with, said by g++ and clang in different ways:
// BLIXARD_ADDRESS_SANITIZER and BLIXARD_THREAD_SANITIZER are defined when it is.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_SANITIZERS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_SANITIZERS_H_

#if defined(__SANITIZE_ADDRESS__)
#define BLIXARD_ADDRESS_SANITIZER 1
#endif
#if defined(__SANITIZE_THREAD__)
#define BLIXARD_THREAD_SANITIZER 1
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BLIXARD_ADDRESS_SANITIZER 1
#endif
#if __has_feature(thread_sanitizer)
#define BLIXARD_THREAD_SANITIZER 1
#endif
#endif

#endif  // BLIXARD_MEMORY_OPTIMIZATION_SANITIZERS_H_
