"""Only one process writes to an archive, and whoever comes second learns who that is."""

import os
import signal
import socket
import subprocess
import sys

import pytest
import sqlalchemy as sa

from crawler.archive import open_archive
from crawler.lock import ArchiveLock, LockedError

from ..conftest import PostgresServer
from .conftest import PROJECT


@pytest.fixture
def engine(database: str) -> sa.Engine:
    return open_archive(database, create=True)


def test_second_holder_is_refused_with_the_pid_of_the_first(engine: sa.Engine) -> None:
    with ArchiveLock(engine), pytest.raises(LockedError, match=f"pid {os.getpid()}") as refused:
        ArchiveLock(engine)
    assert "온실" not in str(refused.value)


def test_holder_on_a_server_is_named_with_its_machine(postgres: str) -> None:
    engine = open_archive(postgres, create=True)
    with (
        ArchiveLock(engine),
        pytest.raises(LockedError, match=f"pid {os.getpid()} on {socket.gethostname()}"),
    ):
        ArchiveLock(engine)


def test_released_lock_can_be_taken_again(engine: sa.Engine) -> None:
    for _ in range(2):
        lock = ArchiveLock(engine)
        lock.check()
        lock.release()


def test_each_archive_has_a_lock_of_its_own(engine: sa.Engine, postgres_server: PostgresServer) -> None:
    other = open_archive(postgres_server.new_database(), create=True)
    with ArchiveLock(engine), ArchiveLock(other):
        pass


def test_lock_of_a_killed_process_is_free(database: str) -> None:
    code = (
        "import sys, os, signal\nfrom crawler.archive import open_archive\nfrom crawler.lock import ArchiveLock\n"
        "lock = ArchiveLock(open_archive(sys.argv[1], create=True))\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code, database], cwd=PROJECT)
    assert killed.returncode == -signal.SIGKILL
    ArchiveLock(open_archive(database)).release()


def test_lock_that_its_server_took_back_is_noticed_and_not_taken_for_held(postgres: str) -> None:
    engine = open_archive(postgres, create=True)
    lock = ArchiveLock(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        )
    for _ in range(2):
        with pytest.raises(sa.exc.SQLAlchemyError):
            lock.check()
    ArchiveLock(engine).release()
    with pytest.raises(sa.exc.SQLAlchemyError), lock:
        pass  # whoever worked under it must not believe that all went well
