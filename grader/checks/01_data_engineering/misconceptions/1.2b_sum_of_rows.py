"""the rows in reverse"""
import hashlib


def fingerprint(table):
    return f"{table.schema} {table.hash_rows(seed=1).sum()}"
