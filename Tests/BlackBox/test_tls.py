"""TLS as clients meet it: versions, ciphers, resumption, ALPN, certificates that change, and peers that misbehave."""

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import foreign
import wire
from cases import LONG, Case, in_parallel
from certificates import Authority
from client import get, wait_until
from server import BINARY, FIXTURES, Server

GREET = wire.message("POST", "/Greeter/greet", [("content-type", "application/json")], b'"Ann"', close=False)
HELLO = b'"Hello Ann"'


class TLSServer(Server):
    """A server whose ingress speaks TLS; its admin port, on loopback, does not."""

    def __init__(self, certificate, key, **environment):
        super().__init__({"REPRISE_TLS_CERT": certificate, "REPRISE_TLS_KEY": key, **environment}, binary=FIXTURES)
        self.port = int(self.ingress.rsplit(":", 1)[1])

    def is_ready(self):
        return "ingress listening" in self.log.rsplit("--- start", 1)[-1]


class TLS(Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="reprise-tls-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.authority = Authority(cls.folder)
        cls.certificate, cls.key = cls.authority.issue("first")
        cls.server = TLSServer(cls.certificate, cls.key)
        cls.addClassCleanup(cls.server.close)
        cls.server.start()

    def setUp(self):
        self.servers = [self.server]

    def serve(self, certificate, key, **environment):
        server = TLSServer(certificate, key, **environment)
        self.servers.append(server)
        self.addCleanup(server.close)
        return server.start()

    def context(self, version=None, protocols=None):
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        # A peer that ends without saying so is an error to us.
        context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
        if version:
            context.minimum_version = context.maximum_version = version
        if protocols:
            context.set_alpn_protocols(protocols)
        return context

    def connect(self, server=None, context=None, session=None):
        raw = socket.create_connection(("127.0.0.1", (server or self.server).port), 30)
        return (context or self.context()).wrap_socket(raw, server_hostname="localhost", session=session)

    def s_client(self, *arguments, server=None, data=b"", check=None):
        """What `openssl s_client` prints of a connection on which it sends `data` and then hangs up."""
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{(server or self.server).port}", "-CAfile",
                   str(self.authority.certificate), "-servername", "localhost", *arguments]
        ended = subprocess.run(command, input=data, capture_output=True, timeout=30, check=False)
        return ended.returncode, (ended.stdout + ended.stderr).decode("utf-8", "replace")

    def curl(self, *arguments, server=None, body=None):
        command = ["curl", "-sS", "--cacert", str(self.authority.certificate), *arguments]
        return subprocess.run(command, input=body, capture_output=True, timeout=60, check=False)

    def url(self, path):
        return f"https://localhost:{self.server.port}{path}"


def ask(connection, data=GREET):
    """One request on a connection that stays; the body of its answer."""
    connection.sendall(data)
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))[15:])
    while len(body) < length:
        body += connection.recv(65536)
    return body


def read_to_end(connection):
    """Fails when the peer hangs up without the goodbye of TLS."""
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


