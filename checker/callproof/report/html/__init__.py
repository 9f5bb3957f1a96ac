"""The report as one HTML file that needs nothing but a browser: its data, and the page around them."""

from callproof.report.html.document import Document, Evidence, document
from callproof.report.html.page import page

__all__ = ["Document", "Evidence", "document", "page"]
