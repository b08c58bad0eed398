/* Between the files of the set of calendars; nobody else includes it.  Everything here but
 * ll_calendars_can_compile is called with the set's lock held. */
#ifndef LL_CONFIG_CALENDARS_PRIVATE_H
#define LL_CONFIG_CALENDARS_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/vec.h"
#include "config/calendar_file.h"
#include "config/calendars.h"
#include "config/calendars_embedded.h"
#include "config/event_file.h"

/* Where a text is: in the program or on disk. */
struct ll_calendars_source {
    const char *file;                      /* path, also for messages; NULL = there is none */
    const struct ll_calendars_embedded *z; /* NULL = on disk */
};

struct ll_calendars_entry {
    struct ll_slice code;                   /* NUL-terminated */
    struct ll_calendars_source over, built; /* of the folder, of the program */
    struct ll_cal_change *changes;          /* of the overlays */
    size_t n_changes;
    struct ll_arena *arena;           /* of the rules */
    const struct ll_cal_rules *rules; /* NULL until asked for */
    struct ll_calendar *usual;        /* the same */
};

/* The folder's, else the program's. */
static inline const struct ll_calendars_source *
ll_calendars_first(const struct ll_calendars_source *over, const struct ll_calendars_source *built)
{
    return over->file ? over : built;
}

/* The files that extend each other, from the one asked for on. */
enum { LL_CALENDARS_CHAIN_MAX = 8 };
static inline bool ll_calendars_is_in(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

LL_VEC_DEFINE(ll_calendars_entries, struct ll_calendars_entry)

struct ll_calendars_zone {
    struct ll_slice name;
    struct ll_tz *tz;
};
LL_VEC_DEFINE(ll_calendars_zones, struct ll_calendars_zone)

struct ll_calendars_alias {
    struct ll_slice name; /* NUL-terminated */
    struct ll_calendars_entry *entry;
};
LL_VEC_DEFINE(ll_calendars_aliases, struct ll_calendars_alias)

/* An event file, by its name without a folder. */
struct ll_calendars_event_file {
    const char *path;                       /* "us.yaml" */
    struct ll_calendars_source over, built; /* of the folder, of the program */
    struct ll_event_rules rules;            /* of events_arena */
    const struct ll_calendars_entry *entry; /* whose; NULL = any calendar's without its own */
};
LL_VEC_DEFINE(ll_calendars_event_files, struct ll_calendars_event_file)

struct ll_calendars {
    pthread_mutex_t lock;
    atomic_size_t refs;
    struct ll_arena *arena; /* what lives as long as the set */
    const char *folder, *zoneinfo;
    ll_day to;
    struct ll_calendars_entries entries; /* sorted by code; does not move once opened */
    struct ll_calendar_tables own_tables, tables;
    bool has_tables; /* `tables` are those of the folder and of the program */
    struct ll_calendars_zones zones;
    struct ll_calendars_aliases aliases; /* that were asked for or surveyed */
    struct ll_calendar_info *infos;      /* of every entry; NULL until asked for */
    struct ll_err survey_err;            /* a file that could not be read; code 0 = none */
    struct ll_calendars_event_files events;
    struct ll_arena *events_arena; /* of their rules; NULL until asked for */
};

/* Files.  Texts are in `a`, NUL-terminated. */
LL_MUST_USE bool ll_calendars_text(const struct ll_calendars_source *s, struct ll_arena *a,
                                   struct ll_slice *text, struct ll_err *err);
/* Finds the calendars, reads the folder's tables and lists the event files. */
LL_MUST_USE bool ll_calendars_find_files(struct ll_calendars *s, struct ll_err *err);
LL_MUST_USE bool ll_calendars_need_tables(struct ll_calendars *s, struct ll_err *err);

/* By code alone; NULL = none. */
struct ll_calendars_entry *ll_calendars_by_code(struct ll_calendars *s, struct ll_slice code);
/* Sets LL_E_NOT_FOUND with the nearest code, or alias that is known; returns false. */
bool ll_calendars_unknown(const struct ll_calendars *s, struct ll_slice code, struct ll_err *err);
/* By code or alias, in any case; LL_E_NOT_FOUND. */
LL_MUST_USE bool ll_calendars_find(struct ll_calendars *s, struct ll_slice code,
                                   struct ll_calendars_entry **out, struct ll_err *err);

/* The whole rules of a text, joined with what it extends, in r->out. */
LL_MUST_USE bool ll_calendars_load_text(struct ll_calendars *s, struct ll_calendar_reading *r,
                                        struct ll_slice text, struct ll_cal_rules *out);
LL_MUST_USE bool ll_calendars_load(struct ll_calendars *s, const struct ll_calendars_entry *e,
                                   struct ll_arena *out, struct ll_cal_rules *rules,
                                   struct ll_err *err);
/* The same, kept in the entry. */
LL_MUST_USE bool ll_calendars_need_rules(struct ll_calendars *s, struct ll_calendars_entry *e,
                                         struct ll_err *err);
LL_MUST_USE bool ll_calendars_need_zone(struct ll_calendars *s, const struct ll_cal_rules *rules,
                                        const struct ll_tz **out, struct ll_err *err);

/* The whole event rules of a text, joined with what it extends, in r->out. */
LL_MUST_USE bool ll_calendars_load_events(struct ll_calendars *s, struct ll_calendar_reading *r,
                                          struct ll_slice text, struct ll_event_rules *out);

/* Dates of the files that f names, beside r->name. */
LL_MUST_USE bool ll_calendars_import_dates(struct ll_calendars *s, struct ll_calendar_reading *r,
                                           struct ll_event_file *f);

/* Whether its rules and its zone are there and right; takes the lock itself. */
LL_MUST_USE bool ll_calendars_can_compile(struct ll_calendars *s, struct ll_slice code,
                                          struct ll_err *err);

/* Reads every calendar once, for `infos` and all aliases; false without memory. */
LL_MUST_USE bool ll_calendars_survey(struct ll_calendars *s, struct ll_err *err);

LL_MUST_USE bool ll_calendars_read_overlays(struct ll_calendars *s, const char *const *files,
                                            struct ll_err *err);

#endif
