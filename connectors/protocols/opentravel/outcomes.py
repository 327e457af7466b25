"""What a response says of itself: success, errors, warnings. A 200 is not success, nor is silence (law 14)."""

from typing import Any, Final, NamedTuple, NoReturn

from connectors.errors import FixCredentials, RequestRefused, TryLater
from connectors.protocols.opentravel.messages import kind_of
from connectors.protocols.opentravel.places import elements
from connectors.protocols.safe_xml import child, children, local, text, told
from connectors.protocols.soap import unwrap
from hotel.incoming import shape_of

Element = Any  # lxml has no types of its own

_DEEPEST: Final = 3
# Error Warning Type: authentication, its timeout, authorization.
_CREDENTIALS: Final = frozenset({"4", "5", "6"})
# Error Codes: password invalid, not allowed, required; authorization error.
_CREDENTIAL_CODES: Final = frozenset({"175", "176", "182", "497"})
# Error Codes: system unavailable, busy, in error.
_PASSING_CODES: Final = frozenset({"187", "191", "448"})


class Complaint(NamedTuple):
    """One error or warning: code and type of the standard's lists, the shape of its text, the record it is about."""

    code: str | None
    type: str | None
    shape: str
    record: str | None = None
    tag: str | None = None


class Outcome(NamedTuple):
    """How a response says that its request fared; `kind` is its name without `OTA_`."""

    kind: str
    is_success: bool
    errors: tuple[Complaint, ...] = ()
    warnings: tuple[Complaint, ...] = ()
    echo: str | None = None


def outcome(body: bytes) -> Outcome:
    """Read what a response says; without Success it is none, whatever else it lacks.

    Raises VendorChangedShape where the body is no XML, what the fault asks for where it is a SOAP fault.
    """
    return outcome_of(unwrap(body).payload)


def outcome_of(root: Element) -> Outcome:
    """Read what a response's element says."""
    head = _head(root, 0)
    kind = kind_of(root)
    if head is None:
        return Outcome(kind, is_success=False, echo=told(root, "EchoToken"))
    errors = _complaints(head, "Errors/Error")
    warnings = _complaints(head, "Warnings/Warning")
    is_success = child(head, "Success") is not None and not errors
    return Outcome(kind, is_success, errors, warnings, told(root, "EchoToken"))


def check(answer: Outcome) -> Outcome:
    """Give the outcome of a success; else raise what its first error asks for: credentials, time, or another request."""
    if not answer.is_success:
        _raise(answer)
    return answer


def _raise(answer: Outcome) -> NoReturn:
    shown = (
        ", ".join(f"{error.type or '-'}/{error.code or '-'}" for error in answer.errors[:3]) or "no success, no error"
    )
    msg = f"{answer.kind[:40]} is no success: {shown}"
    if any(error.type in _CREDENTIALS or error.code in _CREDENTIAL_CODES for error in answer.errors):
        raise FixCredentials(msg)
    if answer.errors and all(error.code in _PASSING_CODES for error in answer.errors):
        raise TryLater(msg)
    raise RequestRefused(msg)


def _head(element: Element, depth: int) -> Element | None:
    """Find the element that holds the verdict: the message, or a result inside its wrapper."""
    if any(True for _ in children(element, "Success", "Errors", "Warnings")):
        return element
    if depth < _DEEPEST:
        for below in element:
            if local(below).endswith(("Result", "Response", "RS", "return")):
                found = _head(below, depth + 1)
                if found is not None:
                    return found
    return None


def _complaints(head: Element, path: str) -> tuple[Complaint, ...]:
    return tuple(
        Complaint(
            told(each, "Code"),
            told(each, "Type"),
            shape_of(told(each, "ShortText") or text(each) or ""),
            told(each, "RecordID"),
            told(each, "Tag"),
        )
        for each in elements(path, head)
    )
