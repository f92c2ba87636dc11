"""The deliveries of a running Lago, as they came: body, headers and the key that verifies them."""

import base64
import gzip
import json
from functools import cache
from pathlib import Path

import attrs

FOLDER = Path(__file__).parents[2] / "recorded" / "webhooks"
PUBLIC_KEY = (FOLDER / "public_key.pem").read_text(encoding="utf-8")


@attrs.frozen(kw_only=True)
class Delivery:
    """A delivery.

    Attributes:
        body: The bytes of the body.
        headers: The headers.
        hmac_key: The organisation's key; None if the signature is a JWT.
        issuer: What the JWT says who signed it; None if the signature is an HMAC.
    """

    body: bytes
    headers: dict[str, str]
    hmac_key: str | None
    issuer: str | None

    @property
    def webhook_type(self) -> str:
        return str(json.loads(self.body)["webhook_type"])

    @property
    def organization_id(self) -> str:
        return str(json.loads(self.body)["organization_id"])


@cache
def deliveries() -> list[Delivery]:
    """Return all deliveries; the claims of a JWT repeat the body, so the file has only its signature."""
    lines = gzip.decompress((FOLDER / "deliveries.ndjson.gz").read_bytes()).decode().splitlines()
    return [_delivery(json.loads(line)) for line in lines]


def of_both_algorithms() -> tuple[Delivery, Delivery]:
    """Return a short delivery with an HMAC, and one with a JWT."""
    found = sorted(deliveries(), key=lambda each: len(each.body))
    return next(each for each in found if each.hmac_key), next(each for each in found if each.issuer)


def _delivery(line: dict[str, str]) -> Delivery:
    issuer = line.get("issuer")
    signature = line["signature"]
    if issuer is not None:
        claims = json.dumps({"data": line["body"], "iss": issuer}, separators=(",", ":"), ensure_ascii=False)
        signature = ".".join([base64url(b'{"alg":"RS256"}'), base64url(claims.encode()), signature])
    return Delivery(
        body=line["body"].encode(),
        headers={
            "Content-Type": "application/json",
            "X-Lago-Signature": signature,
            "X-Lago-Signature-Algorithm": "hmac" if issuer is None else "jwt",
            "X-Lago-Unique-Key": line["unique_key"],
        },
        hmac_key=line.get("hmac_key"),
        issuer=issuer,
    )


def base64url(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()
