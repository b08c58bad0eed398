/* Market calendars over HTTP, on the program's own rule files. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_client.h"
#include "api_fake.h"
#include "os/clock.h"

static struct ll_engine *engine;
static struct ll_api *api;
static unsigned port;

static void setup(void)
{
    struct ll_err err = {0};
    engine = fake_engine_new();
    const struct ll_api_opts opts = {.engine = engine, .config = &engine->config};
    ck_assert_msg(ll_api_new(&opts, &api, &err), "%s", err.text);
    port = ll_api_port(api, 0);
}

static void teardown(void)
{
    ll_api_free(api);
    fake_engine_free(engine);
}

static void expect(int status, const char *path, const char *extra, const char *text)
{
    int got;
    char *answer = client_ask(port, "GET", path, extra, NULL, &got);
    ck_assert_msg(got == status, "%s: %d, not %d: %s", path, got, status, answer);
    ck_assert_msg(strstr(answer, text), "%s has no %s: %s", path, text, answer);
    free(answer);
}

#define API "/api/v1/calendars"
#define THANKSGIVING "?from=2026-11-25&to=2026-11-27"

START_TEST(http_calendars_are_listed_with_their_state)
{
    expect(200, API, "", "{\"calendar\":\"XNYS\",\"name\":\"");
    expect(200, API, "", "\"zone\":\"Asia/Tokyo\"");
}
END_TEST

START_TEST(http_a_moment_has_its_phase_and_its_minutes)
{
    /* The Friday after Thanksgiving closes at 13:00: half an hour is left at 12:30. */
    expect(200, API "/XNYS?at=2026-11-27T17:30:00Z", "", "\"phase\":\"regular\",\"open\":true");
    expect(200, API "/XNYS?at=2026-11-27T17:30:00Z", "",
           "\"minutes_since_open\":180,\"minutes_to_close\":30,\"class\":\"half\"");
    expect(200, API "/XNYS?at=2026-11-27T18:00:00Z", "", "\"open\":false");
    expect(200, API "/xnas?at=2026-11-26T15:00:00Z", "", "\"class\":\"closed_holiday\"");
    expect(200, API "/24-7?at=2026-11-26T15:00:00Z", "", "\"open\":true");
}
END_TEST

START_TEST(http_sessions_in_every_form)
{
    static const char csv[] = "session,open_utc,close_utc,break_start_utc,break_end_utc,projected\n"
                              "2026-11-25,2026-11-25T14:30:00Z,2026-11-25T21:00:00Z,,,false\n"
                              "2026-11-27,2026-11-27T14:30:00Z,2026-11-27T18:00:00Z,,,false\n";
    expect(200, API "/XNYS/sessions" THANKSGIVING "&format=csv", "", csv);
    expect(200, API "/XNYS/sessions" THANKSGIVING, "Accept: text/csv\r\n", csv);
    expect(200, API "/XNYS/sessions" THANKSGIVING, "",
           "{\"session\":\"2026-11-25\",\"open\":\"2026-11-25T14:30:00.000Z\"");
    expect(200, API "/XNYS/sessions.ics" THANKSGIVING, "", "BEGIN:VCALENDAR\r\n");
    expect(200, API "/XNYS/sessions.ics" THANKSGIVING, "", "Content-Type: text/calendar");
    expect(200, API "/XTKS/sessions?from=2026-11-24&to=2026-11-24&format=csv", "",
           "2026-11-24,2026-11-24T00:00:00Z,2026-11-24T06:30:00Z,2026-11-24T02:30:00Z,"
           "2026-11-24T03:30:00Z,false\n");
    /* Beyond the usual horizon too, and said to be projected. */
    expect(200, API "/XNYS/sessions?from=2045-01-03&to=2045-01-03&format=csv", "",
           "2045-01-03,2045-01-03T14:30:00Z,2045-01-03T21:00:00Z,,,true\n");
}
END_TEST

START_TEST(http_a_calendar_is_known_as_it_was)
{
    /* The day of mourning for Jimmy Carter was announced on 30 December 2024. */
    expect(200, API "/XNYS/sessions?from=2025-01-09&to=2025-01-09&known_at=2024-12-20", "",
           "\"session\":\"2025-01-09\"");
    expect(200, API "/XNYS/sessions?from=2025-01-09&to=2025-01-09", "", "\"items\":[]}");
    expect(200, API "/XNYS/diff?from=2025-01-01&to=2025-01-31&was=2024-12-20", "",
           "\"items\":[{\"date\":\"2025-01-09\",\"change\":\"closed\",\"was\":{\"session\":");
    expect(200, API "/XNYS/diff?from=2025-01-01&to=2025-01-31", "", "\"items\":[]}");
}
END_TEST

START_TEST(http_events_in_every_form)
{
    expect(200, API "/XNYS/events?from=2026-06-18&to=2026-06-18&format=csv", "",
           "2026-06-18,opt_expiry_quarterly_witching,2026-06-18T20:00:00Z,");
    expect(200, API "/XNYS/events?from=2026-06-18&to=2026-06-18", "",
           "\"event\":\"opt_expiry_monthly\",\"time\":\"2026-06-18T20:00:00.000Z\"");
    expect(200, API "/XNYS/events?from=2026-06-01&to=2026-06-30&event=month_end&format=csv", "",
           "date,event,time_utc,basis\n2026-06-30,month_end,2026-06-30T20:00:00Z,rule\n");
    expect(200, API "/XNYS/events.ics?from=2026-06-01&to=2026-06-30", "", "BEGIN:VEVENT\r\n");
}
END_TEST

START_TEST(http_windows_in_which_all_are_closed)
{
    /* A weekend of New York and London, from the end of the evening on. */
    expect(200, API "/XNYS/closed?with=XLON&from=2026-11-21&to=2026-11-22&min_seconds=36000", "",
           "\"items\":[{\"start\":\"2026-11-21T01:00:00.000Z\"");
    expect(200, API "/24-7/closed?from=2026-11-21&to=2026-11-22", "", "{\"items\":[]");
    expect(404, API "/XNYS/closed?with=XNYZ", "", "XNYS");
}
END_TEST

START_TEST(http_what_is_wrong_is_said)
{
    expect(404, API "/XNYZ", "", "XNYS");
    expect(404, API "/XNYZ/sessions", "", "application/problem+json");
    expect(400, API "/XNYS/sessions?from=2026-02-02&to=2026-01-01", "", "from is after to");
    expect(400, API "/XNYS/sessions?from=1066-01-01", "", "1900");
    expect(400, API "/XNYS/sessions?form=2026-01-01", "", "from");
    expect(404, API "/XNYS/session", "", "application/problem+json");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api_calendars");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, http_calendars_are_listed_with_their_state);
    tcase_add_test(t, http_a_moment_has_its_phase_and_its_minutes);
    tcase_add_test(t, http_sessions_in_every_form);
    tcase_add_test(t, http_a_calendar_is_known_as_it_was);
    tcase_add_test(t, http_events_in_every_form);
    tcase_add_test(t, http_windows_in_which_all_are_closed);
    tcase_add_test(t, http_what_is_wrong_is_said);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
