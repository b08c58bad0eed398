/* A message in the words of each kind of receiver. */
#ifndef LL_NOTICE_WRITE_H
#define LL_NOTICE_WRITE_H

#include "notice/book.h"

enum { LL_NOTICE_BODY_MAX = 4 << 20, LL_NOTICE_ID_MAX = 24 };

struct ll_notice_sender {
    const char *external_url; /* NULL or "" = not known: no links */
    const char *environment;  /* NULL or "" = has no name */
    struct ll_slice receiver;
    ll_time now;
};

/* "msg_0123456789abcdef": the same for the same content told after the same message, so the same in
 * each try that says the same. */
void ll_notice_write_id(const struct ll_notice_message *m, char out[static LL_NOTICE_ID_MAX]);

/* {"type":"loadline.proposal","timestamp":…,"data":{…}}: what Standard Webhooks suggests. */
void ll_notice_write_json(const struct ll_notice_sender *s, const struct ll_notice_message *m,
                          struct ll_str *out);

/* The array that Alertmanager's POST /api/v2/alerts takes. */
void ll_notice_write_alerts(const struct ll_notice_sender *s, const struct ll_notice_message *m,
                            struct ll_str *out);

/* {"text":…,"blocks":[…]}: what Slack's incoming webhooks take, and Mattermost's. */
void ll_notice_write_slack(const struct ll_notice_sender *s, const struct ll_notice_message *m,
                           struct ll_str *out);

/* A whole mail, header and text, lines ended by CR LF; id for Message-ID. */
void ll_notice_write_mail(const struct ll_notice_sender *s, const struct ll_notice_receiver *to,
                          const struct ll_notice_message *m, struct ll_str *out);

/* "2 resources of services are critical"-like line for a subject or a headline. */
void ll_notice_write_subject(const struct ll_notice_message *m, struct ll_str *out);

/* The address of the notice's page; nothing when the sender has none. */
void ll_notice_write_link(const struct ll_notice_sender *s, const struct ll_notice *n,
                          struct ll_str *out);

#endif
