"""One question a function, (vault, clock, ...) -> domain objects."""
