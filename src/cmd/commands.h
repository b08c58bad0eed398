/* Every command: one file each, listed in commands.c. */
#ifndef LL_CMD_COMMANDS_H
#define LL_CMD_COMMANDS_H

#include "cmd/cmd.h"

extern const struct ll_command ll_cmd_accuracy, ll_cmd_peaks, ll_cmd_agent, ll_cmd_backtest,
    ll_cmd_forecast, ll_cmd_seasonality, ll_cmd_calendar_check, ll_cmd_calendar_closed,
    ll_cmd_calendar_diff, ll_cmd_calendar_events, ll_cmd_calendar_list, ll_cmd_calendar_now,
    ll_cmd_calendar_sessions, ll_cmd_calendar_show, ll_cmd_check_config, ll_cmd_check_mapping,
    ll_cmd_check_metrics, ll_cmd_completion, ll_cmd_config_schema, ll_cmd_config_show,
    ll_cmd_doctor, ll_cmd_export, ll_cmd_help, ll_cmd_import_csv, ll_cmd_import_prometheus,
    ll_cmd_man, ll_cmd_metrics, ll_cmd_serve, ll_cmd_services, ll_cmd_sources, ll_cmd_status,
    ll_cmd_top, ll_cmd_version, ll_cmd_webhook_sign, ll_cmd_webhook_verify;

#endif
