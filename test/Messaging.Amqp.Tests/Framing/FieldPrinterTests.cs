using System.Text;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Framing;

public sealed class FieldPrinterTests
{
    [Fact]
    public void Print_Open_LooksLikeProtonsTrace()
    {
        Open open = new()
        {
            ContainerId = "x",
            MaxFrameSize = 65536,
            OfferedCapabilities = ["ANONYMOUS-RELAY", "a:b"],
            Properties = new Dictionary<Symbol, object?> { ["product"] = "p", ["n"] = null },
        };

        Assert.Equal(
            """@open(16) [container-id="x", max-frame-size=65536, offered-capabilities=@<symbol>[:ANONYMOUS-RELAY, :"a:b"], properties={:product="p", :n=null}]""",
            Composite.Print(open));
    }

    [Fact]
    public void Print_Attach_ShowsTheTermini()
    {
        Attach attach = new()
        {
            Name = "l",
            Role = true,
            SndSettleMode = SenderSettleMode.Mixed,
            Source = new Source { Address = "q", DefaultOutcome = Released.Instance, Filter = new Dictionary<Symbol, object?> { ["f"] = new Described((Symbol)"s", "a") } },
            Target = new Coordinator { Capabilities = ["c"] },
        };

        Assert.Equal(
            """@attach(18) [name="l", handle=0, role=true, snd-settle-mode=2, source=@source(40) [address="q", filter={:f=@:s "a"}, default-outcome=@released(38) []], target=@coordinator(48) [capabilities=@<symbol>[:c]]]""",
            Composite.Print(attach));
    }

    [Fact]
    public void Print_Transfer_ShowsTheTagAndState()
    {
        Transfer transfer = new() { DeliveryTag = "a\0\""u8, HasDeliveryTag = true, State = new Rejected(new AmqpError("c", "d")) };

        Assert.Equal(
            """@transfer(20) [handle=0, delivery-tag=b"a\x00\x22", state=@rejected(37) [error=@error(29) [condition=:c, description="d"]]]""",
            Composite.Print(transfer));
    }

    [Fact]
    public void Print_Sasl_HidesThePayloads()
    {
        byte[] secret = Encoding.ASCII.GetBytes("hunter2");

        string[] printed =
        [
            Composite.Print(new SaslInit { Mechanism = "PLAIN", InitialResponse = secret, Hostname = "h" }),
            Composite.Print(new SaslChallenge { Challenge = secret }),
            Composite.Print(new SaslResponse { Response = secret }),
            Composite.Print(new SaslOutcome { Code = 1, AdditionalData = secret }),
        ];

        Assert.Equal("@sasl-init(65) [mechanism=:PLAIN, initial-response=<7 bytes hidden>, hostname=\"h\"]", printed[0]);
        Assert.All(printed, text => Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal));
        Assert.All(printed, text => Assert.Contains("<7 bytes hidden>", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Print_TextOfThePeer_IsEscapedAndCut()
    {
        string printed = Composite.Print(new Close { Error = new AmqpError("c", "a\r\n\u001b[2J\u2028" + new string('x', 100_000)) });

        Assert.DoesNotContain(printed, c => char.IsControl(c) || c == '\u2028');
        Assert.Contains("a\\u000d\\u000a\\u001b[2J\\u2028x", printed, StringComparison.Ordinal);
        Assert.InRange(printed.Length, 1024, 1200);
    }

    [Fact]
    public void Print_ManyValues_IsCut()
    {
        Symbol[] symbols = [.. Enumerable.Range(0, 50_000).Select(i => (Symbol)$"s{i}")];

        string printed = Composite.Print(new SaslMechanisms { Mechanisms = symbols });

        Assert.InRange(printed.Length, 16_000, 17_000);
    }

    [Fact]
    public void ToString_Source_IsItsTrace() =>
        Assert.Equal("@source(40) [address=\"q\", dynamic=true]", new Source { Address = "q", Dynamic = true }.ToString());
}
