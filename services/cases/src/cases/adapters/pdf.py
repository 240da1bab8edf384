"""Sets documents with typst: templates of this release, data as JSON, and nothing a user wrote is ever markup."""

import json
from importlib.resources import files
from typing import Any

import typst

from cases.domain.errors import DocumentFailed

_SHARED = "base.typ"


class TypstRenderer:
    """Documents as PDF. A warning is an error: typst only warns of a missing font and sets empty boxes instead.

    ``system_fonts`` False leaves the fonts of the machine out, as on a machine that has none.
    """

    def __init__(self, *, system_fonts: bool = True) -> None:
        self._ignore_system_fonts = not system_fonts

    def pdf(self, template: str, data: dict[str, Any]) -> bytes:
        """The document ``template`` with its data.

        Raises:
            DocumentFailed: when the template is at fault, a field is missing, or the Chinese font is not installed.
        """
        sources: Any = {  # a mapping of names to bytes, which the stubs do not list
            "main.typ": _template(f"{template}.typ"),
            _SHARED: _template(_SHARED),
            "data.json": json.dumps(data, ensure_ascii=False).encode(),
        }
        try:
            content, warnings = typst.compile_with_warnings(sources, ignore_system_fonts=self._ignore_system_fonts)
        except typst.TypstError as error:
            raise DocumentFailed("文书模板出错，请联系管理员。", f"The template {template} failed: {error}") from error
        if warnings:
            texts = "; ".join(str(warning) for warning in warnings)
            raise DocumentFailed(
                "文书字体缺失，请安装 fonts-noto-cjk。",
                f"The template {template} warns ({texts}); install fonts-noto-cjk.",
            )
        return bytes(content)


def _template(name: str) -> bytes:
    return (files("cases") / "templates" / name).read_bytes()
