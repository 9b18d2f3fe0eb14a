"""The OAuth server: Authlib's grants with what SMART App Launch and RFC 9700 ask on top of its defaults."""

from __future__ import annotations

import functools
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc9207.parameter import IssuerParameter
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from phr_desktop.clock import Clock
from phr_desktop.demo_portal import scopes
from phr_desktop.demo_portal.addresses import Addresses
from phr_desktop.demo_portal.clients import AUTH_METHODS, SIGNING, Client, Clients
from phr_desktop.demo_portal.fronts import Front
from phr_desktop.demo_portal.tokens import ACCESS_LIFE, CODE_LIFE, REFRESH_LIFE, Approval, Code, Family, Token, Tokens


@functools.cache
def signing_key() -> RSAKey:
    """The key of this process's id_tokens. Making one takes about a tenth of a second, so it is made on first use."""
    return RSAKey.generate_key(2048, parameters={"use": "sig", "alg": "RS256"}, auto_kid=True)


def make_server(app: Flask, clients: Clients, front: Front, clock: Clock) -> AuthorizationServer:
    """An authorization server over these clients and the front's tokens; it keeps nothing anywhere else."""
    tokens, addresses = front.tokens, front.addresses
    app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {
        "authorization_code": int(ACCESS_LIFE.total_seconds()),
        "refresh_token": int(ACCESS_LIFE.total_seconds()),
    }
    server = AuthorizationServer(app, clients.get, functools.partial(_save_token, front, clock))
    server.register_client_auth_method("private_key_jwt", _KeyAssertion(front, clock))
    server.register_grant(
        type("CodeGrant", (_CodeGrant,), {"front": front, "tokens": tokens, "clock": clock}),
        [_StrictChallenge(), _Audience(addresses), _IdToken(tokens, addresses, clock)],
    )
    server.register_grant(type("RefreshGrant", (_RefreshGrant,), {"tokens": tokens}))
    server.register_endpoint(type("Revocation", (_Revocation,), {"tokens": tokens}))
    server.register_endpoint(type("Introspection", (_Introspection,), {"tokens": tokens}))
    server.register_extension(_Issuer(addresses))
    return server


def _save_token(front: Front, clock: Clock, answer: dict[str, Any], request: OAuth2Request) -> None:
    """Keeps a new token and completes the answer: Authlib sends the very dict it gives here."""
    before = getattr(request, "refresh_token", None)
    family: Family = before.family if before else request.authorization_code.family
    if "offline_access" not in answer["scope"].split():
        answer.pop("refresh_token", None)
    answer["patient"] = family.approval.access.patient
    front.tokens.add(
        Token(
            access_token=answer["access_token"],
            refresh_token=answer.get("refresh_token"),
            scope=answer["scope"],
            expires=clock.now() + ACCESS_LIFE,
            family=family,
        )
    )


class _KeyAssertion(JWTBearerClientAssertion):  # type: ignore[misc]
    """Clients that sign with a key of their own; SMART names RS384 and ES384, which Authlib does not take by itself."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, front: Front, clock: Clock) -> None:
        super().__init__()
        self._front, self._clock = front, clock

    def get_audiences(self) -> list[str]:
        return [self._front.addresses.token]

    def resolve_client_public_key(self, client: Client) -> KeySet:
        if client.keys is None:
            raise InvalidClientError(description="This client has no key here.")
        return KeySet.import_key_set(client.keys)  # type: ignore[arg-type]

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> dict[str, Any]:
        try:
            claims = jwt.decode(assertion, resolve_key, algorithms=SIGNING).claims
            jwt.JWTClaimsRegistry(
                now=int(self._clock.now().timestamp()),
                leeway=self.leeway,
                iss={"essential": True},
                sub={"essential": True},
                aud={"essential": True, "values": self.get_audiences()},
                exp={"essential": True},
                jti={"essential": True},
            ).validate(claims)
        except (JoseError, ValueError) as problem:
            raise InvalidClientError(description="The assertion was not accepted.") from problem
        if claims["sub"] != claims["iss"] or not self._front.tokens.first_use_of(f"{claims['sub']} {claims['jti']}"):
            raise InvalidClientError(description="The assertion was not accepted.")
        return claims


class _CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = list(AUTH_METHODS)
    front: Front
    tokens: Tokens
    clock: Clock

    def validate_requested_scope(self) -> None:
        if not scopes.offered(self.request.payload.scope or "", self.front):
            raise InvalidScopeError()

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        approval: Approval = request.user
        now = self.clock.now()
        family = Family(approval, request.client.client_id, now + REFRESH_LIFE)
        data = request.payload.data
        self.tokens.add_code(
            code,
            Code(
                client_id=request.client.client_id,
                redirect_uri=request.payload.redirect_uri,
                challenge=data["code_challenge"],
                nonce=data.get("nonce"),
                expires=now + CODE_LIFE,
                family=family,
            ),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        return self.tokens.usable_code(code, client)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Marks the code as used; it is kept to recognise a replay."""
        authorization_code.used = True

    def authenticate_user(self, authorization_code: Code) -> Approval:
        return authorization_code.family.approval


