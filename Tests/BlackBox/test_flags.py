"""The command line of both executables."""

import subprocess

from cases import Case
from server import BINARY, FIXTURES


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=30, check=False)


class Flags(Case):
    def test_the_fixtures_take_the_flags_of_serve(self):
        helps = [run(binary, "serve", "--help") for binary in (BINARY, FIXTURES)]
        self.assertEqual([each.returncode for each in helps], [0, 0])
        # Without the usage line, which names the executable, and without `--version`, which only one has.
        options = [[line for line in each.stdout.split("LIMITS:")[1].splitlines() if "--version" not in line]
                   for each in helps]
        self.assertEqual(*options)
        self.assertIn("--ingress", helps[0].stdout)

    def test_what_cannot_be_used_is_said_in_one_line(self):
        for arguments, said in (
                (["--live-attempts-max", "0"], "--live-attempts-max: '0' is not a number of at least 1"),
                (["--body-bytes-max", "32MiB"], "--body-bytes-max: '32MiB' is not a number of at least 1"),
                (["--head-bytes-max", "+5"], "--head-bytes-max: '+5' is not a number of at least 1"),
                (["--lane-depth-max=-1"], "--lane-depth-max: '-1' is not a number of at least 1"),
                (["--connections-max", "99999999999999999999"],
                 "--connections-max: '99999999999999999999' is not a number of at least 1"),
                (["--ingress", "nowhere"], "--ingress: 'nowhere' is not HOST:PORT such as 127.0.0.1:8080")):
            with self.subTest(arguments):
                ended = run(BINARY, "serve", "--data-dir", "/nonexistent/reprise", *arguments)
                self.assertEqual((ended.returncode, ended.stderr), (1, f"reprise: {said}\n"))
