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


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return _silence
