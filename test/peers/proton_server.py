#!/usr/bin/python3
"""A Proton server that wants a login: takes messages, and gives them to whoever receives from their address.

    proton_server.py HOST:PORT FOLDER MECHANISMS [--user NAME] [--tls CERTIFICATE KEY] [--client-ca FILE]

MECHANISMS are separated by spaces. Debian's own Proton has ANONYMOUS and EXTERNAL as a server; run with
LD_LIBRARY_PATH=/opt/proton-cyrus/lib (proton-cyrus.sh) it has what Cyrus SASL has. FOLDER is for Cyrus's
configuration and its users: NAME (alice), with the password in the environment variable PEER_PASSWORD.
For GSSAPI the environment names the realm (kdc.sh env). With --client-ca a client shows a certificate.

Prints a line for each login, "LOGIN user mechanism", and one for each that failed, "ERROR condition".
"""
import argparse
import collections
import os
import subprocess

from proton import Endpoint, SSLDomain
from proton.handlers import MessagingHandler
from proton.reactor import Container


def configure(folder, mechanisms, user, password):
    """What Cyrus reads: where the users are, and a user in it."""
    os.makedirs(folder, exist_ok=True)
    users = os.path.join(folder, "users.sasldb")
    with open(os.path.join(folder, "proton-server.conf"), "w") as f:
        f.write("pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: %s\nmech_list: %s\n" % (users, mechanisms))
    if password:
        # the realm of a user that names none is the server's host name
        command = ["/usr/sbin/saslpasswd2", "-c", "-p", "-f", users, "-u", os.uname().nodename, user]
        subprocess.run(command, input=password.encode(), check=True)


class Server(MessagingHandler):
    def __init__(self, options):
        super().__init__(auto_accept=True, prefetch=100)
        self.options = options
        self.waiting = collections.defaultdict(collections.deque)
        self.senders = collections.defaultdict(list)

    def on_start(self, event):
        options, domain = self.options, None
        if options.tls:
            domain = SSLDomain(SSLDomain.MODE_SERVER)
            domain.set_credentials(options.tls[0], options.tls[1], None)
            if options.client_ca:
                domain.set_trusted_ca_db(options.client_ca)
                domain.set_peer_authentication(SSLDomain.VERIFY_PEER, options.client_ca)
        event.container.listen(options.address, ssl_domain=domain)

    def on_connection_bound(self, event):
        sasl = event.transport.sasl()
        sasl.config_path(self.options.folder)
        sasl.config_name("proton-server")
        sasl.allow_insecure_mechs = True
        sasl.allowed_mechs(self.options.mechanisms)
        event.transport.require_auth(True)

    def on_connection_opening(self, event):
        event.connection.container = "proton-server"
        print("LOGIN", event.transport.user, event.transport.sasl().mech, flush=True)

    def on_link_opening(self, event):
        link = event.link
        link.source.copy(link.remote_source)
        link.target.copy(link.remote_target)
        if link.is_sender:
            self.senders[link.source.address].append(link)

    def on_sendable(self, event):
        self.pump(event.link.source.address)

    def on_message(self, event):
        address = event.link.target.address
        self.waiting[address].append(event.message)
        self.pump(address)

    def pump(self, address):
        for link in self.senders[address]:
            while self.waiting[address] and link.state & Endpoint.REMOTE_ACTIVE and link.credit > 0:
                link.send(self.waiting[address].popleft())

    def on_link_closing(self, event):
        if event.link.is_sender and event.link in self.senders[event.link.source.address]:
            self.senders[event.link.source.address].remove(event.link)

    def on_connection_closing(self, event):
        self.forget(event.connection)

    def on_disconnected(self, event):
        self.forget(event.connection)

    def forget(self, connection):
        for links in self.senders.values():
            links[:] = [link for link in links if link.connection != connection]

    def on_transport_error(self, event):
        print("ERROR", event.transport.condition, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("address")
    parser.add_argument("folder")
    parser.add_argument("mechanisms")
    parser.add_argument("--user", default="alice")
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--client-ca")
    arguments = parser.parse_args()
    configure(arguments.folder, arguments.mechanisms, arguments.user, os.environ.get("PEER_PASSWORD"))
    Container(Server(arguments)).run()
