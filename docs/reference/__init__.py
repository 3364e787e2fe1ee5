"""The reference, generated from the code: `python -m docs.reference` writes it, a test holds it current."""
