// Tells the thread sanitizer of the two calls of Swift's Mutex that it cannot see. On Linux the quick ways of
// `lock` and `unlock` are compiled into whoever uses them, and seen; those for a mutex that is contended are in
// libswiftSynchronization.so, which is not built for the sanitizer and lets the kernel hand the lock over. Without
// this, what a contended mutex protects is reported as a race. Loaded before that library, by LD_PRELOAD.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

// Absent from programs without the sanitizer, which inherit the environment.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

// Synchronization._MutexHandle._lockSlow(UInt32) and ._unlockSlow(); the word of the mutex is at `self`.
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void annotated_lock(uint32_t thread, SELF void *self) __asm__(LOCK);
SWIFT void annotated_unlock(SELF void *self) __asm__(UNLOCK);

typedef SWIFT void (*lock_function)(uint32_t thread, SELF void *self);
typedef SWIFT void (*unlock_function)(SELF void *self);

SWIFT void annotated_lock(uint32_t thread, SELF void *self) {
    static lock_function real;
    if (!real) real = (lock_function)dlsym(RTLD_NEXT, LOCK);
    real(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT void annotated_unlock(SELF void *self) {
    static unlock_function real;
    if (!real) real = (unlock_function)dlsym(RTLD_NEXT, UNLOCK);
    if (__tsan_release) __tsan_release(self);
    real(self);
}
