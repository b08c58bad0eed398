"""A Prometheus on its bad days: each has its exact reason, and nothing becomes zero."""
import json
import time
import unittest

from fake import Fake, poll, raw_server, send, serve

NOW = 1795484700
HOST = {"instance": "a:9100", "job": "node"}
ASKS = ("--ask=load", "--ask=cpu:counter", "--ask=info:fact")


def two_hosts():
    f = Fake()
    f.series = {"load": [({**HOST}, "1.5"), ({**HOST, "instance": "b:9100"}, "NaN")],
                "cpu": [({**HOST, "cpu": "0"}, "0.25")],
                "info": [({**HOST, "os": "linux"}, "1")],
                "up": [({**HOST}, str(NOW - 5)), ({**HOST, "instance": "b:9100"}, str(NOW - 5))]}
    return f


class Case(unittest.TestCase):
    def polled(self, fake, *flags, **kw):
        with serve(fake) as url:
            return poll(f"--url={url}", f"--now={NOW}", *ASKS, *flags, **kw)


class Whole(Case):
    def test_all_of_it_at_one_time(self):
        f = two_hosts()
        p, = self.polled(f)
        self.assertEqual((p["ok"], p["complete"], p["note"], p["failed"]), (True, True, "", 0))
        got = {(s["labels"]["__name__"], s["labels"]["instance"]): s for s in p["series"]}
        self.assertEqual(got[("load", "a:9100")]["value"], "1.5")
        self.assertEqual(got[("load", "b:9100")]["value"], "nan")
        self.assertEqual(got[("cpu", "a:9100")]["kind"], "rate")
        self.assertEqual(got[("info", "a:9100")]["kind"], "gauge")
        self.assertEqual({s["t"] for s in p["series"]}, {NOW * 1000})
        self.assertIn("rate(cpu[2m])", [q for _, q, _ in f.asked])
        self.assertTrue(all(form["time"] == [f"{NOW}.000"] for _, q, form in f.asked if q))
        self.assertTrue(all(form["limit"] == ["100001"] for _, q, form in f.asked if q))

    def test_what_is_not_there_is_not_asked(self):
        f = two_hosts()
        p, = self.polled(f, "--ask=absent", "--ask-selector={job=\"x\"}", "--match=env=\"p\"")
        asked = [q for _, q, _ in f.asked]
        self.assertFalse([q for q in asked if "absent" in q])
        self.assertIn('{job="x",env="p"}', asked)
        self.assertIn('rate(cpu{env="p"}[2m])', asked)
        self.assertEqual(f.asked[0][2]["match[]"], ['{env="p"}'])
        self.assertTrue(p["complete"])

    def test_facts_are_asked_once_a_minute_and_given_each_time(self):
        f = two_hosts()
        polls = self.polled(f, "--polls=4", "--advance=30")
        asked = [q for _, q, _ in f.asked]
        self.assertEqual(asked.count("info"), 2)
        self.assertEqual(asked.count("load"), 4)
        self.assertEqual(len([p for p, q, _ in f.asked if p.endswith("/values")]), 1)
        for i, p in enumerate(polls):
            facts = [s for s in p["series"] if s["labels"]["__name__"] == "info"]
            self.assertEqual([s["t"] for s in facts], [(NOW + 30 * i) * 1000])

    def test_a_target_that_is_down_says_nothing_any_more(self):
        f = two_hosts()
        f.series["up"] = [({**HOST}, "0"), ({**HOST, "instance": "b:9100"}, str(NOW - 500))]
        p, = self.polled(f)
        self.assertEqual([s for s in p["series"] if s["labels"]["__name__"] != "info"], [])
        self.assertIn("2 of 2 targets are down or silent", p["note"])

    def test_of_two_pages_of_one_kubelet_one_may_be_down(self):
        f = two_hosts()
        pages = [{**HOST, "metrics_path": m} for m in ("/metrics", "/metrics/cadvisor")]
        f.series["up"] = [(pages[0], str(NOW)), (pages[1], "0")]
        f.series["load"] = [(pages[0], "1"), (pages[1], "2"), (HOST, "3")]
        p, = self.polled(f)
        values = [s["value"] for s in p["series"] if s["labels"]["__name__"] == "load"]
        self.assertEqual(values, ["1", "3"])


