"""Verification: is this log still what was signed, and if not, where does it begin to differ?

`verify_log` walks any log as a stream, `verify_live` the tables of a service's database. Both give a `Report` whose
outcome is the exit code of the command: 0 whole, 1 tampered, 2 unreadable, 3 not signed by a trusted key, 4 rolled
back or split, 5 whole, but some times stand back.
"""

from shared.ledger.verify.checks import FAR
from shared.ledger.verify.live import verify_live
from shared.ledger.verify.report import Finding, Outcome, Report
from shared.ledger.verify.signed import StoredCheckpoint
from shared.ledger.verify.walk import Row, verify_log

__all__ = ["FAR", "Finding", "Outcome", "Report", "Row", "StoredCheckpoint", "verify_live", "verify_log"]
