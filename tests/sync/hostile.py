"""Addresses that a hostile or broken answer may hold, made by rules: each tries to lead a token somewhere else."""

from __future__ import annotations

from itertools import product

SCHEMES = ("http", "https", "HTTP", "hTTp", "ftp", "file", "javascript", "data", "gopher", "ws", "http+unix", "")
PATHS = ("/fhir/Observation?page=2", "/fhir", "/", "/fhir/../../secret", "/fhir/%2e%2e/secret", "")


def addresses(own: int, foreign: int) -> list[str]:
    """Every one of them once. `own` and `foreign` are the ports of the portal and of the server that must hear
    nothing, both on 127.0.0.1."""
    found = [
        *_hosts(own, foreign), *_user_infos(own, foreign), *_relative(own, foreign), *_broken(own, foreign),
        *_traversals(own), *_other_schemes(own, foreign), *_look_alikes(own, foreign),
    ]  # fmt: skip
    return list(dict.fromkeys(found))


def _hosts(own: int, foreign: int) -> list[str]:
    """Other names of this computer, and other ports of the right name."""
    names = (
        "127.0.0.1", "localhost", "LOCALHOST", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1",
        "0177.0.0.1", "017700000001", "127.0.0.01", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "0",
        "127.0.0.2", "127.0.0.1.", "①②⑦.0.0.1", "127。0。0。1", "localhost.localdomain", "127.0.0.1.nip.io",
    )  # fmt: skip
    return [f"http://{name}:{foreign}{path}" for name, path in product(names, PATHS)] + [
        f"http://{name}:{own}/fhir/Observation" for name in names if name != "127.0.0.1"
    ]


def _user_infos(own: int, foreign: int) -> list[str]:
    """The right name where a reader may take it for the host, and the other server where it is the host."""
    right, wrong = f"127.0.0.1:{own}", f"127.0.0.1:{foreign}"
    marks = ("@", "%40", "\\@", "#@", "?@", "/@", ";@", "&@", ":@", "@@", "\\\\@", "%00@", "%20@", "\t@", " @", "%5c@")
    return [f"http://{right}{mark}{wrong}{path}" for mark, path in product(marks, PATHS[:4])] + [
        f"http://{who}@{right}/fhir/Observation" for who in ("user", "user:password", ":", "", "%75ser")
    ]


def _relative(own: int, foreign: int) -> list[str]:
    wrong = f"127.0.0.1:{foreign}"
    starts = (
        "//",
        "///",
        "////",
        "\\\\",
        "/\\",
        "\\/",
        "/\\/",
        "//\\",
        "http:",
        "http:/",
        "http:///",
        "http:\\\\",
        "https:",
        "/%2f",
        "/.//",
    )
    return [f"{start}{wrong}{path}" for start, path in product(starts, PATHS[:4])] + [
        f"http:{own}/fhir",
        f"//127.0.0.1:{own}@{wrong}/",
        "?next=//" + wrong,
        "Observation//" + wrong,
    ]


def _broken(own: int, foreign: int) -> list[str]:
    """Signs that end a line, a name or a string for one reader and not for another."""
    right, wrong = f"127.0.0.1:{own}", f"127.0.0.1:{foreign}"
    signs = (
        "\r\n",
        "\n",
        "\r",
        "\t",
        "\0",
        "\x0b",
        "\x7f",
        "\u2028",
        "\u00a0",
        "\ufeff",
        "%0d%0a",
        "%00",
        "\\",
        "`",
        "<",
        "\u202e",
    )
    found = []
    for sign in signs:
        found += [
            f"http://{right}{sign}{wrong}/fhir", f"http://{right}/fhir/{sign}Host: {wrong}", f"{sign}http://{wrong}/fhir",
            f"ht{sign}tp://{wrong}/fhir", f"http://{right}/fhir/X HTTP/1.1{sign}Host: {wrong}{sign}{sign}",
            f"http://127.0.0.1:{own}{sign}/fhir", f"http://{sign}{wrong}/fhir",
        ]  # fmt: skip
    ports = (f"{own}{foreign}", "99999", "-1", "0", "", "80 80", "０", f"{own}:{foreign}", f"0{own}", "1e3", "+80")
    return found + [f"http://127.0.0.1:{port}/fhir/Observation" for port in ports]


def _traversals(own: int) -> list[str]:
    dots = ("..", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "..;", "..%00", "%c0%ae%c0%ae", "..%5c", "..\\")
    slashes = ("/", "%2f", "\\", "%5c", "//", "/./", "%252f")
    return (
        [f"http://127.0.0.1:{own}/fhir{s}{d}{s}auth/token" for d, s in product(dots, slashes)]
        + [f"{d}{s}auth/token" for d, s in product(dots[:6], slashes[:4])]
        + [
            f"http://127.0.0.1:{own}/{path}"
            for path in ("fhirx/Observation", "FHIR/Observation", "fhir.evil/", "auth/token", "")
        ]
    )


def _other_schemes(own: int, foreign: int) -> list[str]:
    return [
        f"{scheme}://127.0.0.1:{port}/fhir/Observation"
        for scheme, port in product(SCHEMES, (own, foreign))
        if (scheme, port) != ("http", own) and scheme.lower() != "http"
    ] + [
        f"javascript:fetch('http://127.0.0.1:{foreign}')",
        f"data:text/html,http://127.0.0.1:{foreign}",
        "file:///etc/passwd",
        "blob:null",
        "about:blank",
        "mailto:a@b.c",
        "urn:uuid:0",
        "jar:http://x!/",
        "view-source:http://x/",
    ]


def _look_alikes(own: int, foreign: int) -> list[str]:
    names = (
        "127.0.0.1.evil.example", "evil.example", "xn--127-5cd.example", "127-0-0-1.example", "а27.0.0.1", "1２7.0.0.1",
        "ｌocalhost", "locаlhost", "127.0.0.1%2eevil.example", "127.0.0.1,evil.example", "127.0.0.1;evil.example",
        "portal.example", "portal.example.", "PORTAL.EXAMPLE", "faß.example", "ﬀ.example", "a" * 300, "..", ".",
    )  # fmt: skip
    return [
        f"{scheme}://{name}:{port}/fhir/X" for scheme, name, port in product(("http", "https"), names, (own, foreign))
    ]
