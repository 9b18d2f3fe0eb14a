"""What a person meets at the portal's own pages, as a browser sends it: codes, locks, new passwords, new accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from urllib.parse import urljoin

import pyotp
import pytest
import requests

from phr_desktop.demo_portal.browser import sign_in
from phr_desktop.demo_portal.users import TRIES
from phr_desktop.errors import EnvironmentProblem

from .conftest import Visitor
from .test_portal_oauth import _Page

PASSWORD = "quiet harbor lantern"


class Browser:
    """A person with a browser: one cookie jar, forms sent with the page's own hidden fields."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.page: requests.Response | None = None
        self.seen: list[str] = []

    def open(self, url: str) -> str:
        self.page = self.session.get(urljoin(self.page.url if self.page is not None else "", url), timeout=10)
        self.seen.append(self.page.text)
        return self.page.text

    def send(self, which: int = 0, /, **fields: str) -> str:
        form = re.findall(r"<form.*?</form>", self.page.text, re.DOTALL)[which]
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        action = re.search(r'<form[^>]*action="([^"]+)"', form)
        target = urljoin(self.page.url, action[1]) if action else self.page.url
        self.page = self.session.post(target, data=hidden | fields, timeout=10, allow_redirects=False)
        if self.page.is_redirect and "code=" not in self.page.headers["Location"]:
            return self.open(self.page.headers["Location"])
        self.seen.append(self.page.text)
        return self.page.text

    def follow(self, words: str) -> str:
        found = next(
            href for href, text in re.findall(r'<a[^>]*href="([^"]+)"[^>]*>([^<]+)', self.page.text) if words in text
        )
        return self.open(unescape(found))


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()
    yield made
    made.session.close()
    for text in made.seen:
        if text:
            read = _Page(text)
            assert read.language == "en"
            assert read.headings == 1
            assert not read.unnamed
            assert not read.torn
            assert "<script" not in text


def newest_code(portal) -> str:
    return next(mail.code for mail in portal.outbox.mails if mail.code)


def test_a_code_is_asked_for_after_the_password(visitor, browser):
    browser.open(visitor.authorize_url())
    assert "Type your one-time code" in browser.send(user="tomas", password="harbor-tomas", decision="go-on")
    assert "not right" in browser.send(code="000000", decision="go-on")
    assert "sent a code" in browser.send(decision="mail-code")
    code = newest_code(visitor.portal)
    assert "Whose record?" in browser.send(code=code, decision="go-on")
    assert "may look, and change nothing" in browser.page.text.replace("&#39;", "'")


def test_a_mailed_code_is_good_once_and_for_ten_minutes(portal, clock):
    users = portal.users
    tomas = users.find("tomas")
    users.mail_code(tomas)
    code = newest_code(portal)
    assert users.accept_code(tomas, f" {code[:3]} {code[3:]} ")
    assert not users.accept_code(tomas, code)
    users.mail_code(tomas)
    clock.move_to(clock.now() + timedelta(minutes=11))
    assert not users.accept_code(tomas, newest_code(portal))


def test_the_apps_code_is_on_the_outbox_page_and_is_taken_once(visitor, browser, clock):
    page = browser.open(visitor.portal.addresses.outbox)
    code = re.search(r'class="app-code">(\d{6})<', page)[1]
    assert code == pyotp.TOTP(visitor.portal.users.find("tomas").code_secret).at(clock.now())
    for outcome in ("Whose record?", "was used before"):
        browser.open(visitor.authorize_url(nonce=outcome))
        browser.send(user="tomas", password="harbor-tomas", decision="go-on")
        assert outcome in browser.send(code=code, decision="go-on")


def test_the_code_cannot_be_skipped(visitor, browser):
    browser.open(visitor.authorize_url())
    browser.send(user="tomas", password="harbor-tomas", decision="go-on")
    for step in ({"step": "choose", "patient": "tomas"}, {"step": "consent", "scopes": "patient/*.rs"}):
        browser.send(**step, decision="go-on")
        assert browser.page.status_code == 400
        browser.open(visitor.authorize_url())
        browser.send(user="tomas", password="harbor-tomas", decision="go-on")


