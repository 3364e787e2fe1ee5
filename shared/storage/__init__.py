"""Storage: engines for SQLite and PostgreSQL behind one face, transactions, and column types kept alike."""
