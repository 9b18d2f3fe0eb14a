"""The `phr` command: the same verbs as the window, without a window.

Standard output carries the answer (with --json one JSON value and nothing else), standard error everything else.
Status 0 is success, 1 a problem said in plain words (also after Ctrl+C), 2 a wrong use of the command, 130 the end by
a second Ctrl+C.

Each group of verbs is a module, which says them with `@verbs.command()`; `program.py` gathers them.
"""


def main() -> None:
    """The entry point. It imports the rest itself: a child process that reads a file imports this module too."""
    from phr_desktop.cli.program import main as run

    run()
