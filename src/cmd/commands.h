/* Every command: one file each, listed in commands.c. */
#ifndef LL_CMD_COMMANDS_H
#define LL_CMD_COMMANDS_H

#include "cmd/cmd.h"

extern const struct ll_command ll_cmd_accuracy;
extern const struct ll_command ll_cmd_agent;
extern const struct ll_command ll_cmd_audit_list;
extern const struct ll_command ll_cmd_audit_verify;
extern const struct ll_command ll_cmd_backtest;
extern const struct ll_command ll_cmd_calendar_check;
extern const struct ll_command ll_cmd_calendar_closed;
extern const struct ll_command ll_cmd_calendar_diff;
extern const struct ll_command ll_cmd_calendar_events;
extern const struct ll_command ll_cmd_calendar_list;
extern const struct ll_command ll_cmd_calendar_now;
extern const struct ll_command ll_cmd_calendar_sessions;
extern const struct ll_command ll_cmd_calendar_show;
extern const struct ll_command ll_cmd_capacity_learn;
extern const struct ll_command ll_cmd_capacity_set;
extern const struct ll_command ll_cmd_capacity_show;
extern const struct ll_command ll_cmd_check_config;
extern const struct ll_command ll_cmd_check_mapping;
extern const struct ll_command ll_cmd_check_metrics;
extern const struct ll_command ll_cmd_completion;
extern const struct ll_command ll_cmd_config_schema;
extern const struct ll_command ll_cmd_config_show;
extern const struct ll_command ll_cmd_cron_next;
extern const struct ll_command ll_cmd_doctor;
extern const struct ll_command ll_cmd_explain;
extern const struct ll_command ll_cmd_export;
extern const struct ll_command ll_cmd_forecast;
extern const struct ll_command ll_cmd_freeze;
extern const struct ll_command ll_cmd_help;
extern const struct ll_command ll_cmd_history;
extern const struct ll_command ll_cmd_import_csv;
extern const struct ll_command ll_cmd_import_prometheus;
extern const struct ll_command ll_cmd_man;
extern const struct ll_command ll_cmd_metrics;
extern const struct ll_command ll_cmd_mode;
extern const struct ll_command ll_cmd_peaks;
extern const struct ll_command ll_cmd_proposals_approve;
extern const struct ll_command ll_cmd_proposals_list;
extern const struct ll_command ll_cmd_proposals_reject;
extern const struct ll_command ll_cmd_proposals_show;
extern const struct ll_command ll_cmd_rules_apply;
extern const struct ll_command ll_cmd_rules_delete;
extern const struct ll_command ll_cmd_rules_diff;
extern const struct ll_command ll_cmd_rules_get;
extern const struct ll_command ll_cmd_rules_list;
extern const struct ll_command ll_cmd_rules_pause;
extern const struct ll_command ll_cmd_rules_resume;
extern const struct ll_command ll_cmd_seasonality;
extern const struct ll_command ll_cmd_serve;
extern const struct ll_command ll_cmd_services;
extern const struct ll_command ll_cmd_simulate;
extern const struct ll_command ll_cmd_sources;
extern const struct ll_command ll_cmd_status;
extern const struct ll_command ll_cmd_timeline;
extern const struct ll_command ll_cmd_top;
extern const struct ll_command ll_cmd_version;
extern const struct ll_command ll_cmd_notify_test;
extern const struct ll_command ll_cmd_webhook_sign;
extern const struct ll_command ll_cmd_webhook_verify;

#endif
