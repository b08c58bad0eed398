/* The smallest HTTP client: bytes out, bytes in. */
#ifndef LL_TESTS_API_CLIENT_H
#define LL_TESTS_API_CLIENT_H

#include <stddef.h>

#include "base/defs.h"

enum { ANSWER_MAX = 1 << 20 };

/* A connection to 127.0.0.1; aborts when there is none. */
int client_connect(unsigned port);
void client_send(int fd, const char *bytes, size_t n);

/* Reads one answer (by Content-Length, or to the end) into a NUL-terminated buffer that the
 * caller frees; *status 0 = closed without one. */
char *client_read(int fd, int *status, bool head);

/* Reads until `text` has come or `ms` have passed; what came, to free. */
char *client_read_until(int fd, const char *text, int ms);

/* One request on a connection of its own.  extra: header lines with CRLF, or "". */
char *client_ask(unsigned port, const char *method, const char *path, const char *extra,
                 const char *body, int *status);

/* Milliseconds of a clock that does not step. */
long client_ms(void);

/* Waits until the other side closes; how many ms it took, -1 = it did not within `ms`. */
long client_wait_close(int fd, int ms);

#endif
