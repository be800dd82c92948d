"""pymerkle and OpenSSL's Ed25519 check an archive's tree, heads and proofs, and make some for Guichet to check.

trees.py ARCHIVE VKEY PROOFS OUT
"""

import base64
import hashlib
import json
import pathlib
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pymerkle import InclusionProof, InmemoryTree
from pymerkle.proof import InvalidProof

ED25519 = b"\x01"


def fail(text):
    sys.exit(f"interop: Python: {text}")


def same(what, found, expected):
    if found != expected:
        fail(f"{what}: found {found}, expected {expected}")


def key_id(name, key):
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + key).digest()[:4]


def opened(note, name, key):
    """The text of a note (C2SP signed-note) that the key has signed."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        dash, signer, signature = line.split(" ")
        signature = base64.b64decode(signature, validate=True)
        if (dash, signer, signature[:4]) == ("\N{EM DASH}", name, key_id(name, key)):
            Ed25519PublicKey.from_public_bytes(key).verify(signature[4:], text.encode())
            return text
    return fail("a head without a signature of its log")


def records(archive, size):
    """All entries, from the files of records alone: each behind its length in two bytes."""
    for bundle in range((size + 255) // 256):
        width = min(256, size - bundle * 256)
        groups = [f"{bundle % 1000:03}"]
        while bundle := bundle // 1000:
            groups.insert(0, f"x{bundle % 1000:03}")
        path = "/".join(groups) + ("" if width == 256 else f".p/{width}")
        data, at = (archive / "tile" / "entries" / path).read_bytes(), 0
        for _ in range(width):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            yield data[at + 2 : end]
            at = end
        same(f"bytes of {path}", len(data), at)


def of_rfc_6962(tree, first, second):
    """pymerkle's proof of consistency, in the form of RFC 6962.

    pymerkle's own has another shape, which no program for RFC 6962 takes, and its verifier takes no other: where the earlier
    tree fills the left of a node, it goes on down the right to a single leaf, and RFC 6962 sends the hash of the right. The
    hashes up to the first of the earlier tree are those below it.
    """
    proof = tree.prove_consistency(first, second)
    proof.verify(tree.get_root(first), tree.get_root(second), first, second, "sha256")
    if first == second:
        return []
    seed = proof.subset.index(1)
    right = proof.path[0]
    for hash in proof.path[1:seed]:
        right = tree.hash_pair(right, hash)
    power_of_two = first & (first - 1) == 0
    return [*([] if power_of_two else [proof.path[seed]]), right, *proof.path[seed + 1 :]]


def broken(proof):
    """Proofs that prove nothing, made of one that does."""
    yield [*proof, bytes(32)]
    if proof:
        yield proof[:-1]
        yield [bytes([proof[0][0] ^ 128]) + proof[0][1:], *proof[1:]]


def check_inclusion(tree, index, size, leaf, root, path):
    # RFC 6962 sends the hashes alone; the order in which to hash follows from index and size, and pymerkle checks it.
    rule = tree.prove_inclusion(index + 1, size).rule
    proof = InclusionProof("sha256", True, size, index + 1, rule, [leaf, *path])
    proof.verify(leaf, root, index + 1, size, "sha256")


def main():
    archive, vkey, proofs, out = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[4])
    name, stated, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    same("algorithm of the key", key[:1], ED25519)
    key = key[1:]
    same("id of the key", key_id(name, key).hex(), stated)

    # The heads: signed by the log's key, and by no other.
    signer = Ed25519PrivateKey.generate()
    public = signer.public_key().public_bytes_raw()
    heads = {}
    paths = [archive / "checkpoint", *sorted(it for it in (archive / "heads").rglob("*") if it.is_file())]
    for path in paths:
        note = path.read_text(encoding="utf-8")
        text = opened(note, name, key)
        origin, size, root, *_ = text.split("\n")
        same(f"log of {path}", origin, name)
        heads[int(size)] = base64.b64decode(root, validate=True)
        try:
            opened(note.replace("\n", "\n1", 1), name, key)
            fail(f"{path} is taken with another size")
        except InvalidSignature:
            pass
        signature = base64.b64encode(key_id(name, public) + signer.sign(text.encode())).decode()
        signed = out / "signed" / path.relative_to(archive)
        signed.parent.mkdir(parents=True, exist_ok=True)
        signed.write_text(f"{text}\n\N{EM DASH} {name} {signature}\n", encoding="utf-8")
    theirs = f"{name}+{key_id(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}\n"
    for path in (out / "vkey", out / "signed" / "log.key"):
        path.write_text(theirs, encoding="utf-8")
    print(f"interop: Python: Ed25519 of OpenSSL takes the {len(heads)} heads and refuses other text")

    # The tree out of the records alone.
    entries = list(records(archive, max(heads)))
    tree = InmemoryTree.init_from_entries(entries, algorithm="sha256")
    for size, root in heads.items():
        same(f"root at {size} records", tree.get_root(size).hex(), root.hex())
    print(f"interop: Python: pymerkle has the roots of the heads from {len(entries)} records")

    # Guichet's proofs, against the roots of the heads and the records; nothing that the file of proofs says is believed.
    inclusions = consistencies = 0
    for it in json.loads(proofs.read_text())["vectors"]:
        path = [bytes.fromhex(hash) for hash in it["proof"]]
        if it["kind"] == "consistency":
            consistencies += 1
            expected = of_rfc_6962(tree, it["size1"], it["size2"])
            same(f"proof from {it['size1']} to {it['size2']}", path, expected)
            continue
        inclusions += 1
        leaf = hashlib.sha256(b"\0" + entries[it["index"]]).digest()
        asked = tree, it["index"], it["size"], leaf, heads[it["size"]]
        try:
            check_inclusion(*asked, path)
        except InvalidProof as error:
            fail(f"pymerkle refuses Guichet's proof: {error}: {it}")
        for wrong in broken(path):
            try:
                check_inclusion(*asked, wrong)
            except InvalidProof:
                continue
            fail(f"pymerkle takes a broken proof: {it}")
    same("consistency proofs", consistencies, len(heads) * (len(heads) + 1) // 2)
    if not inclusions:
        fail(f"{proofs} has no inclusion proof")
    print(f"interop: Python: pymerkle takes {inclusions} inclusion proofs, and none of them broken")
    print(f"interop: Python: pymerkle's {consistencies} consistency proofs, brought into the form of RFC 6962, are Guichet's")

    # pymerkle's proofs, in the form of RFC 6962.
    vectors = []

    def add(fields, path):
        for valid, proof in ((True, path), *((False, it) for it in broken(path))):
            proof = [hash.hex() for hash in proof]
            vectors.append({"id": f"pymerkle {len(vectors)}", **fields, "proof": proof, "valid": valid})

    for size, root in heads.items():
        for index in range(0, size, 1 + size // 70):
            leaf, *path = tree.prove_inclusion(index + 1, size).path
            add({"kind": "inclusion", "index": index, "size": size, "leaf_hash": leaf.hex(), "root": root.hex()}, path)
        for first in sorted({1, 2, 3, 255, 256, 257, size - 1, *heads}):
            if first <= size:
                fields = {"kind": "consistency", "size1": first, "size2": size, "root1": tree.get_root(first).hex(), "root2": root.hex()}
                add(fields, of_rfc_6962(tree, first, size))
    (out / "pymerkle.json").write_text(json.dumps({"vectors": vectors}))


main()
