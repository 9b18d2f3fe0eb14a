"""Programs with a secret, with a key, and ones that register themselves, over real sockets."""

from __future__ import annotations

import secrets

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from phr_desktop.demo_portal.clients import SECRET_CLIENT_ID, SECRET_CLIENT_SECRET, Client

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_RSA = RSAKey.generate_key(2048, auto_kid=True)
_EC = ECKey.generate_key("P-384", auto_kid=True)


def signed(visitor, client_id: str, key: object, algorithm: str, **changes: object) -> dict[str, str]:
    now = int(visitor.portal._clock.now().timestamp())
    claims = {
        "iss": client_id, "sub": client_id, "aud": visitor.portal.addresses.token, "iat": now, "exp": now + 120,
        "jti": secrets.token_urlsafe(8),
    } | changes  # fmt: skip
    header = {"alg": algorithm, "kid": key.kid}
    text = jwt.encode(header, claims, key, algorithms=[algorithm])
    return {"client_assertion_type": TYPE, "client_assertion": text, "client_id": client_id}


def register(visitor, **changes: object):
    wanted = {
        "client_name": "My health records",
        "redirect_uris": ["http://127.0.0.1/callback"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [_RSA.as_dict(private=False), _EC.as_dict(private=False)]},
    } | changes
    wanted = {name: value for name, value in wanted.items() if value is not None}
    return visitor.session.post(visitor.portal.addresses.clients, json=wanted, timeout=10)


def test_a_client_with_a_secret_must_show_it(visitor):
    request = {"client_id": SECRET_CLIENT_ID}
    code = visitor.arrive("mina", request=request)["code"]
    assert visitor.exchange(code, client_id=SECRET_CLIENT_ID).json()["error"] == "invalid_client"
    wrong = visitor.exchange(code, client_id=SECRET_CLIENT_ID, client_secret="guessed")
    assert wrong.json()["error"] == "invalid_client"
    tokens = visitor.exchange(code, client_id=SECRET_CLIENT_ID, client_secret=SECRET_CLIENT_SECRET).json()
    assert visitor.refresh(tokens["refresh_token"]).status_code == 400
    data = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    basic = (SECRET_CLIENT_ID, SECRET_CLIENT_SECRET)
    again = visitor.session.post(visitor.portal.addresses.token, data=data, auth=basic, timeout=10)
    assert again.json()["patient"] == "mina"


def test_introspection_tells_a_client_of_its_own_tokens(visitor):
    code = visitor.arrive("mina", request={"client_id": SECRET_CLIENT_ID})["code"]
    own = visitor.exchange(code, client_id=SECRET_CLIENT_ID, client_secret=SECRET_CLIENT_SECRET).json()
    visitor.nonce = "other"
    other = visitor.sign_in("mina").tokens
    basic, url = (SECRET_CLIENT_ID, SECRET_CLIENT_SECRET), visitor.portal.addresses.introspect

    def ask(token: str) -> dict:
        return visitor.session.post(url, data={"token": token}, auth=basic, timeout=10).json()

    assert ask(own["access_token"])["patient"] == "mina"
    assert ask(own["refresh_token"])["active"] is True
    assert ask(other["access_token"]) == {"active": False}
    assert ask("made-up") == {"active": False}
    assert visitor.session.post(url, data={"token": own["access_token"]}, timeout=10).status_code == 401
    visitor.portal.tokens.revoke_all()
    assert ask(own["access_token"]) == {"active": False}
    assert ask(own["refresh_token"]) == {"active": False}


@pytest.mark.parametrize(("key", "algorithm"), [(_RSA, "RS384"), (_EC, "ES384")])
def test_a_program_registers_itself_and_signs_with_its_key(visitor, key, algorithm):
    made = register(visitor)
    assert made.status_code == 201
    answer = made.json()
    assert "client_secret" not in answer
    assert not [each for each in answer["jwks"]["keys"] if "d" in each]
    visitor.portal.flavour = "poor"  # which gives public clients no refresh token
    scope = "launch/patient openid fhirUser offline_access patient/Patient.read"
    code = visitor.arrive("mina", request={"client_id": answer["client_id"], "scope": scope})["code"]
    assert visitor.exchange(code, client_id=answer["client_id"]).json()["error"] == "invalid_client"
    tokens = visitor.exchange(code, **signed(visitor, answer["client_id"], key, algorithm)).json()
    assert tokens["patient"] == "mina"
    data = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    data |= signed(visitor, answer["client_id"], key, algorithm)
    fresh = visitor.session.post(visitor.portal.addresses.token, data=data, timeout=10).json()
    assert visitor.get("Patient/mina", fresh["access_token"]).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [{"aud": "https://elsewhere.example.org/token"}, {"exp": 1}, {"iss": "other"}, {"jti": None}, {"sub": 7}],
)
def test_a_false_assertion_is_refused(visitor, changes):
    client_id = register(visitor).json()["client_id"]
    code = visitor.arrive("mina", request={"client_id": client_id})["code"]
    answer = visitor.exchange(code, **signed(visitor, client_id, _RSA, "RS384", **changes))
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] == "invalid_client"


def test_an_assertion_is_taken_once_and_only_with_the_right_key(visitor):
    client_id = register(visitor, jwks={"keys": [_EC.as_dict(private=False)]}).json()["client_id"]
    code = visitor.arrive("mina", request={"client_id": client_id})["code"]
    stranger = ECKey.generate_key("P-384", parameters={"kid": _EC.kid})
    assert visitor.exchange(code, **signed(visitor, client_id, stranger, "ES384")).status_code in (400, 401)
    assertion = signed(visitor, client_id, _EC, "ES384")
    assert visitor.exchange(code, **assertion).status_code == 200
    assert visitor.exchange(code, **assertion).json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uris": []},
        {"redirect_uris": ["http://example.org/callback"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"token_endpoint_auth_method": "tls_client_auth"},
        {"jwks": None},
        {"jwks": {"keys": []}},
        {"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}},
        {"jwks": {"keys": "x"}},
        {"client_name": "x" * 1000},
    ],
)
def test_a_registration_that_cannot_work_is_refused(visitor, changes):
    answer = register(visitor, **changes)
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_redirect_uri", "invalid_client_metadata")


def test_private_parts_of_a_key_are_not_kept(visitor):
    answer = register(visitor, jwks={"keys": [_RSA.as_dict(private=True)]}).json()
    assert "d" not in answer["jwks"]["keys"][0]
    assert "d" not in visitor.portal.clients.get(answer["client_id"]).keys["keys"][0]


def test_a_portal_can_leave_registering_to_people(visitor):
    from dataclasses import replace

    visitor.portal.flavour = replace(visitor.portal.flavour, dynamic_registration=False)
    assert register(visitor).status_code == 403
    smart = visitor.session.get(f"{visitor.portal.fhir_base}/.well-known/smart-configuration", timeout=10).json()
    assert "registration_endpoint" not in smart


def test_an_https_page_that_forwards_can_be_returned_to(visitor):
    page = "https://forward.example.org/back"
    visitor.portal.clients.add(Client("forwarded", uris=(page,), paths=()))
    answer = visitor.session.get(visitor.authorize_url(client_id="forwarded", redirect_uri=page), timeout=10)
    assert answer.status_code == 200
    assert "https://forward.example.org" in answer.headers["Content-Security-Policy"]
    other = visitor.session.get(visitor.authorize_url(client_id="forwarded", redirect_uri=f"{page}/x"), timeout=10)
    assert other.status_code == 400
