# A bot on pywa. What it hears and sends it prints, a JSON object a line.
import json
import os

import flask
from pywa import WhatsApp
from pywa.errors import WhatsAppError
from pywa.types.templates import BodyText, TemplateLanguage
from werkzeug.serving import make_server


def say(what):
    print(json.dumps(what), flush=True)


app = flask.Flask("bot")
wa = WhatsApp(
    phone_id=os.environ["PHONE_NUMBER_ID"],
    token=os.environ["TOKEN"],
    app_secret=os.environ["APP_SECRET"],
    verify_token="not used here",
    server=app,
)
# The library has the address of Meta's API built in.
wa.api._session.base_url = os.environ["GRAPH_URL"] + "/v23.0"


@wa.on_message
def heard(_, message):
    say({"heard": message.text})
    text = message.reply(f"You said: {message.text}")
    to, language = message.from_user.wa_id, TemplateLanguage.ENGLISH
    invitation = wa.send_template(to, "client_invitation", language, [BodyText.params("Dom", "Acme")])
    say({"sent": [text.id, invitation.id]})
    try:
        wa.send_template(to, "paused", language, [])
    except WhatsAppError as refusal:
        say({"refused": refusal.code})


@wa.on_message_status
def status(_, update):
    say({"status": str(update.status), "id": update.id})


server = make_server("127.0.0.1", 0, app, threaded=True)
say({"listening": server.port})
server.serve_forever()
