"""The whole story in order, and its figures."""

from typing import Any

from gongzheng_embedded.story.case import CASE
from gongzheng_embedded.story.ending import ENDING
from gongzheng_embedded.story.money import BANK, BOOKS, MONEY, SECOND_MONEY
from gongzheng_embedded.story.registers import REGISTERS
from gongzheng_embedded.story.second import FORGOTTEN, SECOND_CASE
from gongzheng_embedded.story.teller import Step, Story
from gongzheng_embedded.story.watchers import COMPLAINT, SUBSCRIPTION, WATCHERS

STEPS: tuple[Step, ...] = (
    *REGISTERS,
    BANK,
    SUBSCRIPTION,
    FORGOTTEN,
    *COMPLAINT,
    *CASE,
    *MONEY,
    *ENDING,
    *SECOND_CASE,
    *SECOND_MONEY,
    BOOKS,
    *WATCHERS,
)


def figures(story: Story) -> dict[str, Any]:
    """What the story came to; amounts in fen."""
    known = story.memory
    return {
        "case_id": known["main"],
        "case_number": known["case_number"],
        "decision_number": known["main_decision_number"],
        "state": known["main_state"],
        "complaint_state": known["complaint_state"],
        "matters": known["matters"],
        "clocks": known["clocks"],
        "fine_fen": known["main_fine_fen"],
        "owed_fen": known["main_owed_fen"],
        "paid_fen": known["main_owed_fen"],
        "held_fen": known["held_fen"],
        "receipts": known["receipts"],
        "surcharge_fen": known["surcharge_fen"],
        "second_case_paid_fen": known["second_paid_fen"],
        "dossier_sha256": known["dossier_sha256"],
        "dossier_verified": known["dossier_verified"],
        "dossier_altered_part": known["altered_part"],
        "filings": known["filings"],
        "inaction_items": known["inaction"],
        "mails": known["mails"],
        "webhooks": known["webhooks"],
        "refusals": [
            {name: refusal[name] for name in ("name", "status", "code", "law")} for refusal in known["refusals"]
        ],
    }
