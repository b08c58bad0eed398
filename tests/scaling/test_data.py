"""Bad days of the data: whatever is wrong with it, nothing is scaled in, and somebody can read why.

Each day begins with the same target of eight at 60 % of its capacity, which a load of 10 % would
shrink at once: the first test is the proof of that."""
import unittest

from world import Page, rule, target, world

PAGES = {"mapping": [{"match": ["orders_calls"], "service": "orders", "resource_type": "API_CALLS",
                      "instance": "{pod}", "value": "gauge", "capacity": 400}]}


def page(**pods):
    return "".join(f'orders_calls{{pod="{pod}"}} {value}\n' for pod, value in pods.items())


def scraping(*pages):
    return {"collect": {"scrape": [
        {"job": f"gate{i}", "targets": [p.address], "interval": "1s", "timeout": "1s"}
        for i, p in enumerate(pages)]}, **PAGES}


def report(d, n, value):
    d.ask("POST", "/api/v1/metrics", {"metrics": [
        {"service": "orders", "resource_type": "API_CALLS", "current_value": value,
         "capacity": 100, "instance": f"i{i}"} for i in range(n)]})


class Base(unittest.TestCase):
    def explained(self, d, *words):
        text = d.said("explain", "gateway")
        for word in words:
            self.assertIn(word, text)
        return text

    def stays(self, d, bound, *words, verdict="held"):
        """It is said why, and a while later it is still as it was."""
        seen = d.until_decided(bound=bound)
        self.assertEqual((seen["verdict"], seen["to"]), (verdict, 8), seen)
        text = self.explained(d, *words)
        d.rounds()
        self.assertEqual(d.count(), 8)
        self.assertEqual(d.scaled_in(), [])
        self.assertIn(f'loadline_hold_reason{{target="gateway",reason="{bound}"}} 1', self.metrics(d))
        return text

    def metrics(self, d):
        return d.request("GET", "/metrics")[1].decode()


class Pushed(Base):
    def test_little_load_scales_in(self):
        with world([rule()]) as d:
            d.settle()
            d.push(80)
            d.until_action("applied")
            self.assertLess(d.count(), 8)
            self.assertEqual(d.actions(state="applied")[0]["direction"], "SCALE_IN")
            d.until(lambda: d.told("action_applied"))

    def test_nothing_ever_came(self):
        with world([rule()]) as d:
            d.until(lambda: d.target()["current"] is not None)
            self.stays(d, "no_data", "no data: never a reason to scale in", "orders API_CALLS")

    def test_samples_stop(self):
        with world([rule()]) as d:
            d.settle()
            text = self.stays(d, "stale", "the newest sample is too old", "orders API_CALLS")
            self.assertIn("held at 8", text)
            d.push(480)
            self.assertEqual(d.until_decided(verdict="nothing")["to"], 8)

    def test_all_at_once_zero(self):
        with world([rule(stale_seconds=60)]) as d:
            d.settle()
            d.push(0)
            self.stays(d, "implausible", "too sudden to be believed")

    def test_a_source_that_is_fast_does_not_make_the_hold_short(self):
        """P8: three intervals, not three samples of a source that sends each few milliseconds."""
        with world([rule(stale_seconds=60)], check_interval_seconds=30) as d:
            d.settle()
            for _ in range(20):
                d.push(0)
                self.assertEqual(d.last()["to"], 8)
            self.assertEqual(d.last()["bound"], "implausible")
            self.explained(d, "too sudden to be believed")
            self.assertEqual(d.scaled_in(), [])

    def test_half_of_the_instances(self):
        with world([rule(stale_seconds=4)]) as d:
            d.until(lambda: d.target()["current"] is not None)
            report(d, 8, 60)
            d.until(lambda: (report(d, 8, 60), d.last()["verdict"] == "nothing")[1])

            def some():  # 35 % of what reports, and the others are silent
                report(d, 4, 35)
                self.assertEqual(d.last()["to"], 8)
                return d.last()["bound"] == "partial"
            for _ in range(3):
                d.until(some)
                d.rounds(1)
            d.until(lambda: some() and "too few of the expected instances report" in
                    d.said("explain", "gateway"))
            self.assertEqual(d.count(), 8)

    def test_data_that_is_missing_may_still_ask_for_more(self):
        """A rule that lost its data does not stop another one from scaling out."""
        calm = rule(rule_id="calm", resource_type="CPU")
        with world([rule(stale_seconds=60), calm]) as d:
            d.until(lambda: d.target()["current"] is not None)
            for _ in range(3):
                d.push(780)
            done = d.until_action("applied")
            self.assertEqual(done["direction"], "SCALE_OUT")

    def test_a_forecast_that_is_missing(self):
        ahead = rule(rule_id="ahead", policy="PREDICTIVE", thresholds={})
        del ahead["thresholds"]
        with world([ahead]) as d:
            d.until(lambda: d.target()["current"] is not None)
            d.push(80)
            self.explained(d, "ahead:", "forecast")
            d.rounds()
            self.assertEqual((d.count(), d.actions()), (8, []))
        with world([ahead, rule(stale_seconds=60)]) as d:  # beside a rule that has an answer
            d.settle()
            d.push(780)
            self.assertEqual(d.until_action("applied")["direction"], "SCALE_OUT")

    def test_a_proposal_to_scale_in_is_not_done_by_itself_without_data(self):
        """on_expiry: execute was agreed on for what is known, not for silence."""
        asks = rule(mode="approve", on_expiry="execute", proposal_ttl_seconds=8, stale_seconds=3)
        with world([asks]) as d:
            d.settle()
            d.push(80)
            d.until_action("proposed")
            gone = d.until_action("expired")
            self.assertEqual(d.count(), 8)
            self.assertIn("data", gone["reason"])

    def test_a_proposal_is_done_by_itself_with_data(self):
        asks = rule(mode="approve", on_expiry="execute", proposal_ttl_seconds=3, stale_seconds=60)
        with world([asks]) as d:
            d.settle()
            d.push(80)
            d.until_action("proposed")
            done = d.until_action("applied")
            self.assertEqual((done["actor"], done["from_value"], done["to_value"]),
                             ("on_expiry", 8, 7))

    def test_who_is_told(self):
        """What holds scale-in for want of data is told, and told to be over."""
        with world([rule()]) as d:
            d.settle()
            notice = d.until(lambda: d.told("target_held", "firing"))[0]
            self.assertEqual(notice["service"], "orders")
            self.assertIn("gateway", notice["title"])
            self.assertIn("orders API_CALLS", notice["text"])
            d.push(480)
            d.until(lambda: (d.push(480), d.told("target_held", "resolved"))[1])


