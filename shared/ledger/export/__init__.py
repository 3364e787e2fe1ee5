"""Exports: logs as files that an auditor checks alone.

`writing` makes the directory; `verify` is the one file that checks it. It lies here and is copied into every export,
so that `shouwang audit verify DIR` and an auditor without Shouwang run the same lines. It imports nothing of the
house and may therefore not be taken apart into rooms.
"""

from shared.ledger.export.verify import Finding, Report, verify_export, verify_receipt
from shared.ledger.export.writing import ExportExists, Source, write_export

__all__ = ["ExportExists", "Finding", "Report", "Source", "verify_export", "verify_receipt", "write_export"]
