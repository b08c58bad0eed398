#!/usr/bin/env python3
"""One POST with good and bad samples: each bad one is refused by its index, with its reason, and
the good ones are kept; whole bodies that are not JSON are refused as a whole."""
import json
import sqlite3
import time

from live import Day, sample

CASES = [  # (fields, raw text to put in, what the reason must name); None = good
    ("good_plain", '{"service":"ok","resource_type":"CPU","current_value":1,"capacity":2}', None),
    ("future", '{"service":"f","resource_type":"CPU","current_value":1,"timestamp":%(t11)d}', "future|ahead"),
    ("good_9_minutes", '{"service":"ok9","resource_type":"CPU","current_value":1,"timestamp":%(t9)d}', None),
    ("nan_text", '{"service":"n","resource_type":"CPU","current_value":"NaN"}', "number"),
    ("nan_bare", '{"service":"n","resource_type":"CPU","current_value":NaN}', "finite"),
    ("inf_bare", '{"service":"n","resource_type":"CPU","current_value":Infinity}', "finite"),
    ("minus_inf", '{"service":"n","resource_type":"CPU","current_value":-Infinity}', "finite"),
    ("null", '{"service":"n","resource_type":"CPU","current_value":null}', "missing"),
    ("huge", '{"service":"h","resource_type":"CPU","current_value":1e999}', "finite"),
    ("huge_capacity", '{"service":"h","resource_type":"CPU","current_value":1,"capacity":1e999}', "finite"),
    ("good_null_capacity", '{"service":"oknull","resource_type":"CPU","current_value":1,"capacity":null}', None),
    ("negative", '{"service":"m","resource_type":"CPU","current_value":-1}', ">= 0"),
    ("negative_capacity", '{"service":"c","resource_type":"CPU","current_value":1,"capacity":-2}', "capacity"),
    ("zero_capacity", '{"service":"z","resource_type":"CPU","current_value":1,"capacity":0}', "capacity"),
    ("max_below", '{"service":"x","resource_type":"CPU","current_value":5,"max_value":1}', "max"),
    ("good_over_capacity", '{"service":"okover","resource_type":"CPU","current_value":3,"capacity":2}', None),
    ("unknown_field", '{"service":"u","resource_type":"CPU","current_value":1,"capacty":2}', "capacity"),
    ("unknown_enum", '{"service":"u","resource_type":"CPUS","current_value":1}', "CPU"),
    ("enum_number", '{"service":"u","resource_type":7,"current_value":1}', "resource_type"),
    ("unknown_unit", '{"service":"u","resource_type":"CPU","current_value":1,"unit":"furlongs"}', "unit"),
    ("name_256", '{"service":"%(n256)s","resource_type":"CPU","current_value":1}', "name"),
    ("good_name_255", '{"service":"%(n255)s","resource_type":"CPU","current_value":1}', None),
    ("part_256", '{"service":"p","part":"%(n256)s","resource_type":"CPU","current_value":1}', "name"),
    ("name_empty", '{"service":"","resource_type":"CPU","current_value":1}', "name"),
    ("name_nul", '{"service":"a\\u0000b","resource_type":"CPU","current_value":1}', "name"),
    ("name_missing", '{"resource_type":"CPU","current_value":1}', "service"),
    ("twice", '{"service":"d","resource_type":"CPU","current_value":1,"current_value":2}', "twice"),
    ("twice_null", '{"service":"d2","resource_type":"CPU","current_value":null,"current_value":2}', "twice"),
    ("not_object", "7", "object"),
    ("list_value", '{"service":"l","resource_type":"CPU","current_value":[1]}', "number"),
    ("time_text", '{"service":"t","resource_type":"CPU","current_value":1,"timestamp":"yesterday"}', "time"),
    ("time_1970", '{"service":"t","resource_type":"CPU","current_value":1,"timestamp":0}', "old"),
    ("time_int64", '{"service":"t","resource_type":"CPU","current_value":1,"timestamp":9223372036854775807}', "time"),
    ("window", '{"service":"w","resource_type":"CPU","current_value":1,"window_seconds":-1}', "window"),
    ("good_last", '{"service":"oklast","resource_type":"CPU","current_value":1e-300}', None),
]
BUSINESS = [
    ("good", '{"metric":"orders","value":-5}', None),
    ("future", '{"metric":"orders","value":1,"timestamp":%(t11)d}', "future|ahead"),
    ("nan", '{"metric":"orders","value":NaN}', "finite"),
    ("null", '{"metric":"orders","value":null}', "missing"),
    ("huge", '{"metric":"orders","value":1e999}', "finite"),
    ("unknown", '{"metric":"orders","value":1,"venues":"x"}', "venue"),
    ("empty", '{"metric":"","value":1}', "empty"),
    ("long", '{"metric":"%(n256)s","value":1}', "name"),
    ("nul", '{"metric":"a\\u0000b","value":1}', "name"),
    ("twice", '{"metric":"a","metric":"b","value":1}', "twice"),
    ("good_last", '{"metric":"orders2","venue":"XLON","value":1e300}', None),
]
BROKEN = [
    (b'{"metrics":[{"service":"a\xff","resource_type":"CPU","current_value":1}]}', "invalid UTF-8"),
    (b'{"metrics":[{"service":"a\\ud800","resource_type":"CPU","current_value":1}]}', "lone surrogate"),
    (b'{"metrics":[{"service":"a","resource_type":"CPU","current_value":1}', "cut"),
    (b'{"metrics":[{"service":"a","resource_type":"CPU","current_value":01}]}', "leading zero"),
    (b'{"metrics":[{"service":"a","resource_type":"CPU","current_value":1}]}x', "more behind"),
    (b'{"metrics":[{"service":"a","resource_type":"CPU","current_value":1}],"metrics":[]}', "list twice"),
    (b'{"metrics":[],"metricz":[]}', "unknown list"),
    (b"[]", "not an object"),
    (b"", "empty"),
    (b"\0\0\0\0", "zeros"),
    (b"\xef\xbb\xbf{}", "byte order mark"),
]


