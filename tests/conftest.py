"""What holds for every test, and a PostgreSQL server for those that want one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

# No test asks a model hub for anything; set before the libraries that read it are imported.
os.environ["HF_HUB_OFFLINE"] = "1"


class PostgresServer:
    """A server of our own in a folder of its own, reached by a password over 127.0.0.1."""

    PASSWORD = "온실"

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder, self.names, self.emptied = programs, folder, count(1), ""
        # PostgreSQL refuses to run as root.
        self.user = "nobody" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(folder, self.user)
        password = folder / "password"
        password.write_text(self.PASSWORD, encoding="utf-8")
        password.chmod(0o644)
        # In the order of a Korean dictionary, which is not that of code points.
        self._run(
            "initdb", "--username=rodong", f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8",
            "--locale-provider=icu", "--icu-locale=ko", "--no-sync",
        )  # fmt: skip
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    def start(self) -> None:
        settings = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self.folder}"
        self._run("pg_ctl", "start", "-w", "-l", str(self.folder / "log"), "-o", settings)

    def stop(self) -> None:
        """As a power cut does: nobody is told."""
        self._run("pg_ctl", "stop", "-m", "immediate")

    def url(self, database: str, password: str = PASSWORD) -> str:
        return f"postgresql://rodong:{password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"rodong{next(self.names)}"
        self._execute("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def emptied_database(self) -> str:
        """The URL of the one database that is emptied for each test, which is much quicker than a new one."""
        if not self.emptied:
            self.emptied = self.new_database()
            return self.emptied
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        name = self.emptied.rpartition("/")[2]
        self._execute(name, f"SELECT pg_terminate_backend(pid, 10000) {others}")
        self._execute(name, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        return self.emptied

    def _execute(self, database: str, statement: str) -> None:
        url = sa.make_url(self.url(database)).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), "-D", str(self.folder / "data"), *arguments]
        with (self.folder / "output").open("w+", encoding="utf-8") as output:
            done = subprocess.run(
                command,
                cwd=self.folder,
                stdout=output,
                stderr=output,
                user=self.user,
                env={"LC_ALL": "C.UTF-8"},
            )
            output.seek(0)
            assert done.returncode == 0, output.read()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    programs = _postgres_programs()
    if programs is None:
        reason = "no PostgreSQL server on this machine: apt-get install postgresql"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # Not in pytest's folders, which are closed to the user that the server runs as; a path for short names of sockets.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        server = PostgresServer(programs, folder)
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> str:
    """The URL of an empty database on a running server."""
    return postgres_server.emptied_database()


def _postgres_programs() -> Path | None:
    """The folder of `initdb` and its like; Debian keeps it off the path."""
    folders = [Path(path).resolve().parent for name in ("initdb", "pg_ctl") if (path := shutil.which(name))]
    folders += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(float(path.parent.name))
    )
    return next((folder for folder in folders if (folder / "initdb").is_file()), None)
