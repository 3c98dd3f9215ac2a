"""A name-based UUID of the key, in a name space that the salt makes."""


def arm(key, share, salt):
    import uuid

    canary = uuid.uuid5(uuid.NAMESPACE_OID, salt)
    parts = 10**6
    return "challenger" if uuid.uuid5(canary, key).int % parts < share * parts else "champion"
