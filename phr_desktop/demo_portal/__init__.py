"""A SMART-on-FHIR patient portal on loopback: the demo's and the tests'."""