def test_five_wrong_tries_lock_for_a_quarter_of_an_hour(visitor, browser, clock):
    browser.open(visitor.authorize_url())
    for _ in range(TRIES - 1):
        assert "not right" in browser.send(user="mina", password="wrong", decision="go-on")
    assert "Locked for now" in browser.send(user="mina", password="wrong", decision="go-on")
    assert "12:15 PM" in browser.page.text
    assert visitor.portal.outbox.mails[0].subject == "Your account is locked"
    with pytest.raises(EnvironmentProblem):
        sign_in(visitor.authorize_url(), "mina", "harbor-mina")
    assert visitor.sign_in("ana", patient="leo").tokens["patient"] == "leo"  # others are not locked
    clock.move_to(clock.now() + timedelta(minutes=15, seconds=1))
    visitor.nonce = "later"
    assert visitor.sign_in("mina").tokens["patient"] == "mina"


def test_wrong_codes_lock_too(visitor, browser):
    browser.open(visitor.authorize_url())
    browser.send(user="tomas", password="harbor-tomas", decision="go-on")
    for _ in range(TRIES):
        browser.send(code="12", decision="go-on")
    assert "Locked for now" in browser.page.text


def test_a_success_forgets_wrong_tries(visitor, browser):
    for number in range(3):
        browser.open(visitor.authorize_url(nonce=str(number)))
        for _ in range(TRIES - 1):
            browser.send(user="mina", password="wrong", decision="go-on")
        assert "What may PHR Desktop read?" in browser.send(user="mina", password="harbor-mina", decision="go-on")


@pytest.mark.parametrize("who", ["mina", "MINA@satterfield.example.org"])
def test_a_forgotten_password_is_replaced_by_a_mailed_link(visitor, browser, who):
    patient = visitor.portal.store.get("Patient", "mina").resource
    visitor.portal.users.find("mina").email = "mina@satterfield.example.org"
    assert patient
    browser.open(visitor.authorize_url())
    browser.follow("Forgot your password")
    assert "on its way" in browser.send(who=who)
    browser.open(visitor.portal.addresses.outbox)
    assert "Choose a new password" in browser.follow("Choose a new password")
    link = browser.page.url
    assert "at least 10" in browser.send(password="short", again="short")
    assert "not the same" in browser.send(password=PASSWORD, again=PASSWORD + "x")
    assert "must not be part" in browser.send(password="mina mina mina", again="mina mina mina")
    assert "was changed" in browser.send(password=PASSWORD, again=PASSWORD)
    assert "Sign in" in browser.follow("Go on to sign in")
    assert "What may" in browser.send(user="mina", password=PASSWORD, decision="go-on")
    assert "is over or was used" in browser.open(link)
    with pytest.raises(EnvironmentProblem):
        sign_in(visitor.authorize_url(), "mina", "harbor-mina")


def test_a_link_ends_and_an_unknown_name_is_not_told_from_a_known_one(visitor, browser, clock):
    pages = []
    for who in ("mina", "nobody"):
        browser.open(f"{visitor.portal.addresses.issuer}/forgot")
        pages.append(browser.send(who=who))
    assert pages[0] == pages[1]
    assert [mail.user for mail in visitor.portal.outbox.mails] == ["mina"]
    clock.move_to(clock.now() + timedelta(minutes=31))
    browser.open(visitor.portal.outbox.mails[0].link)
    assert browser.page.status_code == 400


