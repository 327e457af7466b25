"""HTTP Basic: the right name and password get in, nobody else does, whatever they send."""

from base64 import b64encode

import pytest

from connectors.errors import BadSignature
from connectors.protocols.http_basic import verify


def signed(login: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(login.encode()).decode()}


def test_who_knows_the_password_gets_in_under_any_valid_login() -> None:
    for login in ("hôtel:p:w", "new:x"):
        assert verify(signed(login), ["hôtel:p:w", "new:x"]) == login.partition(":")[0]


def test_header_name_and_scheme_may_be_of_any_case() -> None:
    header = {"AUTHORIZATION": signed("a:b")["Authorization"].replace("Basic", "bAsIc")}

    assert verify(header, ["a:b"]) == "a"


@pytest.mark.parametrize(
    "headers",
    [
        {}, signed("a:wrong"), signed("b:b"), signed("a:"), signed("a"), {"Authorization": "Basic §§"},
        {"Authorization": "Bearer a:b"}, {"Authorization": "Basic a:b"}, {"Authorization": "Basic"},
    ],
)  # fmt: skip
def test_another_login_and_no_login_are_turned_away(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        verify(headers, ["a:b"])


@pytest.mark.parametrize("secrets", [[], [""], ["a"], ["a:"], [":b"]])
def test_without_a_login_nobody_gets_in(secrets: list[str]) -> None:
    with pytest.raises(BadSignature, match="no login is set"):
        verify(signed("a:"), secrets)
