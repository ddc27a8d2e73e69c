"""Computes the vectors of keyed links from the standards alone; shares no code with the library.

Ascon-AEAD128 and Ascon-XOF128 are written from NIST SP 800-232, X25519 from RFC 7748, ChaCha20-Poly1305 from RFC 8439, and
the handshake from the Noise Protocol Framework, revision 34. BLAKE2s and HMAC are Python's. Each is checked on known answers before
it is used.

Usage: reference.py light | forward_secret
"""

import hashlib
import hmac
import sys

# Ascon: SP 800-232. Words are little-endian.

MASK = (1 << 64) - 1


def rotate(word, by):
    return (word >> by | word << (64 - by)) & MASK


def permute(state, rounds):
    for number in range(12 - rounds, 12):
        a, b, c, d, e = state
        c ^= 0xF0 - 0x0F * number
        # The substitution layer, as the standard's table on the 64 columns.
        a, c, e = a ^ e, c ^ b, e ^ d
        table = [x ^ (~y & MASK & z) for x, y, z in ((a, b, c), (b, c, d), (c, d, e), (d, e, a), (e, a, b))]
        a, b, c, d, e = table
        b, a, d, c = b ^ a, a ^ e, d ^ c, ~c & MASK
        turns = ((19, 28), (61, 39), (1, 6), (10, 17), (7, 41))
        state = [x ^ rotate(x, r) ^ rotate(x, s) for x, (r, s) in zip((a, b, c, d, e), turns)]
    return state


def padded(data, rate):
    data = data + b"\x01"
    return data + bytes(-len(data) % rate)


def words(data):
    return [int.from_bytes(data[at : at + 8], "little") for at in range(0, len(data), 8)]


def xof(data, length):
    state = permute([0x0000080000CC0003, 0, 0, 0, 0], 12)
    for word in words(padded(data, 8)):
        state[0] ^= word
        state = permute(state, 12)
    out = b""
    while len(out) < length:
        out += state[0].to_bytes(8, "little")
        state = permute(state, 12)
    return out[:length]


def ascon_encrypt(key, nonce, beside, text):
    k0, k1 = words(key)
    state = permute([0x00001000808C0001, k0, k1, *words(nonce)], 12)
    state[3] ^= k0
    state[4] ^= k1
    if beside:
        block = words(padded(beside, 16))
        for x, y in zip(block[::2], block[1::2]):
            state[0] ^= x
            state[1] ^= y
            state = permute(state, 8)
    state[4] ^= 1 << 63
    block = words(padded(text, 16))
    out = b""
    for at, (x, y) in enumerate(zip(block[::2], block[1::2])):
        state[0] ^= x
        state[1] ^= y
        out += state[0].to_bytes(8, "little") + state[1].to_bytes(8, "little")
        if 2 * at + 2 < len(block):
            state = permute(state, 8)
    state[2] ^= k0
    state[3] ^= k1
    state = permute(state, 12)
    tag = (state[3] ^ k0).to_bytes(8, "little") + (state[4] ^ k1).to_bytes(8, "little")
    return out[: len(text)] + tag


# X25519: RFC 7748.

PRIME = 2**255 - 19


def x25519(secret, point):
    scalar = int.from_bytes(secret, "little") & ~7 & (1 << 254) - 1 | 1 << 254
    u = int.from_bytes(point, "little") & (1 << 255) - 1
    x2, z2, x3, z3 = 1, 0, u, 1
    swapped = 0
    for at in reversed(range(255)):
        bit = scalar >> at & 1
        if swapped ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swapped = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a, b * b, d * a, c * b
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % PRIME, u * (da - cb) ** 2 % PRIME
        x2, z2 = aa * bb % PRIME, e * (aa + 121665 * e) % PRIME
    if swapped:
        x2, z2 = x3, z3
    return (x2 * pow(z2, PRIME - 2, PRIME) % PRIME).to_bytes(32, "little")


BASE = bytes([9]) + bytes(31)

# ChaCha20-Poly1305: RFC 8439.


def chacha_block(key, counter, nonce):
    start = [int.from_bytes(b"expand 32-byte k"[at : at + 4], "little") for at in range(0, 16, 4)]
    start += [int.from_bytes(key[at : at + 4], "little") for at in range(0, 32, 4)]
    start += [counter] + [int.from_bytes(nonce[at : at + 4], "little") for at in range(0, 12, 4)]
    state = start[:]

    def quarter(a, b, c, d):
        for x, y, z, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = (state[x] + state[y]) & 0xFFFFFFFF
            mixed = state[z] ^ state[x]
            state[z] = (mixed << by | mixed >> (32 - by)) & 0xFFFFFFFF

    for _ in range(10):
        for at in range(4):
            quarter(at, 4 + at, 8 + at, 12 + at)
        for at in range(4):
            quarter(at, 4 + (at + 1) % 4, 8 + (at + 2) % 4, 12 + (at + 3) % 4)
    return b"".join(((x + y) & 0xFFFFFFFF).to_bytes(4, "little") for x, y in zip(state, start))


