using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Robustness;

/// <summary>What an SDK side does on the wire with a bad input.</summary>
internal static class Reaction
{
    private const ushort ProbeChannel = 200;

    public static async Task<string> ReadAsync(RawPeer peer, BadInput input)
    {
        if (input.Reactions.Contains("alive", StringComparer.Ordinal))
            await ProbeAsync(peer, input);
        string? header = null;
        while (true)
        {
            object? body;
            try
            {
                body = (await peer.ReadAsync())?.Body;
            }
            catch (MessagingConnectionException)
            {
                body = null;
            }

            switch (body)
            {
                case null:
                    return header ?? "eof";
                case string:
                    header = "header";
                    break;
                case SaslOutcome { Code: not 0 } outcome:
                    return $"outcome {outcome.Code}";
                case Begin { RemoteChannel: ProbeChannel } when input.Reactions.Contains("alive", StringComparer.Ordinal):
                    return "alive";
                case Close { Error: null }:
                    return "close";
                case Close close:
                    return $"close {close.Error!.Condition}";
                case End { Error: { } error }:
                    return $"end {error.Condition}";
                case Detach { Error: { } error }:
                    return $"detach {error.Condition}";
            }
        }
    }

    /// <summary>A session of ours that only a living connection answers.</summary>
    private static async Task ProbeAsync(RawPeer peer, BadInput input)
    {
        try
        {
            await peer.SendAsync(new Begin { IncomingWindow = 1, OutgoingWindow = 1 }, ProbeChannel);
        }
        catch (MessagingConnectionException)
        {
            Assert.True(input.Reactions.Length > 1, "The connection was ended.");
        }
    }
}
