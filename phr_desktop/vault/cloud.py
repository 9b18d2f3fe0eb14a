"""Whether a folder is one that a cloud service copies elsewhere.

Such a service copies one file at a time, at its own pace, and puts older ones back: a vault in it may become an older
copy, or half of one. What is in the vault stays encrypted there. Known by the folders' names and by the files that the
services leave in them; a folder that the person named anew is not known.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

_SERVICES = (
    ("OneDrive", re.compile(r"onedrive( .*|-.*)?", re.IGNORECASE)),
    ("Dropbox", re.compile(r"dropbox( .*)?", re.IGNORECASE)),
    ("iCloud Drive", re.compile(r"icloud ?drive|com~apple~clouddocs|iclouddrive~.*", re.IGNORECASE)),
    ("Google Drive", re.compile(r"google ?drive( .*|-.*)?|drivefs", re.IGNORECASE)),
    ("Nextcloud", re.compile(r"nextcloud\d*", re.IGNORECASE)),
    ("ownCloud", re.compile(r"owncloud\d*", re.IGNORECASE)),
    ("Box", re.compile(r"box( sync|-box)?", re.IGNORECASE)),
    ("pCloud", re.compile(r"pcloud ?drive|pclouddrive", re.IGNORECASE)),
    ("MEGA", re.compile(r"mega(sync)?( .*)?", re.IGNORECASE)),
    ("Syncthing", re.compile(r"syncthing", re.IGNORECASE)),
)
_MARKS = (
    ("Dropbox", (".dropbox", ".dropbox.cache")),
    ("Nextcloud", (".nextcloudsync.log", ".sync-exclude.lst")),
    ("ownCloud", (".owncloudsync.log",)),
    ("Google Drive", (".tmp.drivedownload", ".tmp.driveupload")),
    ("OneDrive", (".849C9593-D756-4E56-8D6E-42412F2A707B",)),
    ("Syncthing", (".stfolder",)),
    ("Box", (".boxsync",)),
)
_VARIABLES = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")
# Names that may be any folder's count only right below the person's own folder, or where macOS puts cloud folders.
_PLAIN_WORDS = ("Box", "MEGA", "Syncthing")


def cloud_service(
    folder: Path,
    *,
    home: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    exists: Callable[[Path], bool] = os.path.lexists,
) -> str | None:
    """The service's name; None where none is known."""
    home = home or Path.home()
    named = {Path(environment[name]) for name in _VARIABLES if environment.get(name)}
    folder, real = folder.absolute(), folder.resolve()
    for place in dict.fromkeys((folder, *folder.parents, real, *real.parents)):
        if place in named:
            return "OneDrive"
        # The services keep their settings in the person's own folder, under the same names.
        found = _by_name(place, home) or (_by_mark(place, exists) if place != home else None)
        if found is not None:
            return found
    return "iCloud Drive" if "Mobile Documents" in folder.parts else None


def _by_name(place: Path, home: Path) -> str | None:
    for service, name in _SERVICES:
        at_home = place.parent == home or place.parent.name == "CloudStorage"
        if name.fullmatch(place.name) and (at_home or service not in _PLAIN_WORDS):
            return service
    return None


def _by_mark(place: Path, exists: Callable[[Path], bool]) -> str | None:
    """By a file that the service keeps in the folder that it copies."""
    for service, marks in _MARKS:
        if any(exists(place / mark) for mark in marks):
            return service
    return None