def body(cases, values):
    return "[" + ",".join((text % values if "%(" in text else text) for _, text, _ in cases) + "]"


def check(day, cases, which, answer):
    reasons = {r["index"]: r["reason"] for r in answer["rejected"] if r["list"] == which}
    for i, (name, _, wanted) in enumerate(cases):
        got = reasons.get(i)
        if wanted is None:
            day.must(got is None, f"{which} {name}: a good one was refused: {got}")
        elif day.must(got is not None, f"{which} {name}: accepted"):
            ok = any(w.lower() in got.lower() for w in wanted.split("|"))
            day.must(ok, f"{which} {name}: the reason does not name {wanted}: {got}")


def main():
    with Day("refusals") as day:
        d = day.daemon("--collect.host.enabled=false")
        d.start()
        now = int(time.time())
        values = {"t11": now + 660, "t9": now + 540, "n256": "n" * 256, "n255": "n" * 255}
        text = f'{{"metrics":{body(CASES, values)},"business":{body(BUSINESS, values)}}}'
        status, _, got = d.request("POST", "/api/v1/metrics", text)
        day.need(status == 200, f"the mixed body got {status}: {got[:300]}")
        answer = json.loads(got)
        check(day, CASES, "metrics", answer)
        check(day, BUSINESS, "business", answer)
        good = sum(w is None for _, _, w in CASES + BUSINESS)
        day.must(answer["accepted"] == good, f"accepted {answer['accepted']} of {good} good ones")
        status, _, got = d.request("POST", "/api/v1/metrics", {"business": [{"metric": "alone", "value": 1}]})
        day.need(status == 200 and d.alive(), f"business alone: {status} {got[:200]}")
        for raw, name in BROKEN:
            status, _, got = d.request("POST", "/api/v1/metrics", raw)
            day.must(status == 400, f"{name}: {status} {got[:200]}")
            day.must(b'"status":400' in got, f"{name}: not a problem: {got[:200]}")
        status, headers, got = d.push(sample(current_value=-1))
        day.must(status == 400 and json.loads(got)["rejected"][0]["index"] == 0, f"all bad: {status} {got[:200]}")
        d.end()
        db = sqlite3.connect(f"{d.data}/loadline.db")
        kept = {r[0] for r in db.execute("SELECT r.service FROM samples s JOIN series r ON r.id = s.series_id")}
        orders = db.execute("SELECT count(*) FROM business_metrics").fetchone()[0]
        wanted = {json.loads(t % values if "%(" in t else t)["service"] for _, t, w in CASES if w is None}
        day.must(kept == wanted, f"kept {sorted(x[:20] for x in kept)}")
        day.must(orders == 3, f"kept {orders} business values")
        day.figures = {"bad": len(CASES) + len(BUSINESS) - good, "good": good, "broken_bodies": len(BROKEN)}


main()