class Faults(Case):
    def only(self, fault, where="load", **kw):
        f = two_hosts()
        f.faults[where] = fault
        p, = self.polled(f, **kw)
        return f, p

    def test_one_query_that_fails_takes_only_its_metric(self):
        cases = {
            "500": (lambda h: send(h, b"oops", 500, "text/plain"), "status 500"),
            "422": (lambda h: send(h, {"status": "error", "errorType": "execution",
                                       "error": "bad join"}, 422), "execution: bad join"),
            "too many": (lambda h: send(h, {"status": "error", "errorType": "execution", "error":
                                            "query processing would load too many samples"}, 422),
                         "too-large"),
            "html": (lambda h: send(h, b"<html>log in", 200, "text/html"), "text/html, not JSON"),
            "cut json": (lambda h: send(h, b'{"status":"success","data":{"resultType":"vector",'
                                           b'"result":[{"metric":{"__name__":"load"},"value":[1'),
                         "invalid"),
            "cut body": (lambda h: (send(h, b'{"status":"success"', length=500),
                                    setattr(h, "close_connection", True)), "cut short"),
            "scalar": (lambda h: send(h, {"status": "success", "data": {
                "resultType": "scalar", "result": [NOW, "1"]}}), "scalar"),
            "matrix": (lambda h: send(h, {"status": "success", "data": {
                "resultType": "matrix", "result": [{"metric": {}, "values": [[NOW, "1"]]}]}}),
                "matrix"),
            "status": (lambda h: send(h, {"status": "error", "errorType": "internal",
                                          "error": "no"}), "internal: no"),
            "timeout": (lambda h: send(h, {"status": "error", "errorType": "timeout",
                                           "error": "query timed out"}, 503), "timeout"),
            "other": (lambda h: send(h, [1, 2]), "not one of Prometheus"),
            "another time": (lambda h: send(h, {"status": "success", "data": {
                "resultType": "vector", "result": [{"metric": {}, "value": [1e9, "1"]}]}}),
                "another time"),
            "no number": (lambda h: send(h, {"status": "success", "data": {
                "resultType": "vector", "result": [{"metric": {}, "value": [NOW, "much"]}]}}),
                "'much' is not a value"),
        }
        for name, (fault, reason) in cases.items():
            with self.subTest(name):
                _, p = self.only(fault)
                names = sorted({s["labels"]["__name__"] for s in p["series"]})
                self.assertEqual((names, p["complete"], p["failed"]), (["cpu", "info"], False, 1))
                self.assertIn("1 of 5 queries failed", p["note"])
                self.assertIn("load: ", p["note"])
                self.assertIn(reason, p["note"])

    def test_half_of_the_series_is_no_whole(self):
        for said in ({"warnings": ["store gateway 2 did not answer"]}, {"isPartial": True}):
            f = two_hosts()
            f.extra = said
            p, = self.polled(f)
            self.assertTrue(p["series"])
            self.assertFalse(p["complete"])
            self.assertIn("may lack something", p["note"])

    def test_infos_of_prometheus_3_are_no_warnings(self):
        f = two_hosts()
        f.extra = {"infos": ["metric might not be a counter"]}
        p, = self.polled(f)
        self.assertTrue(p["complete"])

    def test_busy_is_left_alone_at_once(self):
        for status in (429, 503):
            f, p = self.only(lambda h: send(h, b"no", status, "text/plain",
                                            [("Retry-After", "17")]), "cpu")
            self.assertEqual((p["ok"], p["retry_after"], p["complete"]), (True, 17000, False))
            self.assertIn("busy", p["note"])
            f, p = self.only(lambda h: send(h, b"no", status, "text/plain",
                                            [("Retry-After", "17")]), "*")
            self.assertEqual((p["ok"], p["retry_after"], p["code"]), (False, 17000, "busy"))
            self.assertEqual(len(f.asked), 1)

    def test_nobody_is_asked_on_when_all_fails(self):
        for status, code in ((401, "unauthenticated"), (403, "not-allowed"), (404, "not-found"),
                             (500, "io"), (302, "io")):
            f, p = self.only(lambda h: send(h, b"", status), "*")
            self.assertEqual((p["ok"], p["code"]), (False, code))
            self.assertLessEqual(len(f.asked), 2)
            self.assertEqual(p["series"], [])

    def test_too_many_series(self):
        f = two_hosts()
        f.series["load"] = [({**HOST, "i": str(i)}, "1") for i in range(30)]
        p, = self.polled(f, "--max-series=20")
        names = {s["labels"]["__name__"] for s in p["series"]}
        self.assertEqual((names, p["complete"]), ({"cpu", "info"}, False))
        self.assertIn("too-large", p["note"])
        self.assertIn("over 20 series", p["note"])

    def test_too_many_bytes(self):
        f = two_hosts()
        f.series["load"] = [({**HOST, "i": str(i)}, "1") for i in range(300)]
        p, = self.polled(f, "--max-bytes=8192")
        self.assertEqual({s["labels"]["__name__"] for s in p["series"]}, {"cpu", "info"})
        self.assertIn("over 8192 bytes", p["note"])

    def test_nothing_at_all_is_said_with_what_was_looked_for(self):
        p, = self.polled(Fake())
        self.assertEqual((p["ok"], p["complete"], p["series"]), (True, False, []))
        self.assertIn("no series of the 3 metrics that mappings read: load, cpu, info", p["note"])

    def test_a_server_that_does_not_list_names_is_asked_for_all(self):
        f, p = self.only(lambda h: send(h, {"status": "error", "errorType": "bad_data",
                                            "error": "not here"}, 400), "names")
        self.assertEqual(len(p["series"]), 4)
        self.assertFalse(p["complete"])
        self.assertIn("names of metrics", p["note"])

    def test_invalid_labels_are_counted_and_the_rest_is_taken(self):
        f = two_hosts()
        f.series["load"].append(({**HOST, "": "x"}, "7"))
        p, = self.polled(f)
        self.assertEqual(len(p["series"]), 4)
        self.assertIn("1 series have labels that are not valid", p["note"])

    def test_a_poll_ends_with_its_interval(self):
        f = two_hosts()
        f.faults["cpu"] = lambda h: time.sleep(300)
        began = time.monotonic()
        p, = self.polled(f, "--interval=1s", "--timeout=900ms")
        self.assertLess(time.monotonic() - began, 200)
        self.assertIn("timeout", p["note"])
        self.assertFalse(p["complete"])

    def test_slow_answers_are_said_and_the_next_poll_goes_on_behind_them(self):
        f = two_hosts()

        def slow(h):
            time.sleep(2.25)
            send(h, {"status": "success", "data": {"resultType": "vector", "result": [
                {"metric": {"__name__": "load", **HOST}, "value": [NOW, "1"]}]}})

        f.faults["load"] = f.faults["cpu"] = f.faults["more"] = slow
        f.series["more"] = []
        polls = self.polled(f, "--ask=more", "--interval=3s", "--polls=2")
        self.assertIn("1 not asked: the answers take longer than the interval of 3.0 s",
                      polls[0]["note"])
        order = [q for _, q, _ in f.asked if q in ("load", "more") or q.startswith("rate(")]
        self.assertEqual((order[0], order[2]), ("load", "more"))  # and not the same two again
        self.assertFalse(any(p["complete"] for p in polls))

    def test_answers_that_are_cut_in_their_headers(self):
        for cut in (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", b"HTTP/1.1 200 OK\r\n",
                    b"HTTP/1.1", b"", b"\x00\xff garbage\r\n\r\n"):
            with self.subTest(cut):
                s, url = raw_server(cut)
                p, = poll(f"--url={url}", *ASKS)
                s.close()
                self.assertEqual((p["ok"], p["code"]), (False, "unreachable"), p)


