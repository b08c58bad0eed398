#include "support.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ABORTED = 99 };

/* exit, and not the signal, so that the child's coverage is written. */
static void on_abort(int sig)
{
    (void)sig;
    exit(ABORTED);
}

bool ll_test_aborts(void (*fn)(void))
{
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, on_abort);
        close(STDERR_FILENO);
        fn();
        _exit(0);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == ABORTED;
}

static atomic_uint calls_left;
static atomic_bool has_failed;

void ll_test_fail_alloc(unsigned call)
{
    has_failed = false;
    calls_left = call;
}

bool ll_test_alloc_failed(void)
{
    return has_failed;
}

static bool fails_now(void)
{
    if (calls_left == 0 || --calls_left > 0)
        return false;
    has_failed = true;
    return true;
}

/* The linker's --wrap sends every call of ours here (ld(1)). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails_now() ? NULL : __real_realloc(p, size);
}
