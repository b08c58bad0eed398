#!/usr/bin/env python3
"""Makes a database of today one of an older schema version: older.py FILE VERSION

What a version brought is dropped, the newest first, as if it had never been; the rest stays.
"""
import sqlite3
import sys

BROUGHT = {
    4: """DROP TABLE scaling_rules; DROP TABLE scaling_state; DROP TABLE scaling_decisions;
          DROP TABLE audit; DROP INDEX scaling_events_open; DROP INDEX scaling_events_state;
          ALTER TABLE scaling_events DROP COLUMN target;
          ALTER TABLE scaling_events DROP COLUMN actor;
          ALTER TABLE scaling_events DROP COLUMN created;
          ALTER TABLE scaling_events DROP COLUMN changed;
          ALTER TABLE scaling_events DROP COLUMN expires;
          ALTER TABLE state DROP COLUMN decision_bytes;
          DROP TABLE venue_effects; DROP TABLE forecast_effects; DROP TABLE forecast_seasons;
          ALTER TABLE forecasts DROP COLUMN lead; ALTER TABLE forecasts DROP COLUMN part;
          ALTER TABLE forecasts DROP COLUMN history_from;
          ALTER TABLE forecasts DROP COLUMN history_steps;
          ALTER TABLE forecasts DROP COLUMN newest; ALTER TABLE forecasts DROP COLUMN half_50;
          ALTER TABLE forecasts DROP COLUMN half_80; ALTER TABLE forecasts DROP COLUMN half_90;
          ALTER TABLE forecasts DROP COLUMN half_95; ALTER TABLE forecasts DROP COLUMN half_99;
          INSERT INTO scaling_events(action_id,rule_id,direction,from_value,to_value,reason,t,
            service,resource_type,state,epoch,decision)
            VALUES('old','r','SCALE_OUT',1,2,'',7,'s','CPU','pending',0,'');""",
    3: "DROP TABLE forecasts; DROP TABLE forecast_points; DROP TABLE forecast_accuracy;",
    2: """DROP VIEW label_metrics; DROP TABLE label_samples; DROP TABLE label_series;
          DROP TABLE inbox; DROP TABLE cursors; ALTER TABLE state DROP COLUMN labeled;""",
}

db = sqlite3.connect(sys.argv[1])
version = int(sys.argv[2])
newest = db.execute("PRAGMA user_version").fetchone()[0]
if newest != max(BROUGHT):
    sys.exit(f"older.py knows up to version {max(BROUGHT)}, the database has {newest}")
for v in range(newest, version, -1):
    db.executescript(BROUGHT[v])
db.execute(f"PRAGMA user_version={version}")
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
db.commit()
db.close()
