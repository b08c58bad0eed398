"""Mails, with and without STARTTLS."""
import email
import email.policy
import os
import tempfile
import unittest

import mail
from receivers import telling
from support import run, wait_until

DOWN = "http://127.0.0.1:1"


def receiver(s, smtp=None, **more):
    return {"name": "post", "kind": "email",
            "smtp": {"host": "localhost", "port": s.port, "from": "loadline@desk.example",
                     "to": ["one@desk.example", "two@desk.example"], **(smtp or {})}, **more}


class Mail(unittest.TestCase):
    def test_plain(self):
        with mail.server() as s, telling([receiver(s, {"starttls": "off"})], DOWN):
            got = wait_until(lambda: s.mails)[0]
        self.assertFalse(got["encrypted"])
        self.assertEqual(got["to"], ["<one@desk.example>", "<two@desk.example>"])
        self.assertEqual(got["from"].split()[0], "<loadline@desk.example>")
        m = email.message_from_bytes(got["data"], policy=email.policy.default)
        self.assertEqual(m["Subject"], "[Loadline] prometheus prom is down")
        self.assertEqual(m["To"], "one@desk.example, two@desk.example")
        self.assertTrue(m["Message-ID"].endswith("@desk.example>"))
        self.assertIn("severity: warning", m.get_content())
        self.assertEqual(m.defects, [])

    def test_encrypted_with_a_password(self):
        with tempfile.TemporaryDirectory() as folder:
            cert, key = mail.certificate(folder)
            with mail.server(cert, key, "p\xe4ss word") as s:
                smtp = {"username": "loadline", "password_file": os.path.join(folder, "password")}
                with open(smtp["password_file"], "w", encoding="utf-8") as f:
                    f.write("p\xe4ss word\n")
                with telling([receiver(s, smtp, ca_file=cert)], DOWN) as d:
                    got = wait_until(lambda: s.mails, 60)[0]
                    self.assertTrue(got["encrypted"] and got["user"])
                    # a certificate that nobody vouches for gets neither mail nor password
                    self.refused(d, folder, [receiver(s, smtp)], "certificate")
                    with open(smtp["password_file"], "w", encoding="utf-8") as f:
                        f.write("wrong-s3cret")
                    self.refused(d, folder, [receiver(s, smtp, ca_file=cert)],
                                 "does not accept the password of loadline")

    def refused(self, d, folder, receivers, why):
        path = os.path.join(folder, "other.yml")
        with open(path, "w", encoding="utf-8") as f:
            f.write('{"notifications": {"receivers": %s}}' % str(receivers).replace("'", '"'))
        told = run("notify", "test", f"--config.file={path}")
        self.assertEqual(told.returncode, 5, told.stderr)
        self.assertIn(why, told.stderr)
        self.assertNotIn("s3cret", told.stderr)

    def test_starttls_is_required_unless_said_otherwise(self):
        with mail.server() as s, tempfile.TemporaryDirectory() as folder:
            self.refused(None, folder, [receiver(s)], "does not offer STARTTLS")
            self.assertEqual(s.mails, [])

    def test_a_greylisting_server_gets_it_again(self):
        with mail.server() as s:
            s.answers.append("451 come again")
            with telling([receiver(s, {"starttls": "off"})], DOWN):
                wait_until(lambda: s.mails, 60)


if __name__ == "__main__":
    unittest.main()
