"""The three kinds of failure, decided once at the boundary where they happen.

A message carries a code and parameters that name no patient data; the sentence a person reads is made from
`sentences.py` by the command line and by the window.
"""


class PhrError(Exception):
    """Base of everything raised on purpose.

    `code` names a sentence in `sentences.SENTENCES`; `parameters` fill it and must never hold patient data,
    passphrases, keys or tokens.
    """

    def __init__(self, code: str, **parameters: object) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters


class UserFacingError(PhrError):
    """Expected, and the person can do something: a wrong passphrase, a file of another person."""


class EnvironmentProblem(PhrError):
    """The computer or the network is in the way: disk full, no permission, portal not reachable."""


class Bug(PhrError):
    """Our mistake. Reported as such, with no data in it."""
