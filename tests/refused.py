"""What a call that must fail says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from phr_desktop.errors import PhrError
from phr_desktop.sentences import SENTENCES, explain


def code_of(action: Callable[[], object]) -> str:
    """The code with which it fails, which has its sentence."""
    with pytest.raises(PhrError) as caught:
        action()
    assert caught.value.code in SENTENCES
    explain(caught.value)  # every parameter of its sentence is there
    return caught.value.code
