using System.Text;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

public class HeaderTests
{
    public static IEnumerable<TheoryDataRow<byte[]>> BadHeaders =>
    [
        new(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n")) { Label = "garbage" },
        new([.. "AMQP"u8, 0, 0, 9, 1]) { Label = "amqp 0-9-1" },
        new([.. "AMQP"u8, 3, 1, 1, 0]) { Label = "version 1.1.0" },
        new([0x16, 0x03, 0x01, 0x00, 0xa5, 0x01, 0x00, 0x00, 0xa1]) { Label = "tls client hello" },
        new([0x42]) { Label = "one wrong byte" },
    ];

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void Listener_BadHeader_AnswersItsOwnAndFails(byte[] bytes)
    {
        Script script = Script.Listener();

        script.Raw(bytes);

        Assert.Equal("SASL", Assert.Single(script.Written()).Body);
        Assert.True(script.Events.Failed(ErrorCondition.FramingError));
        Assert.True(script.Engine.IsClosed);
    }

    [Fact]
    public void Listener_BadHeader_DescriptionShowsNoBytesOfThePeer()
    {
        Script script = Script.Listener();

        script.Raw("password"u8.ToArray());

        Assert.DoesNotContain("password", script.Events.Failure!.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Listener_HeaderByteByByte_Accepts()
    {
        Script script = Script.Listener();
        byte[] header = FrameWriter.SaslHeader.ToArray();

        for (int i = 1; i < header.Length; i++)
        {
            script.Raw(header[..i]);
            Assert.Equal(EnginePhase.Header, script.Engine.Phase);
        }

        script.Raw(header);
        Assert.Equal(EnginePhase.Sasl, script.Engine.Phase);
    }

    [Fact]
    public void Listener_BareAmqpHeader_AnswersSaslAndFails()
    {
        Script script = Script.Listener();

        script.Header(FrameWriter.AmqpHeader);

        Assert.Equal("SASL", Assert.Single(script.Written()).Body);
        Assert.True(script.Events.Failed(ErrorCondition.FramingError));
    }

    [Fact]
    public void Listener_BareAmqpHeaderAllowed_GoesOnWithoutSasl()
    {
        Script script = Script.Listener(Script.ListenerSettings with { AllowBareHeader = true });

        script.Header(FrameWriter.AmqpHeader).Send(0, new Open { ContainerId = "peer" });

        List<WireFrame> written = script.Written();
        Assert.Equal("AMQP", written[0].Body);
        Assert.IsType<Open>(written[1].Body);
        Assert.True(script.Engine.IsOpen);
    }

    [Fact]
    public void Listener_WithoutSaslGetsSaslHeader_AnswersAmqpAndFails()
    {
        Script script = Script.Listener(Script.ListenerSettings with { UseSasl = false });

        script.Header(FrameWriter.SaslHeader);

        Assert.Equal("AMQP", Assert.Single(script.Written()).Body);
        Assert.True(script.Engine.IsClosed);
    }

    [Fact]
    public void Client_ServerDemandsSasl_FailsNamingBothHeaders()
    {
        ConnectionEngine engine = NewClient(useSasl: false, out Recorder events);

        Feed(engine, FrameWriter.SaslHeader.ToArray());

        Assert.Contains("AMQP 0 1.0.0", events.Failure!.Description, StringComparison.Ordinal);
        Assert.Contains("AMQP 3 1.0.0", events.Failure!.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Client_ServerAnswersOtherVersion_Fails()
    {
        ConnectionEngine engine = NewClient(useSasl: true, out Recorder events);

        Feed(engine, [.. "AMQP"u8, 0, 0, 9, 1]);

        Assert.True(events.Failed(ErrorCondition.FramingError));
        Assert.Contains("AMQP 0 0.9.1", events.Failure!.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void EndOfInput_BeforeHeader_FailsAsForced()
    {
        Script script = Script.Listener();

        script.Engine.EndOfInput();
        script.Engine.EndOfInput();

        Assert.True(script.Events.Failed(ErrorCondition.ConnectionForced));
        Assert.Empty(script.Written());
    }

    private static ConnectionEngine NewClient(bool useSasl, out Recorder events)
    {
        events = new Recorder();
        ConnectionEngine engine = events.Engine = new ConnectionEngine(EnginePair.Settings("client") with { UseSasl = useSasl }, events);
        engine.Start(0);
        return engine;
    }

    private static void Feed(ConnectionEngine engine, byte[] bytes) => engine.Receive(Segments.Single(bytes), 0);
}
