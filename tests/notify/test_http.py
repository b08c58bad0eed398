"""The generic webhook: signed, tried again, never in the way of the daemon."""
import base64
import hashlib
import hmac
import json
import os
import signal

import unittest

from receivers import SECRET, hook, restart, status_of, telling
from support import free_port, run, wait_until

DOWN = "http://127.0.0.1:1"
KEY = "source/prom"


def receiver(h, **more):
    return {"name": "ops", "kind": "webhook", "url": h.url + "/hook", **more}


class Webhook(unittest.TestCase):
    def test_a_message_is_signed_as_standard_webhooks(self):
        with hook() as h, telling([receiver(h, secret_file="secret")], DOWN):
            wait_until(lambda: h.notices(KEY))
            seen = h.requests()[0]
        head = {k.lower(): v for k, v in seen["headers"].items()}
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        signed = f'{head["webhook-id"]}.{head["webhook-timestamp"]}.'.encode() + seen["body"]
        mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        self.assertEqual(head["webhook-signature"], f"v1,{mac}")
        body = json.loads(seen["body"])
        self.assertEqual(body["type"], "loadline.source_down")
        self.assertEqual(body["data"]["receiver"], "ops")
        self.assertEqual(body["data"]["notices"][0]["status"], "firing")
        self.assertEqual(seen["path"], "/hook")

    def test_what_is_over_is_told(self):
        port = free_port()
        with hook() as h, telling([receiver(h)], f"http://127.0.0.1:{port}") as d:
            wait_until(lambda: h.notices(KEY, "firing"))
            # the source is taken out of the configuration: nothing is down any more
            with open(d.config, encoding="utf-8") as f:
                config = json.load(f)
            del config["collect"]["prometheus"]
            with open(d.config, "w", encoding="utf-8") as f:
                json.dump(config, f)
            d.send(signal.SIGHUP)
            wait_until(lambda: h.notices(KEY, "resolved"))

    def test_a_500_is_tried_again_with_the_same_id(self):
        with hook() as h:
            h.answers += [500, 500]
            with telling([receiver(h)], DOWN):
                wait_until(lambda: h.notices(KEY))
            ids = {s["headers"]["webhook-id"] for s in h.requests()[:3]
                   if json.loads(s["body"])["data"]["notices"][0]["text"] ==
                   json.loads(h.requests()[0]["body"])["data"]["notices"][0]["text"]}
            self.assertEqual(len(ids), 1)
            self.assertGreaterEqual(len(h.requests()), 3)

    def test_a_429_is_left_alone_as_long_as_it_asks(self):
        with hook() as h:
            h.answers.append((429, {"Retry-After": "6"}))
            with telling([receiver(h)], DOWN):
                wait_until(lambda: h.notices(KEY), 60)
            first, second = h.requests()[:2]
            self.assertGreaterEqual(second["at"] - first["at"], 5.5)

    def test_a_receiver_that_hangs_holds_up_nothing(self):
        with hook() as h:
            h.answers.append("hang")
            with telling([receiver(h, timeout="2s")], DOWN) as d:
                wait_until(lambda: h.requests("hang"))
                self.assertEqual(d.request("GET", "/-/ready")[0], 200)
                wait_until(lambda: h.notices(KEY), 60)

    def test_a_daemon_stops_while_a_receiver_hangs(self):
        with hook() as h:
            h.answers += ["hang"] * 5
            with telling([receiver(h, timeout="60s")], DOWN) as d:
                wait_until(lambda: h.requests("hang"))
                self.assertEqual(d.stop(), 0)

    def test_what_cannot_be_delivered_is_shown(self):
        with hook() as h:
            dead = h.url
        with telling([{"name": "ops", "kind": "webhook", "url": dead}], DOWN) as d:
            wait_until(lambda: status_of(d)["receivers"][0]["failed"])
            shown = status_of(d)["receivers"][0]
            self.assertEqual((shown["name"], shown["kind"], shown["sent"]), ("ops", "webhook", 0))
            self.assertEqual(shown["waiting"], 1)
            self.assertTrue(shown["error"])
            page = d.request("GET", "/metrics")[1].decode()
            self.assertIn('loadline_notifications_waiting{receiver="ops"} 1', page)
            self.assertRegex(page, r'loadline_notifications_failed_total\{receiver="ops"\} [1-9]')
            self.assertIn("notification not delivered", d.read_log())

    def test_a_receiver_that_was_down_gets_it_later(self):
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        with telling([{"name": "ops", "kind": "webhook", "url": url}], DOWN) as d:
            wait_until(lambda: status_of(d)["receivers"][0]["failed"])
            with hook(port) as h:
                wait_until(lambda: h.notices(KEY), 60)
                wait_until(lambda: status_of(d)["receivers"][0]["error"] is None)

    def test_a_silence_is_kept(self):
        silence = [{"service": "*", "until": "2100-01-01T00:00:00Z", "reason": "a test"}]
        with hook() as h, telling([receiver(h)], DOWN, silences=silence) as d:
            wait_until(lambda: status_of(d)["silenced"] == 1)
            self.assertEqual(h.requests(), [])

    def test_the_url_of_a_file_is_told_to_nobody(self):
        with hook() as h, telling([{"name": "ops", "kind": "webhook", "url_file": "url"}],
                                  DOWN) as d:
            with open(os.path.join(d.folder, "url"), "w", encoding="ascii") as f:
                f.write("http://127.0.0.1:1/s3cret")
            wait_until(lambda: status_of(d)["receivers"][0]["failed"] > 1)
            self.assertNotIn("s3cret", d.read_log() + json.dumps(status_of(d)))
            with open(os.path.join(d.folder, "url"), "w", encoding="ascii") as f:
                f.write(h.url + "/s3cret")
            wait_until(lambda: h.notices(KEY), 60)
            self.assertNotIn("s3cret", d.read_log() + json.dumps(status_of(d)))


