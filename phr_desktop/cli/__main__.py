"""`python -m phr_desktop.cli`, the same as `phr`."""

from phr_desktop.cli.program import main

main()
