"""Pages on which anybody files and follows a complaint: two languages, no script, phone-sized, readable aloud."""

from gongzheng.ui.texts import Texts
from oversight.web.pages import pages

TEXTS = Texts.load("oversight.web")

__all__ = ["TEXTS", "pages"]
