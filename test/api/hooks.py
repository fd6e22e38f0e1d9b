"""What a schema cannot say: rules between fields, about today, on bytes, and on this service itself."""

import re
from datetime import datetime, timedelta, timezone
from urllib.parse import unquote

import schemathesis

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")
HOST = re.compile(r"[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
COLOUR = re.compile(r"#?[0-9A-Fa-f]{6}")
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "pacific/apia", "Etc/GMT+12")
DAYS_FROM_NOW = {"from": -20, "to": 0, "startsAt": -20, "expiresAt": 20}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes right what is valid by itself; what the schema refuses stays as it is."""
    if case.headers and case.headers.get("If-Match") == "0":
        # schemathesis takes the quotes of the shortest tag there is for those of JSON.
        case.headers["If-Match"] = '"0"'
    if isinstance(case.body, dict) and case.body.get("disabled") is True and "/admin/links/" in case.path:
        # Only who disables a link has to say why.
        case.body.setdefault("reason", "Phishing")
    if case.headers and case.method in ("POST", "PUT"):
        # What is created has an answer with a body, which this may leave away: 201 cannot say both.
        case.headers.pop("Prefer", None)
    if case.operation.path.endswith("/domains") and isinstance(case.body, dict):
        host = case.body.get("host")
        if isinstance(host, str) and 3 <= len(host) <= 243:
            # The DNS has names of two labels, and a workspace has each of them once.
            case.body["host"] = f"go-{len(host)}.brand.example"
    if isinstance(case.body, dict) and isinstance(case.body.get("domain"), str) and len(case.body["domain"]) <= 253:
        # That of a workspace is there only once somebody has proved it.
        case.body["domain"] = None
    if case.operation.path.endswith("/events") and isinstance(case.query, dict):
        # An id of an event, which is there only once somebody has made one.
        if UUID.fullmatch(str(case.query.get("after"))):
            del case.query["after"]
    if case.operation.path.endswith("/replay") and isinstance(case.body, dict):
        if isinstance(case.body.get("until"), str):
            case.body["until"] = at(case.body["until"], 0)
    if ("/webhooks" in case.operation.path or case.operation.path.endswith("/imports")) and isinstance(case.body, dict):
        if isinstance(case.body.get("url"), str) and case.body["url"].startswith("http"):
            # Only a name that the DNS knows will do.
            case.body["url"] = "http://127.0.0.1:9/"
    if case.operation.path.endswith("/qr") and isinstance(case.query, dict):
        drawn(case.query)
    if case.method == "DELETE" and case.operation.path.endswith("/auth/sessions/{id}") and case.path_parameters:
        # Its own session, read from an earlier answer: everything after it would be 401.
        if UUID.fullmatch(str(case.path_parameters.get("id"))):
            case.path_parameters["id"] = "01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35"
    for fields in (case.query, case.body, case.path_parameters):
        if isinstance(fields, dict):
            for name, value in list(fields.items()):
                fields[name] = corrected(name, value)
    if isinstance(case.body, dict):
        for target in [*targets(case.body, "rules"), *targets(case.body, "split")]:
            correct_target(target)


def targets(body, field):
    return [item for item in body.get(field) or [] if isinstance(item, dict)] if isinstance(body.get(field), list) else []


def correct_target(target):
    """Of a rule or a variant of a split: the same as of a link."""
    if "url" in target:
        target["url"] = corrected("url", target["url"])
    when = target.get("when")
    if not isinstance(when, dict):
        return
    if when == {}:
        # Which one there must be, no schema of a class says.
        when["os"] = ["iOS"]
    for name, days in (("from", -20), ("until", 20)):
        if isinstance(when.get(name), str):
            when[name] = at(when[name], days)
    if isinstance(when.get("referrerHost"), list):
        when["referrerHost"] = [corrected("host", host) for host in when["referrerHost"]]


def drawn(query):
    """A code is darker than what is behind it, and has a pixel for each of its modules."""
    for name, colour in (("dark", "000000"), ("light", "ffffff")):
        if isinstance(query.get(name), str) and COLOUR.fullmatch(query[name]):
            query[name] = colour
    if isinstance(query.get("size"), int) and 64 <= query["size"] < 128:
        query["size"] += 64


def corrected(name, value):
    if not isinstance(value, str):
        return value
    if name in DAYS_FROM_NOW:
        return at(value, DAYS_FROM_NOW[name])
    if name == "timezone" and ZONE.fullmatch(value):
        # There are six hundred of them, and they change with the release of Node.js.
        return ZONES[len(value) % len(ZONES)]
    if name == "host" and 1 <= len(unquote(value)) <= 253 and not HOST.fullmatch(value):
        # What a URL can have as its host is told by an algorithm (WHATWG URL), not by a pattern.
        return "evil.example"
    if name in ("password", "newPassword", "currentPassword") and 4 <= len(value) <= 72:
        # bcrypt reads 72 bytes; JSON Schema counts characters. No character has more than four bytes.
        return value if len(value.encode(errors="replace")) <= 72 else value[:18]
    if name in ("url", "fallbackUrl", "rootRedirectUrl", "notFoundRedirectUrl") and "//localhost" in value:
        # A short URL that was read from an earlier answer.
        return "https://example.com/"
    return value


def at(value, days):
    """A period begins before it ends, and is of a length that reports allow; a link ends in the future."""
    then = datetime.now(timezone.utc) + timedelta(days=days)
    if DATE.fullmatch(value):
        return then.strftime("%Y-%m-%d")
    if TIME.fullmatch(value):
        return then.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value
