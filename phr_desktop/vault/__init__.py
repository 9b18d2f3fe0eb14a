"""The only SQL and the only cryptography. Other rooms come in by vault.py."""
