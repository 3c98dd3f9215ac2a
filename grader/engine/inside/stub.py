"""What a submission gets as `grader`: the names exist, do nothing and accept everything."""


class _Silence:
    ok = True
    value = None

    def __call__(self, *args, **kwargs):
        return self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __iter__(self):
        return iter(())

    def __bool__(self):
        return False


_silence = _Silence()


def mine(task_id):
    """The learner's own definition; a worker that has opened a submission puts the real one in this place."""
    raise LookupError(f"mine({task_id!r}) is not available here")


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return _silence
