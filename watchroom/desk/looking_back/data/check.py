"""Checks a bundle without Watchroom and its database: python3 check.py BUNDLE.zip [FILE …] (Python 3.9 or newer, nothing else)."""

import hashlib
import hmac
import json
import pathlib
import sys
import zipfile

bundle = zipfile.ZipFile(sys.argv[1])
chain, record = json.loads(bundle.read("chain.json")), json.loads(bundle.read("record.json"))
bad, bodies, hashes = [], {}, {}
for fact in chain["facts"]:  # each hash is SHA-256 of the hash before and the text of the fact
    made = hashlib.sha256(bytes.fromhex(fact["previous"]) + fact["text"].encode()).hexdigest()
    bodies[fact["seq"]], hashes[fact["seq"]] = json.loads(fact["text"])[-1], fact["hash"]
    if made != fact["hash"] or json.loads(fact["text"])[0] != fact["seq"]:
        bad.append(f"fact {fact['seq']} is not the one that was sealed")
    if hashes.get(fact["seq"] - 1, fact["previous"]) != fact["previous"]:
        bad.append(f"fact {fact['seq']} does not follow on the one before")
for anchor in chain["anchors"]:  # written down outside the database, about once a minute
    if hashes.get(anchor["seq"], anchor["hash"]) != anchor["hash"]:
        bad.append(f"an anchor disagrees with fact {anchor['seq']}")
for word in record["words"]:  # a fact holds a keyed digest of the words: HMAC-SHA-256 over length (8 bytes) and text of each
    mac = hmac.new(bytes.fromhex(word["key"]), digestmod=hashlib.sha256)
    for text in word["words"]:
        mac.update(len(text).to_bytes(8, "big") + text.encode())
    if word["seq"] in bodies and mac.hexdigest() != bodies[word["seq"]]["digest"]:
        bad.append(f"the words of fact {word['seq']} are not the ones that were written")
proved = {word["seq"]: word["words"][:2] for word in record["words"]}
for file in record["files"]:  # what was attached: its fact holds a keyed digest of the SHA-256 and the name
    if proved.get(file["seq"]) != [file["sha256"], file["name"]]:
        bad.append(f"the attached file of fact {file['seq']} is not the one that was handed in")
for path in sys.argv[2:]:  # attached files that you were given besides
    if hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest() not in [file["sha256"] for file in record["files"]]:
        bad.append(f"{path} is none of the attached files")
for policy in chain["policies"]:
    if hashlib.sha256(bundle.read(policy["file"])).hexdigest() != policy["digest"]:
        bad.append(f"{policy['file']} is not the policy that was adopted")
print("\n".join(bad) or f"{len(hashes)} facts and {len(record['words'])} pieces of what was written are as they were sealed.")
sys.exit(bool(bad))