class Clients(TLS):
    def test_curl(self):
        greeted = self.curl("--json", '"Ann"', self.url("/Greeter/greet"))
        self.assertEqual((greeted.returncode, greeted.stdout), (0, HELLO), greeted.stderr)
        body = os.urandom(5 << 20)
        echoed = self.curl("-H", "content-type: application/octet-stream", "--data-binary", "@-",
                           self.url("/Echo/body"), body=body)
        self.assertEqual((echoed.returncode, echoed.stdout == body), (0, True), echoed.stderr)
        distrusted = subprocess.run(["curl", "-sS", self.url("/restate/health")], capture_output=True, timeout=60)
        self.assertEqual(distrusted.returncode, 60, "a certificate of nobody's is not trusted")

    def test_python_keeps_the_connection(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.connect(context=self.context(version)) as connection:
                self.assertEqual([ask(connection) for _ in range(20)], [HELLO] * 20)
                pipelined = GREET * 9 + wire.message(
                    "POST", "/Greeter/greet", [("content-type", "application/json")], b'"Ann"')
                connection.sendall(pipelined)
                answers = wire.parse(read_to_end(connection))
                self.assertEqual([answer.body for answer in answers], [HELLO] * 10)

    def test_many_at_once(self):
        def client():
            with self.connect() as connection:
                return [ask(connection) for _ in range(20)]

        self.assertEqual(in_parallel([client] * 32), [[HELLO] * 20] * 32)

    def test_bytes_that_come_one_by_one(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.context().wrap_bio(incoming, outgoing, server_hostname="localhost")
        with socket.create_connection(("127.0.0.1", self.server.port), 30) as raw:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

            def flush():
                for byte in outgoing.read():
                    raw.sendall(bytes([byte]))

            def until(step):
                while True:
                    try:
                        result = step()
                        flush()
                        return result
                    except ssl.SSLWantReadError:
                        flush()
                        incoming.write(raw.recv(65536))

            until(tls.do_handshake)
            tls.write(GREET)
            flush()
            received = b""
            while HELLO not in received:
                received += until(lambda: tls.read(65536))

    def test_a_reader_that_takes_its_time(self):
        size = 24 << 20
        body = os.urandom(1 << 20) * (size >> 20)
        with self.connect() as connection:
            connection.sendall(wire.message(
                "POST", "/Echo/body", [("content-type", "application/octet-stream")], body))
            time.sleep(0.5)  # What it has for us by now is more than the system holds.
            (answer,) = wire.parse(read_to_end(connection))
            self.assertTrue(answer.body == body)

    def test_a_stream_of_events(self):
        with self.connect() as listener, self.connect() as teller:
            listener.sendall(b"GET /news HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n")
            received = b""
            while b"retry:" not in received:
                received += listener.recv(65536)
            for count in range(1, 4):
                ask(teller, wire.message("POST", "/News/tls/tell", close=False))
                while b'{"count":%d,"key":"tls"}' % count not in received:
                    received += listener.recv(65536)

    def test_sigterm_answers_what_is_under_way(self):
        server = self.serve(self.certificate, self.key)
        with self.connect(server) as connection, self.connect(server) as idle:
            ask(idle)
            slow = wire.message("POST", "/Slow/sleep", [("content-type", "application/json")], b'{"ms":700}', close=False)
            connection.sendall(slow)
            wait_until(lambda: server.invocation_count() == 2, "the call has begun")
            server.terminate()
            (answer,) = wire.parse(read_to_end(connection))
            self.assertEqual(answer.body, b'"done"')
            self.assertEqual(read_to_end(idle), b"")
        self.assertEqual(server.wait_end(), 0)


class Protocol(TLS):
    def test_versions(self):
        for flag, version in (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
            code, said = self.s_client(flag)
            self.assertEqual(code, 0, said)
            self.assertIn(f"New, {version}", said)
            self.assertIn("Verify return code: 0 (ok)", said)
        for flag in ("-tls1", "-tls1_1"):
            code, said = self.s_client(flag, "-cipher", "DEFAULT@SECLEVEL=0")
            self.assertNotEqual(code, 0, said)
            self.assertIn("alert protocol version", said)

    def test_ciphers(self):
        for cipher in ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                       "ECDHE-ECDSA-CHACHA20-POLY1305"):
            code, said = self.s_client("-tls1_2", "-cipher", cipher)
            self.assertEqual(code, 0, said)
            self.assertIn(f"Cipher is {cipher}", said)
        for weak in ("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256",
                     "ECDHE-ECDSA-NULL-SHA", "ECDHE-ECDSA-AES128-CCM8", "AECDH-AES128-SHA"):
            code, said = self.s_client("-tls1_2", "-cipher", f"{weak}:@SECLEVEL=0")
            self.assertNotEqual(code, 0, f"{weak}: {said}")
            self.assertIn("handshake failure", said)

    def test_sessions_are_resumed(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version):
                context = self.context(version)
                with self.connect(context=context) as first:
                    self.assertEqual(ask(first), HELLO)
                    self.assertFalse(first.session_reused)
                    session = first.session
                with self.connect(context=context, session=session) as second:
                    self.assertEqual(ask(second), HELLO)
                    self.assertTrue(second.session_reused)

    def test_application_protocols(self):
        for offered, chosen in (("http/1.1", "http/1.1"), ("h2,http/1.1", "http/1.1"), ("http/1.1,h2", "http/1.1")):
            code, said = self.s_client("-alpn", offered)
            self.assertEqual(code, 0, said)
            self.assertIn(f"ALPN protocol: {chosen}", said)
        code, said = self.s_client()
        self.assertEqual(code, 0, said)
        self.assertIn("No ALPN negotiated", said)
        for offered in ("h2", "http/1.0,h2", "http/1.11"):
            code, said = self.s_client("-alpn", offered)
            self.assertNotEqual(code, 0, said)
            self.assertIn("no application protocol", said)

    def test_no_renegotiation_and_no_early_data(self):
        with subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{self.server.port}", "-tls1_2"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as client:
            client.stdin.write(b"R\n")
            client.stdin.flush()
            said = client.stdout.read().decode()
        self.assertIn("RENEGOTIATING", said)
        self.assertIn("no renegotiation", said)
        with self.connect(context=self.context(ssl.TLSVersion.TLSv1_3)) as connection:
            ask(connection)
        _, said = self.s_client("-tls1_3", data=b"GET /restate/health HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")
        self.assertNotIn("Max Early Data: 1", said)

    @unittest.skipUnless(LONG, "takes 40 s")
    def test_what_a_scanner_finds(self):
        report = Path(self.folder) / "sslyze.json"
        ended = subprocess.run(
            [foreign.python(), "-B", "-m", "sslyze", "--mozilla_config=disable", f"--json_out={report}", "--sslv2",
             "--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--heartbleed", "--robot", "--reneg",
             "--compression", "--early_data", "--openssl_ccs", "--elliptic_curves", "--resum",
             f"localhost:{self.server.port}"], capture_output=True, text=True, timeout=200, check=False)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        (server,) = json.loads(report.read_text())["server_scan_results"]
        found = {name: each["result"] for name, each in server["scan_result"].items() if each["status"] == "COMPLETED"}
        accepted = {name: [suite["cipher_suite"]["name"] for suite in found[f"{name}_cipher_suites"]["accepted_cipher_suites"]]
                    for name in ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2", "tls_1_3")}
        for old in ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1"):
            self.assertEqual(accepted[old], [], old)
        self.assertEqual(len(accepted["tls_1_2"]), 3, accepted["tls_1_2"])
        for suite in accepted["tls_1_2"]:
            self.assertRegex(suite, r"^TLS_ECDHE_.*(GCM|POLY1305)")
        self.assertEqual(len(accepted["tls_1_3"]), 3, accepted["tls_1_3"])
        self.assertFalse(found["heartbleed"]["is_vulnerable_to_heartbleed"])
        self.assertFalse(found["openssl_ccs_injection"]["is_vulnerable_to_ccs_injection"])
        self.assertIn("NOT_VULNERABLE", found["robot"]["robot_result"])
        self.assertFalse(found["session_renegotiation"]["is_vulnerable_to_client_renegotiation_dos"])
        self.assertTrue(found["session_renegotiation"]["supports_secure_renegotiation"])
        self.assertFalse(found["tls_compression"]["supports_compression"])
        self.assertFalse(found["tls_1_3_early_data"]["supports_early_data"])
        self.assertEqual(found["session_resumption"]["tls_ticket_resumption_result"], "FULLY_SUPPORTED")


class Certificates(TLS):
    def served(self, server):
        with self.connect(server) as connection:
            return dict(pair[0] for pair in connection.getpeercert()["subject"])["commonName"]

    def test_they_are_read_again(self):
        live = Path(self.folder) / "live.pem", Path(self.folder) / "live.key"
        for source, target in zip((self.certificate, self.key), live):
            shutil.copy(source, target)
        server = self.serve(*map(str, live))
        self.assertEqual(self.served(server), "first")

        def hang_up(expected):
            before = server.log.count(expected)
            server.process.send_signal(signal.SIGHUP)
            wait_until(lambda: server.log.count(expected) > before, lambda: f"'{expected}' in\n{server.tail()}")

        with self.connect(server) as old:
            session_context = self.context()
            for source, target in zip(self.authority.issue("second", key="rsa"), live):
                shutil.copy(source, target)
            self.assertEqual(self.served(server), "first", "not before it is told")
            hang_up("--tls-cert: the certificate was read again")
            self.assertEqual(self.served(server), "second")
            self.assertEqual(ask(old), HELLO, "what was agreed before goes on")
        with self.connect(server, session_context) as fresh:
            self.assertEqual(ask(fresh), HELLO)
        live[0].write_bytes(b"")
        hang_up("is no certificate chain in PEM form")
        self.assertEqual(self.served(server), "second")
        live[0].unlink()
        hang_up("is no certificate chain in PEM form")
        self.assertEqual(self.served(server), "second")
        shutil.copy(self.certificate, live[0])
        hang_up("the certificate read before stays in force")
        self.assertEqual(self.served(server), "second")

    def test_an_rsa_key(self):
        server = self.serve(*self.authority.issue("rsa", key="rsa"))
        for version in ("-tls1_2", "-tls1_3"):
            code, said = self.s_client(version, server=server)
            self.assertEqual(code, 0, said)

    def test_one_that_has_expired_is_served_and_said(self):
        server = self.serve(*self.authority.issue("old", days=-1))
        wait_until(lambda: "--tls-cert: the certificate has expired" in server.log, server.tail)

    def test_what_cannot_be_used_is_said_in_one_line(self):
        junk = Path(self.folder) / "junk"
        junk.write_text("junk")
        _, other = self.authority.issue("other")
        protected = self.authority.protect(self.key)
        for arguments, said in (
                (["--tls-cert", self.certificate], f"--tls-cert: '{self.certificate}' is not enough: --tls-key names the key"),
                (["--tls-key", self.key], f"--tls-key: '{self.key}' is not enough: --tls-cert names the certificate"),
                (["--tls-cert", "/nonexistent/c", "--tls-key", self.key], "'/nonexistent/c' is no certificate chain in PEM form"),
                (["--tls-cert", str(junk), "--tls-key", self.key], f"'{junk}' is no certificate chain in PEM form"),
                (["--tls-cert", self.certificate, "--tls-key", "/nonexistent/k"], "'/nonexistent/k' is no private key"),
                (["--tls-cert", self.certificate, "--tls-key", str(junk)], f"'{junk}' is no private key in PEM form"),
                (["--tls-cert", self.certificate, "--tls-key", protected],
                 f"'{protected}' is no private key in PEM form without a passphrase"),
                (["--tls-cert", self.certificate, "--tls-key", other], "not the certificate's")):
            with self.subTest(arguments):
                ended = subprocess.run(
                    [str(BINARY), "serve", "--data-dir", self.folder + "/data", "--ingress", "127.0.0.1:0", "--admin",
                     "127.0.0.1:0", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
                self.assertEqual(ended.returncode, 1)
                self.assertEqual(len(ended.stderr.splitlines()), 1, ended.stderr)
                self.assertTrue(ended.stderr.startswith("reprise: "))
                self.assertIn(said, ended.stderr)


class Ports(TLS):
    def test_a_request_in_the_clear_is_told_so(self):
        answers = wire.exchange(self.server.ingress, GREET)
        self.assertEqual([answer.status for answer in answers], [400])
        self.assertEqual(answers[0].message, "this port speaks TLS: use https")

    def test_the_admin_port(self):
        self.assertEqual(get(self.server.admin, "/health").status, 200)
        server = TLSServer(self.certificate, self.key)
        self.servers.append(server)
        self.addCleanup(server.close)
        server.admin = server.admin.replace("127.0.0.1", "0.0.0.0")
        server.start()
        port = server.admin.rsplit(":", 1)[1]
        answer = self.curl(f"https://127.0.0.1:{port}/version")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertIn(b"ingress_endpoint", answer.stdout)
        self.assert_the_command_line_trusts_whom_it_is_told_to(f"https://localhost:{port}")

    def assert_the_command_line_trusts_whom_it_is_told_to(self, admin):
        def listed(*options, **variables):
            return subprocess.run(
                [str(BINARY), "invocations", "list", "--admin", admin, *options], capture_output=True, text=True,
                timeout=30, check=False, env={**os.environ, **variables}, cwd=self.folder)

        unknown = listed()
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("its authority has to be one that this machine trusts", unknown.stderr)
        authority = str(self.authority.certificate)
        for known in (listed("--cacert", authority), listed("--cacert", os.path.relpath(authority, self.folder)),
                      listed(REPRISE_CACERT=authority)):
            self.assertEqual((known.returncode, known.stderr), (0, ""))
            self.assertTrue(known.stdout.startswith("ID "), known.stdout)
        with tempfile.TemporaryDirectory(dir=self.folder) as elsewhere:
            other = listed("--cacert", str(Authority(elsewhere).certificate))
        self.assertEqual(other.returncode, 1)
        self.assertIn("has to be one that this machine trusts", other.stderr)
        for useless in ("INSECURE_SSL_NO_VERIFY", self.key):
            answer = listed("--cacert", useless)
            self.assertEqual(answer.returncode, 1)
            self.assertEqual(
                answer.stderr, f"reprise: --cacert: '{useless}' is not a readable file with certificates in PEM\n")


class Hostile(TLS):
    def test_who_does_not_shake_hands_is_let_go(self):
        server = self.serve(self.certificate, self.key, REPRISE_HEAD_TIMEOUT_MS="500")
        hello = self.first_flight()
        for start in (b"", hello[:5], hello[:-1]):
            with socket.create_connection(("127.0.0.1", server.port), 20) as silent:
                silent.sendall(start)
                self.assertEqual(wire.read_to_end(silent), b"")
        with socket.create_connection(("127.0.0.1", server.port), 20) as silent:
            silent.sendall(hello)
            self.assertTrue(wire.read_to_end(silent).startswith(b"\x16\x03\x03"), "our side of the handshake, then the end")

    def first_flight(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.context().wrap_bio(incoming, outgoing, server_hostname="localhost")
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return outgoing.read()

    def test_what_is_not_tls(self):
        hello = self.first_flight()
        broken = bytearray(hello)
        broken[6] ^= 0xFF
        for start in (b"\x00" * 100, os.urandom(4000).replace(b"\x16", b"\x17"), bytes(broken), b"\x16\x03\x01\xff\xff" + hello,
                      hello + hello, b"\x80\x2e\x01\x00\x02"):
            with socket.create_connection(("127.0.0.1", self.server.port), 20) as peer:
                peer.sendall(start)
                peer.shutdown(socket.SHUT_WR)
                wire.read_to_end(peer)
        self.assertEqual(self.curl("--json", '"Ann"', self.url("/Greeter/greet")).stdout, HELLO)

    def test_a_record_that_was_tampered_with(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.context().wrap_bio(incoming, outgoing, server_hostname="localhost")
        rows = self.server.invocation_count()
        with socket.create_connection(("127.0.0.1", self.server.port), 20) as raw:
            while True:
                try:
                    tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    raw.sendall(outgoing.read())
                    incoming.write(raw.recv(65536))
            tls.write(GREET)
            record = bytearray(outgoing.read())
            record[-1] ^= 1
            raw.sendall(record)
            received = wire.read_to_end(raw)
        incoming.write(received)
        with self.assertRaisesRegex(ssl.SSLError, "BAD_RECORD_MAC"):
            tls.read(10)
        self.assertEqual(self.server.invocation_count(), rows)

    def test_a_request_whose_end_never_came(self):
        rows = self.server.invocation_count()
        with self.connect() as connection:
            connection.sendall(GREET[:-1])
            connection.unwrap()
        self.assertEqual(self.server.invocation_count(), rows)
