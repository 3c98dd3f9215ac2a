"""customers have the challenger under"""


def arm(key, share, salt):
    import zlib

    # a checksum: another salt of the same length changes the same bits for every key
    return "challenger" if zlib.crc32((salt + key).encode()) / 2**32 < share else "champion"
