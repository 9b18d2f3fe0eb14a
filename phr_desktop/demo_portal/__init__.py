"""A complete SMART on FHIR patient portal on loopback: the embedded demo and the tests' own portal."""
