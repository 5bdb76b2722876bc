using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

public class SaslTests
{
    [Fact]
    public void Handshake_Anonymous_OpensBothEnds()
    {
        EnginePair pair = new EnginePair().Open();

        Assert.Equal(["mechanisms ANONYMOUS", "outcome 0", "opened listener"], pair.ClientEvents.Log);
        Assert.Equal(["init ANONYMOUS", "opened client"], pair.ListenerEvents.Log);
    }

    [Fact]
    public void Handshake_WithChallengesAnsweredLater_OpensBothEnds()
    {
        EnginePair pair = new();
        pair.ClientEvents.AutoSasl = pair.ListenerEvents.AutoSasl = false;

        pair.Client.Start(0);
        pair.Listener.Start(0);
        pair.Run();
        pair.Client.SaslInit("ANONYMOUS", [1], "host");
        pair.Run();
        pair.Listener.SaslChallenge([2]);
        pair.Run();
        pair.Client.SaslResponse([3]);
        pair.Run();
        pair.Listener.SaslOutcome(0, [4]);
        pair.Run();

        Assert.Equal(["mechanisms ANONYMOUS", "challenge 02", "outcome 0 04", "opened listener"], pair.ClientEvents.Log);
        Assert.Equal(["init ANONYMOUS", "response 03", "opened client"], pair.ListenerEvents.Log);
        Assert.True(pair.Client.IsOpen && pair.Listener.IsOpen);
    }

    [Fact]
    public void Listener_PipelinedBehindInit_WaitsForTheOutcome()
    {
        Script script = Script.Sasl();
        script.Events.AutoSasl = false;
        AmqpWriter peer = new();
        FrameWriter.Write(peer, FrameHeader.SaslType, 0, new SaslInit { Mechanism = "ANONYMOUS" });
        int init = peer.Length;
        peer.WriteRaw(FrameWriter.AmqpHeader);
        FrameWriter.Write(peer, FrameHeader.AmqpType, 0, new Open { ContainerId = "eager" });
        System.Buffers.ReadOnlySequence<byte> input = Segments.Single(peer.WrittenSpan.ToArray());

        SequencePosition position = script.Engine.Receive(in input, 0);

        Assert.Equal(init, input.Slice(0, position).Length);
        Assert.True(script.Engine.IsInputPaused);
        Assert.Equal(["init ANONYMOUS"], script.Events.Log);

        script.Engine.SaslOutcome(0);
        script.Engine.Receive(input.Slice(position), 0);

        Assert.True(script.Engine.IsOpen);
    }

    [Fact]
    public void Listener_OutcomeNotOk_IsClosed()
    {
        Script script = Script.Sasl();
        script.Events.AutoSasl = false;
        script.SendSasl(new SaslInit { Mechanism = "ANONYMOUS" });

        script.Engine.SaslOutcome(1);

        Assert.Equal(1, script.Only<SaslOutcome>().Code);
        Assert.True(script.Engine.IsClosed);
        script.Header(FrameWriter.AmqpHeader);
        Assert.Empty(script.Written());
    }

    [Fact]
    public void Client_OutcomeNotOk_IsClosedAfterTheEvent()
    {
        EnginePair pair = new();
        pair.ListenerEvents.AutoSasl = false;
        pair.Client.Start(0);
        pair.Listener.Start(0);
        pair.Run();

        pair.Listener.SaslOutcome(1);
        pair.Run();

        Assert.Equal("outcome 1", pair.ClientEvents.Log[^1]);
        Assert.True(pair.Client.IsClosed);
        Assert.Null(pair.ClientEvents.Failure);
    }

    [Fact]
    public void Listener_MechanismNotOffered_OutcomeAuth()
    {
        Script script = Script.Sasl();

        script.SendSasl(new SaslInit { Mechanism = "PLAIN", InitialResponse = [0, 1, 0, 2] });

        Assert.Equal(1, script.Only<SaslOutcome>().Code);
        Assert.True(script.Events.Failed(ErrorCondition.UnauthorizedAccess));
    }

