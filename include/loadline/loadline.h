/* Loadline's C API: everything below the I/O line.  The configuration is loadline/config.h, which
 * is no part of libloadline as it is installed: it reads files. */
#ifndef LL_LOADLINE_LOADLINE_H
#define LL_LOADLINE_LOADLINE_H

#include "loadline/calendar.h"
#include "loadline/forecaster.h"
#include "loadline/monitor.h"
#include "loadline/scaling.h"

#endif
