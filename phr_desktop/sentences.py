"""The catalogue of sentences for codes: one plain sentence each, saying what happened and what to do.

The command line prints them as they are; the window passes them through Qt's translator (context "sentences").
"""

from __future__ import annotations

from phr_desktop.errors import PhrError


def _mark(sentence: str) -> str:
    """Marks a sentence for translation (pyside6-lupdate knows it as QT_TRANSLATE_NOOP)."""
    return sentence


SENTENCES: dict[str, str] = {
    # --- files of FHIR resources
    "file-not-fhir": _mark("This file holds no FHIR health records. Nothing was imported. Choose another file."),
    "file-broken": _mark("This file is damaged: {at}. Nothing was imported. Download the file again, then retry."),
    # --- vault
    "wrong-passphrase": _mark("That passphrase does not open this vault. Check Caps Lock and try again."),
    "wrong-recovery-key": _mark(
        "That recovery key does not open this vault. Check each group of letters and try again."
    ),
    "header-damaged": _mark(
        "The vault's key file is damaged and its second copy too. Restore the vault from a backup."
    ),
    "database-damaged": _mark("The vault's database is damaged. Nothing was changed. Restore the vault from a backup."),
    "database-missing": _mark(
        "The vault's database file is missing from its folder. Put it back, or restore the vault from a backup."
    ),
    "vault-missing": _mark("There is no vault in this folder. Choose another folder, or make a new vault."),
    "vault-newer": _mark(
        "This vault was made by a newer version of the program. Install the newest version to open it."
    ),
    "vault-in-use": _mark("The vault is open in another window or program. Close it there and try again."),
    "vault-exists": _mark("There is already a vault in this folder. Choose an empty folder."),
    "vault-locked": _mark("The vault is locked. Unlock it first."),
    "cipher-missing": _mark(
        "This program's encryption library is missing or too old, so no vault is opened. Install the program anew."
    ),
    "passphrase-too-short": _mark("A passphrase needs at least {minimum} characters. A few unrelated words work well."),
    "recovery-key-malformed": _mark("A recovery key has 8 groups of 4 letters or digits, then a group to check them."),
    # --- files
    "file-missing": _mark("There is no file named {name} there. Check the name and try again."),
    "file-unreadable": _mark("The file {name} may not be read. Check its permissions, or copy it somewhere else."),
    "file-too-large": _mark("The file {name} is larger than this program reads (2 GB). Nothing was added."),
    "file-gzip-broken": _mark("The file {name} is packed and damaged or cut off. Download it again. Nothing was added."),
    "several-patients": _mark(
        "This file holds the records of several people ({patients}). Nothing was added. Choose whose records to take:"
        " on the command line with --patient ID."
    ),
    "patient-not-in-file": _mark("That patient is not in the file. Nothing was added."),
    "other-person-file": _mark(
        "This file says it is about {found}, not {person}. Nothing was added. Check that you chose the right person;"
        " if it is the same person, accept the difference (--accept-name-mismatch)."
    ),
    "name-missing": _mark("Please give a name."),
    "birth-date-malformed": _mark("Write the birth date as year-month-day, such as 1949-05-04."),
    "person-exists": _mark("{name} with this birth date is already in the vault."),
    "record-missing": _mark("There is no such record in this vault. List records to find its id."),
    "record-ambiguous": _mark("Several records have that name. Use the vault's own id, as the lists show it."),
    "person-missing": _mark("There is no such person in this vault. Add the person first."),
    "cancelled": _mark("Cancelled. Nothing was changed."),
    "disk-full": _mark("The disk is full. Nothing was lost. Free some space and try again."),
    "disk-problem": _mark("The disk could not be read or written (error {number}). Nothing was lost. Try again."),
    "no-permission": _mark("The program may not write there. Choose another folder or change its permissions."),
    "no-memory": _mark("There is not enough free memory to open the vault. Close other programs and try again."),
    # --- demo portal
    "demo-sign-in-failed": _mark(
        "The demo portal did not let the sample person sign in. Check the user name and password it printed."
    ),
}


def sentence(code: str, **parameters: object) -> str:
    """The sentence of a code, filled. An unknown code is a bug and reads as one, with the code."""
    return SENTENCES.get(code, f"Something went wrong inside the program ({code}). Please report this.").format(
        **parameters
    )


def explain(error: PhrError) -> str:
    """The sentence of an error."""
    return sentence(error.code, **error.parameters)
