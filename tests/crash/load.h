/* The numbered samples that writer_load writes and store_verify looks for. */
#ifndef LL_TESTS_CRASH_LOAD_H
#define LL_TESTS_CRASH_LOAD_H

#define LOAD_T0 1763942400000LL /* 2025-11-24T00:00:00Z */
#define LOAD_STEP_MS 10LL
#define LOAD_INSTANCES 40

#endif
