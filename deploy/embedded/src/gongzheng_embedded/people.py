"""The demonstration's people: who they are, what they do, which roles their token carries."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

SERVICES = ("cases", "fees", "oversight", "notifications")


@dataclass(frozen=True, kw_only=True)
class Person:
    """One demonstration login; names and duties in Chinese and English."""

    subject: str
    name_zh: str
    name_en: str
    duty_zh: str
    duty_en: str
    roles: tuple[str, ...]
    organisation_id: str | None = None
    machine: bool = False

    @property
    def services(self) -> tuple[str, ...]:
        """The services this person's token opens; an auditor reads all four."""
        prefixes = {role.partition(".")[0] for role in self.roles}
        return SERVICES if "auditor" in prefixes else tuple(name for name in SERVICES if name in prefixes)


ROLE_DUTIES = {
    "cases.intake": ("受理", "intake"),
    "cases.investigator": ("调查", "investigation"),
    "cases.reviewer": ("法制审核", "legal review"),
    "cases.decider": ("负责人决定", "head, decides"),
    "cases.hearing_chair": ("听证主持", "chairs hearings"),
    "cases.clerk": ("文书与归档", "documents and archive"),
    "cases.registrar": ("登记", "registrar"),
}


def demonstration_people() -> tuple[Person, ...]:
    """Everyone one can log in as: the officers of the cases demonstration data, then the other departments."""
    officers = tomllib.loads((files("cases") / "data" / "demo" / "officers.toml").read_text(encoding="utf-8"))
    others = tomllib.loads((files(__package__) / "people.toml").read_text(encoding="utf-8"))
    return (*map(_officer, officers["officer"]), *map(_person, others["person"]))


def _officer(row: dict[str, object]) -> Person:
    roles = _roles(row)
    duties = [ROLE_DUTIES.get(role, (role, role)) for role in roles]
    temporary = row["employment"] == "temporary"
    return Person(
        subject=str(row["subject"]),
        name_zh=str(row["name_zh"]),
        name_en=str(row["name_en"]),
        duty_zh="、".join(zh for zh, _ in duties) + ("（临时人员）" if temporary else ""),
        duty_en=", ".join(en for _, en in duties) + (" (temporary staff)" if temporary else ""),
        roles=roles,
        organisation_id=str(row["organisation"]),
    )


def _person(row: dict[str, object]) -> Person:
    return Person(
        subject=str(row["subject"]),
        name_zh=str(row["name_zh"]),
        name_en=str(row["name_en"]),
        duty_zh=str(row["duty_zh"]),
        duty_en=str(row["duty_en"]),
        roles=_roles(row),
        machine=bool(row.get("machine", False)),
    )


def _roles(row: dict[str, object]) -> tuple[str, ...]:
    listed = row["roles"]
    if not isinstance(listed, list):
        raise TypeError(f"roles of {row['subject']} must be a list")
    return tuple(str(role) for role in listed)
