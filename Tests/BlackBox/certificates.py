"""Certificates for a test: an authority of its own, and servers that it vouches for."""

import subprocess
from pathlib import Path


def _openssl(*arguments, **options):
    ended = subprocess.run(["openssl", *arguments], capture_output=True, text=True, timeout=60, check=False, **options)
    assert ended.returncode == 0, f"openssl {' '.join(arguments)}: {ended.stderr}"
    return ended.stdout


class Authority:
    def __init__(self, directory):
        self.directory = Path(directory)
        self.certificate = self.directory / "authority.pem"
        self._key = self.directory / "authority.key"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                 "-subj", "/CN=Authority for tests", "-addext", "keyUsage=critical,keyCertSign",
                 "-keyout", str(self._key), "-out", str(self.certificate))

    def issue(self, name, key="ec", days=20):
        """Paths of a certificate and its key, for localhost and 127.0.0.1. `key`: `ec` or `rsa`."""
        certificate, secret, request, extensions = (
            self.directory / f"{name}.{ending}" for ending in ("pem", "key", "csr", "ext"))
        kind = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if key == "ec" else ["rsa:2048"]
        _openssl("req", "-newkey", *kind, "-nodes", "-subj", f"/CN={name}", "-keyout", str(secret), "-out", str(request))
        extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n"
                              "basicConstraints=critical,CA:false\n")
        _openssl("x509", "-req", "-in", str(request), "-CA", str(self.certificate), "-CAkey", str(self._key),
                 "-CAcreateserial", "-days", str(days), "-extfile", str(extensions), "-out", str(certificate))
        return str(certificate), str(secret)

    def protect(self, key):
        """The same key under a passphrase."""
        protected = f"{key}.protected"
        _openssl("pkey", "-in", key, "-aes128", "-passout", "pass:secret", "-out", protected)
        return protected