class Scraped(Base):
    def setUp(self):
        self.pages = [Page(page(a=480)), Page(page(b=0))]
        for p in self.pages:
            self.addCleanup(p.stop)

    def day(self, *pages, targets=None):
        scope = world([rule(stale_seconds=4)], targets, **scraping(*pages))
        d = scope.__enter__()
        self.addCleanup(scope.__exit__, None, None, None)
        d.until_decided(verdict="nothing")
        return d

    def test_the_source_is_down(self):
        self.pages[0].text = page(a=240)
        d = self.day(self.pages[0])
        self.pages[0].stop()
        d.until(lambda: d.last()["bound"] in ("stale", "no_data"))
        self.assertEqual(d.last()["to"], 8)
        self.explained(d, "held at 8", "orders API_CALLS")
        told = d.until(lambda: d.told("source_down"))[0]
        self.assertIn("gate0", told["title"])
        self.assertEqual(d.count(), 8)

    def test_pages_that_say_nothing(self):
        self.pages[0].text = page(a=240)
        d = self.day(self.pages[0])
        for text in ("", page(a="NaN"), "<html>sign in</html>\n"):
            with self.subTest(text):
                self.pages[0].text = text
                d.until(lambda: d.last()["bound"] in ("stale", "no_data"))
                d.rounds(1)
                self.assertEqual((d.last()["to"], d.count()), (8, 8))
                self.explained(d, "held at 8", "orders API_CALLS")
                self.pages[0].text = page(a=240)
                d.until_decided(verdict="nothing")

    def test_one_of_two_sources_is_down(self):
        """What is left would do with one: but it is half of what there is."""
        self.pages[0].text, self.pages[1].text = page(a=240), page(b=240)
        d = self.day(*self.pages, targets=[target({"dry_run": {"current": 2}}, min_instances=1)])
        self.pages[1].stop()
        self.pages[0].text = page(a=140)
        d.until_decided(verdict="held", bound="partial")
        d.rounds()
        self.assertEqual((d.count(), d.scaled_in()), (2, []))


if __name__ == "__main__":
    unittest.main()
