"""Migrations are applied once each, in order, by one process at a time."""

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from peewee import Database

from gongzheng.db.migrate import MigrationError, applied, available, migrate, pending

BODY = "def upgrade(database):\n    database.execute_sql('CREATE TABLE {0} (id integer)')\n"
Package = Callable[..., str]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """Makes a package of migrations with these names and this HEAD; the name of the package is returned."""
    monkeypatch.syspath_prepend(str(tmp_path))
    name = f"migrations_{tmp_path.name}"

    def make(*names: str, head: str | None = None, body: str = BODY) -> str:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
        (folder / "HEAD").write_text((head or names[-1]) + "\n")
        for each in names:
            (folder / f"{each}.py").write_text(body.format(f"t{each}"))
        return name

    yield make
    for module in [m for m in sys.modules if m.startswith(name)]:
        del sys.modules[module]


@pytest.mark.req("X-09")
def test_pending_migrations_are_applied_once(database: Database, package: Package) -> None:
    """A second run finds nothing to do; a new file is the only one pending."""
    name = package("0001_one", "0002_two")
    assert migrate(database, name) == ["0001_one", "0002_two"]
    assert migrate(database, name) == []
    package("0003_three")
    assert pending(database, name) == ["0003_three"]
    assert migrate(database, name) == ["0003_three"]
    assert applied(database) == ["0001_one", "0002_two", "0003_three"]


@pytest.mark.req("X-09")
def test_a_migration_that_fails_leaves_nothing_of_itself(database: Database, package: Package) -> None:
    """Neither its table nor its name; the one before it stays."""
    name = package("0001_one")
    package("0002_two", body=BODY + "    raise ZeroDivisionError\n")
    with pytest.raises(ZeroDivisionError):
        migrate(database, name)
    assert applied(database) == ["0001_one"]
    assert "t0002_two" not in database.get_tables()


@pytest.mark.req("X-09")
@pytest.mark.parametrize(
    ("names", "head", "said"),
    [
        (("0001_one", "0003_three"), None, "not numbered"),
        (("0001_one", "0001_other"), None, "not numbered"),
        (("0001_one", "0002_two"), "0001_one", "HEAD says"),
    ],
)
def test_files_that_do_not_fit_together_are_refused(
    package: Package, names: tuple[str, ...], head: str | None, said: str
) -> None:
    """Two branches that both add a migration collide in HEAD, and a merge that forgets it is caught here."""
    with pytest.raises(MigrationError, match=said):
        available(package(*names, head=head))


@pytest.mark.req("X-09")
def test_a_database_ahead_of_the_release_is_refused(database: Database, package: Package) -> None:
    """An older release does not touch a database that a newer one has migrated."""
    name = package("0001_one", "0002_two")
    migrate(database, name)
    folder = Path(sys.modules[f"{name}.0002_two"].__file__ or "").parent
    (folder / "0002_two.py").unlink()
    package("0001_one")
    with pytest.raises(MigrationError, match="ahead of this release"):
        migrate(database, name)


@pytest.mark.req("X-09")
def test_many_migrators_at_once_apply_each_migration_once(database: Database, package: Package) -> None:
    """Every container may migrate when it starts."""
    name = package("0001_one", "0002_two")
    done: list[str] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            done.extend(migrate(database, name))
        except BaseException as error:  # noqa: BLE001 handed to the test's own thread
            failures.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(done), failures) == (["0001_one", "0002_two"], [])