class Business(Case):
    def test_counts_of_whole_intervals_and_those_that_were_missed(self):
        f = Fake()
        f.series = {"sum": [({"service": "om", "venue": "XNYS"}, "5"),
                            ({"service": "om", "venue": "XNYS", "pod": "2"}, "7"),
                            ({"service": "om"}, "NaN")]}
        f.faults["names"] = None
        polls = self.polled(f, "--business=trades=sum", "--polls=3", "--advance=90")
        got = [(b["metric"], b["service"], b["venue"], b["value"], b["t"]) for p in polls
               for b in p["business"]]
        times = [form["time"][0] for _, q, form in f.asked if q == "sum"]
        self.assertEqual(times, [f"{NOW - 60}.000", f"{NOW}.000", f"{NOW + 60}.000",
                                 f"{NOW + 120}.000"])
        self.assertEqual(got[0], ("trades", "om", "XNYS", 12, (NOW - 60) * 1000))
        self.assertEqual(len(got), 4)

    def test_a_count_that_fails_is_asked_again(self):
        f = Fake()
        f.series = {"sum": [({"venue": "XNYS"}, "5")]}
        fails = iter((True, False))

        def once(h):
            if next(fails, False):
                return send(h, b"", 500)
            return send(h, {"status": "success", "data": {"resultType": "vector", "result": [
                {"metric": {"venue": "X"}, "value": [NOW, "5"]}]}})

        f.faults["sum"] = once
        polls = self.polled(f, "--business=trades=sum", "--polls=2", "--advance=5")
        self.assertEqual([len(p["business"]) for p in polls], [0, 1])


class Unreachable(unittest.TestCase):
    def test_nobody_is_there(self):
        import support
        p, = poll(f"--url=http://127.0.0.1:{support.free_port()}", *ASKS)
        self.assertEqual((p["ok"], p["code"], p["series"]), (False, "unreachable", []))

    def test_facts_of_before_are_no_answer(self):
        f = two_hosts()
        with serve(f) as url:
            plain = f.answer

            def answer(h, path, form):
                if len(f.asked) >= 5:  # all of the first poll
                    f.faults["*"] = lambda h: send(h, b"", 502)
                return plain(h, path, form)

            f.answer = answer
            first, second = poll(f"--url={url}", f"--now={NOW}", *ASKS, "--polls=2", "--advance=9")
        self.assertEqual((first["ok"], first["complete"], len(first["series"])), (True, True, 4))
        self.assertEqual((second["ok"], second["code"], second["series"]), (False, "io", []))

    def test_ten_minutes_of_silence_and_then_all_is_back(self):
        f = two_hosts()
        f.faults["*"] = lambda h: send(h, b"", 502)
        with serve(f) as url:
            dark = poll(f"--url={url}", f"--now={NOW}", *ASKS, "--polls=20", "--advance=30")
            self.assertFalse(any(p["ok"] or p["series"] for p in dark))
            f.faults.clear()
            p, = poll(f"--url={url}", f"--now={NOW}", *ASKS)
        self.assertEqual(len(p["series"]), 4)
        self.assertEqual(json.dumps(dark).count('"0"'), 0)
