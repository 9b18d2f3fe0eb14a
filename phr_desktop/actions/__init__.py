"""One verb a function, (vault, clock, ...) -> ChangeSet: the only way in which the person changes the vault."""
