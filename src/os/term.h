/* The terminal: how wide it is, what it can show, and one key at a time. */
#ifndef LL_OS_TERM_H
#define LL_OS_TERM_H

#include "base/err.h"
#include "base/time.h"

bool ll_term_is_tty(int fd);

/* Columns and rows of the terminal at fd; else of $COLUMNS and $LINES; else 80 and 24. */
void ll_term_size(int fd, int *columns, int *rows);

/* True when the locale of the environment is UTF-8 (LC_ALL, LC_CTYPE, LANG). */
bool ll_term_utf8(void);

/* The whole screen for a live view: alternate buffer, no echo, keys at once.  leave gives back
 * what was there; it may be called when enter was not. */
LL_MUST_USE bool ll_term_enter(struct ll_err *err);
void ll_term_leave(void);

enum { LL_TERM_KEY_NONE = 0, LL_TERM_KEY_SIGNAL = -1, LL_TERM_KEY_END = -2 };
enum { LL_TERM_KEY_UP = 1000, LL_TERM_KEY_DOWN };

/* A key of standard input, or NONE after `wait`, SIGNAL when signal_fd has one, END when the
 * input is at its end. */
int ll_term_key(int signal_fd, ll_dur wait);

#endif
