"""Two pages for payers and holders of receipts: two languages, no script, readable on a phone and aloud."""

from fees.web.pages import pages
from gongzheng.ui.texts import Texts

TEXTS = Texts.load("fees.web")

__all__ = ["TEXTS", "pages"]
