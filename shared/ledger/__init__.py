"""The ledger: why nobody, its keeper included, can change what was recorded without being found out.

Here live `merkle` (RFC 6962 hashing, proofs and their verification), `canonical` (the one byte form of an entry),
`notes` (C2SP signed notes and `tlog-checkpoint`), `tables` and `tree` (the tree and its checkpoints in a service's
database), `cosignatures` and `witnessing` (`tlog-cosignature`: what the services cosign of each other's logs) and
`verify` (the check of a whole live log, as a stream).

`tiles`, `bundles` and `receipts` give the log the forms that other tools read (`tlog-tiles`, `tlog-proof`).

`export` writes logs as files that an auditor checks alone, with the one file that checks them.

It imports `shared.kernel` and `shared.storage` and nothing else of the house: it knows entries as bytes with a few
named fields, never what they mean.
"""
