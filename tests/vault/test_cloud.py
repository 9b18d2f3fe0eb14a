"""Folders of cloud services are known by name, place and mark; others are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from phr_desktop.vault.cloud import cloud_service

HOME = Path("/home/mina")


def service(folder: str, *marks: str, home: Path = HOME, **environment: str) -> str | None:
    return cloud_service(Path(folder), home=home, environment=environment, exists=lambda path: str(path) in marks)


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/home/mina/OneDrive/Documents/vault", "OneDrive"),
        ("/home/mina/OneDrive - Contoso Health/vault", "OneDrive"),
        ("/Users/mina/Library/CloudStorage/OneDrive-Personal/vault", "OneDrive"),
        ("/home/mina/Dropbox/vault", "Dropbox"),
        ("/home/mina/Dropbox (Family)/vault", "Dropbox"),
        ("/Users/mina/Library/Mobile Documents/com~apple~CloudDocs/vault", "iCloud Drive"),
        ("/Users/mina/Library/Mobile Documents/iCloud~other/vault", "iCloud Drive"),
        ("/Users/mina/iCloudDrive/vault", "iCloud Drive"),
        ("/Users/mina/Library/CloudStorage/GoogleDrive-mina@example.org/My Drive/vault", "Google Drive"),
        ("/mnt/g/Google Drive/vault", "Google Drive"),
        ("/home/mina/Nextcloud/vault", "Nextcloud"),
        ("/home/mina/Nextcloud2/vault", "Nextcloud"),
        ("/home/mina/ownCloud/vault", "ownCloud"),
        ("/home/mina/Box/vault", "Box"),
        ("/home/mina/MEGA/vault", "MEGA"),
        ("/home/mina/.local/share/phr-desktop/vault", None),
        ("/home/mina/Documents/vault", None),
        ("/home/mina/papers/box/vault", None),
        ("/home/mina/onedriver-notes/vault", None),
        ("/media/stick/vault", None),
    ],
)
def test_by_name(folder, expected):
    assert service(folder) == expected


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        ("/home/mina/cloud/.dropbox", "Dropbox"),
        ("/home/mina/cloud/.dropbox.cache", "Dropbox"),
        ("/home/mina/cloud/.nextcloudsync.log", "Nextcloud"),
        ("/home/mina/cloud/.owncloudsync.log", "ownCloud"),
        ("/home/mina/cloud/.stfolder", "Syncthing"),
        ("/home/mina/cloud/.tmp.drivedownload", "Google Drive"),
    ],
)
def test_by_what_the_service_leaves_in_its_folder(mark, expected):
    assert service("/home/mina/cloud/health/vault", mark) == expected
    assert service("/home/mina/health/vault", mark) is None


def test_dropbox_settings_in_the_home_folder_do_not_make_all_of_it_a_dropbox():
    assert service("/home/mina/Documents/vault", "/home/mina/.dropbox") is None


def test_by_the_place_that_windows_names():
    assert service("/home/mina/Eigene/vault", OneDrive="/home/mina/Eigene") == "OneDrive"
    assert service("/home/mina/Andere/vault", OneDrive="/home/mina/Eigene") is None


def test_through_a_link(tmp_path):
    (tmp_path / "Dropbox").mkdir()
    (tmp_path / "papers").symlink_to(tmp_path / "Dropbox")
    assert cloud_service(tmp_path / "papers" / "vault") == "Dropbox"
