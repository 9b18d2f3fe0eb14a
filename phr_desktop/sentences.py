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
    # --- the record as a whole
    "wrong-passphrase": _mark("That passphrase does not open this record. Check Caps Lock and try again."),
    "wrong-recovery-key": _mark(
        "That recovery key does not open this record. Check each group of letters and try again."
    ),
    "header-damaged": _mark(
        "The record's key file is damaged and its second copy too. Restore the record from a backup."
    ),
    "database-damaged": _mark(
        "The record's database is damaged. Nothing was changed. Restore the record from a backup."
    ),
    "nothing-readable": _mark(
        "Nothing in the damaged file can be read. It was left as it is. Restore the record from a backup."
    ),
    "database-missing": _mark(
        "The record's database file is missing from its folder. Put it back, or restore the record from a backup."
    ),
    "vault-missing": _mark("There is no record in this folder. Choose another folder, or make a new record."),
    "vault-without-keys": _mark(
        "A record's database is in this folder, but not the two key files that open it (vault.hdr and vault.hdr2). Put"
        " them back, or restore a backup into another folder. Nothing was changed."
    ),
    "vault-newer": _mark(
        "This record was made by a newer version of the program. Install the newest version to open it."
    ),
    "vault-in-use": _mark("The record is open in another window or program. Close it there and try again."),
    "vault-busy": _mark(
        "A backup is being made, or the whole record is being written anew. Wait until that is done, then try again."
        " Nothing was changed."
    ),
    "folder-path-too-long": _mark(
        "The folder's name, with the folders that it is in, is too long to keep a record there. Nothing was changed."
        " Use a folder with a shorter name, or one that lies less deep."
    ),
    "vault-exists": _mark("There is already a record in this folder. Choose an empty folder."),
    "vault-older-copy": _mark(
        "This is an older copy of your record. It can be read, but nothing new is stored in it. Restore a backup, or"
        " accept this copy as your record."
    ),
    "vault-altered": _mark(
        "The record's file was changed from outside this program. It can be read, but nothing new is stored in it."
        " Restore a backup, or accept the file as your record."
    ),
    "vault-damaged": _mark(
        "Parts of the record's file are damaged. It can be read, but nothing new is stored in it. Restore a backup."
    ),
    "vault-other-database": _mark(
        "The record's folder holds another database, {names}, that its key files do not name. It was kept. Where older"
        " key files (vault.hdr and vault.hdr2) were put back, it may be your newer record: put the newer ones back, or"
        " restore a backup."
    ),
    "vault-read-only": _mark(
        "The record's folder may not be written to, so it can be read, but nothing new is stored. Change the folder's"
        " permissions, or move the record to another folder."
    ),
    "vault-locked": _mark("The record is locked. Unlock it first."),
    "cipher-missing": _mark(
        "This program's encryption library is missing or too old, so no record is opened. Install the program anew."
    ),
    "passphrase-too-short": _mark("A passphrase needs at least {minimum} characters. A few unrelated words work well."),
    "recovery-key-malformed": _mark("A recovery key has 9 groups of 4 letters or digits. Type all of them."),
    # --- ways into the record
    "other-passphrase": _mark("That is another passphrase of this record. Type the one that you want to change."),
    "no-terminal": _mark("The new key must be typed back by a person. Run this at a terminal."),
    "last-passphrase": _mark("One passphrase must stay. Add another one first, then remove this one."),
    "too-many-ways": _mark("There are {most} ways to open this record already. Remove one that nobody uses."),
    "way-missing": _mark("That way to open the record is no longer there. Look at the list again."),
    "slot-label-too-long": _mark("That name is too long. Use at most 40 letters."),
    "device-key-missing": _mark(
        "This computer's keychain does not hold the key to this record. Use the passphrase, then turn this on anew."
    ),
    "wrong-device-key": _mark(
        "The key in this computer's keychain does not open this record any more. Use the passphrase, then turn this on"
        " anew."
    ),
    "keychain-missing": _mark("This computer offers no keychain that this program trusts. Use the passphrase."),
    "keychain-slow": _mark(
        "This computer's keychain did not answer in 10 seconds. It may be locked: unlock it, or use the passphrase."
    ),
    "keychain-refused": _mark("This computer's keychain is locked or said no. Unlock it, or use the passphrase."),
    "kit-not-saved": _mark("The recovery kit could not be saved there. Choose another folder, or print it."),
    "recovery-key-not-typed-back": _mark(
        "The new recovery key was not typed back, so nothing was changed. The old one still works."
    ),
    # --- files
    "file-missing": _mark("There is no file named {name} there. Check the name and try again."),
    "file-unreadable": _mark("The file {name} may not be read. Check its permissions, or copy it somewhere else."),
    "file-changed": _mark("The file {name} changed while it was read. Nothing was added. Try again."),
    "file-too-large": _mark("The file {name} is larger than this program reads (2 GB). Nothing was added."),
    "file-gzip-broken": _mark(
        "The file {name} is packed and damaged or cut off. Download it again. Nothing was added."
    ),
    "several-patients": _mark(
        "This file holds the records of several people ({patients}). Nothing was added. Choose whose records to take:"
        " on the command line with --patient ID."
    ),
    "patient-not-in-file": _mark("That patient is not in the file. Nothing was added."),
    "file-one-page": _mark(
        "At least one file is one page of a longer answer. What comes on the pages after it is not in it."
    ),
    "patients-share-id": _mark(
        "The files hold two people with one id ({patient}): their names or birth dates differ, so their records cannot"
        " be told apart. Nothing was added. Add the files of each person on their own."
    ),
    "unknown-patient-file": _mark(
        "This file names nobody. It is about {patient}, and the files added for {person} so far are not. Nothing was"
        " added. Check that you chose the right person; if it is the same person, accept it (--accept-name-mismatch)."
    ),
    "other-person-file": _mark(
        "This file says it is about {found}, not {person}. Nothing was added. Check that you chose the right person;"
        " if it is the same person, accept the difference (--accept-name-mismatch)."
    ),
    "name-missing": _mark("Please give a name."),
    "birth-date-malformed": _mark("Write the birth date as year-month-day, such as 1949-05-04."),
    "person-exists": _mark("{name} with this birth date is already here."),
    "record-missing": _mark("No record has that id here. List the records to find it."),
    "record-ambiguous": _mark("Several records have that name. Use the id that the lists show."),
    "person-missing": _mark("There is no such person here. Add the person first."),
    "cancelled": _mark("Cancelled. Nothing was changed."),
    "demo-portal-failed": _mark("The demo portal did not start. Close other copies of the demo and try again."),
    "tour-stuck": _mark("A page did not finish loading in time."),
    "passphrase-file-unreadable": _mark("The passphrase file cannot be read. Check its name and permissions."),
    "passphrase-empty": _mark("The passphrase file is empty. Write the passphrase into it, on one line."),
    "no-passphrase": _mark(
        "No passphrase was given. Type it at a terminal, or name a file with --passphrase-file or PHR_PASSPHRASE_FILE."
    ),
    "no-new-passphrase": _mark(
        "No new passphrase was given. Type it at a terminal, or name a file with --new-passphrase-file."
    ),
    "recovery-key-not-shown": _mark(
        "The recovery key could not be shown, so the new record was removed again. Try again where the answer can be"
        " written."
    ),
    "output-failed": _mark("The answer could not be written. The disk may be full. Nothing in the record was lost."),
    "words-not-text": _mark("A word or name given is not readable text (UTF-8). Rename it, or type it anew."),
    "stopping": _mark("Stopping. Press Ctrl+C again to stop at once."),
    "stopped-at-once": _mark("Stopped at once. What was not finished is not in the record."),
    "disk-full": _mark("The disk is full. Nothing was lost. Free some space and try again."),
    "disk-problem": _mark("The disk could not be read or written (error {number}). Nothing was lost. Try again."),
    "no-room": _mark(
        "There is not enough free space: {needed} MB are needed on the disk with the record, {free} MB are free."
        " Nothing was changed. Free some space and try again."
    ),
    "copy-not-whole": _mark(
        "The new copy of your record did not come out whole, so it was thrown away. Nothing was changed. Check this"
        " computer's disk, make a backup, and try again."
    ),
    "no-permission": _mark("The program may not write there. Choose another folder or change its permissions."),
    "no-memory": _mark("There is not enough free memory to open the record. Close other programs and try again."),
    # --- backups
    "backup-folder-not-chosen": _mark(
        "No folder for backups is chosen yet. Choose one in the settings, or name one (--to FOLDER)."
    ),
    "backup-folder-missing": _mark(
        "The backup folder {folder} is not there. Plug in its stick or drive, or choose another folder."
    ),
    "backup-folder-not-writable": _mark(
        "The program may not write into the backup folder {folder}. Choose another one."
    ),
    "calendar-not-encrypted": _mark(
        "The calendar file is not encrypted: whoever can open it can read it. Keep it where only you can."
    ),
    "calendar-broken": _mark("This calendar file is damaged, or it is none. Nothing was added. Ask for it again."),
    "calendar-too-large": _mark("This calendar file is too large to be a clinic's. Nothing was added."),
    "calendar-not-visits": _mark("There is no appointment in this calendar file. Nothing was added."),
    "calendar-own": _mark("This calendar file was made by this program from its own record. Nothing was added."),
    "calendar-no-uid": _mark("An appointment has no number of its own. It is kept aside, unchanged."),
    "calendar-no-time": _mark("An appointment does not say when it is. It is kept aside, unchanged: ask the clinic."),
    "calendar-zone-unknown": _mark(
        "An appointment is in a time zone that is not known here. It is kept aside, unchanged: ask the clinic for its"
        " time."
    ),
    "calendar-part-of-series": _mark(
        "A change of several appointments at once could not be read. It is kept aside: ask the clinic for the dates."
    ),
    "calendar-file-stays": _mark(
        "The calendar file {file} could not be removed, so nothing was. It is not encrypted. Plug in its drive, or"
        " switch that file off in the settings and remove it yourself. Then try again."
    ),
    "calendar-folder-missing": _mark(
        "The folder for the calendar file is not there. Plug in the drive, or choose another folder."
    ),
    "calendar-folder-is-vault": _mark("This folder holds the encrypted record. Choose another one for the calendar."),
    "backup-folder-is-vault": _mark(
        "Backups cannot lie in the record's own folder: both would be lost together. Choose another folder, best on a"
        " stick or another drive."
    ),
    "backup-no-room": _mark(
        "There is not enough room in the backup folder: {needed} are needed, {free} are free. No backup was made. Free"
        " some space there, or choose another folder."
    ),
    "backup-no-room-here": _mark(
        "There is not enough room on this computer's disk: {needed} must be free. Nothing was changed. Free some space"
        " and try again."
    ),
    "backup-target-lost": _mark(
        "The backup folder {folder} went away or stopped working while the backup was written. No backup was made. Plug"
        " its stick or drive in again, then try again."
    ),
    "backup-failed-check": _mark(
        "The backup was written, but what came back from the disk was not the same. It does not count and was removed."
        " Try again, best with another stick or drive."
    ),
    "backup-not-sound": _mark(
        "The database in the backup is not whole, so it was not used. Nothing was changed. Use another backup."
    ),
    "backup-of-damaged": _mark(
        "Your record's own file is damaged, so no backup was made of it. Keep the backups that you have. Restore the"
        " newest one, or save what can be read of the damaged file."
    ),
    "backup-not-one": _mark("This file is not a backup of this program. Choose a file that ends in .phrbackup."),
    "backup-newer": _mark(
        "This backup was made by a newer version of the program. Install the newest version to use it."
    ),
    "backup-damaged": _mark("This backup is damaged or not complete, so it was not used. Use another backup."),
    "backup-of-other-vault": _mark(
        "This backup is of another record than the one here. Restore it into a folder of its own."
    ),
    "backup-running": _mark("A backup is being made just now. Wait until it is done."),
    "folder-not-empty": _mark("That folder is not empty. Choose a new or an empty folder."),
    # --- demo portal
    "demo-sign-in-failed": _mark(
        "The demo portal did not let the sample person sign in. Check the user name and password it printed."
    ),
    # --- reminders (shown on a locked screen too: nothing private)
    "reminder-one": _mark("You have a reminder. Open the program to see it."),
    "reminder-many": _mark("You have {count} reminders. Open the program to see them."),
    "dose-already-marked": _mark("This dose is already marked. Look at it once more before you give another one."),
    "dose-late": _mark(
        "This dose is late. Say when it was taken, or skip it. Do not double up. Ask a pharmacist or Poison Help"
        " 1-800-222-1222."
    ),
    "dose-in-future": _mark("This time is still ahead. Choose a time that is over."),
    "dose-too-soon": _mark(
        "The last dose was not long enough ago. Do not double up. Ask a pharmacist or Poison Help 1-800-222-1222. This"
        " counts only this product."
    ),
    "dose-over-limit": _mark(
        "That would be more than {limit} {unit} in 24 hours. Ask a pharmacist or Poison Help 1-800-222-1222. This"
        " counts only this product."
    ),
    "snooze-too-long": _mark("The next dose comes before that. Choose an earlier time, or skip this dose."),
    "schedule-empty": _mark("No dose would follow from this. Choose the days and the times, and check the last day."),
    "schedule-amount": _mark("The amount must be more than none."),
    "reminder-title": _mark("Write what you want to be reminded of."),
    "reminder-empty": _mark("No reminder would follow from this. Choose the days and times, and check the last day."),
    "reminder-test": _mark("This is a test. Reminders will come like this."),
    "reminder-take": _mark("Take"),
    "reminder-snooze": _mark("Snooze 10 minutes"),
    "reminder-skip": _mark("Skip"),
    "reminder-locked-one": _mark("A reminder is due. Unlock PHR Desktop to see it."),
    "reminder-locked-many": _mark("{count} reminders are due. Unlock PHR Desktop to see them."),
    "settings-not-saved": _mark("The settings could not be saved. Free some space on the disk, and try again."),
    "reminders-locked-long": _mark("PHR Desktop has been locked for 14 days. Unlock it so that reminders go on."),
    # --- sync
    "offline": _mark(
        "The portal cannot be reached. Everything that is already here can be read. Check your internet connection."
    ),
    "portal-slow": _mark("The portal did not answer in time. Nothing was lost. Try again later."),
    "portal-cut": _mark("The connection to the portal broke off. Nothing was lost. Try again."),
    "portal-busy": _mark("The portal is busy or closed for upkeep. Nothing was lost. Try again later."),
    "portal-too-large": _mark("The portal's answer was larger than this program accepts. It was left out."),
    "portal-answer-broken": _mark("The portal's answer came in a form that cannot be read. Try again later."),
    "portal-answer-not-understood": _mark("The portal's answer could not be understood. Try again later."),
    "portal-untrusted": _mark(
        "The portal could not prove who it is (its certificate is not valid). Nothing was sent. Check this computer's"
        " date, or try another network."
    ),
    "portal-html": _mark(
        "A web page came in place of the portal's answer. Sign in to this network in your browser first,"
        " then try again."
    ),
    "captive-portal": _mark(
        "This network wants its own sign-in before it lets you through. Open your browser, sign in there,"
        " then try again. Nothing was changed."
    ),
    "portal-redirected": _mark(
        "The portal pointed to another address, which is not followed. Ask the clinic for its new one."
    ),
    "foreign-address": _mark("The portal pointed to an address outside itself. It was not opened."),
    "address-not-allowed": _mark("The portal gave an address that is not safe to open. It was not opened."),
    "token-malformed": _mark("The portal's sign-in answer is not usable. Sign in again."),
    "portal-address-malformed": _mark(
        "That is not the address of a portal. It looks like https://clinic.example/fhir."
    ),
    "portal-address-not-https": _mark("A portal's address must begin with https, so that nobody can listen."),
    "sign-in-address-not-allowed": _mark("The portal's sign-in address is not safe to open. Nothing was sent."),
    "not-a-portal": _mark("There is no patient portal at that address. Check it for typing mistakes."),
    "portal-not-r4": _mark(
        "That portal speaks another version (this program reads FHIR R4). Ask the clinic for its R4 address."
    ),
    "portal-without-sign-in": _mark("That portal offers no sign-in that this program can use."),
    "sign-in-port-taken": _mark("Another program uses the port that this portal needs. Close it and try again."),
    "sign-in-denied": _mark("You said no on the portal's page, so nothing was connected. Try again to allow it."),
    "sign-in-scope-refused": _mark("The portal does not allow what this program asks for. Nothing was connected."),
    "sign-in-refused": _mark("The portal refused the sign-in. Try again; if it happens again, ask the clinic."),
    "sign-in-not-genuine": _mark("The sign-in answer did not come from this portal, so it was not used. Try again."),
    "sign-in-timeout": _mark("The time to sign in ran out. Nothing was saved. Try again, and take the time you need."),
    "client-not-known": _mark(
        "The portal does not know this program. It must be registered there first; ask the clinic, or enter the id it"
        " gave you."
    ),
    "no-patient-in-token": _mark("The portal did not say whose record it opened, so nothing was saved."),
    "pasted-address-not-understood": _mark(
        "That is not the address at which the sign-in ended. Copy the whole address and paste it."
    ),
    "sign-in-again": _mark("Please sign in to the portal again. Everything that is already here can be read."),
    "other-person": _mark("This portal opened {found}'s record, not {person}'s. Nothing was saved."),
    "other-person-token": _mark(
        "The portal opened another person's record this time. Nothing was saved. Sign in again and choose"
        " the right person."
    ),
    "patient-replaced": _mark(
        "The portal says this record was joined into another one. Nothing was changed. Ask the clinic which"
        " record is yours."
    ),
    "patient-not-readable": _mark(
        "The portal did not give the name and birth date of its record, so nothing was saved."
    ),
    "source-missing": _mark("There is no such connection here."),
    "sync-stopped": _mark("The sync was stopped. What came whole is kept; the next sync goes on from there."),
    "sync-not-finished": _mark("Not all of it has come yet. The next sync goes on from there."),
    "many-gone-held": _mark(
        "The portal no longer shows some of these records. They are kept here unchanged; ask the clinic"
        " whether that is right."
    ),
    "portal-warning": _mark("The portal says that its answer may not be the whole record."),
    "portal-error-notice": _mark(
        "The portal says that it could not give everything, so some records may be missing. What came is kept."
    ),
    "portal-gave-fewer": _mark(
        "The portal says that it has more of these than it gave, so some may be missing. What came is kept."
    ),
    "portal-wrong-tenant": _mark(
        "There is a server at this address, but it does not know this clinic. Check the address with the clinic: each"
        " clinic has one of its own."
    ),
    "redirect-refused": _mark(
        "The portal does not let people come back to this program after they sign in. The program must be registered"
        " there anew. Ask the people who gave you this program, or use a registration of your own."
    ),
    "registration-refused": _mark(
        "The portal did not let this program register itself. Ask the clinic for a client ID and type it in here."
    ),
    "portal-rests": _mark("The portal did not answer well a short time ago. It is asked again by itself in a while."),
    "grant-changed": _mark("The portal changed what this program may read while it was asked. Sync again."),
    "sync-too-long": _mark("There is too much for one sync. What came is kept, and the rest comes with the next one."),
    "brands-not-understood": _mark("This file holds no list of clinics that this program can read. Nothing was added."),
    "portal-total-differs": _mark(
        "The portal counts more of these than it gives. It gave the same ones twice, so these are taken to be all."
    ),
    "nothing-held": _mark("There is nothing to decide here any more."),
    "not-granted": _mark("You did not allow this when you signed in. Sign in again to allow it."),
    "portal-forbids": _mark("The portal does not let you see this. Ask the clinic if you need it."),
    "access-changed": _mark(
        "The portal gave this before and does not now. What came is still here; nothing new comes. Clinics change what"
        " family members may see, for instance when a child turns 12, 13 or 18. Ask the clinic; if you left it out when"
        " you last signed in, sign in again."
    ),
    "not-offered": _mark("The portal does not offer this."),
    "portal-refused-search": _mark("The portal did not accept the question. What came before is kept."),
    "page-loop": _mark("The portal repeated a page, so some records may be missing."),
    "too-many-pages": _mark("The portal has more than this program takes at once, so some records may be missing."),
    "page-expired": _mark("The portal forgot where the last sync stopped. The next one starts this part anew."),
    "malformed": _mark("Some records could not be read. They are kept aside, unchanged."),
    "other-patient": _mark("Some records were about somebody else. They are kept aside and shown to nobody."),
    "no-patient": _mark("Some records did not say whom they are about. They are kept aside and shown to nobody."),
    "document-missing": _mark("The portal does not have this document any more."),
    "document-unreadable": _mark("The document came in a form that cannot be read."),
    "pdf-locked": _mark("This PDF is locked with a password of its own. Save a copy and open it with that password."),
    "pdf-unreadable": _mark("This PDF is damaged and cannot be shown. You can still save a copy of it."),
    "picture-too-large": _mark("This picture is too large to show here. You can save a copy of it."),
    "picture-unreadable": _mark("This picture is damaged and cannot be shown. You can still save a copy of it."),
    "medicine-missing": _mark("This medicine is no longer in the list. Open the list again."),
    "own-allergy-name": _mark("Write what the allergy is to."),
    "own-medicine-name": _mark("Write what the medicine is called."),
    "own-medicine-date": _mark("Write the date as a year, a month or a day: 2024, 2024-05 or 2024-05-17."),
    "photo-too-large": _mark("This photo is too large to keep. Choose a smaller one."),
    "visit-missing": _mark("This visit is no longer in the list. Open the list again."),
    # --- a check of the record
    "check-history-good": _mark("This is the newest state of the record that was stored here."),
    "check-header-good": _mark("Both copies of the key file are whole and the same."),
    "check-header-bad": _mark(
        "A copy of the key file is missing, damaged or different ({names}). Lock and unlock the record to make it anew."
    ),
    "check-header-repaired": _mark(
        "A copy of the key file was missing or damaged ({names}) and was made anew just now. If it happens again, the"
        " disk may be failing: make a backup."
    ),
    "check-files-good": _mark("No other database is in the record's folder."),
    "check-pages-good": _mark("The seal of every page of the database is right."),
    "check-pages-bad": _mark(
        "Parts of the database are damaged (seals that are not right: {count}). Restore a backup."
    ),
    "check-structure-good": _mark("The database is in order."),
    "check-structure-bad": _mark("The database is not in order: its parts do not fit together. Restore a backup."),
    "check-links-good": _mark("Everything that belongs together is there."),
    "check-links-bad": _mark("Something is missing that other entries need ({count} times). Restore a backup."),
    "check-search-good": _mark("The search index is in order."),
    "check-search-bad": _mark("The search index is damaged, so search may miss records. Restore a backup."),
    "check-index-good": _mark("Every record can be found by search (counted: {held})."),
    "check-index-bad": _mark(
        "The search index knows {indexed} records, but {held} are here, so search may miss some. Restore a backup."
    ),
    "check-records-good": _mark("Every record can be read, older versions included (counted: {held})."),
    "check-records-bad": _mark("Some records cannot be read ({count} of {held}). Restore a backup."),
    "check-documents-good": _mark("The contents of every document are unchanged (counted: {held})."),
    "check-documents-bad": _mark("The contents of some documents are damaged ({count} of {held}). Restore a backup."),
    "check-unreadable": _mark("This part of the database is damaged and could not be looked at. Restore a backup."),
    "document-not-received": _mark("The contents of this document have not been received yet."),
}


def sentence(code: str, **parameters: object) -> str:
    """The sentence of a code, filled. An unknown code is a bug and reads as one, with the code."""
    return SENTENCES.get(code, f"Something went wrong inside the program ({code}). Please report this.").format(
        **parameters
    )


def explain(error: PhrError) -> str:
    """The sentence of an error."""
    return sentence(error.code, **error.parameters)
