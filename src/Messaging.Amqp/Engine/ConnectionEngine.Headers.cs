using System.Buffers;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <content>Protocol headers (AMQP 1.0 part 2, 2.2; part 5, 5.3.1).</content>
internal sealed partial class ConnectionEngine
{
    private const int HeaderLength = 8;

    private bool _saslDone; // the SASL outcome was 0: the AMQP header comes next

    /// <summary>Consumes a header, or nothing while it is incomplete. What cannot become a header any more is answered at once.</summary>
    private int ReceiveHeader(in ReadOnlySequence<byte> input)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        int length = (int)Math.Min(input.Length, HeaderLength);
        header = header[..length];
        input.Slice(0, length).CopyTo(header);

        if (FrameWriter.AmqpHeader.StartsWith(header) || FrameWriter.SaslHeader.StartsWith(header))
        {
            if (length < HeaderLength)
            {
                return 0;
            }

            TraceHeader(outgoing: false, header);
            OnHeader(isSasl: header.SequenceEqual(FrameWriter.SaslHeader));
            return HeaderLength;
        }

        FailHeader(header);
        return length;
    }

    private void OnHeader(bool isSasl)
    {
        if (isSasl != (Settings.UseSasl && !_saslDone))
        {
            OnOtherHeader(isSasl);
        }
        else if (isSasl)
        {
            StartSasl();
        }
        else
        {
            StartAmqp();
        }
    }

    /// <summary>A header that is right in itself but not the one for now: nothing may get past authentication, except where the listener's settings say so.</summary>
    private void OnOtherHeader(bool isSasl)
    {
        if (!isSasl && Settings.IsListener && Settings.AllowBareHeader)
        {
            StartAmqp();
        }
        else
        {
            FailHeader(isSasl ? FrameWriter.SaslHeader : FrameWriter.AmqpHeader);
        }
    }

    private void StartAmqp()
    {
        if (Settings.IsListener)
        {
            WriteHeader(FrameWriter.AmqpHeader);
        }

        Phase = EnginePhase.Opening;
    }

    /// <summary>A listener answers any header that it does not take with one that it does, then the transport is closed (2.2).</summary>
    private void FailHeader(ReadOnlySpan<byte> received)
    {
        ReadOnlySpan<byte> expected = Settings.UseSasl && !_saslDone ? FrameWriter.SaslHeader : FrameWriter.AmqpHeader;
        if (Settings.IsListener)
        {
            WriteHeader(expected);
        }

        Fail(EngineErrors.Framing($"Expected the protocol header {Describe(expected)}, received {Describe(received)}{Meaning(received)}."));
    }

    private void WriteHeader(ReadOnlySpan<byte> header)
    {
        Output.WriteRaw(header);
        _lastSent = _now;
        TraceHeader(outgoing: true, header);
    }

    private static string Meaning(ReadOnlySpan<byte> header) => !IsAmqpHeader(header) ? "" : header[4] switch
    {
        0 => " (no SASL)",
        2 => " (TLS in band)",
        3 => " (SASL: it wants a login)",
        _ => "",
    };

    /// <summary>Only what is plainly an AMQP header is shown: other bytes may be anything, secrets included.</summary>
    private static string Describe(ReadOnlySpan<byte> header) =>
        IsAmqpHeader(header)
            ? $"AMQP {header[4]} {header[5]}.{header[6]}.{header[7]}"
            : "bytes that are no AMQP header";

    private static bool IsAmqpHeader(ReadOnlySpan<byte> header) => header.Length == HeaderLength && header.StartsWith("AMQP"u8);
}
