"""The untrusted side: what runs in the process that executes a submission.

This folder is copied, alone, into the worker's view of the disk, as the package `dojo_worker`; it
therefore imports nothing of the course and nothing of the rest of the engine.
"""
