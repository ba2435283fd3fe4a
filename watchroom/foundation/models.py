"""The tables that every room stands on: facts, accesses, commands, drafts, and what makes a table a force's own."""

from typing import Any, ClassVar

from django.db import DEFAULT_DB_ALIAS, models

from watchroom.foundation import scope, statements


class ScopedManager(models.Manager):
    """Rows of the force in scope only. Raises NoScope where no force was entered."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(force=scope.require())


class Scoped(models.Model):
    """A row that belongs to one force.

    After each migration `protect.py` gives every such table row-level security, a unique (force, id) and, for each
    foreign key to another such table, a composite key: a plain foreign key's check ignores row-level security and
    would let one force point into another.
    """

    append_only: ClassVar[bool] = False  # True: the application may insert and read, never change or remove
    force = models.CharField(max_length=32, default=scope.default, editable=False)

    objects = ScopedManager()
    everywhere = models.Manager()  # for the owner's own work (migration, verification); RLS still applies to the application

    class Meta:
        abstract = True
        base_manager_name = "everywhere"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.force != scope.require():
            raise scope.NoScope(f"A row of {self.force} cannot be saved by {scope.require()}.")
        super().save(*args, **kwargs)

    def _do_insert(self, manager: Any, using: str, fields: Any, returning_fields: Any, raw: bool) -> Any:
        if using == DEFAULT_DB_ALIAS and not raw and (stored := statements.insert(self, fields, returning_fields)) is not None:
            return stored
        return super()._do_insert(manager, using, fields, returning_fields, raw)  # type: ignore[misc]

    def _do_update(self, base_qs: Any, using: str, pk_val: Any, values: Any, *args: Any) -> bool:  # type: ignore[override]
        if using == DEFAULT_DB_ALIAS and (met := statements.update(self, pk_val, values)) is not None:
            return met > 0
        return bool(super()._do_update(base_qs, using, pk_val, values, *args))


class Fact(Scoped):
    """What happened to the work: ids, codes, times, versions; never what a person said, is called or can be reached at."""

    append_only = True
    kind = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    body = models.JSONField()
    seq: int  # its number in the chain, and how far that has come: only where it is read with its seal (`live.py`)
    head: int

    class Meta:
        indexes = [models.Index(fields=["force", "subject_kind", "subject_id"], name="fact_subject")]


class Seal(Scoped):
    """A fact's place in its force's chain: next number, and the hash over every column and the hash before. The database writes it."""

    append_only = True
    sealed_by_database = True
    seq = models.BigIntegerField()
    fact = models.OneToOneField(Fact, on_delete=models.DO_NOTHING)
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "seq"], name="seal_seq")]


class Head(Scoped):
    """The last number and hash of a force's chain; only the sealing trigger writes it."""

    sealed_by_database = True
    seq = models.BigIntegerField(default=0)
    hash = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force"], name="head_force")]


class Access(Scoped):
    """Who consulted, disclosed, combined, exported or erased whose data, and why (DPA 2018 s.62). The application may only insert."""

    append_only = True
    write_only = True
    kind = models.CharField(max_length=16)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    by = models.CharField(max_length=64)
    recipient = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["force", "subject_kind", "subject_id"], name="access_subject")]


class Opened(Scoped):
    """Whose record a member of staff has opened, and when it was last on their screen.

    A note beside the access log, which the application cannot read back: by it a look is told from the refresh of what is open,
    and the live stream knows whose changes this screen may be sent. It says nothing that the log does not say, and is thrown
    away after a day.
    """

    by = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "by", "subject_kind", "subject_id"], name="opened_record")]
        indexes = [models.Index(fields=["force", "seen_at"], name="opened_seen")]


class Command(Scoped):
    """A command that was carried out once, so that a repeat returns the first answer."""

    append_only = True
    key = models.CharField(max_length=128)
    name = models.CharField(max_length=64)
    answer = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "key"], name="command_key")]


class Draft(Scoped):
    """Words typed and not yet sent. A draft is not a fact; it is there so that nothing typed is lost."""

    member = models.BigIntegerField()
    key = models.CharField(max_length=100)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "member", "key"], name="draft_key")]
