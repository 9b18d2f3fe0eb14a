"""Opens a PHR Desktop vault folder or backup file without that program: docs/vault-format.md, in code.

    python phr_open.py PLACE [--recovery-key] [--secret-file FILE] [--out FOLDER]

Lists the records; with --out writes each one's JSON there, as its source sent it. The place itself is not changed.
Needs `cryptography` and `sqlcipher3` (for packed records `zstandard`), nothing of PHR Desktop.
"""

import argparse
import getpass
import hashlib
import hmac
import json
import shutil
import tempfile
import unicodedata
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK = 64 * 1024 + 16
RECORDS = """SELECT r.id, p.name, r.type, r.date, r.title, r.codec, r.body FROM records r
  JOIN people p ON p.id = r.person ORDER BY r.id"""


def hkdf(secret: bytes, salt: bytes, info: bytes, length: int = 32) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def parse_header(text: bytes) -> dict | None:
    """A header copy, or None where it is torn."""
    body, digest = text[:-65], text[-65:-1]
    whole = body.startswith(b"PHRV1\n") and hashlib.sha256(body).hexdigest().encode() == digest
    return json.loads(body[6:]) if whole else None


def is_authentic(header: dict, master: bytes) -> bool:
    signed = json.dumps(header | {"mac": ""}, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    mac = hmac.digest(hkdf(master, bytes.fromhex(header["vault_id"]), b"phr/v1/hdr"), signed, "sha256")
    return hmac.compare_digest(mac.hex(), header["mac"])


def secret_bytes(text: str, by_recovery_key: bool) -> bytes:
    if not by_recovery_key:
        return unicodedata.normalize("NFC", text).encode()
    plain = "".join(each for each in text.upper() if each.isalnum()).translate(str.maketrans("OIL", "011"))
    digits = ["0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(each) for each in plain[:32]]  # the last four check the others
    return sum(digit << 5 * (31 - place) for place, digit in enumerate(digits)).to_bytes(20, "big")


def open_slot(header: dict, slot: dict, secret: bytes) -> bytes | None:
    """The master key; None where the secret is not this slot's."""
    vault_id = bytes.fromhex(header["vault_id"])
    slot_id, kdf_salt, slot_salt = (bytes.fromhex(slot[name]) for name in ("id", "kdf_salt", "slot_salt"))
    cost = b"hkdf"
    if slot["kdf"] is not None:
        memory, passes, lanes = slot["kdf"]
        cost = f"argon2id:{memory}:{passes}:{lanes}".encode()
        secret = Argon2id(salt=kdf_salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory).derive(secret)
    keys = hkdf(secret, slot_salt, b"phr/v1/slot/" + slot["type"].encode(), 64)
    if not hmac.compare_digest(keys[32:].hex(), slot["commitment"]):
        return None
    parts = (b"PHRV", b"1", vault_id, b"%d" % header["key_epoch"], slot_id, slot["type"].encode(), cost, kdf_salt)
    bound = b"".join(len(part).to_bytes(2, "big") + part for part in (*parts, slot_salt))
    return AESGCMSIV(keys[:32]).decrypt(bytes.fromhex(slot["nonce"]), bytes.fromhex(slot["wrapped"]), bound)


def find_master(headers: list[dict | None], secret: bytes, slot_type: str) -> tuple[dict, bytes]:
    whole = sorted(filter(None, headers), key=lambda one: -one["seq"])
    for header in (one for one in whole if one["key_epoch"] == max(each["key_epoch"] for each in whole)):
        for slot in (slot for slot in header["slots"] if slot["type"] == slot_type):
            master = open_slot(header, slot, secret)
            if master is not None and is_authentic(header, master):
                return header, master
    raise SystemExit("That does not open it (or every copy of its header is damaged).")


def from_folder(folder: Path, secret: bytes, slot_type: str, scratch: Path) -> tuple[Path, dict, bytes]:
    """A copy of the database (and of what its log still holds), its header and the master key."""
    copies = [parse_header(path.read_bytes()) for path in folder.glob("vault.hdr*")]
    header, master = find_master(copies, secret, slot_type)
    for path in folder.glob(header["active_db"] + "*"):
        if not path.name.endswith("-shm"):
            shutil.copy(path, scratch / path.name)
    return scratch / header["active_db"], header, master


def from_backup(path: Path, secret: bytes, slot_type: str, scratch: Path) -> tuple[Path, dict, bytes]:
    """The same out of a backup, whose stream is proven chunk by chunk."""
    with path.open("rb") as file:
        before = file.read(13)  # the magic "PHRBACKUP1\n" and the header copy's length
        before += file.read(int.from_bytes(before[11:], "big"))
        header, master = find_master([parse_header(before[13:])], secret, slot_type)
        nonce, wrapped = file.read(12), file.read(48)
        backup_key = hkdf(master, bytes.fromhex(header["vault_id"]), b"phr/v1/backup/%d" % header["key_epoch"])
        cipher = ChaCha20Poly1305(AESGCMSIV(backup_key).decrypt(nonce, wrapped, before))
        bound = hashlib.sha256(before + nonce + wrapped).digest()
        with (scratch / "data.db").open("wb") as database:
            sealed, count = file.read(CHUNK), 0
            while sealed:
                following = file.read(CHUNK)  # empty after the last chunk
                data = cipher.decrypt(count.to_bytes(11, "big") + bytes([not following]), sealed, bound)
                manifest = 4 + int.from_bytes(data[:4], "big") if count == 0 else 0  # its length; it comes first
                database.write(data[manifest:])
                sealed, count = following, count + 1
    return scratch / "data.db", header, master


def open_database(path: Path, header: dict, master: bytes) -> sqlcipher.Connection:
    key = hkdf(master, bytes.fromhex(header["vault_id"]), b"phr/v1/db/%d" % header["key_epoch"])
    db = sqlcipher.connect(path)
    db.set_key(bytearray(f"x'{key.hex()}{header['db_salt']}'".encode()))
    return db


def unpack(db: sqlcipher.Connection, codec: int, body: bytes) -> bytes:
    """Codec 0: as it came. Codec 1: a zstd frame, with the dictionary that the vault keeps."""
    if codec == 0:
        return body
    import zstandard  # not needed where nothing is packed

    words = zstandard.ZstdCompressionDict(db.execute("SELECT bytes FROM body_dictionary").fetchone()[0])
    return zstandard.ZstdDecompressor(dict_data=words).decompress(body)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("place", type=Path, help="a vault's folder or a .phrbackup file")
    parser.add_argument("--recovery-key", action="store_true", help="open it by the recovery key")
    parser.add_argument("--secret-file", type=Path, help="read the passphrase or key from here")
    parser.add_argument("--out", type=Path, help="write each record's JSON into this folder, which is there")
    said = parser.parse_args()
    text = said.secret_file.read_text().rstrip("\r\n") if said.secret_file else getpass.getpass("Passphrase or key: ")
    secret, slot_type = secret_bytes(text, said.recovery_key), "recovery" if said.recovery_key else "passphrase"
    with tempfile.TemporaryDirectory() as scratch:  # what lies there is as encrypted as the vault
        take = from_folder if said.place.is_dir() else from_backup
        db = open_database(*take(said.place, secret, slot_type, Path(scratch)))
        for number, person, kind, date, title, codec, body in db.execute(RECORDS):
            print(number, person, kind, date, title, sep="\t")
            if said.out:
                (said.out / f"{number}-{kind}.json").write_bytes(unpack(db, codec, body))
        db.close()


if __name__ == "__main__":
    main()