def test_a_new_account_needs_the_right_person(family, browser, loopback):
    ana = family.store.get("Patient", "ana").resource
    right = {
        "name": "Ana Satterfield", "birth": ana["birthDate"], "number": ana["identifier"][0]["value"],
        "email": "ana@example.org",
    }  # fmt: skip
    browser.open(f"{family.addresses.issuer}/register")
    assert right["number"] in browser.page.text
    for change in ({"name": "Ana Smith"}, {"name": "Satterfield"}, {"birth": "1981-01-01"}, {"number": "HC-1"}):
        assert "do not fit a patient" in browser.send(**(right | change))
    assert "Type your e-mail" in browser.send(**(right | {"email": "none"}))
    assert "Step 2 of 3" in browser.send(**right)
    wanted = {"user": "ana2", "password": PASSWORD, "again": PASSWORD}
    assert "taken" in browser.send(**(wanted | {"user": "ana"}))
    assert "3 to 30" in browser.send(**(wanted | {"user": "a b"}))
    assert "Step 3 of 3" in browser.send(**wanted)
    assert "not right" in browser.send(code="1")
    assert "account is ready" in browser.send(code=newest_code(family))
    client = Visitor(family, loopback.uri)
    code = client.arrive("ana2", PASSWORD)["code"]
    assert client.exchange(code).json()["patient"] == "ana"
    client.session.close()
    assert PASSWORD not in repr(family.users.all)


def test_guessing_a_patients_details_is_stopped(portal, browser):
    browser.open(f"{portal.addresses.issuer}/register")
    wrong = {"name": "Ana Satterfield", "number": "HC-9", "email": "a@example.org"}
    for day in range(1, TRIES + 1):
        browser.send(**wrong, birth=f"1980-01-0{day}")
    assert "Locked for now" in browser.page.text


def test_codes_are_set_up_with_a_picture_and_turned_off(visitor, browser, clock):
    browser.open(visitor.portal.addresses.account)
    assert "Your account" in browser.send(user="mina", password="harbor-mina", decision="go-on")
    page = browser.send(0)
    assert "<svg" in page
    secret = re.search(r"Or type this key into the app: <code>([A-Z2-7 ]+)<", page)[1].replace(" ", "")
    assert "not right" in browser.send(code="000000")
    assert "From now on" in browser.send(code=pyotp.TOTP(secret).at(clock.now()))
    browser.send(browser.page.text.count("<form") - 1)  # signs out
    assert "Sign in" in browser.open(visitor.portal.addresses.account)
    assert "one-time code" in browser.send(user="mina", password="harbor-mina", decision="go-on")
    later = clock.now() + timedelta(seconds=60)
    clock.move_to(later)
    browser.send(code=pyotp.TOTP(secret).at(later), decision="go-on")
    assert "No code is asked for" in browser.send(0)
    assert visitor.sign_in("mina").tokens["patient"] == "mina"


def test_a_person_ends_a_programs_access_at_the_portal(visitor, browser):
    tokens = visitor.sign_in("mina").tokens
    visitor.nonce = "ana"
    other = visitor.sign_in("ana", patient="leo").tokens
    browser.open(visitor.portal.addresses.account)
    page = browser.send(user="mina", password="harbor-mina", decision="go-on")
    assert "PHR Desktop" in page
    assert "Leo" not in page
    assert "was ended" in browser.send(1)
    assert visitor.get("Patient/mina", tokens["access_token"]).status_code == 401
    assert visitor.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert visitor.get("Patient/leo", other["access_token"]).status_code == 200


@pytest.mark.parametrize("page", ["forgot", "register", "account"])
def test_forms_from_elsewhere_are_refused(portal, page):
    form = {"csrf": "guessed", "who": "mina", "step": "sign-in", "user": "mina", "password": "harbor-mina"}
    assert requests.post(f"{portal.addresses.issuer}/{page}", data=form, timeout=10).status_code == 400
    assert portal.outbox.mails == []


def test_what_may_be_sent_stands_apart_on_the_consent_page(visitor, browser):
    browser.open(visitor.authorize_url(scope="launch/patient patient/Observation.cruds patient/Task.c"))
    page = browser.send(user="mina", password="harbor-mina", decision="go-on")
    assert "read and send" in page
    assert 'value="patient/Observation.rs"' in page
    assert 'value="patient/Observation.cud"' in page
    assert "Ask for refills" in page
    browser.open(visitor.authorize_url(scope="launch/patient patient/Observation.rs", nonce="b"))
    assert "cannot change anything here" in browser.send(user="mina", password="harbor-mina", decision="go-on")
