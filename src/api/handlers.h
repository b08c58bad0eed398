/* The handlers of the route table, one group a file. */
#ifndef LL_API_HANDLERS_H
#define LL_API_HANDLERS_H

#include "api/routes.h"

/* get_view.c */
enum MHD_Result ll_handler_summary(struct ll_request *r);
enum MHD_Result ll_handler_snapshot(struct ll_request *r);
enum MHD_Result ll_handler_health(struct ll_request *r);
enum MHD_Result ll_handler_services(struct ll_request *r);
enum MHD_Result ll_handler_top(struct ll_request *r);
enum MHD_Result ll_handler_limits(struct ll_request *r);
enum MHD_Result ll_handler_status(struct ll_request *r);
enum MHD_Result ll_handler_events(struct ll_request *r);

/* get_discovery.c */
enum MHD_Result ll_handler_discovery(struct ll_request *r);
enum MHD_Result ll_handler_tap(struct ll_request *r);
enum MHD_Result ll_handler_tapped(struct ll_request *r);
enum MHD_Result ll_handler_mapping(struct ll_request *r);

/* get_history.c */
enum MHD_Result ll_handler_history(struct ll_request *r);
enum MHD_Result ll_handler_peaks(struct ll_request *r);

/* get_forecasts.c */
enum MHD_Result ll_handler_forecast(struct ll_request *r);
enum MHD_Result ll_handler_forecast_made_by(struct ll_request *r); /* params of forecast */
enum MHD_Result ll_handler_forecast_resume(struct ll_request *r);
enum MHD_Result ll_handler_demand(struct ll_request *r);
enum MHD_Result ll_handler_kept_forecast(struct ll_request *r);
enum MHD_Result ll_handler_forecast_accuracy(struct ll_request *r);
enum MHD_Result ll_handler_seasonality(struct ll_request *r);
enum MHD_Result ll_handler_simulations(struct ll_request *r);
enum MHD_Result ll_handler_expected_peaks(struct ll_request *r);
enum MHD_Result ll_handler_accuracy(struct ll_request *r);

/* get_business.c, get_export.c */
enum MHD_Result ll_handler_business(struct ll_request *r);
enum MHD_Result ll_handler_metrics_export(struct ll_request *r);
enum MHD_Result ll_handler_series_export(struct ll_request *r);

/* get_calendars.c, get_calendar_days.c */
enum MHD_Result ll_handler_calendars(struct ll_request *r);
enum MHD_Result ll_handler_calendar(struct ll_request *r);
enum MHD_Result ll_handler_calendar_closed(struct ll_request *r);
enum MHD_Result ll_handler_calendar_diff(struct ll_request *r);
enum MHD_Result ll_handler_calendar_sessions(struct ll_request *r);
enum MHD_Result ll_handler_calendar_sessions_ics(struct ll_request *r);
enum MHD_Result ll_handler_calendar_events(struct ll_request *r);
enum MHD_Result ll_handler_calendar_events_ics(struct ll_request *r);

/* post_import.c */
enum MHD_Result ll_handler_import(struct ll_request *r);
enum MHD_Result ll_handler_import_resume(struct ll_request *r);
enum MHD_Result ll_handler_import_cursor(struct ll_request *r);

/* get_rules.c */
enum MHD_Result ll_handler_rules(struct ll_request *r);
enum MHD_Result ll_handler_rule(struct ll_request *r);
enum MHD_Result ll_handler_desired(struct ll_request *r);
enum MHD_Result ll_handler_targets(struct ll_request *r);
enum MHD_Result ll_handler_target(struct ll_request *r);

/* put_rules.c */
enum MHD_Result ll_handler_rules_apply(struct ll_request *r);
enum MHD_Result ll_handler_rule_put(struct ll_request *r);
enum MHD_Result ll_handler_rule_delete(struct ll_request *r);
enum MHD_Result ll_handler_target_put(struct ll_request *r);
enum MHD_Result ll_handler_target_delete(struct ll_request *r);
enum MHD_Result ll_handler_capacity_models(struct ll_request *r);
enum MHD_Result ll_handler_cooldown(struct ll_request *r);
enum MHD_Result ll_handler_override_put(struct ll_request *r);
enum MHD_Result ll_handler_override_delete(struct ll_request *r);
enum MHD_Result ll_handler_evaluate(struct ll_request *r);

/* scaling_mode.c */
enum MHD_Result ll_handler_mode(struct ll_request *r);
enum MHD_Result ll_handler_mode_put(struct ll_request *r);
enum MHD_Result ll_handler_pause(struct ll_request *r);
enum MHD_Result ll_handler_freeze(struct ll_request *r);

/* scaling_actions.c */
enum MHD_Result ll_handler_actions(struct ll_request *r);
enum MHD_Result ll_handler_approve(struct ll_request *r);
enum MHD_Result ll_handler_reject(struct ll_request *r);
enum MHD_Result ll_handler_execute(struct ll_request *r);
enum MHD_Result ll_handler_decisions(struct ll_request *r);
enum MHD_Result ll_handler_decision(struct ll_request *r);
enum MHD_Result ll_handler_replay(struct ll_request *r);
enum MHD_Result ll_handler_audit(struct ll_request *r);

/* scaling_ask.c: what a command's request goes on with */
enum MHD_Result ll_handler_scaling_resume(struct ll_request *r);

/* post_metrics.c */
enum MHD_Result ll_handler_push(struct ll_request *r);
enum MHD_Result ll_handler_push_resume(struct ll_request *r);

/* post_write.c */
enum MHD_Result ll_handler_write(struct ll_request *r);
enum MHD_Result ll_handler_write_resume(struct ll_request *r);

/* get_stream.c */
enum MHD_Result ll_handler_stream(struct ll_request *r);

/* session.c */
enum MHD_Result ll_handler_session_get(struct ll_request *r);
enum MHD_Result ll_handler_session_post(struct ll_request *r);
enum MHD_Result ll_handler_session_delete(struct ll_request *r);

/* post_notify.c */
enum MHD_Result ll_handler_notify_test(struct ll_request *r);

/* operations.c */
enum MHD_Result ll_handler_healthy(struct ll_request *r);
enum MHD_Result ll_handler_ready(struct ll_request *r);
enum MHD_Result ll_handler_reload(struct ll_request *r);
enum MHD_Result ll_handler_exposition(struct ll_request *r);
enum MHD_Result ll_handler_openapi(struct ll_request *r);
enum MHD_Result ll_handler_errors_page(struct ll_request *r);

/* web.c */
enum MHD_Result ll_handler_web(struct ll_request *r);

#endif
