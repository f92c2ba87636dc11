"""Signatures of webhooks: each real one verifies, on both faces, and nothing that was altered or made up does."""

import base64
import hashlib
import hmac
import json
import logging
import random
import sys
import traceback
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

import lago_async.webhooks
import lago_sync.webhooks
from lago_async import LagoArgumentError, LagoConfigError, WebhookBodyError, WebhookSignatureError
from lago_async.models import WebhookPublicKey
from tests.lago_async.webhooks.deliveries import PUBLIC_KEY, Delivery, base64url, deliveries, of_both_algorithms

HMAC, JWT = of_both_algorithms()
KEYS = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
ISSUER, ORGANIZATION = "https://lago.example.com", "org"
BODY = json.dumps({"webhook_type": "x.y", "object_type": "x", "organization_id": ORGANIZATION, "x": {}}).encode()


def pem(key: Any) -> str:
    return str(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


class Face:
    """A verifier of one face, with a client that counts its calls."""

    def __init__(self, kind: str, keys: list[str] | None = None, **settings: Any) -> None:
        self.blocking = kind == "blocking"
        self.now = 1000.0
        self.keys = keys or []
        self.fetched = 0
        self.failure: Exception | None = None
        if keys is not None:
            settings["client"] = self
        package: Any = lago_sync.webhooks if self.blocking else lago_async.webhooks
        self.verifier = package.WebhookVerifier(clock=lambda: self.now, **settings)

    base_url = f"{ISSUER}/api/v1"

    @property
    def webhooks(self) -> Any:
        return SimpleNamespace(fetch_json_public_key=self._result(self._key))

    @property
    def organizations(self) -> Any:
        return SimpleNamespace(find=self._result(lambda: SimpleNamespace(lago_id=ORGANIZATION)))

    def _key(self) -> Any:
        self.fetched += 1
        if self.failure is not None:
            raise self.failure
        lines = base64.encodebytes(self.keys[0].encode()).decode()
        return SimpleNamespace(public_key=lines)

    def _result(self, value: Callable[[], Any]) -> Callable[[], Any]:
        async def later() -> Any:
            return value()

        return value if self.blocking else later

    async def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        found = self.verifier.verify(body, headers)
        assert (None if self.blocking else await found) is None

    async def refuses(self, body: bytes, headers: Mapping[str, str]) -> bool:
        try:
            await self.verify(body, headers)
        except WebhookSignatureError as error:
            assert str(error) == "the signature of the webhook is not valid"
            return True
        return False


@pytest.fixture(params=["async", "blocking"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def face_for(kind: str, delivery: Delivery) -> Face:
    if delivery.hmac_key is not None:
        return Face(kind, hmac_key=delivery.hmac_key)
    return Face(kind, public_key=PUBLIC_KEY, issuer=delivery.issuer, organization_id=delivery.organization_id)


def jwt(
    key: rsa.RSAPrivateKey = KEYS[0],
    *,
    body: bytes = BODY,
    iss: object = ISSUER,
    header: object = None,
    **claims: object,
) -> dict[str, str]:
    parts = [header or {"alg": "RS256"}, {"data": body.decode(), "iss": iss, **claims}]
    signed = ".".join(base64url(json.dumps(part).encode()) for part in parts)
    signature = base64url(key.sign(signed.encode(), padding.PKCS1v15(), SHA256()))
    return {"X-Lago-Signature": f"{signed}.{signature}", "X-Lago-Signature-Algorithm": "jwt"}


async def test_every_real_delivery_verifies(kind: str) -> None:
    for delivery in deliveries():
        face = face_for(kind, delivery)
        await face.verify(delivery.body, delivery.headers)
        await face.verify(delivery.body, {name.lower(): value for name, value in delivery.headers.items()})


async def test_no_real_delivery_verifies_with_the_key_issuer_or_organisation_of_another(kind: str) -> None:
    for delivery in deliveries():
        if delivery.hmac_key is not None:
            faces = [Face(kind, hmac_key="another"), Face(kind, hmac_key=delivery.hmac_key, organization_id="another")]
        else:
            good: dict[str, Any] = {"issuer": delivery.issuer, "organization_id": delivery.organization_id}
            faces = [
                Face(kind, public_key=pem(KEYS[0]), **good),
                Face(kind, public_key=PUBLIC_KEY, **good | {"issuer": "http://127.0.0.1:1"}),
                Face(kind, public_key=PUBLIC_KEY, **good | {"organization_id": "another"}),
            ]
        for face in faces:
            assert await face.refuses(delivery.body, delivery.headers)


@pytest.mark.parametrize("delivery", [HMAC, JWT], ids=["hmac", "jwt"])
async def test_an_altered_byte_anywhere_is_refused(kind: str, delivery: Delivery) -> None:
    """Every place of a short delivery is altered: in the body, in the signature and in the algorithm."""
    face = face_for(kind, delivery)
    chance = random.Random(0)
    for place in range(len(delivery.body)):
        altered = bytearray(delivery.body)
        altered[place] ^= chance.randrange(1, 256)
        assert await face.refuses(bytes(altered), delivery.headers)
    for name in ("X-Lago-Signature", "X-Lago-Signature-Algorithm"):
        text = delivery.headers[name]
        for place, old in enumerate(text):
            new = chance.choice([char for char in map(chr, range(32, 127)) if char != old])
            other = text[:place] + new + text[place + 1 :]
            assert await face.refuses(delivery.body, delivery.headers | {name: other}), (name, place, new)


@given(st.data())
@pytest.mark.parametrize("delivery", [HMAC, JWT], ids=["hmac", "jwt"])
async def test_whatever_is_altered_is_refused(delivery: Delivery, data: st.DataObject) -> None:
    face = face_for("async", delivery)
    what = data.draw(st.sampled_from(["body", "X-Lago-Signature", "X-Lago-Signature-Algorithm"]))
    old: str = delivery.body.decode("latin-1") if what == "body" else delivery.headers[what]
    at = data.draw(st.integers(0, len(old)))
    gone = data.draw(st.integers(0, 3))
    new = old[:at] + data.draw(st.text(st.characters(max_codepoint=255), max_size=3)) + old[at + gone :]
    if new == old:
        return
    if what == "body":
        assert await face.refuses(new.encode("latin-1"), delivery.headers)
    else:
        assert await face.refuses(delivery.body, delivery.headers | {what: new})


@given(
    st.dictionaries(st.sampled_from(["x-lago-signature", "X-Lago-Signature-Algorithm", "a"]), st.text()), st.binary()
)
async def test_headers_that_were_made_up_are_refused(headers: dict[str, str], body: bytes) -> None:
    face = Face("async", hmac_key="k", keys=[pem(KEYS[0])])
    assert await face.refuses(body, headers)


def forged() -> dict[str, dict[str, str]]:
    """Return the known ways to forge a token, each with right claims."""
    right = jwt()["X-Lago-Signature"]
    _, claims, signature = right.split(".")

    def with_hmac(alg: str, digest: str) -> str:
        signed = f"{base64url(json.dumps({'alg': alg, 'typ': 'JWT'}).encode())}.{claims}"
        return f"{signed}.{base64url(hmac.digest(pem(KEYS[0]).encode(), signed.encode(), digest))}"

    none = base64url(b'{"alg":"none"}')
    tokens = {
        "none without a signature": f"{none}.{claims}.",
        "none with a signature": f"{none}.{claims}.{signature}",
        "the public key as the secret of an HMAC": with_hmac("HS256", "sha256"),
        "the same with SHA-512": with_hmac("HS512", "sha512"),
        "RS256 with an HMAC": f"{right.rpartition('.')[0]}.{base64url(hashlib.sha256(b'x').digest())}",
        "an empty signature": f"{right.rpartition('.')[0]}.",
        "two parts": right.rpartition(".")[0],
        "four parts": f"{right}.{signature}",
        "padding": f"{right}==",
        "a line break": f"{right}\n",
        "a header that is no object": f"{base64url(b'[]')}.{claims}.{signature}",
        "nothing": "",
        "half of a character": f"{right}\ud800",
    }
    found = {name: jwt() | {"X-Lago-Signature": token} for name, token in tokens.items()}
    found |= {f"{alg}": jwt(header={"alg": alg}) for alg in ("RS512", "PS256", "ES256", "rs256", "none", "None", "")}
    deep = base64url(b'{"alg":"RS256","x":' + b"[" * 3_000 + b"]" * 3_000 + b"}")
    found["a header that is nested too deeply"] = jwt() | {"X-Lago-Signature": f"{deep}.{claims}.{signature}"}
    found["an algorithm that is not text"] = jwt(header={"alg": 1})
    found["critical extensions"] = jwt(header={"alg": "RS256", "crit": ["b64"], "b64": False})
    found["a key in the header"] = jwt(KEYS[1], header={"alg": "RS256", "jwk": {"kty": "RSA"}})
    found["another key"] = jwt(KEYS[1])
    found["no data"] = jwt(data=None)
    found["data that is an object"] = jwt(data=json.loads(BODY))
    found["an issuer that is no text"] = jwt(iss=[ISSUER])
    found["another issuer"] = jwt(iss=f"{ISSUER}.evil.example")
    found["the same JSON, written otherwise"] = jwt(body=json.dumps(json.loads(BODY), indent=1).encode())
    for algorithm in ("hmac", "JWT", "Jwt", "none", "rs256", "", "jwt ", "jwt,hmac"):
        found[f"the algorithm {algorithm!r}"] = jwt() | {"X-Lago-Signature-Algorithm": algorithm}
    found["no algorithm"] = {"X-Lago-Signature": right}
    found["no signature"] = {"X-Lago-Signature-Algorithm": "jwt"}
    found["two signatures"] = jwt() | {"x-lago-signature": "another"}
    return found


async def test_the_known_ways_to_forge_a_token_are_refused(kind: str) -> None:
    face = Face(kind, keys=[pem(KEYS[0])])
    await face.verify(BODY, jwt())
    for name, headers in forged().items():
        assert await face.refuses(BODY, headers), name
    await face.verify(BODY, jwt(iss=f"{ISSUER}/"))


async def test_a_signature_that_is_not_ascii_is_refused(kind: str) -> None:
    for text in ("\ud800", "\udc80", "\u00e9", "?" * 44, HMAC.headers["X-Lago-Signature"] + "\ud800"):
        headers = HMAC.headers | {"X-Lago-Signature": text}
        assert await face_for(kind, HMAC).refuses(HMAC.body, headers)


async def test_an_algorithm_that_was_not_asked_for_is_refused(kind: str) -> None:
    assert await Face(kind, hmac_key="k").refuses(JWT.body, JWT.headers)
    assert await Face(kind, keys=[PUBLIC_KEY]).refuses(HMAC.body, HMAC.headers)


async def test_a_webhook_of_another_organisation_of_the_same_server_is_refused(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A server has one key for all: anybody with an organisation there can have a body signed."""
    body = BODY.replace(b'"org"', b'"evil"')
    assert await Face(kind, keys=[pem(KEYS[0])]).refuses(body, jwt(body=body))
    assert "the organisation 'evil' was refused" in caplog.text


async def test_the_key_is_fetched_once_and_again_when_a_signature_does_not_fit_at_most_once_a_minute(kind: str) -> None:
    face = Face(kind, keys=[pem(KEYS[0])])
    assert face.fetched == 0
    for _ in range(3):
        await face.verify(BODY, jwt())
    assert face.fetched == 1
    for _ in range(3):
        assert await face.refuses(BODY, jwt(KEYS[1]))
    assert face.fetched == 1
    face.now += 61
    for _ in range(3):
        assert await face.refuses(BODY, jwt(KEYS[1]))
    assert face.fetched == 2
    await face.verify(BODY, jwt())
    face.now += 61
    face.keys = [pem(KEYS[1])]  # the server has a new key
    await face.verify(BODY, jwt(KEYS[1]))
    assert await face.refuses(BODY, jwt())
    assert face.fetched == 3


async def test_a_key_that_cannot_be_fetched_is_an_error_of_its_own_and_is_tried_again(kind: str) -> None:
    face = Face(kind, keys=[pem(KEYS[0])])
    face.failure = TimeoutError("down")
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await face.verify(BODY, jwt())
        face.now += 1
    assert face.fetched == 2
    face.failure = None
    await face.verify(BODY, jwt())
    face.now += 61
    face.failure = TimeoutError("down")
    with pytest.raises(TimeoutError):
        await face.verify(BODY, jwt(KEYS[1]))
    assert await face.refuses(BODY, jwt(KEYS[1]))
    await face.verify(BODY, jwt())  # the old key is still good


def test_the_fetched_key_is_given_as_pem_for_other_libraries() -> None:
    key = WebhookPublicKey(public_key=base64.encodebytes(PUBLIC_KEY.encode()).decode())
    assert "\n" in key.public_key.strip()
    assert key.pem == PUBLIC_KEY
    with pytest.raises(ValueError, match="base64"):
        _ = WebhookPublicKey(public_key="no base64!").pem


async def test_many_deliveries_at_once_fetch_the_key_once() -> None:
    import asyncio

    face = Face("async", keys=[pem(KEYS[0])])
    await asyncio.gather(*(face.verify(BODY, jwt()) for _ in range(20)))
    assert face.fetched == 1


async def test_deliveries_that_come_together_share_a_fetch_that_fails(kind: str) -> None:
    """One after another, the last of them would wait longer than Lago does, and forgeries would cost a call each."""
    import asyncio

    face = Face(kind, keys=[pem(KEYS[0])])
    face.failure = TimeoutError("down")

    def verify() -> None:
        asyncio.run(face.verify(BODY, jwt()))

    tries = (asyncio.to_thread(verify) if kind == "blocking" else face.verify(BODY, jwt()) for _ in range(20))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [repr(result) for result in results] == ["TimeoutError('down')"] * 20
    assert face.fetched == 1
    face.failure = None
    face.now += 1
    await face.verify(BODY, jwt())


async def test_a_token_that_no_body_needs_is_refused_unread(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    face = Face(kind, keys=[pem(KEYS[0])])
    header, claims, signature = jwt()["X-Lago-Signature"].split(".")
    for parts, reason in [
        ([header, "e" * 9 * 2_000, signature], "too long for the body"),
        ([header + "e" * 1_000, claims, signature], "the header or the signature of the JWT is too long"),
        ([header, claims, signature * 15], "the header or the signature of the JWT is too long"),
        ([base64url(b'{"alg":"RS256","x":' + b"[" * 500), claims, signature], "cannot be read"),
    ]:
        assert await face.refuses(BODY, jwt() | {"X-Lago-Signature": ".".join(parts)})
        assert reason in caplog.messages[-1]
    assert face.fetched == 0


async def test_the_token_of_any_body_is_short_enough(kind: str) -> None:
    """JSON that writes as much as possible as escapes, in the body and again in the token."""
    face = Face(kind, keys=[pem(KEYS[0])])
    body = BODY.replace(b'"x": {}', b'"x": {"a": "' + 2_000 * b"\\u003c" + 2_000 * "\u00e9\U0001f4b6".encode() + b'"}')
    headers = jwt(body=body)
    assert len(headers["X-Lago-Signature"]) > 2.6 * len(body)
    await face.verify(body, headers)


async def test_a_body_over_the_bound_is_refused_unread(kind: str) -> None:
    face = Face(kind, hmac_key="k", max_body_bytes=10)
    with pytest.raises(WebhookBodyError, match="11 bytes, and max_body_bytes is 10"):
        await face.verify(b"x" * 11, {})
    assert await face.refuses(b"x" * 10, {})


async def test_a_body_that_was_decoded_is_refused_with_the_reason(kind: str) -> None:
    with pytest.raises(LagoArgumentError, match="must be the bytes that arrived, not dict"):
        await Face(kind, hmac_key="k").verify({}, HMAC.headers)  # type: ignore[arg-type]


async def test_a_refusal_says_nothing_that_helps_to_forge(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the right signature nor the key is in the error, its frames, its causes, or the log."""
    caplog.set_level(logging.DEBUG)
    key = "5f5f5f5f-secret-key"
    right = base64.b64encode(hmac.digest(key.encode(), BODY, "sha256")).decode()
    face = Face(kind, hmac_key=key)
    headers = {"X-Lago-Signature": right[:-4] + "AAA=", "X-Lago-Signature-Algorithm": "hmac"}
    try:
        await face.verify(BODY, headers)
    except WebhookSignatureError as error:
        assert error.__cause__ is None
        assert error.__context__ is None
        ours = [
            frame for frame, _ in traceback.walk_tb(error.__traceback__) if "/tests/" not in frame.f_code.co_filename
        ]
        shown = repr([frame.f_locals for frame in ours])
        assert len(ours) >= 2
    for text in (shown, repr(face.verifier), caplog.text, repr(vars(face.verifier)), repr(vars(face.verifier._rules))):
        assert key not in text
        assert right not in text
        assert right[:-4] not in text.replace(headers["X-Lago-Signature"], "")
    await face.verify(BODY, headers | {"X-Lago-Signature": right})


def test_a_verifier_that_cannot_work_is_refused_with_the_remedy(kind: str) -> None:
    ec_key = pem(ec.generate_private_key(ec.SECP256R1()))
    short = pem(rsa.generate_private_key(public_exponent=65537, key_size=1024))
    good: dict[str, Any] = {"public_key": PUBLIC_KEY, "issuer": ISSUER, "organization_id": "o"}
    for settings, message in [
        ({}, "Lago's dashboard shows it under Developers, Webhooks"),
        ({"hmac_key": ""}, "hmac_key is empty"),
        ({"hmac_key": "a b"}, "hmac_key is empty or has characters"),
        ({"hmac_key": b"secret"}, "hmac_key must be text, not bytes"),
        ({"public_key": PUBLIC_KEY}, "pass issuer"),
        (good | {"public_key": "x"}, "neither PEM nor"),
        (good | {"public_key": ec_key}, "not an RSA key of at least 2048 bits"),
        (good | {"public_key": short}, "not an RSA key of at least 2048 bits"),
        (good | {"keys": [PUBLIC_KEY]}, "either a client"),
        (good | {"issuer": " "}, "issuer must be a text"),
        ({"hmac_key": "k", "max_body_bytes": 0}, "max_body_bytes must be a whole number, 1 or more, not 0"),
        ({"hmac_key": "k", "max_body_bytes": True}, "max_body_bytes must be a whole number"),
    ]:
        with pytest.raises(LagoConfigError, match=message) as caught:
            Face(kind, **settings)  # type: ignore[arg-type]
        assert "secret" not in str(caught.value)


def test_without_the_extra_only_hmac_works(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lago_async.webhooks._tokens.find_spec", lambda name: None)
    Face(kind, hmac_key="k")
    with pytest.raises(LagoConfigError, match=r"pip install 'lago-async\[webhooks\]'.*'hmac'"):
        Face(kind, keys=[PUBLIC_KEY])


def test_hmac_does_not_import_the_extra() -> None:
    import subprocess

    code = (
        "import asyncio, sys; from lago_async.webhooks import WebhookVerifier as V; "
        "asyncio.run(V(hmac_key=sys.argv[1]).verify(sys.argv[2].encode(), "
        "{'x-lago-signature': sys.argv[3], 'x-lago-signature-algorithm': 'hmac'})); "
        "print([name for name in sys.modules if name.startswith(('cryptography', 'aiohttp', 'starlette'))])"
    )
    arguments = [str(HMAC.hmac_key), HMAC.body.decode(), HMAC.headers["X-Lago-Signature"]]
    run = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("[]\n", "")
