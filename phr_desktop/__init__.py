"""PHR Desktop: an encrypted personal health record for the desktop."""

__version__ = "0.1.0"
