"""What handlers publish, heard from outside: in the order of the commits, never before them, and never with a silent gap."""

import socket

import wire
from cases import Case, in_parallel
from client import LOST, get, post, request, wait_until
from listening import Listener


class Feed(Case):
    def listen(self, server, path="/news", **options):
        listener = Listener(server.ingress + path, **options)
        self.addCleanup(listener.close)
        return listener.wait_begun()

    def tell(self, server, key, times=1):
        for _ in range(times):
            self.assertEqual(post(server.ingress, f"/News/{key}/tell").status, 200)

    def test_all_listeners_hear_the_same_in_the_same_order(self):
        server = self.make_fixtures().start()
        listeners = [self.listen(server) for _ in range(3)]
        in_parallel([lambda key=f"k{number}": self.tell(server, key, 20) for number in range(5)])
        heard = [one.wait_for(lambda events: len(events) >= 101, "a hundred events and the reset")
                 for one in listeners]
        self.assertEqual(heard[0], heard[1])
        self.assertEqual(heard[0], heard[2])
        self.assertEqual([event.type for event in heard[0]], ["reset", *["news"] * 100])
        for number in range(5):
            counts = [event.data["count"] for event in heard[0][1:] if event.data["key"] == f"k{number}"]
            self.assertEqual(counts, list(range(1, 21)))

    def test_who_reconnects_gets_what_it_missed(self):
        server = self.make_fixtures().start()
        first = self.listen(server)
        self.tell(server, "k", 2)
        seen = first.wait_for(lambda events: len(events) == 3, "two events")
        first.close()
        self.tell(server, "k", 3)
        self.assertEqual(post(server.ingress, "/News/k/flood", 10).status, 200)
        second = self.listen(server, last_event_id=seen[1].id)
        self.tell(server, "k")
        heard = second.wait_for(lambda events: len(events) == 5, "what followed")
        self.assertEqual([event.data["count"] for event in heard], [2, 3, 4, 5, 6])

    def test_too_much_news_is_a_reset(self):
        server = self.make_fixtures().start()
        first = self.listen(server, "/all-news")
        seen = first.wait_for(lambda events: events, "the reset")
        post(server.ingress, "/News/k/flood", 200)
        first.wait_for(lambda events: len(events) == 201, "all of it")
        second = self.listen(server, "/all-news", last_event_id=seen[0].id)
        self.assertEqual([event.type for event in second.wait_for(lambda events: events, "the reset")], ["reset"])

    def test_a_crash_is_a_reset_and_nothing_was_said_too_early(self):
        """Killed before, after and between commits: what was heard is there after the restart."""
        for failpoint in ("before-commit:17", "after-commit:17", "before-effect:40"):
            with self.subTest(failpoint):
                server = self.make_fixtures()
                server.start(REPRISE_FAILPOINT=failpoint)
                listener = self.listen(server)

                def tell_until_dead(key, server=server):
                    told = 0
                    try:
                        while post(server.ingress, f"/News/{key}/tell").status == 200:
                            told += 1
                    except LOST:
                        pass
                    return told

                answered = in_parallel([lambda key=f"k{number}": tell_until_dead(key) for number in range(3)])
                server.wait_end()
                listener.wait_end()
                last = listener.events[-1]
                server.start()
                for number in range(3):
                    counts = [event.data["count"] for event in listener.events[1:]
                              if event.data["key"] == f"k{number}"]
                    kept = post(server.ingress, f"/News/k{number}/told").json()
                    self.assertEqual(counts, list(range(1, len(counts) + 1)))
                    self.assertLessEqual(len(counts), kept, "heard, but not durable")
                    self.assertLessEqual(answered[number], kept)
                again = self.listen(server, last_event_id=last.id)
                events = again.wait_for(lambda events: events, "the reset")
                self.assertEqual(events[0].type, "reset")
                self.assertGreater(int(events[0].id.split("-")[0]), int(last.id.split("-")[0]))

    def test_an_attempt_that_is_made_again_does_not_repeat_itself(self):
        server = self.make_fixtures().start()
        self.tell(server, "k", 3)
        server.restart()
        listener = self.listen(server)
        self.tell(server, "k")
        heard = listener.wait_for(lambda events: len(events) == 2, "one event")
        self.assertEqual(heard[1].data["count"], 4)

    def test_a_stop_ends_streams_in_order(self):
        server = self.make_fixtures().start()
        listeners = [self.listen(server) for _ in range(3)]
        self.tell(server, "k")
        self.assertEqual(server.stop(), 0)
        for one in listeners:
            self.assertEqual(one.wait_end(), 0, one.process.stderr.read())
            self.assertEqual([event.type for event in one.events], ["reset", "news"])

    def test_who_does_not_read_is_cut_off(self):
        server = self.make_fixtures().start()
        with wire.connect(server.ingress) as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.sendall(wire.message("GET", "/all-news"))
            wait_until(lambda: deaf.recv(1, socket.MSG_PEEK), "the beginning")
            quick = self.listen(server, "/all-news")
            heard = 1
            for _ in range(20):
                post(server.ingress, "/News/k/flood", 500)
                heard += 500
                quick.wait_for(lambda events: len(events) >= heard, "all of it", 60)
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)  # or what is under way takes minutes
            deaf.settimeout(20)
            content = wire.read_to_end(deaf)
            self.assertNotIn(b"\r\n0\r\n\r\n", content, "cut off, not ended")
        self.assertEqual(len(quick.events), heard)

    def test_methods_and_versions(self):
        server = self.make_fixtures().start()
        head = request(server.ingress, "HEAD", "/news")
        self.assertEqual((head.status, head.headers["content-type"]), (200, "text/event-stream"))
        self.assertEqual(post(server.ingress, "/news").status, 405)
        old = self.listen(server, arguments=["--http1.0"])
        self.tell(server, "k")
        old.wait_for(lambda events: len(events) == 2, "the event")
        self.assertEqual(server.stop(), 0)
        self.assertEqual(old.wait_end(), 0)

    def test_one_listener_too_many_is_sent_away_until_another_leaves(self):
        server = self.make_fixtures(REPRISE_EVENT_LISTENERS_MAX="3").start()
        listeners = [self.listen(server) for _ in range(3)]
        refused = get(server.ingress, "/news")
        self.assertEqual((refused.status, refused.headers["retry-after"]), (503, "5"))
        self.assertEqual(refused.message, "too many listen already")
        self.assertEqual(request(server.ingress, "HEAD", "/news").status, 200)
        self.tell(server, "k")
        listeners[0].wait_for(lambda events: len(events) == 2, "the others are served still")
        listeners.pop().close()

        def listens():
            with wire.connect(server.ingress) as connection:
                connection.sendall(wire.message("GET", "/news"))
                return connection.recv(12) == b"HTTP/1.1 200"

        wait_until(listens, "a free place")
        for _ in range(20):  # Who leaves at once takes no place either.
            with wire.connect(server.ingress) as connection:
                connection.sendall(wire.message("GET", "/news"))
        wait_until(listens, "all places are given back")

    def test_a_listener_is_one_connection_and_no_more(self):
        server = self.make_fixtures().start()
        listeners = [self.listen(server) for _ in range(50)]
        self.assertEqual(get(server.ingress, "/restate/health").status, 200)
        self.tell(server, "k")
        for one in listeners:
            one.wait_for(lambda events: len(events) == 2, "the event")
