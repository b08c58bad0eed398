/* Loadline's C API: everything below the I/O line, and the configuration. */
#ifndef LL_LOADLINE_LOADLINE_H
#define LL_LOADLINE_LOADLINE_H

#include "loadline/calendar.h"
#include "loadline/config.h"
#include "loadline/monitor.h"

#endif
