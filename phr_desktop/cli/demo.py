"""The demo portal."""

from __future__ import annotations

import click

from phr_desktop.cli.options import Verbs, common
from phr_desktop.clock import SystemClock
from phr_desktop.errors import EnvironmentProblem

verbs = Verbs()


@verbs.command("demo-portal")
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="NUMBER", help="0 takes a free one.")
@common
def demo_portal(port: int) -> None:
    """Serve the demo portal on this computer until interrupted."""
    from phr_desktop.demo_portal.process import run

    try:
        run(port, SystemClock())
    except BrokenPipeError:
        raise
    except OSError:
        raise EnvironmentProblem("demo-portal-failed") from None
