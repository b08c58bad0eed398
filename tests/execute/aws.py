#!/usr/bin/env python3
"""The executor aws_asg, and the daemon over it, against moto, which answers as AWS does.

usage: aws.py [TEST…]
Needs moto with its server, and the programs that ACT_DRIVER and LOADLINE_BIN name; see
script/integration-aws.  Faults that moto does not make (throttling, answers that break off, limits
that are refused) are those of contract.py, over the stub.
"""
import logging
import os
import sys
import tempfile
import unittest

import boto3
import moto
from moto.server import ThreadedMotoServer

import live
from support import driver

REGION = "eu-west-1"
SERVER = URL = CREDENTIALS = FOLDER = ASG = None


def client(service):
    return boto3.client(service, region_name=REGION, endpoint_url=URL, aws_access_key_id="AKIDTEST",
                        aws_secret_access_key="secret-of-the-test")


class Base(unittest.TestCase):
    n = 0

    def setUp(self):
        Base.n += 1
        self.group = f"web {Base.n}/ü"
        self.make()

    def make(self, low=2, high=40, desired=3):
        ASG.create_auto_scaling_group(
            AutoScalingGroupName=self.group, MinSize=low, MaxSize=high, DesiredCapacity=desired,
            LaunchConfigurationName="any", AvailabilityZones=[REGION + "a"])

    def args(self, **more):
        place = {"region": REGION, "group": self.group, "endpoint": URL,
                 "credentials_file": CREDENTIALS, "wait": 10, "timeout": 60000, **more}
        return [f"{k}={v}" for k, v in place.items()]

    def run_it(self, verb="run", before=3, to=5, **more):
        return driver(verb, "aws_asg", *self.args(**more), f"from={before}", f"to={to}")

    def desired(self):
        found = ASG.describe_auto_scaling_groups(AutoScalingGroupNames=[self.group])
        return found["AutoScalingGroups"][0]["DesiredCapacity"]


class Group(Base):
    def test_it_is_described(self):
        seen = driver("observe", "aws_asg", *self.args())
        self.assertEqual((seen["outcome"], seen["current"], seen["ready"], seen["min"], seen["max"]),
                         ("ok", 3, 3, 2, 40))

    def test_its_capacity_is_set_once_and_read_back(self):
        self.assertIn("SetDesiredCapacity", self.run_it("plan")["plan"])
        self.assertEqual(self.desired(), 3)
        got = self.run_it()
        self.assertEqual((got["state"], got["sent"], got["seen"]), ("applied", 1, 5), got)
        self.assertEqual(self.desired(), 5)
        again = self.run_it()
        self.assertEqual((again["state"], again["sent"]), ("applied", 0))

    def test_in(self):
        self.assertEqual(self.run_it(to=2)["state"], "applied")
        self.assertEqual(self.desired(), 2)

    def test_to_zero_and_back(self):
        ASG.update_auto_scaling_group(AutoScalingGroupName=self.group, MinSize=0)
        self.assertEqual(self.run_it(to=0)["state"], "applied")
        self.assertEqual(driver("observe", "aws_asg", *self.args())["current"], 0)
        self.assertEqual(self.run_it(before=0, to=2)["state"], "applied")
        self.assertEqual(self.desired(), 2)

    def test_what_is_outside_its_own_range_is_not_sent(self):
        for to in (1, 41):
            with self.subTest(to):
                got = self.run_it(to=to)
                self.assertEqual((got["state"], got["sent"], got["outcome"]), ("failed", 0, "refused"), got)
                self.assertIn("outside", got["text"])
        self.assertEqual(self.desired(), 3)

    def test_another_number_is_not_written_over(self):
        ASG.set_desired_capacity(AutoScalingGroupName=self.group, DesiredCapacity=7)
        got = self.run_it()
        self.assertEqual((got["state"], got["sent"], got["seen"]), ("superseded", 0, 7))
        self.assertEqual(self.desired(), 7)

    def test_a_group_that_is_not_there(self):
        got = self.run_it(group="missing")
        self.assertEqual((got["state"], got["sent"]), ("failed", 0))
        self.assertIn("no Auto Scaling group", got["text"])
        self.assertEqual(self.run_it("settle", group="missing")["state"], "unknown")

    def test_a_group_that_was_deleted(self):
        ASG.delete_auto_scaling_group(AutoScalingGroupName=self.group, ForceDelete=True)
        self.assertEqual(self.run_it()["state"], "failed")

    def test_what_is_suspended_stops_its_direction(self):
        ASG.suspend_processes(AutoScalingGroupName=self.group, ScalingProcesses=["Launch"])
        got = self.run_it()
        self.assertEqual((got["state"], self.desired()), ("failed", 3))
        self.assertIn("Launch", got["text"])
        self.assertEqual(self.run_it(to=2)["state"], "applied")

    def test_after_a_crash_it_is_read(self):
        self.assertEqual(self.run_it("settle")["state"], "not_applied")
        ASG.set_desired_capacity(AutoScalingGroupName=self.group, DesiredCapacity=5)
        self.assertEqual(self.run_it("settle")["state"], "applied")


class Daemon(Base):
    def test_it_scales_out_and_says_what_it_did(self):
        place = (f"    aws_asg: {{region: {REGION}, group: {self.group}, endpoint: '{URL}', "
                 f"credentials_file: {CREDENTIALS}}}")
        d = live.Daemon(os.path.join(FOLDER, f"daemon-{Base.n}"), place).start()
        try:
            def enough():
                d.push(700)
                return self.desired() >= 700 / 100 / 0.8
            d.wait(enough)
            done = d.wait(lambda: [a for a in d.actions() if a["state"] == "applied"
                                   and a["to_value"] == self.desired()])
            self.assertEqual(len({a["action_id"] for a in d.actions()}), len(d.actions()))
            self.assertLessEqual(done[0]["to_value"], 40)
        finally:
            d.kill()


def main():
    global SERVER, URL, CREDENTIALS, FOLDER, ASG
    with tempfile.TemporaryDirectory(prefix="loadline-aws-") as FOLDER:
        CREDENTIALS = os.path.join(FOLDER, "credentials")
        with open(CREDENTIALS, "w", encoding="utf-8") as f:
            f.write("[default]\naws_access_key_id = AKIDTEST\naws_secret_access_key = secret-of-the-test\n")
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        SERVER = ThreadedMotoServer(port=live.free_port(), verbose=False)
        SERVER.start()
        URL = "http://%s:%d" % SERVER.get_host_and_port()
        try:
            ASG = client("autoscaling")
            image = client("ec2").describe_images()["Images"][0]["ImageId"]
            ASG.create_launch_configuration(LaunchConfigurationName="any", ImageId=image,
                                            InstanceType="t2.micro")
            print("moto", moto.__version__, flush=True)
            done = unittest.main(exit=False).result
        finally:
            SERVER.stop()
    bad = len(done.failures) + len(done.errors)
    print(f"{done.testsRun - bad - len(done.skipped)} passed, {bad} failed, {len(done.skipped)} skipped")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
