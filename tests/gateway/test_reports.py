"""Report files are shown as they are, harmless, and nothing beside them is."""

import hashlib
import re
import socket
from pathlib import Path

import pytest

from settings import Settings
from tests.gateway.running import Gateway

PAGE = "<!doctype html><style>p { color: red }</style><p style='margin: 0'>Aug 15</p><svg><rect class='bar'/></svg>"


@pytest.fixture
def reports(gateway: Gateway, settings: Settings) -> Path:
    folder = settings.data_dir / "reports"
    day = folder / "city-hotel" / "2016-08-15"
    day.mkdir(parents=True)
    (day / "daily-v1.html").write_text(PAGE)
    (day / "daily-v1.xlsx").write_bytes(b"PK\3\4 a workbook")
    (day / "daily-v1.json").write_text("{}")
    (day / ".daily-v2.html.4711").write_text("half written")
    (settings.data_dir / "secret.key").write_text("the key of the house")
    (day / "link.html").symlink_to(settings.data_dir / "secret.key")
    return folder


def raw_get(gateway: Gateway, target: str) -> bytes:
    """Ask for a path as it stands; clients tidy paths up before they ask."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("daily-v1.html", "text/html; charset=utf-8"),
        ("daily-v1.json", "application/json"),
        ("daily-v1.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_a_report_is_given_byte_for_byte_with_headers_that_keep_it_harmless(
    gateway: Gateway, reports: Path, name: str, media_type: str
) -> None:
    answer = gateway.client.get(f"/reports/city-hotel/2016-08-15/{name}")

    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.content == (reports / "city-hotel" / "2016-08-15" / name).read_bytes()
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"


def test_a_page_may_show_its_own_styles_and_pictures_and_nothing_else(gateway: Gateway, reports: Path) -> None:
    policy = gateway.client.get("/reports/city-hotel/2016-08-15/daily-v1.html").headers["content-security-policy"]

    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["style-src"] == "'unsafe-inline'"
    assert rules["img-src"] == "data:"
    assert rules["frame-ancestors"] == "'none'"
    assert "script-src" not in rules


def test_the_page_of_the_daily_report_needs_nothing_that_the_policy_forbids() -> None:
    page = (Path(__file__).parents[2] / "reports" / "daily.html.j2").read_text()

    assert not re.search(
        r"<script|<link|<iframe|<form|<object|@import|url\((?!#)|\son[a-z]+=|https?://(?!www\.w3\.org/)", page
    )


def test_a_page_that_is_known_already_is_not_sent_again_until_it_changes(gateway: Gateway, reports: Path) -> None:
    path = "/reports/city-hotel/2016-08-15/daily-v1.html"
    known = {"if-none-match": gateway.client.get(path).headers["etag"]}
    assert gateway.client.get(path, headers=known).status_code == 304

    (reports / "city-hotel" / "2016-08-15" / "daily-v1.html").write_text("another, longer page" * 9)

    assert gateway.client.get(path, headers=known).status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "/reports/../secret.key",
        "/reports/%2e%2e/secret.key",
        "/reports/..%2fsecret.key",
        "/reports/city-hotel/../../secret.key",
        "/reports/city-hotel/..%2f..%2f..%2fsecret.key",
        "/reports//secret.key",
        "/reports/%2fetc%2fpasswd",
        "/reports//etc/passwd",
        "/reports/city-hotel/2016-08-15/link.html",
        "/reports/city-hotel/2016-08-15/.daily-v2.html.4711",
        "/reports/city-hotel/2016-08-15/daily-v1.html%00.json",
        "/reports/..\\secret.key",
        "/reports/" + "a" * 5000,
        "/reports/city-hotel/2016-08-15/",
        "/reports/",
        "/reports",
    ],
)
def test_nothing_but_published_files_is_shown(gateway: Gateway, reports: Path, target: str) -> None:
    heard = raw_get(gateway, target)

    assert re.match(rb"HTTP/1.1 (404|307|400) ", heard)
    assert b"the key of the house" not in heard
    assert b"half written" not in heard
    assert b"daily-v1" not in heard


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_reports_are_read_only(gateway: Gateway, reports: Path, method: str) -> None:
    path = reports / "city-hotel" / "2016-08-15" / "daily-v1.html"
    before = hashlib.sha256(path.read_bytes()).digest()

    answer = gateway.client.request(method, "/reports/city-hotel/2016-08-15/daily-v1.html", content=b"mine")

    assert answer.status_code == 405
    assert hashlib.sha256(path.read_bytes()).digest() == before
