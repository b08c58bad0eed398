#include "os/thread.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

bool ll_thread_start(pthread_t *out, void *(*run)(void *), void *arg, const char *name,
                     struct ll_err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* the new thread inherits the mask */
    int rc = pthread_create(out, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0)
        return ll_err_set(err, LL_E_IO, "cannot start thread '%s': %s", name, strerror(rc));
    char short_name[16];
    snprintf(short_name, sizeof(short_name), "%.15s", name);
    pthread_setname_np(*out, short_name);
    return true;
}
