/* What systemd wants to hear (sd_notify(3)), without its library: one datagram a state. */
#ifndef LL_OS_NOTIFY_H
#define LL_OS_NOTIFY_H

#include "base/defs.h"
#include "base/time.h"

/* "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=…".  False when nobody asked
 * ($NOTIFY_SOCKET is not set) or the datagram could not be sent; neither is a failure. */
bool ll_notify_send(const char *state);

/* How often "WATCHDOG=1" is due: half of $WATCHDOG_USEC; 0 = not wanted. */
ll_dur ll_notify_watchdog_interval(void);

#endif