class Restart(unittest.TestCase):
    """What a daemon knew to be told, told by the next one."""

    def test_what_was_delivered_is_not_told_again(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            with hook() as h, telling([receiver(h)], DOWN) as d:
                wait_until(lambda: status_of(d)["receivers"][0]["sent"])
                restart(d, number)
                wait_until(lambda: status_of(d)["open"])
                # a second thing is told after it: whatever was due before has been told by then
                with open(d.config, encoding="utf-8") as f:
                    config = json.load(f)
                source = config["collect"]["prometheus"][0]
                config["collect"]["prometheus"].append({**source, "name": "other"})
                with open(d.config, "w", encoding="utf-8") as f:
                    json.dump(config, f)
                d.send(signal.SIGHUP)
                wait_until(lambda: h.notices("source/other"))
                self.assertEqual([n["status"] for n in h.notices(KEY)], ["firing"])

    def test_a_file_that_is_damaged_stops_nothing(self):
        with hook() as h, telling([receiver(h)], DOWN) as d:
            wait_until(lambda: status_of(d)["receivers"][0]["sent"])
            d.stop()
            path = os.path.join(d.folder, "data", "notices.json")
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            with open(path, "r+", encoding="utf-8") as f:
                f.truncate(100)
            d.start()
            wait_until(lambda: len(h.notices(KEY)) == 2)
            self.assertIn("notices.json cannot be read", d.read_log())


class Slack(unittest.TestCase):
    def test_blocks_of_text(self):
        with hook() as h, telling([{"name": "desk", "kind": "slack", "url": h.url}], DOWN):
            wait_until(h.requests)
            body = json.loads(h.requests()[0]["body"])
        self.assertIn("prom is down", body["text"])
        self.assertEqual(body["blocks"][0]["type"], "section")
        self.assertIn("prom is down", body["blocks"][0]["text"]["text"])


class Test(unittest.TestCase):
    def test_through_the_daemon_and_by_itself(self):
        with hook() as h, telling([receiver(h)], DOWN, events=["storage_failed"]) as d:
            told = d.run("notify", "test")
            self.assertEqual((told.returncode, told.stdout), (0, "ops took it: 204\n"), told.stderr)
            told = run("notify", "test", "ops", f"--config.file={d.config}")
            self.assertEqual((told.returncode, told.stdout), (0, "ops took it: 204\n"), told.stderr)
            kinds = [json.loads(s["body"])["type"] for s in h.requests()]
            self.assertEqual(kinds, ["loadline.test"] * 2)

    def test_what_goes_wrong_is_said(self):
        with hook() as h, telling([receiver(h)], DOWN, events=["storage_failed"]) as d:
            h.answers += [401, 401]
            for told in (d.run("notify", "test"), run("notify", "test",
                                                      f"--config.file={d.config}")):
                self.assertEqual(told.returncode, 5, told.stderr)
                self.assertIn("401; the receiver does not accept the credentials", told.stderr)
            told = d.run("notify", "test", "nobody")
            self.assertEqual(told.returncode, 4)
            self.assertIn("there is no receiver 'nobody'", told.stderr)


if __name__ == "__main__":
    unittest.main()
