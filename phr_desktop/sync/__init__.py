"""Portal to vault and outbox to portal: transport, SMART sign-in, pull, merge, ledger."""
