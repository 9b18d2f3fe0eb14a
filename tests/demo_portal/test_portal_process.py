"""The portal as a child process, as `phr demo-portal` runs it, and as an object that starts and stops."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import warnings

import pytest
import requests

from phr_desktop.demo_portal.portal import DemoPortal

RUN = (
    "from phr_desktop.clock import SystemClock; from phr_desktop.demo_portal.process import run; "
    "run({port}, SystemClock())"
)


@pytest.fixture
def child():
    started = []

    def start(port: int = 0) -> tuple[subprocess.Popen, dict]:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", RUN.format(port=port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process, json.loads(process.stdout.readline())

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_ready_line_names_the_base_and_every_account(child):
    process, ready = child()
    assert requests.get(f"{ready['fhir_base']}/metadata", timeout=10).status_code == 200
    assert {account["patient"] for account in ready["accounts"]} == {"ana", "mina", "tomas", "leo"}
    assert all(account.keys() == {"user", "password", "patient", "name"} for account in ready["accounts"])
    process.stdin.close()
    assert process.wait(10) == 0
    process.stdin = None
    assert process.communicate() == (b"", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_sigterm_ends_it_quietly(child):
    process, _ready = child()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert process.stderr.read() == b""


def test_without_a_pipe_it_runs_on(tmp_path):
    command = [sys.executable, "-c", RUN.format(port=0)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        ready = json.loads(process.stdout.readline())
        assert requests.get(f"{ready['fhir_base']}/metadata", timeout=10).status_code == 200
        process.terminate()
        process.wait(10)


def test_stop_leaves_no_thread_and_no_open_connection(clock, visitor):
    before = set(threading.enumerate())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        portal = DemoPortal(clock=clock, data=[])
        portal.start()
        with requests.Session() as session:
            for _ in range(3):
                assert session.get(f"{portal.fhir_base}/metadata", timeout=10).status_code == 200
            portal.stop()
        assert set(threading.enumerate()) == before
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", int(portal.fhir_base.split(":")[2].split("/")[0]))) != 0


def test_a_stopped_portal_starts_again_at_its_address_with_its_sign_ins(visitor):
    visitor.sign_in("mina")
    base = visitor.portal.fhir_base
    visitor.portal.stop()
    with pytest.raises(requests.ConnectionError):
        visitor.get("Patient/mina")
    visitor.portal.start()
    assert visitor.portal.fhir_base == base
    assert visitor.get("Patient/mina").status_code == 200


def test_stop_twice_and_start_twice(clock):
    portal = DemoPortal(clock=clock, data=[])
    with pytest.raises(RuntimeError):
        _ = portal.fhir_base
    portal.stop()
    portal.start()
    with pytest.raises(RuntimeError):
        portal.start()
    portal.stop()
    portal.stop()


def test_a_taken_port_is_said_at_once(clock):
    with DemoPortal(clock=clock, data=[]) as first:
        port = int(first.fhir_base.split(":")[2].split("/")[0])
        with pytest.raises(OSError, match="in use"):
            DemoPortal(clock=clock, port=port, data=[]).start()