class _StrictChallenge(CodeChallenge):  # type: ignore[misc]
    """S256 or nothing: Authlib alone lets a request without a challenge pass, and takes "plain" by default."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: _CodeGrant, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("A code_challenge with code_challenge_method S256 is needed")
        super().validate_code_challenge(grant, redirect_uri)

    def get_authorization_code_challenge(self, authorization_code: Code) -> str:
        return authorization_code.challenge

    def get_authorization_code_challenge_method(self, authorization_code: Code) -> str:  # noqa: ARG002
        return "S256"


class _Audience:
    """SMART's `aud`: a client that was lured to a false FHIR server gets no code here."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses

    def __call__(self, grant: _CodeGrant) -> None:
        grant.register_hook("after_validate_authorization_request_payload", self.check)

    def check(self, grant: _CodeGrant, redirect_uri: str) -> None:  # noqa: ARG002
        if grant.request.payload.data.get("aud", "").rstrip("/") != self._addresses.fhir:
            raise InvalidRequestError("aud must be the address of this FHIR server")


class _IdToken(OpenIDCode):  # type: ignore[misc]
    def __init__(self, tokens: Tokens, addresses: Addresses, clock: Clock) -> None:
        super().__init__()
        self._tokens, self._addresses, self._clock = tokens, addresses, clock

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:  # noqa: ARG002
        return self._tokens.nonce_is_known(nonce)

    def resolve_client_private_key(self, client: Client) -> RSAKey:  # noqa: ARG002
        return signing_key()

    def get_encode_header(self, client: Client) -> dict[str, str]:  # noqa: ARG002
        return {"alg": "RS256", "kid": str(signing_key().kid)}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        now = int(self._clock.now().timestamp())
        return {
            "iss": self._addresses.issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + int(ACCESS_LIFE.total_seconds()),
        }

    def generate_user_info(self, user: Approval, scope: str) -> UserInfo:
        info = UserInfo(sub=user.account.user)
        if "fhirUser" in scope.split():
            info["fhirUser"] = f"{self._addresses.fhir}/{user.access.acts_as}"
        return info


class _RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = list(AUTH_METHODS)
    INCLUDE_NEW_REFRESH_TOKEN = True
    tokens: Tokens

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        return self.tokens.usable_refresh(refresh_token)

    def authenticate_user(self, refresh_token: Token) -> Approval:
        return refresh_token.family.approval

    def revoke_old_credential(self, refresh_token: Token) -> None:
        refresh_token.refreshed = True


class _Revocation(RevocationEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = list(AUTH_METHODS)
    tokens: Tokens

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:  # noqa: ARG002
        return self.tokens.find(token_string)

    def revoke_token(self, token: Token, request: OAuth2Request) -> None:
        """A refresh token ends the whole sign-in (RFC 7009, 2.1); an access token only itself."""
        if request.form["token"] == token.access_token:
            token.access_revoked = True
        else:
            token.family.revoked = True


class _Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """RFC 7662, for confidential clients over their own tokens."""

    CLIENT_AUTH_METHODS = [method for method in AUTH_METHODS if method != "none"]
    tokens: Tokens

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:  # noqa: ARG002
        return self.tokens.living(token_string)

    def check_permission(self, token: Token, client: Client, request: OAuth2Request) -> bool:  # noqa: ARG002
        return token.check_client(client)

    def create_introspection_payload(self, token: Token | None) -> dict[str, Any]:
        if token is None:
            return {"active": False}
        return {
            "active": True,
            "scope": token.scope,
            "client_id": token.family.client_id,
            "exp": int(token.expires.timestamp()),
            "sub": token.family.approval.account.user,
            "patient": token.patient,
        }


class _Issuer(IssuerParameter):  # type: ignore[misc]
    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses

    def get_issuer(self) -> str:
        return self._addresses.issuer
