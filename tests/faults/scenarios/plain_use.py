"""A vault made, written to, given files and documents, locked, and its header changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from phr_desktop.errors import UserFacingError
from phr_desktop.files.fhir_files import import_files
from phr_desktop.vault import attachments, keys, people
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault
from tests.faults.looking import look_into
from tests.faults.scenario import (
    NOW,
    PASSPHRASE,
    Run,
    Scenario,
    Verdict,
    one_more_person,
    one_vault,
    people_facts,
)
from tests.resources import store
from tests.small_resources import lab, visit

AT = int(NOW.timestamp())
DOCUMENT = hashlib.sha512(b"a scanned letter").digest() * 17_000  # 1.04 MiB: two chunks


def add_person(run: Run, vault: Vault, name: str) -> None:
    vault.write(lambda db: people.add(db, name, None, None, AT))
    run.ack(f"person:{name}")


# --- create


def nothing(_run: Run) -> None:
    """There is nothing yet."""


def create(run: Run) -> None:
    """Makes a vault, or goes on with the one that an interrupted run left."""
    if Vault.exists(run.vault_folder):
        vault = Vault.unlock(run.vault_folder, PASSPHRASE)
    else:
        vault = Vault.create(run.vault_folder, PASSPHRASE, kdf=keys.FLOOR).vault
    try:
        run.ack("vault")
        add_person(run, vault, f"First {run.tag}")
    finally:
        vault.lock()


def look_at_created(run: Run, acknowledged: list[str]) -> Verdict:
    """There is no vault yet and one can be made, or there is one that opens."""
    verdict = Verdict()
    if acknowledged or Vault.exists(run.vault_folder):
        look_into(verdict, CREATE, run.vault_folder, acknowledged)
    if not verdict.unopened:
        try:
            create(Run(run.folder, run.tag))
        except Exception as problem:  # noqa: BLE001 (whatever it is: the person cannot go on)
            verdict.add("repairs", [repr(problem)])
    return verdict


def created_facts(db: Database) -> set[str]:
    return {"vault"} | people_facts(db)


# --- write, lock


def write(run: Run) -> None:
    with run.vault() as vault:
        for number in range(4):
            add_person(run, vault, f"Written {run.tag}-{number}")


def write_and_read(run: Run) -> None:
    """As the window does: a reader of its own open beside the writer, taken away before the lock."""
    with run.vault() as vault:
        vault.attach_reader()
        try:
            for number in range(2):
                add_person(run, vault, f"Seen {run.tag}-{number}")
                assert vault.read(people.everyone)
        finally:
            vault.detach_reader()


def lock_again_and_again(run: Run) -> None:
    for number in range(3):
        with run.vault() as vault:
            add_person(run, vault, f"Locked {run.tag}-{number}")
        run.ack(f"person:Locked {run.tag}-{number}")


# --- import of a file


LIFE = [
    {"resourceType": "Patient", "id": "p", "name": [{"family": "Satterfield", "given": ["Mina"]}],
     "birthDate": "1949-05-04"},
    *[lab(f"lab{n}", "Potassium", f"2026-11-{n + 1:02d}") for n in range(12)],
    *[visit(f"visit{n}") for n in range(4)],
]  # fmt: skip


def with_file(run: Run) -> None:
    one_vault(run)
    (run.folder / "life.ndjson").write_text("\n".join(json.dumps(one) for one in LIFE))


def import_life(run: Run) -> None:
    with run.vault() as vault:
        import_files(vault, run.clock, [run.folder / "life.ndjson"], 1)
        for one in LIFE:
            run.ack(f"record:{one['resourceType']}/{one['id']}")
        add_person(run, vault, f"Imported {run.tag}")


def record_facts(db: Database) -> set[str]:
    held = db.rows("SELECT type, identity FROM records WHERE gone_at IS NULL")
    return people_facts(db) | {f"record:{row[0]}/{row[1]}" for row in held}


def half_an_import(db: Database) -> list[str]:
    """One import is one transaction: all of the file's records, their values and their words, or none."""
    found = int(db.value("SELECT count(*) FROM records"))
    values = int(db.value("SELECT count(value_kind) + (SELECT count(*) FROM observation_components) FROM records"))
    whole = {0: 0, len(LIFE): 12}
    return [] if whole.get(found) == values else [f"{found} records, {values} values of {len(LIFE)}"]


# --- documents


def with_letters(run: Run) -> None:
    one_vault(run)
    letters = [
        {"resourceType": "DocumentReference", "id": f"d{n}", "status": "current", "subject": {"reference": "Patient/p"},
         "content": [{"attachment": {"contentType": "text/plain", "url": f"Binary/b{n}"}}]}
        for n in range(2)
    ]  # fmt: skip
    with run.vault() as vault:
        store(vault, 1, letters)


def keep_documents(run: Run) -> None:
    with run.vault() as vault:
        letters = vault.read(lambda db: db.rows("SELECT id FROM records WHERE type = 'DocumentReference' ORDER BY id"))
        for number, (letter,) in enumerate(letters):
            content = DOCUMENT + str(number).encode()
            vault.write(lambda db, of=letter, content=content: attachments.store(db, of, 0, content, None))
            run.ack(f"document:{hashlib.sha256(content).hexdigest()}")


def document_facts(db: Database) -> set[str]:
    hashes = [row[0] for row in db.rows("SELECT DISTINCT hash FROM record_attachments WHERE hash IS NOT NULL")]
    return {f"document:{hashlib.sha256(attachments.content(db, each)).hexdigest()}" for each in hashes}


def half_a_document(db: Database) -> list[str]:
    kept = [bytes(row[0]) for row in db.rows("SELECT hash FROM attachments")]
    torn = [each.hex() for each in kept if hashlib.sha256(attachments.content(db, each)).digest() != each]
    loose = int(db.value("SELECT count(*) FROM attachment_chunks WHERE hash NOT IN (SELECT hash FROM attachments)"))
    return torn + ["chunks of no document"] * bool(loose)


# --- header


def change_header(run: Run) -> None:
    """The header's successor, three times; whatever is changed in it takes this way."""
    with run.vault() as vault:
        for number in range(3):
            vault.change_header(lambda head, _master: replace(head, created=head.created))
            add_person(run, vault, f"Changed {run.tag}-{number}")


def refused_while_open(run: Run) -> None:
    """A second program on the same vault is turned away, and leaves no trace."""
    with run.vault() as vault:
        add_person(run, vault, f"Alone {run.tag}")
        try:
            Vault.unlock(run.vault_folder, PASSPHRASE)
        except UserFacingError as problem:
            assert problem.code == "vault-in-use", problem  # noqa: PT017 (no test: a scenario's own act)
        add_person(run, vault, f"Still alone {run.tag}")


CREATE = Scenario("create", create, prepare=nothing, facts=created_facts, look=look_at_created)
SCENARIOS = [
    CREATE,
    Scenario("write", write, facts=people_facts),
    Scenario("write beside a reader", write_and_read, facts=people_facts),
    Scenario("lock", lock_again_and_again, facts=people_facts),
    Scenario("import of a file", import_life, prepare=with_file, facts=record_facts, partial=half_an_import),
    Scenario("documents", keep_documents, prepare=with_letters, facts=document_facts, partial=half_a_document),
    Scenario("header change", change_header, facts=people_facts, after=one_more_person),
    Scenario("second program", refused_while_open, facts=people_facts),
]
