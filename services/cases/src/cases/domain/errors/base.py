"""What all refusals have."""

from typing import ClassVar


class CasesError(Exception):
    """A step that the case, or the law, does not allow."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    title_zh: ClassVar[str] = "不予办理"
    title_en: ClassVar[str] = "Refused"
    law: tuple[str, ...] = ()

    def __init__(
        self,
        detail_zh: str,
        detail_en: str,
        *,
        law: tuple[str, ...] | None = None,
        errors: dict[str, list[str]] | None = None,
    ) -> None:
        super().__init__(detail_en)
        self.detail_zh, self.detail_en, self.detail = detail_zh, detail_en, detail_en
        if law is not None:
            self.law = law
        self.errors = errors or {}
