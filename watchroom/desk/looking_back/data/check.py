"""Checks a bundle without Watchroom and without its database: python3 check.py BUNDLE.zip (Python 3.9 or newer, nothing else)."""

import hashlib
import hmac
import json
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
for policy in chain["policies"]:
    if hashlib.sha256(bundle.read(policy["file"])).hexdigest() != policy["digest"]:
        bad.append(f"{policy['file']} is not the policy that was adopted")
print("\n".join(bad) or f"{len(hashes)} facts and {len(record['words'])} pieces of what was written are as they were sealed.")
sys.exit(bool(bad))
