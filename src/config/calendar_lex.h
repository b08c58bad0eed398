/* What the small grammars of calendars are made of; only calendar_words and calendar_clock include
 * it. */
#ifndef LL_CONFIG_CALENDAR_LEX_H
#define LL_CONFIG_CALENDAR_LEX_H

#include "base/err.h"
#include "base/str.h"

/* "'text' why"; returns false. */
bool ll_calendar_refuse(struct ll_err *err, struct ll_slice text, const char *why);

/* "'word' is not <what>: <allowed>", and the nearest of the words when the word is close to one;
 * returns false. */
bool ll_calendar_refuse_word(struct ll_err *err, struct ll_slice word, const char *what,
                             const char *allowed, const char *const *words, size_t n);

/* Takes the next word off *rest; false at the end. */
bool ll_calendar_next_word(struct ll_slice *rest, struct ll_slice *word);

/* Exactly n digits at *rest, which is moved behind them. */
bool ll_calendar_take_digits(struct ll_slice *rest, size_t n, int *out);
bool ll_calendar_take_char(struct ll_slice *rest, char c);
bool ll_calendar_all_digits(struct ll_slice t);

/* A whole number between the limits, with or without a plus. */
bool ll_calendar_whole(struct ll_slice text, int min, int max, int *out);

#endif
