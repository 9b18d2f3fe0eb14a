"""The `phr` command: the same verbs as the window, without a window.

Standard output carries the answer (with --json one JSON value and nothing else), standard error everything else.
Status 0 is success, 1 a problem said in plain words, 2 a wrong use of the command, 130 the end by Ctrl+C.

Each group of verbs is a module, which says them with `@verbs.command()`; `program.py` gathers them.
"""

import sys

STOPPED = 130  # the status after Ctrl+C


def main() -> None:
    """The entry point. It imports the rest itself: a child process that reads a file imports this module too."""
    try:
        from phr_desktop.cli.program import main as run
    except KeyboardInterrupt:  # it takes a moment
        from phr_desktop.sentences import sentence

        sys.stderr.write(f"\n{sentence('cancelled')}\n")
        raise SystemExit(STOPPED) from None
    run()
