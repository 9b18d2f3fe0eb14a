"""One window a vault: a second start raises the first and hands it the files it was given."""

from __future__ import annotations

import getpass
import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_WAIT = 1000  # milliseconds
_LONGEST = 1024 * 1024


def server_name(vault_folder: Path) -> str:
    """The name under which a vault's window listens: of this user and this folder, and telling neither."""
    text = f"{getpass.getuser()}\n{vault_folder.resolve()}"
    return "phr-desktop-" + hashlib.sha256(text.encode()).hexdigest()[:24]


def hand_over(name: str, files: Sequence[Path]) -> bool:
    """Tells the window that listens under the name to come forward and take the files; False where none listens."""
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_WAIT):
        return False
    socket.write(msgspec.json.encode([str(path.resolve()) for path in files]) + b"\n")
    socket.waitForBytesWritten(_WAIT)
    socket.disconnectFromServer()
    if socket.state() != QLocalSocket.LocalSocketState.UnconnectedState:
        socket.waitForDisconnected(_WAIT)
    return True


class SingleInstance(QObject):
    """Listens for later starts; emits `called` with the files that they were given."""

    called = Signal(list)  # list[Path]

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        self.listen(name)

    def listen(self, name: str) -> None:
        """Listens under this name and no other; a window that still does so under it was asked before."""
        self._server.close()
        QLocalServer.removeServer(name)  # left by a window that was killed
        self._server.listen(name)

    def close(self) -> None:
        self._server.close()

    def _answer(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            socket.disconnected.connect(socket.deleteLater)
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _LONGEST:
                socket.abort()
            return
        try:
            names = msgspec.json.decode(bytes(socket.readLine(_LONGEST).data()), type=list[str])
        except msgspec.MsgspecError:
            socket.abort()
            return
        self.called.emit([Path(name) for name in names])
