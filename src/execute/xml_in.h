/* XML as services answer it: elements and text, one pass over bytes in memory, no tree.
 *
 * Strict, and a part of XML 1.0 only: attributes are checked and passed over; comments are passed
 * over; a document type, CDATA, other processing instructions and entities but the five and
 * characters are refused.  Nothing is ever looked up elsewhere.  Text is decoded in place. */
#ifndef LL_EXECUTE_XML_IN_H
#define LL_EXECUTE_XML_IN_H

#include "base/err.h"
#include "base/str.h"

enum { LL_XML_IN_DEPTH_MAX = 32, LL_XML_IN_BYTES_MAX = 4 << 20 };

enum ll_xml_token { LL_XML_OPEN, LL_XML_CLOSE, LL_XML_END };

struct ll_xml_in {
    char *s;
    size_t n, at;
    struct ll_slice open[LL_XML_IN_DEPTH_MAX]; /* names of the elements we are in */
    size_t depth;
    bool empty, began, done; /* empty: the element that was opened last closes itself */
    struct ll_slice text;    /* of LL_XML_CLOSE: what stands before it, without spaces around */
};

/* s[0..n) is the caller's and is changed while reading. */
void ll_xml_in_init(struct ll_xml_in *in, char *s, size_t n);

/* The next token; *name is the element's, valid as long as s.  Fails with LL_E_INVALID, with
 * LL_E_RANGE when nested deeper than the limit, with LL_E_TOO_LARGE.  After LL_XML_END always
 * that. */
LL_MUST_USE bool ll_xml_in_next(struct ll_xml_in *in, enum ll_xml_token *kind,
                                struct ll_slice *name, struct ll_err *err);

/* True when the elements we are in, outermost first, are those of the path: "A/B/C". */
bool ll_xml_in_at(const struct ll_xml_in *in, const char *path);

#endif
