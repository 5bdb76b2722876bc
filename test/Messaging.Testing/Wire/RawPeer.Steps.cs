using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging.Testing;

/// <summary>The usual exchanges of a peer.</summary>
internal sealed partial class RawPeer
{
    /// <summary>A server's part up to both opens.</summary>
    public async Task<Open> OpenAsServerAsync(Open? open = null, string mechanism = "ANONYMOUS")
    {
        await LogInAsServerAsync(mechanism);
        Assert.Equal("AMQP", await ReadAsync<string>());
        Open theirs = await ReadAsync<Open>();
        await SendRawAsync(FrameWriter.AmqpHeader.ToArray());
        await SendAsync(open ?? new Open { ContainerId = "raw-server" });
        return theirs;
    }

    /// <summary>A server's part of SASL, which always succeeds.</summary>
    public async Task<SaslInit> LogInAsServerAsync(string mechanism = "ANONYMOUS", byte outcome = 0)
    {
        Assert.Equal("SASL", await ReadAsync<string>());
        await SendRawAsync(FrameWriter.SaslHeader.ToArray());
        await SendSaslAsync(new SaslMechanisms { Mechanisms = [mechanism] });
        SaslInit init = await ReadAsync<SaslInit>();
        await SendSaslAsync(new SaslOutcome { Code = outcome });
        return init;
    }

    /// <summary>Answers a begin.</summary>
    public async Task<Begin> AnswerBeginAsync(ushort channel = 0, uint window = 10_000)
    {
        RawFrame? frame = await ReadAsync();
        while (frame is { Body: not Begin })
            frame = await ReadAsync();
        Assert.True(frame is not null, "The stream ended before a begin came.");
        var begin = (Begin)frame.Body!;
        await SendAsync(new Begin { RemoteChannel = frame.Channel, NextOutgoingId = 0, IncomingWindow = window, OutgoingWindow = 10_000 }, channel);
        return begin;
    }

    /// <summary>Answers an attach with the termini asked for.</summary>
    public async Task<Attach> AnswerAttachAsync(ulong? maxMessageSize = null, ushort channel = 0)
    {
        Attach attach = await ReadUntilAsync<Attach>();
        await SendAsync(Answer(attach) with { MaxMessageSize = maxMessageSize }, channel);
        return attach;
    }

    /// <summary>The attach that answers another one, on the same handle.</summary>
    public static Attach Answer(Attach attach) => new()
    {
        Name = attach.Name,
        Handle = attach.Handle,
        Role = !attach.Role,
        SndSettleMode = attach.SndSettleMode,
        RcvSettleMode = attach.RcvSettleMode,
        Source = attach.Source,
        Target = attach.Target,
        InitialDeliveryCount = attach.Role ? 0u : null,
    };

    /// <summary>Gives a sender credit.</summary>
    public Task GiveCreditAsync(uint credit, uint deliveryCount = 0, bool drain = false, uint handle = 0, uint window = 10_000) => SendAsync(new Flow
    {
        NextIncomingId = 0,
        IncomingWindow = window,
        NextOutgoingId = 0,
        OutgoingWindow = 10_000,
        Handle = handle,
        DeliveryCount = deliveryCount,
        LinkCredit = credit,
        Drain = drain,
    });

    public Task SettleAsync(uint first, DeliveryState? state, bool settled = true, uint? last = null, bool receiver = true) =>
        SendAsync(new Disposition { Role = receiver, First = first, Last = last, Settled = settled, State = state });

    /// <summary>A client's part up to both opens.</summary>
    public async Task OpenAsClientAsync(Open? open = null)
    {
        await LogInAsClientAsync();
        await SendRawAsync(FrameWriter.AmqpHeader.ToArray());
        await SendAsync(open ?? new Open { ContainerId = "raw-client" });
        Assert.Equal("AMQP", await ReadAsync<string>());
        await ReadAsync<Open>();
    }

    /// <summary>A client's part of SASL ANONYMOUS.</summary>
    public async Task LogInAsClientAsync()
    {
        await SendRawAsync(FrameWriter.SaslHeader.ToArray());
        await SendSaslAsync(new SaslInit { Mechanism = "ANONYMOUS" });
        Assert.Equal("SASL", await ReadAsync<string>());
        await ReadAsync<SaslMechanisms>();
        Assert.Equal(0, (await ReadAsync<SaslOutcome>()).Code);
    }

    /// <summary>Begins a session.</summary>
    public async Task BeginAsync(ushort channel = 0, uint window = 10_000)
    {
        await SendAsync(new Begin { NextOutgoingId = 0, IncomingWindow = window, OutgoingWindow = 10_000 }, channel);
        await ReadUntilAsync<Begin>();
    }
}
