"""nginx, haproxy and varnish from Debian in front of a server. All of them refuse what goes to /Counter/smuggled."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from client import LOST, get, wait_until
from server import free_port

_NGINX = """
{user}
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 512; }}
http {{
    log_format upstream '$upstream_addr';
    access_log {directory}/access.log upstream;
    client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/f;
    uwsgi_temp_path {directory}/u; scgi_temp_path {directory}/s;
    upstream server {{ server {upstream}; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        ignore_invalid_headers off;
        underscores_in_headers on;
        location ~* smuggled {{ return 403; }}
        location / {{
            proxy_pass http://server;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_next_upstream off;
            proxy_request_buffering {buffering};
        }}
    }}
}}
"""

_HAPROXY = """
global
    stats socket {directory}/stats level admin
    maxconn 500
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
    option http-keep-alive
    retries 0
frontend in
    bind 127.0.0.1:{port}
    {accept}
    http-request deny if {{ url -m sub -i smuggled }}
    default_backend server
backend server
    http-reuse always
    server one {upstream}
"""

_VARNISH = """
vcl 4.1;
backend default {{ .host = "{host}"; .port = "{upstream_port}"; }}
sub vcl_recv {{
    if (req.url ~ "(?i)smuggled") {{ return (synth(403)); }}
    if (req.method == "PRI") {{ return (synth(405)); }}
    return (pass);
}}
sub vcl_backend_fetch {{ set bereq.http.connection = "keep-alive"; }}
"""


class Proxy:
    """A proxy process and how many requests it has passed on."""

    binary = ""

    def __init__(self, upstream, **settings):
        self.directory = Path(tempfile.mkdtemp(prefix="reprise-proxy-"))
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        address = urlsplit(upstream)
        self.settings = {"directory": self.directory, "port": self.port, "upstream": address.netloc,
                         "host": address.hostname, "upstream_port": address.port,
                         "user": "user root;" if os.geteuid() == 0 else "", **settings}
        self.process = None

    @classmethod
    def path(cls):
        return shutil.which(cls.binary, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")

    def start(self):
        with open(self.directory / "output", "wb") as output:
            self.process = subprocess.Popen(self.command(), stdout=output, stderr=output, cwd=self.directory)
        wait_until(self._answers, lambda: (self.directory / "output").read_text(), 30)
        return self

    def _answers(self):
        assert self.process.poll() is None, (self.directory / "output").read_text()
        try:
            return get(self.base, "/restate/health", timeout=5).status == 200
        except LOST:
            return False

    def write(self, name, text):
        path = self.directory / name
        path.write_text(text.format(**self.settings))
        return str(path)

    def close(self):
        if self.process:
            self.process.terminate()
            self.process.wait(20)
        shutil.rmtree(self.directory, ignore_errors=True)


class Nginx(Proxy):
    binary = "nginx"

    def command(self):
        path = self.write("nginx.conf", _NGINX)
        return [self.path(), "-p", str(self.directory), "-e", str(self.directory / "error.log"), "-c", path,
                "-g", "daemon off;"]

    def passed_on(self):
        lines = (self.directory / "access.log").read_text("latin-1").splitlines()
        return sum(line.strip() not in ("-", "") for line in lines)


class Haproxy(Proxy):
    binary = "haproxy"

    def command(self):
        return [self.path(), "-f", self.write("haproxy.cfg", _HAPROXY), "-db", "-q"]

    def passed_on(self):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.directory / "stats"))
            connection.sendall(b"show stat\n")
            table = b""
            while piece := connection.recv(65536):
                table += piece
        header, *lines = table.decode().strip().splitlines()
        names = header.lstrip("# ").split(",")
        rows = [dict(zip(names, line.split(","))) for line in lines]
        return next(int(row["stot"]) for row in rows if row["svname"] == "one")


class Varnish(Proxy):
    binary = "varnishd"
    logger = None

    def command(self):
        path = self.write("default.vcl", _VARNISH)
        return [self.path(), "-F", "-n", str(self.directory / "work"), "-a", f"127.0.0.1:{self.port}", "-f", path,
                "-s", "malloc,32m", "-j", "none"]

    def start(self):
        super().start()
        # Its counter leaves out requests whose bodies it could not finish; its log does not.
        with open(self.directory / "log", "wb") as log:
            self.logger = subprocess.Popen(
                ["stdbuf", "-oL", "varnishlog", "-n", str(self.directory / "work"), "-b", "-g", "raw",
                 "-i", "BereqMethod"], stdout=log)
        # It begins at some moment after its start.
        wait_until(lambda: self._answers() and self.passed_on(), "the log begins", 20)
        return self

    def passed_on(self):
        return (self.directory / "log").read_bytes().count(b"BereqMethod")

    def close(self):
        if self.logger:
            self.logger.terminate()
            self.logger.wait(20)
        super().close()
