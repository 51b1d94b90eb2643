"""The proxy of deploy/nginx as a program: its configuration as delivered, at places of this test.

Promises: what nginx reads is what `deploy/nginx/render.sh` writes for an operator; changed are only
the places that belong to a machine (ports, /var/cache, /var/log, /var/www), and each of these must
occur. The certificate is made here, and `trusting` trusts it alone.
Assumes: `make test` has set nginx up (tools/setup_nginx.sh).
"""

from __future__ import annotations

import datetime
import json
import os
import re
import socket
import ssl
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from localnet.ports import free_ports
from localnet.process import ROOT, Argument, Program

NAME = "localhost"
RENDER = ROOT / "deploy" / "nginx" / "render.sh"


def nginx_program() -> Path:
    """The nginx that `make test` has set up."""
    found = Path(sys.prefix) / "bin" / "nginx"
    assert found.exists(), "no nginx is set up yet: run `make test`, or tools/setup_nginx.sh"
    return found


class Nginx(Program):
    """The proxy before `api` (host:port). `settings`: of deploy/nginx, over those of tests;
    `requests_per_client`: a limit that a test can reach."""

    def __init__(
        self, folder: Path, api: str, *, requests_per_client: int | None = None, **settings: str
    ) -> None:
        self.folder = folder
        self.http_port, self.https_port = free_ports(2)
        self.url = f"https://{NAME}:{self.https_port}"
        self.certificate = folder / "certificate.pem"
        key = folder / "certificate.key"
        folder.mkdir(parents=True, exist_ok=True)
        _make_certificate(self.certificate, key)
        given = {
            "PROXY_SERVER_NAME": NAME,
            "PROXY_API": api,
            "PROXY_CERTIFICATE": str(self.certificate),
            "PROXY_CERTIFICATE_KEY": str(key),
            **settings,
        }
        subprocess.run([RENDER, folder], env={**os.environ, **given}, check=True, timeout=30)
        self._move_here(requests_per_client)
        main = [f"pid {folder}/nginx.pid;", "daemon off;"]
        if os.getuid() == 0:
            main.append("user root;")  # whoever else could not enter the test's folder
        self.command: list[Argument] = [
            nginx_program(), "-p", folder, "-c", folder / "nginx.conf",
            "-e", folder / "error.log", "-g", " ".join(main),
        ]  # fmt: skip
        super().__init__("nginx", self.command, folder / "nginx.log")
        try:
            self.wait_until(self._listens, 30, "it listens")
        except BaseException:
            self.close()
            raise

    def _move_here(self, requests_per_client: int | None) -> None:
        """The places of a machine become this test's."""
        path = self.folder / "conf.d" / "livestream.conf"
        text = path.read_text(encoding="utf-8")
        moves = {
            r"listen 80\b": f"listen 127.0.0.1:{self.http_port}",
            r"listen 443\b": f"listen 127.0.0.1:{self.https_port}",
            r"listen \[::\]:80\b[^;]*;": "",  # a machine may have no IPv6
            r"listen \[::\]:443\b[^;]*;": "",
            r"/var/cache/nginx/": f"{self.folder}/cache/",
            r"/var/log/nginx/": f"{self.folder}/",
            r"/var/www/acme": f"{self.folder}/acme",
        }
        if requests_per_client is not None:
            moves[r"limit_conn clients 2400;"] = f"limit_conn clients {requests_per_client};"
        for old, new in moves.items():
            text, count = re.subn(old, new, text)
            assert count, f"{path.name} has no {old}"
        path.write_text(text, encoding="utf-8")
        (self.folder / "cache").mkdir()
        (self.folder / "acme").mkdir()

    def _listens(self) -> bool:
        socket.create_connection(("127.0.0.1", self.https_port), timeout=1).close()
        return True

    @cached_property
    def trusting(self) -> ssl.SSLContext:
        """What a client of it trusts."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def client(self, address: str = "127.0.0.1", **options: Any) -> httpx.Client:
        """A client with this address, over TLS."""
        transport = httpx.HTTPTransport(verify=self.trusting, local_address=address)
        return httpx.Client(base_url=self.url, transport=transport, timeout=10, **options)

    def requests(self) -> list[dict[str, Any]]:
        """Its access log."""
        lines = (self.folder / "access.log").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def errors(self) -> str:
        """Its error log."""
        return (self.folder / "error.log").read_text(encoding="utf-8")


def _make_certificate(certificate: Path, key: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
