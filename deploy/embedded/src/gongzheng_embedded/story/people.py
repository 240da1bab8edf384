"""Who takes part in the story, by the subject of their demonstration login."""

from dataclasses import replace

from gongzheng_embedded.people import demonstration_people

_ALL = {person.subject: person for person in demonstration_people()}

REGISTRAR = _ALL["demo-registrar"]
INTAKE = _ALL["demo-intake"]
INVESTIGATOR = _ALL["demo-investigator-1"]
COLLEAGUE = _ALL["demo-investigator-2"]
REVIEWER = _ALL["demo-reviewer"]
DECIDER = _ALL["demo-decider"]
CLERK = _ALL["demo-clerk"]
ACCOUNTANT = _ALL["demo-accountant"]
OVERSEER = _ALL["demo-oversight"]
OPERATOR = _ALL["demo-operator"]
SUBSCRIBER = _ALL["demo-subscriber"]
AUDITOR = _ALL["demo-auditor"]

DEPARTMENT = str(INTAKE.organisation_id)

# Credential numbers, as acts name officers.
TWO_OFFICERS = ["9901020002", "9901020003"]
ONE_OFFICER = ["9901020002"]
WITH_TEMPORARY_STAFF = ["9901020002", "9901020005"]
WITH_EXPIRED_CREDENTIAL = ["9901020002", "9901020006"]

# People who must not exist; the story tries them.
INVESTIGATOR_AS_HEAD = replace(INVESTIGATOR, roles=("cases.investigator", "cases.decider"))
HEAD_AND_CASHIER = replace(DECIDER, roles=("cases.decider", "fees.accountant"))
