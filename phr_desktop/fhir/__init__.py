"""FHIR R4 JSON to domain and back: pure functions, golden-tested."""
