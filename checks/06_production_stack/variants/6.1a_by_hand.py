"""FNV-1a, written out, with the last step of MurmurHash that mixes the bits."""


def arm(key, share, salt):
    number = 14695981039346656037
    for byte in f"{salt}|{key}".encode():
        number = (number ^ byte) * 1099511628211 % 2**64
    number ^= number >> 33
    number = number * 0xFF51AFD7ED558CCD % 2**64
    number ^= number >> 33
    if number / 2**64 >= share:
        return "champion"
    return "challenger"
