#!/usr/bin/python3
"""A Proton client that logs in, sends a message to an address, and receives one from the same address.

    proton_client.py URL MECHANISM [--user NAME] [--ca FILE] [--certificate CERTIFICATE KEY]

URL is amqp[s]://HOST:PORT/ADDRESS; PEER_PASSWORD in the environment is the password. Debian's own Proton has
ANONYMOUS, PLAIN and EXTERNAL as a client; run with LD_LIBRARY_PATH=/opt/proton-cyrus/lib (proton-cyrus.sh)
it has what Cyrus SASL has. For GSSAPI the environment names the realm and the tickets (kdc.sh env).

Prints "LOGIN mechanism" and "RECEIVED body" and ends with 0; or "ERROR condition", and ends with 1.
"""
import argparse
import os
import sys

from proton import Message, SSLDomain
from proton.handlers import MessagingHandler
from proton.reactor import Container


class Client(MessagingHandler):
    def __init__(self, options, password):
        super().__init__()
        self.options = options
        self.password = password
        self.code = 1

    def on_start(self, event):
        options, domain = self.options, None
        if options.ca:
            domain = SSLDomain(SSLDomain.MODE_CLIENT)
            domain.set_trusted_ca_db(options.ca)
            domain.set_peer_authentication(SSLDomain.VERIFY_PEER_NAME, options.ca)
            if options.certificate:
                domain.set_credentials(options.certificate[0], options.certificate[1], None)
        url, self.address = options.url.rsplit("/", 1)
        credentials = {"user": options.user, "password": self.password} if options.user else {}
        self.connection = event.container.connect(
            url, reconnect=False, ssl_domain=domain, allowed_mechs=options.mechanism, allow_insecure_mechs=True, **credentials)

    def on_connection_opened(self, event):
        print("LOGIN", event.transport.sasl().mech, flush=True)
        event.container.create_receiver(self.connection, self.address)
        self.sender = event.container.create_sender(self.connection, self.address)

    def on_sendable(self, event):
        if self.sender:
            self.sender.send(Message(body="from Proton"))
            self.sender = None

    def on_message(self, event):
        print("RECEIVED", event.message.body, flush=True)
        self.code = 0
        self.connection.close()

    def on_transport_error(self, event):
        print("ERROR", event.transport.condition, flush=True)

    def on_connection_error(self, event):
        print("ERROR", event.connection.remote_condition, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("url")
    parser.add_argument("mechanism")
    parser.add_argument("--user")
    parser.add_argument("--ca")
    parser.add_argument("--certificate", nargs=2)
    client = Client(parser.parse_args(), os.environ.get("PEER_PASSWORD"))
    Container(client).run()
    sys.exit(client.code)
