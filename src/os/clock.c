#include "os/clock.h"

#include <time.h>

static ll_time read_clock(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (ll_time)ts.tv_sec * LL_SECOND + ts.tv_nsec / 1000000;
}

static ll_time real_now(void *self)
{
    (void)self;
    return read_clock(CLOCK_REALTIME);
}

static ll_time real_mono(void *self)
{
    (void)self;
    return read_clock(CLOCK_BOOTTIME);
}

struct ll_clock ll_clock_real(void)
{
    return (struct ll_clock){.now = real_now, .mono = real_mono};
}

static ll_time virtual_now(void *self)
{
    const struct ll_clock_virtual *v = self;
    return v->now;
}

static ll_time virtual_mono(void *self)
{
    const struct ll_clock_virtual *v = self;
    return v->mono;
}

struct ll_clock ll_clock_virtual(struct ll_clock_virtual *v)
{
    return (struct ll_clock){.now = virtual_now, .mono = virtual_mono, .self = v};
}

void ll_clock_advance(struct ll_clock_virtual *v, ll_dur d)
{
    v->now += d;
    v->mono += d;
}