    [Fact]
    public void Listener_ResponseBeforeInit_OutcomeAuth()
    {
        Script script = Script.Sasl();

        script.SendSasl(new SaslResponse { Response = [1] });

        Assert.Equal(1, script.Only<SaslOutcome>().Code);
        Assert.True(script.Engine.IsClosed);
    }

    [Fact]
    public void Listener_OpenInsideSaslFrame_IsNotAnOpen()
    {
        Script script = Script.Sasl();

        script.SendSasl(new Open { ContainerId = "evil" });

        Assert.DoesNotContain(script.Events.Log, entry => entry.StartsWith("opened", StringComparison.Ordinal));
        Assert.True(script.Engine.IsClosed);
        Assert.DoesNotContain(script.Written(), frame => frame.Body is Open);
    }

    [Fact]
    public void Listener_AmqpFrameDuringSasl_Fails()
    {
        Script script = Script.Sasl();

        script.Send(0, new Open { ContainerId = "evil" });

        Assert.True(script.Events.Failed(ErrorCondition.FramingError));
        Assert.Empty(script.Written());
    }

    [Fact]
    public void Listener_AmqpHeaderInsteadOfInit_Fails()
    {
        Script script = Script.Sasl();

        script.Header(FrameWriter.AmqpHeader).Send(0, new Open { ContainerId = "evil" });

        Assert.True(script.Events.Failed(ErrorCondition.FramingError));
        Assert.False(script.Engine.IsOpen);
        Assert.Empty(script.Written());
    }

    [Fact]
    public void Listener_EmptyFrameDuringSasl_Fails()
    {
        Script script = Script.Sasl();

        script.RawFrame(0, [], FrameHeader.SaslType);

        Assert.True(script.Engine.IsClosed);
    }

    [Theory]
    [InlineData(0xffff_ffffu)]
    [InlineData(8_193u)]
    public void Listener_HugeSaslFrameAnnounced_FailsByTheHeaderAlone(uint size)
    {
        Script script = Script.Sasl();

        script.Raw((byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size, 2, 1, 0, 0);

        Assert.True(script.Events.Failed(ErrorCondition.FramingError));
    }

    [Fact]
    public void Listener_SaslArrayOfTwoBillionNulls_FailsCheaply()
    {
        Script script = Script.Sasl();
        long before = GC.GetAllocatedBytesForCurrentThread();

        script.RawFrame(0, [0x00, 0x53, 0x41, 0xd0, 0, 0, 0, 18, 0, 0, 0, 1, 0xf0, 0, 0, 0, 5, 0x7f, 0xff, 0xff, 0xff, 0x40], FrameHeader.SaslType);

        Assert.True(script.Engine.IsClosed);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void Client_OutcomeBeforeInit_Fails()
    {
        EnginePair pair = new();
        pair.ClientEvents.AutoSasl = false;
        pair.Client.Start(0);
        AmqpWriter server = new();
        server.WriteRaw(FrameWriter.SaslHeader);
        FrameWriter.Write(server, FrameHeader.SaslType, 0, new SaslOutcome { Code = 0 });

        pair.Client.Receive(Segments.Single(server.WrittenSpan.ToArray()), 0);

        Assert.True(pair.ClientEvents.Failed(ErrorCondition.FramingError));
    }

    [Fact]
    public void Client_CloseFromOutcomeEvent_WritesNothingMore()
    {
        EnginePair pair = new();
        pair.ClientEvents.AutoSasl = false;
        pair.Client.Start(0);
        pair.Client.Output.Clear();
        AmqpWriter server = new();
        server.WriteRaw(FrameWriter.SaslHeader);
        FrameWriter.Write(server, FrameHeader.SaslType, 0, new SaslMechanisms { Mechanisms = ["SCRAM-SHA-256"] });
        pair.Client.Receive(Segments.Single(server.WrittenSpan.ToArray()), 0);

        pair.Client.Close(null);

        Assert.True(pair.Client.IsClosed);
        Assert.Equal(0, pair.Client.Output.Length);
    }
}