def chacha_encrypt(key, nonce, beside, text):
    out = b""
    for at in range(0, len(text), 64):
        block = chacha_block(key, at // 64 + 1, nonce)
        out += bytes(x ^ y for x, y in zip(text[at : at + 64], block))
    secret = chacha_block(key, 0, nonce)
    r = int.from_bytes(secret[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    data = beside + bytes(-len(beside) % 16) + out + bytes(-len(out) % 16)
    data += len(beside).to_bytes(8, "little") + len(out).to_bytes(8, "little")
    total = 0
    for at in range(0, len(data), 16):
        total = (total + int.from_bytes(data[at : at + 16] + b"\x01", "little")) * r % (2**130 - 5)
    return out + ((total + int.from_bytes(secret[16:32], "little")) % 2**128).to_bytes(16, "little")


def blake2s(*parts):
    return hashlib.blake2s(b"".join(parts)).digest()


def check():
    """Known answers: of the Ascon team's test vectors for SP 800-232, and of the RFCs."""

    def same(found, expected):
        expected = bytes.fromhex(expected)
        assert found == expected, f"{found.hex()} is not {expected.hex()}"

    key = bytes(range(16))
    for beside, text, expected in (
        (0, 0, "4427D64B8E1E1451FC445960F0839BB0"),
        (9, 0, "199B9F815BA37A386D283F504B8D2277"),
        (0, 1, "E79F58F1F541FC51B5D438F8E1DD03F147"),
        (4, 15, "4A53D9966D87BFED686585FE7A28C7B64D3EDA09F51BA9F7D619E4C5E77EA0"),
        (
            32,
            32,
            "4C086D27A3B51A2333CFC7F22172A9BCAD88B8D4D77E50622D788345FA7BEE44"
            "68915D3F9422289F2349D6A3B4160397",
        ),
    ):
        same(ascon_encrypt(key, key, bytes(range(beside)), bytes(range(text))), expected)
    for length, expected in (
        (0, "473D5E6164F58B39DFD84AACDB8AE42EC2D91FED33388EE0D960D9B3993295C6"),
        (8, "8D1886F5D3EC4AF8D15B44BC62B74DA6EA91BC28FB82F9C34079B5ED6E38B6C9"),
        (17, "233AF64F97CA9BD97BAE06270571E57215C5CB5BA4038536C5C128DA1D3A379A"),
    ):
        same(xof(bytes(range(length)), 32), expected)
    rfc7748 = x25519(
        bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
        bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
    )
    same(rfc7748, "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")
    rfc8439 = chacha_encrypt(
        bytes(range(0x80, 0xA0)),
        bytes.fromhex("070000004041424344454647"),
        bytes.fromhex("50515253c0c1c2c3c4c5c6c7"),
        b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    )
    same(rfc8439[:16], "d31a8d34648e60db7b86afbc53ef7ec2")
    same(rfc8439[-16:], "1ae10b594f09e26a7e902ecbd0600691")
    same(blake2s(b"abc"), "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982")


# What the vectors are made of.

SECRET = bytes(range(16))
ID = bytes([1, 2])
PLACES = (5, 5 + 32)  # of the first and of the second session
OPENER = bytes.fromhex("11223344" "000000c8")
ACCEPTOR = bytes.fromhex("55667788" "0000012c")
CALL = bytes([1]) + b"first call"
REPLY = bytes([1]) + b"its reply"


def number(value):
    return value.to_bytes(4, "big")


def show(name, *parts):
    print(f"\n== {name}")
    for text, data in parts:
        lines = [data[at : at + 16].hex(" ") for at in range(0, len(data), 16)]
        for line in lines[:-1]:
            print(line)
        print(f"{lines[-1]:48}# {text}")


def data_parts(first, counter, sealed):
    return [
        ("DATA and the place", bytes([first])),
        ("counter", number(counter)),
        ("ciphertext", sealed[:-16]),
        ("tag", sealed[-16:]),
    ]


class Light:
    """Two peers with the light suite, on a serial line; the host opens."""

    label = b"oncilla link" + bytes([1, 1, 1, 1])
    starts = (bytes(range(0x10, 0x20)), bytes(range(0x20, 0x30)))

    def derive(self, purpose, length, *parts):
        return xof(self.label + bytes([purpose]) + SECRET + b"".join(parts), length)

    def seal(self, key, counter, content):
        return ascon_encrypt(key, number(counter) + bytes(12), b"", content)

    def handshake(self, n, accepted):
        a = self.derive(3, 16, self.starts[0], number(n))
        place = PLACES[accepted]
        said = ID + OPENER + a
        hello = [("key id", ID), ("boot number, largest message", OPENER), ("A", a), ("T", self.derive(1, 16, said))]
        b = self.derive(4, 16, self.starts[1], number(accepted), said)
        answered = bytes([place]) + ACCEPTOR + b
        out = self.derive(2, 48, said, answered)
        challenge = [
            ("CHALLENGE", b"\x02"),
            ("place", bytes([place])),
            ("boot number, largest message", ACCEPTOR),
            ("B", b),
            ("U", out[:16]),
        ]
        first = data_parts(0x80 + place, 0, self.seal(out[16:32], 0, CALL))
        return [("HELLO", b"\x01"), *hello], challenge, [("OPEN", b"\x03"), *hello, *first], out[16:32], out[32:]


class ForwardSecret:
    """Two peers with the forward secret suite, on a serial line; the host opens."""

    label = b"oncilla link" + bytes([1, 2, 1, 1])
    starts = (bytes(range(0x10, 0x30)), bytes(range(0x30, 0x50)))

    def derive(self, purpose, *parts):
        return blake2s(self.label, bytes([purpose]), SECRET, *parts)

    def from_start(self, purpose, start):
        return blake2s(b"oncilla start", bytes([purpose]), start)

    def forget(self):
        self.starts = tuple(self.from_start(7, start) for start in self.starts)

    def seal(self, key, counter, content, beside=b""):
        return chacha_encrypt(key, bytes(4) + counter.to_bytes(8, "little"), beside, content)

    def hkdf(self, chaining, data):
        secret = hmac.digest(chaining, data, hashlib.blake2s)
        out = [b""]
        for at in (1, 2, 3):
            out.append(hmac.digest(secret, out[-1] + bytes([at]), hashlib.blake2s))
        return out[1:]

    def handshake(self, n, accepted):
        place = PLACES[accepted]
        name = self.derive(3, self.starts[0], number(n))[:16]
        named = [("key id", ID), ("A", name)]
        hello = [("HELLO", b"\x01"), *named, ("T", self.derive(1, ID, name)[:16])]

        # Noise: the acceptor writes first.
        digest = chaining = blake2s(b"Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s")
        digest = blake2s(digest, self.label + ID + name)
        chaining, mixed, key = self.hkdf(chaining, self.derive(4, name))
        digest = blake2s(digest, mixed)
        acceptor_secret = self.from_start(6, self.starts[1])
        acceptor = x25519(acceptor_secret, BASE)
        digest = blake2s(digest, acceptor)
        chaining, key, _ = self.hkdf(chaining, acceptor)
        answered = self.seal(key, 0, bytes([place]) + ACCEPTOR, digest)
        digest = blake2s(digest, answered)
        challenge = [
            ("CHALLENGE", b"\x02"),
            ("public key of the acceptor", acceptor),
            ("place, boot number, largest message", answered[:-16]),
            ("tag", answered[-16:]),
        ]

        opener_secret = self.derive(5, self.starts[0], number(n))
        opener = x25519(opener_secret, BASE)
        digest = blake2s(digest, opener)
        chaining, key, _ = self.hkdf(chaining, opener)
        chaining, key, _ = self.hkdf(chaining, x25519(opener_secret, acceptor))
        told = self.seal(key, 0, OPENER, digest)
        acceptor_key, opener_key, _ = self.hkdf(chaining, b"")

        said = ID + name + opener + told
        first = data_parts(0x80 + place, 0, self.seal(opener_key, 0, CALL))
        tag_key = self.derive(2, name, acceptor)
        tag = blake2s(tag_key, said, *(part for _, part in first))[:16]
        front = [
            ("OPEN", b"\x03"),
            *named,
            ("public key of the opener", opener),
            ("boot number, largest message", told[:-16]),
            ("tag", told[-16:]),
            ("T", tag),
        ]
        return hello, challenge, front + first, opener_key, acceptor_key


def sessions(suite):
    hello, challenge, opening, opener, acceptor = suite.handshake(0, 0)
    show("hello", *hello)
    show("challenge", *challenge)
    show("open", *opening)
    show("reply", *data_parts(0xC0 + PLACES[0], 0, suite.seal(acceptor, 0, REPLY)))
    show("call with a large counter", *data_parts(0x80 + PLACES[0], 0x01020304, suite.seal(opener, 0x01020304, CALL)))
    hello, _, _, _, _ = suite.handshake(1, 0)
    show("hello again", *hello)
    if isinstance(suite, ForwardSecret):
        suite.forget()
    hello, challenge, opening, _, _ = suite.handshake(2, 1)
    show("next hello", *hello)
    show("next challenge", *challenge)
    show("next open", *opening)


if __name__ == "__main__":
    check()
    sessions({"light": Light, "forward_secret": ForwardSecret}[sys.argv[1]]())
