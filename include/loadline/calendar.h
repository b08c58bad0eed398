/* Component 6, market calendars: sessions, open or not, what opens next, events, iCalendar.  Which
 * calendars an installation has is config/calendars.h; docs/reference/components.md says which
 * function is which operation. */
#ifndef LL_LOADLINE_CALENDAR_H
#define LL_LOADLINE_CALENDAR_H

#include "calendar/calendar.h"
#include "calendar/events.h"
#include "calendar/ics.h"

#endif
