/* What the files of the scraper share. */
#ifndef LL_COLLECT_SCRAPE_PRIVATE_H
#define LL_COLLECT_SCRAPE_PRIVATE_H

#include <stdatomic.h>

#include "base/map.h"
#include "collect/file_sd.h"
#include "collect/scrape.h"

/* A page as series, or why not. */
struct ll_scrape_page {
    struct ll_labeled_set *set; /* one point a series; NULL when the scrape failed */
    struct ll_map *seen;        /* labels of set */
    enum ll_scrape_fault fault;
    char message[256];
    size_t samples, repeated, beyond; /* beyond: times that cannot be */
    ll_dur took;
};

enum { LL_SCRAPE_EXPORTED = 4 }; /* exported_exported_… at most */

struct ll_scrape_peer {
    struct ll_arena *arena;
    const char *url;
    struct ll_slice identity;  /* url, NUL, encoded labels */
    struct ll_label *labels;   /* sorted, without __name__ */
    struct ll_slice *exported; /* of each label: its name with LL_SCRAPE_EXPORTED prefixes */
    size_t n_labels;
    bool wanted;
    struct ll_labeled_set *last; /* of the last good scrape; NULL = none */
    ll_time last_t;
    bool asked;
    struct ll_scrape_page page; /* of this poll; message and numbers stay until the next */
    ll_time t;
};

struct ll_scrape_peers {
    struct ll_scrape_peer **v;
    size_t n, size;
};

/* The job's options with defaults filled in. */
struct ll_scrape_job {
    struct ll_scrape_opts opts;
    atomic_llong remembered; /* series of all peers' pages, as they will be after the poll */
};

/* scrape_targets.c.  Makes *peers those that the options and files name: peers that go on are
 * kept, others moved to *gone.  note: what was wrong with some targets. */
LL_MUST_USE bool ll_scrape_targets_sync(const struct ll_scrape_job *job, struct ll_file_sd *sd,
                                        struct ll_scrape_peers *peers, struct ll_scrape_peers *gone,
                                        struct ll_str *note, struct ll_err *err);
void ll_scrape_peer_free(struct ll_scrape_peer *p);
void ll_scrape_peers_fini(struct ll_scrape_peers *peers);
bool ll_scrape_is_label_name(const char *name);

/* scrape_page.c.  Fetches and reads one page into p->page. */
void ll_scrape_page_fetch(struct ll_scrape_job *job, struct ll_scrape_peer *p,
                          struct ll_http_client *http, ll_time now, const _Atomic bool *stop);
void ll_scrape_page_drop(struct ll_scrape_page *page);
/* What the job will remember less, or more, when this page is not taken. */
void ll_scrape_page_undo(struct ll_scrape_job *job, struct ll_scrape_peer *p);
/* The same from bytes in memory: what comes behind the exchange. */
void ll_scrape_page_read(struct ll_scrape_job *job, struct ll_scrape_peer *p, struct ll_slice body,
                         bool om, ll_time now);

#endif
