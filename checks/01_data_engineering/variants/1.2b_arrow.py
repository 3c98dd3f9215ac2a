"""Canonical bytes: an uncompressed Arrow stream of one rebuilt chunk."""

import hashlib
import io

import polars as pl


def fingerprint(table):
    rebuilt = pl.DataFrame({name: table[name].to_list() for name in table.columns}, schema=table.schema)
    sink = io.BytesIO()
    rebuilt.write_ipc_stream(sink, compression="uncompressed")
    return hashlib.sha256(sink.getvalue()).hexdigest()
