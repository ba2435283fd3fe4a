"""What is not safe is not served: `watchroom check`, which every start runs first."""

from watchroom import serve


def test_a_database_that_may_forget_is_not_safe_to_serve(clone):
    """The tests' own cluster is such a one."""
    found = serve.check()
    assert "PostgreSQL runs with fsync = off: what was acknowledged could be lost." in found
    assert len(found) == 3, found


def test_a_table_that_is_open_to_other_forces_is_not_safe_to_serve(clone, as_owner):
    as_owner.execute("alter table contacts_contact no force row level security")
    assert "Table contacts_contact has no forced row-level security." in serve.check()


def test_tables_of_another_version_are_not_served(clone, as_owner):
    as_owner.execute("delete from django_migrations where app = 'contacts'")
    assert serve.check() == ["The database's tables are not those of this version: run `watchroom migrate`."]
