"""Sockets: a certificate that does not hold, a deadline inside a deadline, a body with a wrong coding."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.calls import Limits
from connectors.errors import RequestRefused
from connectors.http import HttpClient
from connectors.network import CheckedBackend, deadline, seconds_left
from connectors.ports import Account
from tests.contract.fakes import memory_ports


def certificate(folder: Path) -> ssl.SSLContext:
    """Make a server context with a certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pms.example")])
    now = datetime.now(UTC)
    issued = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now - timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    pem.write_bytes(private + issued.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.fixture
def tls_port(tmp_path: Path) -> Iterator[int]:
    context = certificate(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)

        def serve() -> None:
            try:
                connection, _ = listener.accept()
                with connection, context.wrap_socket(connection, server_side=True):
                    pass
            except OSError:
                pass  # the client turned away, which is what the test wants

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


def test_a_certificate_that_does_not_hold_is_told_and_not_tried_again(tls_port: int) -> None:
    ports = memory_ports()
    account = Account("pms", "city-hotel", allow_private_hosts=True)

    with (
        HttpClient(f"https://127.0.0.1:{tls_port}", account=account, ports=ports, limits=Limits(attempts=3)) as client,
        pytest.raises(RequestRefused, match="certificate"),
    ):
        client.get("/rooms", "rooms")

    assert [record.attempts_count for record in ports.requests.records] == [1]  # type: ignore[attr-defined]


def test_an_outer_deadline_stays_in_force() -> None:
    assert seconds_left() == float("inf")
    with deadline(0.5):
        with deadline(60):
            assert seconds_left() <= 0.5
        with deadline(0.1):
            assert seconds_left() <= 0.1
        assert seconds_left() > 0.1
    assert seconds_left() == float("inf")


def test_after_the_deadline_nothing_is_connected_read_or_written() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        backend = CheckedBackend(allow_private=True)
        stream = backend.connect_tcp("127.0.0.1", listener.getsockname()[1])
        with deadline(0.0):
            time.sleep(0.001)
            with pytest.raises(httpcore.ReadTimeout):
                stream.read(1)
            with pytest.raises(httpcore.WriteTimeout):
                stream.write(b"x")
            with pytest.raises(httpcore.ConnectTimeout):
                backend.connect_tcp("127.0.0.1", listener.getsockname()[1])
        stream.close()
