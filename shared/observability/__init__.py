"""Observability: log lines, correlation, counts. Random references and codes only, nothing about people."""
