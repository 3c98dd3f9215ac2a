"""A keyed hash, and the share as a whole number that is compared."""


def arm(key: str, share: float, salt: str) -> str:
    import hmac

    mark = hmac.digest(f"canary {salt}".encode(), key.encode("utf-16"), "sha1")
    below = int.from_bytes(mark[-6:], "little") < round(share * 2**48)
    return ("champion", "challenger")[below]
