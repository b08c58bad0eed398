/* Hands a mail to an SMTP server: libcurl, loaded only when the first one is sent.
 *
 * One connection a mail, bounded in time.  With starttls the server must offer it and its
 * certificate be trusted, before the user's password is sent or anything else. */
#ifndef LL_OS_SMTP_H
#define LL_OS_SMTP_H

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

struct ll_smtp_mail {
    const char *host;
    size_t port;
    bool starttls;
    const char *ca_file;             /* NULL = the system's authorities */
    const char *username, *password; /* NULL = none */
    const char *from;
    const char *const *to; /* NULL-terminated */
    struct ll_slice text;  /* header and body, lines ended by CR LF */
    ll_dur timeout;
    bool (*stop)(void *ctx); /* asked about once a second; true ends it; NULL = nothing does */
    void *stop_ctx;
};

/* *answer: the code of the server's last reply, 0 = there was none.  Fails with LL_E_UNREACHABLE
 * (nobody answers, or TLS is not offered or not trusted), LL_E_TIMEOUT, LL_E_DENIED (the
 * password), LL_E_BUSY (stopped, or the server said 4xx), LL_E_INVALID (5xx) or LL_E_IO (no
 * library).  No error names the password. */
LL_MUST_USE bool ll_smtp_send(const struct ll_smtp_mail *m, int *answer, struct ll_err *err);

#endif
