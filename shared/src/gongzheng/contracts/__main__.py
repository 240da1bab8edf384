"""``python -m gongzheng.contracts``: today's contracts as JSON, type → schema, as a release keeps them."""

import json
import sys

from gongzheng.contracts import registry

contracts = registry()
schemas = {
    type_: {name: value for name, value in contracts[type_].schema.items() if name != "examples"}
    for type_ in contracts.types()
}
sys.stdout.write(json.dumps(schemas, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
