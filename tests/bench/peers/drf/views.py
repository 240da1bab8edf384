"""POST /api/v1/cases: as many fields as ours, the same rows, and a task for Celery when it is committed."""

import hashlib
import json
import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.bench.events import TYPE
from tests.bench.peers.celery_app import enqueue
from tests.bench.peers.drf.models import Answered, Audit, Case, Clock, Entry

_SOURCES = ("inspection", "complaint", "transfer", "campaign")
_DAYS_TO_FILE = 15


class PartyIn(serializers.Serializer):
    """The party of a case."""

    party_id = serializers.RegexField(r"^[0-9A-Z]{26}$", required=False, allow_null=True)
    name = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=["person", "organisation"])


class LeadIn(serializers.Serializer):
    """A lead."""

    done_on = serializers.DateField()
    source = serializers.ChoiceField(choices=_SOURCES)
    summary = serializers.CharField(max_length=20_000)
    organisation_id = serializers.CharField(max_length=18)
    matter_id = serializers.CharField(max_length=100, required=False, allow_null=True, default=None)
    conduct_on = serializers.DateField(required=False, allow_null=True, default=None)
    complaint_id = serializers.RegexField(r"^[0-9A-Z]{26}$", required=False, allow_null=True, default=None)
    party = PartyIn(required=False, allow_null=True, default=None)


class CaseOut(serializers.ModelSerializer):
    """A case."""

    class Meta:
        """Every column."""

        model = Case
        fields = "__all__"


class Cases(APIView):
    """The collection of cases."""

    def post(self, request: Any) -> Response:
        """Report a lead."""
        lead = LeadIn(data=request.data)
        lead.is_valid(raise_exception=True)
        key, caller = request.headers["Idempotency-Key"], request.user.subject
        seen = Answered.objects.filter(caller=caller, key=key).first()
        if seen is not None:
            return Response(seen.body, status=seen.status)
        with transaction.atomic():
            case = self._create(lead.validated_data, caller)
            answer = CaseOut(case).data
            digest = hashlib.sha256(str(sorted(request.data.items())).encode()).hexdigest()
            Answered.objects.create(caller=caller, key=key, body_hash=digest, status=201, body=answer)
            event = json.dumps({"type": TYPE, "data": answer})
            transaction.on_commit(lambda: enqueue(str(uuid.uuid4()), f"case|{case.id}", 1, TYPE, event))
        return Response(answer, status=201)

    @staticmethod
    def _create(data: dict[str, Any], caller: str) -> Case:
        done_on = data.pop("done_on")
        case_id = uuid.uuid4().hex[:26].upper()
        case = Case.objects.create(id=case_id, state="reported", received_on=done_on, **data)
        Entry.objects.create(case=case, position=1, act="report", done_on=done_on, actor=caller)
        due_on = done_on + timedelta(days=_DAYS_TO_FILE)
        Clock.objects.create(case=case, kind="filing_check", due_on=due_on, why="")
        Audit.objects.create(actor=caller, action="case.report", resource=case.id)
        return case
