"""The tables that our service writes when a case is created, without those of the outbox."""

from django.db import models


class Case(models.Model):
    """A case."""

    id = models.CharField(primary_key=True, max_length=26)
    version = models.IntegerField(default=1)
    organisation_id = models.CharField(max_length=18, db_index=True)
    state = models.CharField(max_length=30)
    source = models.CharField(max_length=30)
    matter_id = models.CharField(max_length=100, null=True)  # noqa: DJ001 unknown is not the empty text
    complaint_id = models.CharField(max_length=26, null=True, unique=True)  # noqa: DJ001 as above
    conduct_on = models.DateField(null=True)
    received_on = models.DateField()
    summary = models.TextField()
    party = models.JSONField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.id)


class Entry(models.Model):
    """A line of a case's timeline."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    position = models.IntegerField()
    act = models.CharField(max_length=40)
    done_on = models.DateField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=200)

    class Meta:
        """One line per position."""

        constraints = (models.UniqueConstraint(fields=["case", "position"], name="entry_position"),)

    def __str__(self) -> str:
        return f"{self.case_id} {self.position}"


class Clock(models.Model):
    """A time limit that runs."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    kind = models.CharField(max_length=40)
    due_on = models.DateField(db_index=True)
    why = models.TextField()

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Audit(models.Model):
    """Who did what."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=200)
    action = models.CharField(max_length=100)
    resource = models.CharField(max_length=100, db_index=True)

    def __str__(self) -> str:
        return f"{self.action} {self.resource}"


class Answered(models.Model):
    """A request that was answered, so that its repetition gets the same answer."""

    caller = models.CharField(max_length=200)
    key = models.CharField(max_length=100)
    body_hash = models.CharField(max_length=64)
    status = models.IntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        """A caller's key is used once."""

        constraints = (models.UniqueConstraint(fields=["caller", "key"], name="answered_once"),)

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"
