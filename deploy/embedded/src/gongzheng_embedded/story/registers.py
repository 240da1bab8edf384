"""The registrar loads who there is and what the law says, from data files."""

from importlib.resources import files

from gongzheng_embedded.story import people
from gongzheng_embedded.story.client import StoryError
from gongzheng_embedded.story.teller import Step, Story

MATTERS_MIN = 30
MATTER = "food-expired"
DATA = files("cases") / "data"


def load(story: Story) -> None:
    """Organisations, officers and the catalogue; loading the same file again changes nothing."""
    _send(story, "/organisation-files", "demo/organisations.toml")
    _send(story, "/officer-files", "demo/officers.toml")
    catalogue = sorted(file.name for file in (DATA / "catalogue").iterdir() if file.name.endswith(".toml"))
    for name in catalogue:
        _send(story, "/catalogue-files", f"catalogue/{name}")
    story.memory.keep(matter=MATTER)


def count(story: Story) -> None:
    """At least thirty matters are there to be read, each with its article."""
    matters: list[dict[str, object]] = []
    cursor = ""
    while True:
        page = story.client.get("cases", f"/matters?limit=100{cursor}", who=people.REGISTRAR)
        matters += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&after={page['next_cursor']}"
    if len(matters) < MATTERS_MIN or not all(matter["sanctioned"] for matter in matters):
        raise StoryError(f"{len(matters)} matters in the catalogue")
    story.memory.keep(matters=len(matters))


def _send(story: Story, path: str, name: str) -> None:
    content = (DATA / name).read_bytes()
    fields = {"file": (name.rsplit("/", 1)[-1], content, "application/toml")}
    key = f"load-{name.replace('/', '-')}"
    answer = story.client.send("POST", "cases", path, who=people.REGISTRAR, fields=fields, key=key)
    if answer.status not in (200, 201):
        raise StoryError(f"{name} was not loaded: {answer.status} {answer.body}")


REGISTERS = (
    Step("registers", "登记员载入单位、人员与依据目录", "The registrar loads organisations, officers, catalogue", load),
    Step("catalogue", "核对依据目录", "The catalogue is read back", count),
)
