"""Refusals about things that are not there or not sound."""

from cases.domain.errors.base import CasesError


class Unknown(CasesError):
    """There is no such thing, or the caller may not know of it."""

    code, status = "not-found", 404
    title_zh, title_en = "未找到", "Not found"

    @classmethod
    def thing(cls, what_zh: str, what_en: str) -> "Unknown":
        """The refusal for one kind of thing."""
        return cls(f"没有这样的{what_zh}。", f"There is no such {what_en}.")


class FileNotLoadable(CasesError):
    """A data file that does not keep to its format; ``errors`` names entry and field."""

    code = "file-not-loadable"
    title_zh, title_en = "数据文件不符合格式", "The data file does not keep to its format"


class DocumentFailed(CasesError):
    """A document cannot be set: a font is missing or the template is at fault. The act is not taken."""

    code, status = "document-not-rendered", 500
    title_zh, title_en = "文书未能生成", "The document could not be produced"
