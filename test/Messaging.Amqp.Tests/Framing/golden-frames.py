"""Prints the frames of ProtonFrameTests.cs as hex, made by Qpid Proton without a socket.

apt-get install -y python3-qpid-proton; /usr/bin/python3 golden-frames.py; PN_TRACE_FRM=1 shows Proton's own reading of them on stderr.
"""
from proton import (UNDESCRIBED, Array, Condition, Connection, Data, Delivery, Described, Link, Terminus, Transport, symbol, ulong)


class Pair:
    """Two transports that hand each other their bytes, and keep them."""

    def __init__(self):
        self.a, self.b = Transport(), Transport(Transport.SERVER)
        self.bytes_a, self.bytes_b = b"", b""

    def go(self):
        for _ in range(4):
            self.bytes_a += self.pump(self.a, self.b)
            self.bytes_b += self.pump(self.b, self.a)

    @staticmethod
    def pump(source, sink):
        seen = b""
        while source.pending() > 0:
            data = source.peek(source.pending())
            source.pop(len(data))
            sink.push(data)
            seen += data
        return seen

    def print_frames(self, seen):
        for data in (self.bytes_a, self.bytes_b):
            data = data[8:]
            while data and not data.startswith(b"AMQP"):
                size = int.from_bytes(data[:4], "big")
                if data[:size] not in seen:
                    seen.append(data[:size])
                    print(data[:size].hex())
                data = data[size:]


def symbols(*names):
    return Array(UNDESCRIBED, Data.SYMBOL, *map(symbol, names))


def amqp():
    pair = Pair()
    client, server = Connection(), Connection()
    client.container, client.hostname, server.container = "client", "host.example", "server"
    client.offered_capabilities = symbols("a", "b")
    client.desired_capabilities = symbols("ANONYMOUS-RELAY")
    client.properties = {symbol("product"): "golden", symbol("n"): ulong(5)}
    pair.a.max_frame_size, pair.a.channel_max, pair.a.idle_timeout = 65536, 255, 30.0
    pair.a.bind(client)
    pair.b.bind(server)
    client.open(), pair.go(), server.open(), pair.go()
    session = client.session()
    session.open(), pair.go()
    server_session = server.session_head(0)
    server_session.open(), pair.go()

    sender = session.sender("link-1")
    sender.source.address, sender.target.address = "src", "queue"
    sender.target.durability, sender.target.expiry_policy, sender.target.timeout = Terminus.CONFIGURATION, Terminus.EXPIRE_NEVER, 30
    sender.target.capabilities.put_object(symbols("queue"))
    sender.snd_settle_mode, sender.rcv_settle_mode = Link.SND_UNSETTLED, Link.RCV_FIRST
    sender.open(), pair.go()
    sink = server.link_head(0)
    sink.target.copy(sink.remote_target)
    sink.open(), sink.flow(10), pair.go()

    receiver = session.receiver("link-2")
    receiver.source.address, receiver.source.distribution_mode = "queue", Terminus.DIST_MODE_COPY
    receiver.source.filter.put_dict({symbol("selector"): Described(symbol("apache.org:selector-filter:string"), "color = 'red'")})
    receiver.source.outcomes.put_object(symbols("amqp:accepted:list", "amqp:released:list"))
    receiver.open(), pair.go()
    origin = next(link for link in (server.link_head(0), server.link_head(0).next(0)) if link.is_sender)
    origin.source.copy(origin.remote_source)
    origin.open(), receiver.drain(5), pair.go()

    def deliver(tag, body, state, **fields):
        sender.delivery(tag), sender.send(body), sender.advance(), pair.go()
        delivery = sink.current
        for name, value in fields.items():
            setattr(delivery.local, name, value)
        delivery.update(state)
        if state != Delivery.RECEIVED:
            delivery.settle()
        sink.advance(), pair.go()

    deliver("tag-1", b"payload", Delivery.ACCEPTED)
    deliver("tag", b"x", Delivery.REJECTED, condition=Condition("amqp:not-allowed", "no", {symbol("k"): 1}))
    deliver("tag", b"x", Delivery.MODIFIED, failed=True, undeliverable=True, annotations={symbol("x"): "y"})
    deliver("tag", b"x", Delivery.RELEASED)
    deliver("tag", b"x", Delivery.RECEIVED, section_number=3, section_offset=300)

    sink.condition = Condition("amqp:link:detach-forced", "bye", None)
    sink.close(), pair.go(), sender.detach(), pair.go()
    server_session.condition = Condition("amqp:session:window-violation", None, None)
    server_session.close(), pair.go(), session.close(), pair.go()
    client.condition = Condition("amqp:connection:forced", "the end\n", {symbol("a"): [1, "b"]})
    client.close(), pair.go(), server.close(), pair.go()
    return pair


def sasl():
    pair = Pair()
    client_sasl, server_sasl = pair.a.sasl(), pair.b.sasl()
    client_sasl.allow_insecure_mechs = True
    server_sasl.allowed_mechs("ANONYMOUS")
    client, server = Connection(), Connection()
    client.container, client.hostname, server.container = "c", "h", "s"
    pair.a.bind(client), pair.b.bind(server)
    client.open(), server.open(), pair.go()
    return pair


seen = []
amqp().print_frames(seen)
sasl().print_frames(seen)
