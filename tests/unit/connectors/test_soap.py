"""A message in SOAP 1.1, in SOAP 1.2 and without: the same to whoever reads it; faults are errors one can act on."""

import pytest
from lxml import etree

from connectors.errors import ConnectorError, FixCredentials, RequestRefused, TryLater, VendorChangedShape
from connectors.protocols import soap
from connectors.protocols.safe_xml import local, text

VERSIONS = ("1.1", "1.2", None)


def message() -> etree._Element:
    root = etree.Element("{urn:x}Order", nsmap={None: "urn:x"})
    etree.SubElement(root, "{urn:x}Name").text = "Müller & <Söhne> 山田"
    return root


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_wrapped_comes_out_again(version: str | None) -> None:
    found = soap.unwrap(soap.wrap(message(), version))

    assert (local(found.payload), found.version) == ("Order", version)
    assert text(found.payload) == "Müller & <Söhne> 山田"
    assert (found.security, found.headers) == (None, ())


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_headers_and_security_stand_beside_the_message(version: str) -> None:
    security, other = etree.Element("{urn:wsse}Security"), etree.Element("{urn:x}RetryIndicator")

    found = soap.unwrap(soap.wrap(message(), version, security, [other]))

    assert found.security is not None
    assert [local(header) for header in found.headers] == ["Security", "RetryIndicator"]


def test_a_plain_document_is_written_as_it_is() -> None:
    assert soap.wrap(message(), None).startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<Order xmlns=\"urn:x\">")


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_the_same_message_gives_the_same_bytes(version: str) -> None:
    assert soap.wrap(message(), version) == soap.wrap(message(), version)


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize(("is_theirs", "error"), [(True, RequestRefused), (False, TryLater)])
def test_a_fault_says_who_has_to_act(version: str, is_theirs: bool, error: type[ConnectorError]) -> None:
    body = soap.fault(version, "room 4711 & more", is_theirs=is_theirs)

    with pytest.raises(error, match=r"SOAP fault \((Client|Server|Sender|Receiver)\)") as raised:
        soap.unwrap(body)
    assert "4711" not in str(raised.value)


@pytest.mark.parametrize(
    "code",
    ["wsse:FailedAuthentication", "soap:Client.FailedAuthentication", "wsse:InvalidSecurityToken", "InvalidSecurity"],
)
def test_a_fault_about_credentials_asks_for_credentials(code: str) -> None:
    body = f"""<s:Envelope xmlns:s="{soap.NAMESPACES["1.1"]}"><s:Body><s:Fault>
        <faultcode>{code}</faultcode><faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>"""

    with pytest.raises(FixCredentials):
        soap.unwrap(body.encode())


def test_a_nested_fault_code_counts() -> None:
    namespace = soap.NAMESPACES["1.2"]
    body = f"""<s:Envelope xmlns:s="{namespace}"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value>
        <s:Subcode><s:Value>wsse:FailedAuthentication</s:Value></s:Subcode></s:Code>
        <s:Reason><s:Text xml:lang="en">no</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"""

    with pytest.raises(FixCredentials, match=r"Sender\.FailedAuthentication"):
        soap.unwrap(body.encode())


def test_a_fault_without_a_code_is_a_refusal() -> None:
    body = f'<s:Envelope xmlns:s="{soap.NAMESPACES["1.1"]}"><s:Body><s:Fault/></s:Body></s:Envelope>'

    with pytest.raises(RequestRefused, match="without a code"):
        soap.unwrap(body.encode())


@pytest.mark.parametrize(
    "inside", ["", "<s:Header/>", "<s:Body/>", "<s:Body><a/><b/></s:Body>", "<s:Header/><s:Body>text</s:Body>"]
)
def test_an_envelope_without_exactly_one_message_is_told(inside: str) -> None:
    body = f'<s:Envelope xmlns:s="{soap.NAMESPACES["1.1"]}">{inside}</s:Envelope>'

    with pytest.raises(VendorChangedShape):
        soap.unwrap(body.encode())


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"<a>", b'<Envelope xmlns="urn:else"><Body/></Envelope>', b"<!DOCTYPE a><a/>"]
)
def test_what_is_no_message_is_told(body: bytes) -> None:
    with pytest.raises(VendorChangedShape):
        soap.unwrap(body)


def test_a_message_called_fault_is_a_message_unless_soap_says_so() -> None:
    own = etree.Element("{urn:x}Fault")

    assert local(soap.unwrap(soap.wrap(own, "1.1")).payload) == "Fault"


def test_each_version_names_its_action_in_its_own_place() -> None:
    assert soap.media_type("1.1", "urn:do") == "text/xml; charset=utf-8"
    assert soap.action_headers("1.1", "urn:do") == {"SOAPAction": '"urn:do"'}
    assert soap.action_headers("1.1") == {"SOAPAction": '""'}
    assert soap.media_type("1.2", "urn:do") == 'application/soap+xml; charset=utf-8; action="urn:do"'
    assert soap.media_type("1.2") == "application/soap+xml; charset=utf-8"
    assert soap.action_headers("1.2", "urn:do") == soap.action_headers(None, "urn:do") == {}
