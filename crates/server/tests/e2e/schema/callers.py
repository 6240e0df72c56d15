"""Who calls, and about what: hooks of Schemathesis.

Half of the calls that name a thing name one that exists, as the lists of the API tell them. What only people may do is
done with the session of an admin; everything else with tokens in turn, so that no caller comes too often.
"""

import itertools
import json
import os
import re
import urllib.request

import schemathesis

URL = os.environ["URL"]
TOKENS = itertools.cycle(os.environ["TOKENS"].split())
SESSION = {"Cookie": os.environ["SESSION"], "Origin": URL}
# Both of an admin are there, because an admin who ends their own sessions would be out.
PEOPLE = re.compile("/(tokens|audit-events|dead-letters|whatsapp-secrets|sign-in)|/(sessions|set-up-links|users)$")


def get(address, headers):
    request = urllib.request.Request(URL + address, headers=headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


SESSION["X-CSRF-Token"] = get("/api/v1/me", SESSION)["csrf_token"]
LISTS = {}


def there(lists, name):
    """What stands under that name in the items of a list, as it was when it was first asked."""
    if lists not in LISTS:
        LISTS[lists] = get(lists, caller(lists)).get("items", [])
    return [item[name] for item in LISTS[lists] if item.get(name) not in (None, "michael")]


def caller(path):
    if PEOPLE.search(path):
        return SESSION
    return {"Authorization": f"Bearer {next(TOKENS)}"}


TURNS = itertools.count()


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    named = re.match(r"(/api/v1/[a-z-]+)/\{(\w+)\}", context.operation.path)
    if named and path_parameters and next(TURNS) % 2:
        known = there(named[1], named[2])
        if known:
            path_parameters = {**path_parameters, named[2]: known[next(TURNS) % len(known)]}
    return path_parameters


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers = {**(case.headers or {}), **caller(case.path)}
