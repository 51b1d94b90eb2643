"""A process's name: whether its bearer is dead, and how a person reads it."""

from __future__ import annotations

import os
import socket

from common.process import describe, is_dead, name


def test_process_name__ours_a_strangers_and_a_dead_ones() -> None:
    own = name()
    assert own != name()
    home, _, _ = own.rpartition("/")
    home, _, _pid = home.rpartition("/")
    assert is_dead(f"{home}/4194305/00000000")
    assert not is_dead(f"{home}/1/00000000")
    assert not is_dead("another-machine/5/4194305/00000000")
    assert not is_dead("nonsense")


def test_process_name__as_older_versions_wrote_it__dead_or_not_all_the_same() -> None:
    _, boot, namespace, _, _ = name().split("/")
    assert is_dead(f"{boot}/{namespace}/4194305/00000000")
    assert not is_dead(f"{boot}/{namespace}/1/00000000")
    assert not is_dead("myhost:4194305:00000000")


def test_process_name__for_a_person__process_and_host() -> None:
    assert describe(name()) == f"process {os.getpid()} on {socket.gethostname()}"
    assert describe("boot/4026531836/4711/00000000") == "process 4711"
    assert describe("myhost:4711:00000000") == "myhost:4711:00000000"


def test_process_name__machine_that_does_not_tell_its_boot__never_dead() -> None:
    assert not is_dead("myhost/-/-/4194305/00000000")
    assert describe("myhost/-/-/4711/00000000") == "process 4711 on myhost"
