"""Frozen dataclasses and enums of the field's own words; no I/O, nothing of ours imported."""
