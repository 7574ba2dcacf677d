"""What every test case here shares: servers and sinks that end with the test, whose logs are shown if it fails."""

import os
import random
import unittest
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from client import get, request, wait_until
from server import FIXTURES, Server
from sinks import Gateway, MailSink
from ticketing import World

LONG = os.environ.get("BLACKBOX_LONG") == "1"

_numbers = count(1)


def fresh(prefix):
    """A name that no other test uses."""
    return f"{prefix}-{next(_numbers)}"


def in_parallel(calls):
    """Runs functions at the same time, a thread for each, and returns their results in order."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


class Case(unittest.TestCase):
    """Makes servers and sinks, and closes them after the test; `servers` are those whose logs explain a failure."""

    maxDiff = None

    def setUp(self):
        self.servers = []

    def say(self, words):
        """A line of its own before the one that says how the test ended; others may run at the same time."""
        print(f"     {self.id()}: {words}\n", end="", flush=True)

    def choose_seed(self):
        """The one that BLACKBOX_SEED sets, for chance that can be had again, or any."""
        seed = int(os.environ.get("BLACKBOX_SEED") or random.randrange(1 << 32))
        self.say(f"BLACKBOX_SEED={seed}")
        return seed

    def make_server(self, **environment):
        server = Server(environment)
        self.servers.append(server)
        self.addCleanup(server.close)
        return server

    def make_fixtures(self, **environment):
        """A server with the services made for tests."""
        server = Server(environment, binary=FIXTURES)
        self.servers.append(server)
        self.addCleanup(server.close)
        return server

    def make_world(self, **options):
        world = World(**options)
        self.servers.append(world.server)
        self.addCleanup(world.close)
        return world

    def make_gateway(self, latency=0.0):
        gateway = Gateway(latency)
        self.addCleanup(gateway.close)
        return gateway

    def make_mails(self, mode="accept"):
        mails = MailSink(mode)
        self.addCleanup(mails.close)
        return mails

    def resume_quarantined(self, server):
        """Whoever was at the same place at three kills in a row waits for somebody to look at it."""
        for found in server.listed("?status=paused"):
            shown = get(server.admin, f"/invocations/{found['id']}").json()
            self.assertIn("stopped uncleanly 3 times", shown["last_failure"])
            answer = request(server.admin, "PATCH", f"/invocations/{found['id']}/resume")
            self.assertEqual(answer.status, 200, f"{answer}")
            self.say(f"resumed {found['target']} {found['id']}")

    def await_end(self, server, within=60):
        """Until everything that was accepted has ended. Suspects go on one by one, so another may be paused later."""
        wait_until(lambda: self.resume_quarantined(server) or not server.unfinished(),
                   lambda: f"no invocation under way: {server.unfinished()}", within)

    def assert_fails(self, response, status, message):
        self.assertEqual((response.status, response.message), (status, message), f"{response}")
        self.assertEqual(response.json().get("code"), status, f"{response}")

    def assert_sound(self, problems, about):
        self.assertFalse(problems, "\n".join([f"{about}:", *problems]))


class SharedWorldCase(Case):
    """Tests that share one server, its sinks, and fresh names for what they touch."""

    options = {}

    @classmethod
    def setUpClass(cls):
        cls.world = World(**cls.options)
        cls.addClassCleanup(cls.world.close)
        cls.world.start()
        cls.tickets = cls.world.tickets
        cls.gateway = cls.world.gateway
        cls.mails = cls.world.mails
        cls.base = cls.world.server.ingress

    def setUp(self):
        self.servers = [self.world.server]
        self.addCleanup(self.gateway.release)
