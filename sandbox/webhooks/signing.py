"""The three ways a sender proves that a webhook is its own."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Final, Literal

from sandbox.webhooks.messages import Message

Scheme = Literal["bearer", "hmac", "standard"]
# (message, Unix seconds of sending) -> the headers that prove it
Sign = Callable[[Message, int], dict[str, str]]

PREFIX: Final = "whsec_"
# What the sandbox's channel signs with where nobody says otherwise; invented, the same for everyone, worth nothing.
SECRET: Final = PREFIX + base64.b64encode(b"sandbox-channel-secret-for-tests").decode()


def signer(scheme: Scheme, secret: str) -> Sign:
    """Give the way to sign: `bearer` token, `hmac` (SHA-256, hex, `X-Webhook-Signature`) or `standard` webhooks.

    A standard secret is base64, with or without `whsec_`; ValueError where it is not.
    """
    return _SIGNERS[scheme](secret)


def _bearer(secret: str) -> Sign:
    headers = {"Authorization": f"Bearer {secret}"}
    return lambda _, __: headers


def _hmac(secret: str) -> Sign:
    key = secret.encode()
    return lambda message, _: {"X-Webhook-Signature": hmac.new(key, message.body, hashlib.sha256).hexdigest()}


def _standard(secret: str) -> Sign:
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)

    def sign(message: Message, sent_at: int) -> dict[str, str]:
        signed = b"%b.%d.%b" % (message.event_id.encode(), sent_at, message.body)
        proof = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        return {"webhook-id": message.event_id, "webhook-timestamp": str(sent_at), "webhook-signature": f"v1,{proof}"}

    return sign


_SIGNERS: Final[dict[Scheme, Callable[[str], Sign]]] = {"bearer": _bearer, "hmac": _hmac, "standard": _standard}
