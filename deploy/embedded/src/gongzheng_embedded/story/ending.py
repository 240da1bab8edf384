"""The end of the citizen's case: closed, archived, and a dossier that anybody can check without us."""

import hashlib
import tempfile
import zipfile
from pathlib import Path

from gongzheng.audit.standalone_verify import verify_bundle
from gongzheng_embedded.story import people
from gongzheng_embedded.story.case import MAIN
from gongzheng_embedded.story.client import StoryError, eventually
from gongzheng_embedded.story.teller import Step, Story


def close(story: Story) -> None:
    """Fees have told that everything is paid; the case is closed."""
    performed = ("performed", "closed", "archived")

    def look() -> bool:
        return story.client.get("cases", MAIN.path(story), who=people.CLERK)["state"] in performed

    eventually("the news that the decision has been performed", look)
    MAIN.act(story, "/closing", {"done_on": story.days.today.isoformat(), "note": "罚没款已缴清。"}, who=people.DECIDER)


def archive(story: Story) -> None:
    """The dossier is sealed and the case archived."""
    case = MAIN.act(story, "/archiving", {"done_on": story.days.today.isoformat()}, who=people.CLERK)
    story.memory.keep(main_state=case["state"], dossier_sha256=case["dossier_sha256"])


def verify_dossier(story: Story) -> None:
    """The dossier verifies offline; with one byte changed, the verifier names the part that was altered (C-27)."""
    dossier = story.client.get("cases", f"{MAIN.path(story)}/dossier", who=people.CLERK).raw
    if hashlib.sha256(dossier).hexdigest() != story.memory["dossier_sha256"]:
        raise StoryError("the dossier is not the one that was sealed")
    with tempfile.TemporaryDirectory(prefix="gongzheng-dossier-") as folder:
        whole, altered = Path(folder) / "dossier.zip", Path(folder) / "altered.zip"
        whole.write_bytes(dossier)
        report = verify_bundle(whole)
        if not report.ok:
            raise StoryError(f"the dossier does not verify: {report}")
        with zipfile.ZipFile(whole) as archive:
            part = next(name for name in archive.namelist() if name.endswith(".pdf"))
            middle = archive.getinfo(part).header_offset + len(archive.read(part)) // 2
        altered.write_bytes(dossier[:middle] + bytes([dossier[middle] ^ 1]) + dossier[middle + 1 :])
        found = verify_bundle(altered)
    if found.ok or part not in found.altered:
        raise StoryError(f"one byte of {part} was changed and the verifier says {found}")
    story.memory.keep(dossier_verified=True, altered_part=part)


ENDING = (
    Step("close", "结案", "The case is closed", close),
    Step("archive", "归档，封存卷宗", "Archived: the dossier is sealed", archive),
    Step(
        "dossier",
        "离线验证卷宗；改动一个字节即被指出",
        "The dossier verifies; one changed byte is found",
        verify_dossier,
    ),
)
