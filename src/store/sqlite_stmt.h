/* The statements of the write side, prepared when first used and kept. */
#ifndef LL_STORE_SQLITE_STMT_H
#define LL_STORE_SQLITE_STMT_H

#define LL_SQLITE_STMT_TABLE(X)                                                                    \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                    \
    X(COMMIT, "COMMIT")                                                                            \
    X(ROLLBACK, "ROLLBACK")                                                                        \
    X(STATE, "UPDATE state SET samples=?1,oldest=?2,newest=?3,rolled_5m=?4,rolled_1h=?5,"          \
             "labeled=?6,decision_bytes=?7")                                                       \
    X(SERIES_FIND, "SELECT id,unit,is_primary,last_seen FROM series "                              \
                   "WHERE service=?1 AND resource_type=?2 AND instance=?3 AND part=?4")            \
    X(SERIES_ADD, "INSERT INTO series(service,resource_type,instance,part,unit,is_primary,"        \
                  "first_seen,last_seen) VALUES(?1,?2,?3,?4,?5,?6,?7,?7)")                         \
    X(SERIES_KIND, "UPDATE series SET unit=?2,is_primary=?3 WHERE id=?1")                          \
    X(SERIES_SEEN, "UPDATE series SET last_seen=?2 WHERE id=?1 AND last_seen<?2")                  \
    X(SERIES_NEXT, "SELECT id FROM series WHERE id>?1 ORDER BY id LIMIT 1")                        \
    X(SAMPLE_PUT, "INSERT OR REPLACE INTO samples VALUES(?1,?2,?3,?4,?5,?6)")                      \
    X(SAMPLE_HAS, "SELECT 1 FROM samples WHERE series_id=?1 AND t=?2")                             \
    X(SAMPLE_NEWEST, "SELECT max(t) FROM samples WHERE series_id=?1")                              \
    X(SAMPLE_BEFORE, "SELECT max(t) FROM samples WHERE series_id=?1 AND t<=?2")                    \
    X(SAMPLE_OLDEST, "SELECT min(t) FROM samples WHERE series_id=?1")                              \
    X(SAMPLE_SCAN, "SELECT t,value,capacity,max_value FROM samples "                               \
                   "WHERE series_id=?1 AND t>=?2 ORDER BY t")                                      \
    X(DIRTY_PUT, "INSERT OR IGNORE INTO dirty VALUES(?1,?2,?3)")                                   \
    X(DIRTY_NEXT, "SELECT t,series_id FROM dirty WHERE step=?1 AND t<=?2 LIMIT 1")                 \
    X(DIRTY_DROP, "DELETE FROM dirty WHERE step=?1 AND t=?2 AND series_id=?3")                     \
    X(PEAK_GET, "SELECT value,at FROM daily_peaks WHERE series_id=?1 AND day=?2")                  \
    X(PEAK_PUT, "INSERT OR REPLACE INTO daily_peaks VALUES(?1,?2,?3,?4,?5,?6)")                    \
    X(PEAK_SEEK, "SELECT coalesce(max_value,value) AS v,capacity,t,window_ms FROM samples "        \
                 "WHERE series_id=?1 AND t>=?2 AND t<?3 ORDER BY v DESC,t LIMIT 1")                \
    X(BUSINESS_PUT, "INSERT OR REPLACE INTO business_metrics VALUES(?1,?2,?3,?4,?5)")              \
    X(EVENT_PUT,                                                                                   \
      "INSERT INTO scaling_events(action_id,rule_id,direction,from_value,to_value,reason,t,"       \
      "service,resource_type,state,epoch,decision,target,actor,created,changed,expires) "          \
      "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17) "                        \
      "ON CONFLICT(action_id) DO UPDATE SET rule_id=?2,direction=?3,from_value=?4,to_value=?5,"    \
      "reason=?6,t=?7,service=?8,resource_type=?9,state=?10,epoch=?11,decision=?12,target=?13,"    \
      "actor=?14,changed=?16,expires=?17 WHERE CASE WHEN state='proposed' THEN 1 "                 \
      "WHEN state IN ('pending','unknown') THEN ?10<>'proposed' "                                  \
      "ELSE ?10 NOT IN ('proposed','pending','unknown') END")                                      \
    X(RULE_PUT,                                                                                    \
      "INSERT INTO scaling_rules(kind,id,version,document,deleted,actor,t) "                       \
      "SELECT ?1,?2,?3,?4,?5,?6,?7 WHERE ?3=1+coalesce((SELECT max(version) FROM scaling_rules "   \
      "WHERE kind=?1 AND id=?2),0)")                                                               \
    X(STATE_PUT, "INSERT OR REPLACE INTO scaling_state VALUES(?1,?2,?3)")                          \
    X(STATE_DROP, "DELETE FROM scaling_state WHERE target=?1")                                     \
    X(DECISION_PUT, "INSERT OR IGNORE INTO scaling_decisions(id,t,target,service,verdict,current," \
                    "\"to\",record) VALUES(?1,?2,?3,?4,?5,?6,?7,?8)")                              \
    X(DECISION_FIRST, "SELECT seq,t,length(CAST(record AS BLOB)) FROM scaling_decisions "          \
                      "ORDER BY t,seq LIMIT 1")                                                    \
    X(DECISION_DROP, "DELETE FROM scaling_decisions WHERE seq=?1")                                 \
    X(AUDIT_LAST, "SELECT seq,hash FROM audit ORDER BY seq DESC LIMIT 1")                          \
    X(AUDIT_PUT, "INSERT INTO audit(seq,t,actor,role,address,action,object,detail,previous,hash) " \
                 "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)")                                         \
    X(ROLL_5M_PUT, "INSERT OR REPLACE INTO rollup_5m VALUES(?1,?2,?3,?4,?5,?6,?7)")                \
    X(ROLL_1H_PUT, "INSERT OR REPLACE INTO rollup_1h VALUES(?1,?2,?3,?4,?5,?6,?7)")                \
    X(ROLL_5M_HAS, "SELECT 1 FROM rollup_5m WHERE series_id=?1 AND t=?2")                          \
    X(ROLL_1H_HAS, "SELECT 1 FROM rollup_1h WHERE series_id=?1 AND t=?2")                          \
    X(RAW_NTH, "SELECT t FROM samples WHERE series_id=?1 AND t<?2 ORDER BY t LIMIT 1 OFFSET ?3")   \
    X(ROLL_5M_NTH,                                                                                 \
      "SELECT t FROM rollup_5m WHERE series_id=?1 AND t<?2 ORDER BY t LIMIT 1 OFFSET ?3")          \
    X(ROLL_1H_NTH,                                                                                 \
      "SELECT t FROM rollup_1h WHERE series_id=?1 AND t<?2 ORDER BY t LIMIT 1 OFFSET ?3")          \
    X(RAW_DROP, "DELETE FROM samples WHERE series_id=?1 AND t<?2")                                 \
    X(ROLL_5M_DROP, "DELETE FROM rollup_5m WHERE series_id=?1 AND t<?2")                           \
    X(ROLL_1H_DROP, "DELETE FROM rollup_1h WHERE series_id=?1 AND t<?2")                           \
    X(LABELS_ADD, "INSERT INTO label_series(labels,first_seen,last_seen) VALUES(?1,?2,?2)")        \
    X(LABELS_SEEN, "UPDATE label_series SET last_seen=?2 WHERE id=?1 AND last_seen<?2")            \
    X(LABELS_NEXT, "SELECT id FROM label_series WHERE id>?1 ORDER BY id LIMIT 1")                  \
    X(LABELS_DROP, "DELETE FROM label_series WHERE id=?1")                                         \
    X(LABELED_PUT, "INSERT OR REPLACE INTO label_samples VALUES(?1,?2,?3)")                        \
    X(LABELED_GET, "SELECT value FROM label_samples WHERE series_id=?1 AND t=?2")                  \
    X(LABELED_NEWEST, "SELECT max(t) FROM label_samples WHERE series_id=?1")                       \
    X(LABELED_NTH,                                                                                 \
      "SELECT t FROM label_samples WHERE series_id=?1 AND t<?2 ORDER BY t LIMIT 1 OFFSET ?3")      \
    X(LABELED_DROP, "DELETE FROM label_samples WHERE series_id=?1 AND t<?2")                       \
    X(SERIES_FIRST, "UPDATE series SET first_seen=?2 WHERE id=?1 AND first_seen>?2")               \
    X(INBOX_PUT, "INSERT INTO inbox(received,body) VALUES(?1,?2)")                                 \
    X(INBOX_FIRST, "SELECT id,received,length(body) FROM inbox ORDER BY id LIMIT 1")               \
    X(INBOX_DROP, "DELETE FROM inbox WHERE id=?1")                                                 \
    X(CURSOR_PUT, "INSERT OR REPLACE INTO cursors VALUES(?1,?2)")                                  \
    X(BUSINESS_NTH, "SELECT t FROM business_metrics WHERE t<?1 ORDER BY t LIMIT 1 OFFSET ?2")      \
    X(BUSINESS_DROP, "DELETE FROM business_metrics WHERE t<?1")                                    \
    X(FORECAST_PUT, "INSERT OR REPLACE INTO forecasts(id,service,resource_type,unit,origin,until," \
                    "step,level,model_used,reason,calendar,peak,peak_at,peak_upper,peak_above,"    \
                    "capacity,scale,multiplier,judged,made,lead,part,history_from,history_steps,"  \
                    "newest,half_50,half_80,half_90,half_95,half_99) VALUES(?1,?2,?3,?4,?5,?6,?7," \
                    "?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,?26,"   \
                    "?27,?28,?29,?30)")                                                            \
    X(FORECAST_SEASON, "INSERT OR REPLACE INTO forecast_seasons VALUES(?1,?2,?3)")                 \
    X(FORECAST_EFFECT, "INSERT OR REPLACE INTO forecast_effects VALUES(?1,?2,?3,?4,?5)")           \
    X(VENUE_EFFECT, "INSERT OR REPLACE INTO venue_effects "                                        \
                    "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)")                              \
    X(VENUE_EFFECTS_DROP, "DELETE FROM venue_effects WHERE day<?1")                                \
    X(FORECAST_POINT, "INSERT OR REPLACE INTO forecast_points VALUES(?1,?2,?3,?4,?5,?6,?7,?8)")    \
    X(FORECAST_JUDGE, "UPDATE forecasts SET judged=judged|?2 WHERE id=?1 AND judged&?2=0")         \
    X(FORECAST_POINTS_DROP, "DELETE FROM forecast_points WHERE forecast IN (SELECT id FROM "       \
                            "forecasts WHERE until<?1 ORDER BY until,id LIMIT ?2)")                \
    X(FORECAST_SEASONS_DROP, "DELETE FROM forecast_seasons WHERE forecast IN (SELECT id FROM "     \
                             "forecasts WHERE until<?1 ORDER BY until,id LIMIT ?2)")               \
    X(FORECAST_EFFECTS_DROP, "DELETE FROM forecast_effects WHERE forecast IN (SELECT id FROM "     \
                             "forecasts WHERE until<?1 ORDER BY until,id LIMIT ?2)")               \
    X(FORECASTS_DROP, "DELETE FROM forecasts WHERE id IN (SELECT id FROM forecasts "               \
                      "WHERE until<?1 ORDER BY until,id LIMIT ?2)")                                \
    X(ACCURACY_ADD, "INSERT INTO forecast_accuracy VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12," \
                    "?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24) "                            \
                    "ON CONFLICT DO UPDATE SET hours=hours+?5,abs_error=abs_error+?6,"             \
                    "abs_actual=abs_actual+?7,error=error+?8,hours_scaled=hours_scaled+?9,"        \
                    "scaled=scaled+?10,hours_bounded=hours_bounded+?11,inside=inside+?12,"         \
                    "pinball=pinball+?13,width=width+?14,naive_hours=naive_hours+?15,"             \
                    "naive_abs_error=naive_abs_error+?16,naive_abs_actual=naive_abs_actual+?17,"   \
                    "naive_error=naive_error+?18,naive_hours_scaled=naive_hours_scaled+?19,"       \
                    "naive_scaled=naive_scaled+?20,naive_hours_bounded=naive_hours_bounded+?21,"   \
                    "naive_inside=naive_inside+?22,naive_pinball=naive_pinball+?23,"               \
                    "naive_width=naive_width+?24")                                                 \
    X(ACCURACY_DROP, "DELETE FROM forecast_accuracy WHERE day<?1")

#define X(name, sql) LL_SQLITE_##name,
enum ll_sqlite_stmt_id { LL_SQLITE_STMT_TABLE(X) LL_SQLITE_STMT_COUNT };
#undef X

#endif
