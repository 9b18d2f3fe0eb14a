from phr_desktop.vault import people


def test_a_vault_gives_back_what_was_written(vault, mina):
    assert vault.read(lambda db: people.one(db, mina)).name == "Mina Satterfield"
