#include "os/process.h"

#include <errno.h>
#include <malloc.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

/* Sanitizers need the default stacks, and LeakSanitizer to trace its own process. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
#else
enum { SANITIZED = 0 };
#endif

enum { STACK_BYTES = 512 << 10 };

void ll_process_harden(void)
{
    umask(077);
    if (!SANITIZED)
        prctl(PR_SET_DUMPABLE, 0);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    signal(SIGPIPE, SIG_IGN);
    mallopt(M_ARENA_MAX, 1);
    /* Fixed, so that glibc does not raise them and keep what one big answer needed. */
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_TRIM_THRESHOLD, 128 << 10);

    pthread_attr_t attr;
    if (SANITIZED || pthread_attr_init(&attr) != 0)
        return;
    if (pthread_attr_setstacksize(&attr, STACK_BYTES) == 0)
        pthread_setattr_default_np(&attr);
    pthread_attr_destroy(&attr);
}

int ll_process_signals(const int *signals, struct ll_err *err)
{
    sigset_t set;
    sigemptyset(&set);
    for (; *signals; signals++)
        sigaddset(&set, *signals);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        ll_err_set(err, LL_E_IO, "cannot wait for signals: %s", strerror(errno));
    return fd;
}

int ll_process_signal_wait(int fd, ll_dur wait)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    struct signalfd_siginfo info;
    int timeout = wait < 0 ? -1 : (int)LL_MIN(wait, 24 * LL_HOUR);
    if (poll(&p, 1, timeout) <= 0)
        return 0;
    return read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info) ? (int)info.ssi_signo : 0;
}

void ll_process_signal_default(int number)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    signal(number, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

struct deadline {
    ll_dur limit;
    int status;
};

static void *wait_and_end(void *arg)
{
    struct deadline d = *(struct deadline *)arg;
    free(arg);
    struct timespec t = {.tv_sec = d.limit / LL_SECOND, .tv_nsec = d.limit % LL_SECOND * 1000000};
    while (nanosleep(&t, &t) != 0 && errno == EINTR)
        continue;
    _exit(d.status);
}

void ll_process_deadline(ll_dur limit, int status)
{
    struct deadline *d = malloc(sizeof(*d));
    pthread_t thread;
    if (!d)
        return;
    *d = (struct deadline){limit, status};
    if (pthread_create(&thread, NULL, wait_and_end, d) != 0) {
        free(d);
        return;
    }
    pthread_detach(thread);
}

double ll_process_file_limit(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) != 0)
        return NAN;
    return r.rlim_cur == RLIM_INFINITY ? INFINITY : (double)r.rlim_cur;
}

bool ll_process_clock_synchronised(void)
{
    struct timex t = {0};
    int state = adjtimex(&t);
    return state >= 0 && state != TIME_ERROR && !(t.status & STA_UNSYNC);
}
