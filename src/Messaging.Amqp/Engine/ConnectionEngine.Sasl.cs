using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <content>The SASL layer (AMQP 1.0 part 5, 5.3): the exchange of frames; what the mechanisms say is the owner's business.</content>
internal sealed partial class ConnectionEngine
{
    private const byte SaslOk = 0;
    private const byte SaslAuth = 1;

    private SaslStep _sasl;

    /// <summary>Whose turn it is.</summary>
    private enum SaslStep : byte
    {
        None,

        /// <summary>Client: the server's offer is due.</summary>
        Mechanisms,

        /// <summary>Client: our init is due. Listener: the client's.</summary>
        Init,

        /// <summary>Client: a challenge or the outcome is due.</summary>
        ServerAnswer,

        /// <summary>Listener: our challenge or outcome is due; input waits.</summary>
        OurAnswer,

        /// <summary>Our response (client) or the client's (listener) is due.</summary>
        Response,

        Done,
    }

    /// <summary>The SASL exchange has begun and has not ended. Stays when the engine is closed in the middle of it.</summary>
    public bool IsAuthenticating => _sasl is not (SaslStep.None or SaslStep.Done);

    /// <summary>Client: chooses a mechanism. Ignored when the connection is no longer there for it.</summary>
    public void SaslInit(Symbol mechanism, byte[]? initialResponse, string? hostname)
    {
        if (!Settings.IsListener && TakeStep(SaslStep.Init, SaslStep.ServerAnswer))
        {
            WriteSasl(new SaslInit { Mechanism = mechanism, InitialResponse = initialResponse, Hostname = hostname });
        }
    }

    /// <summary>Client: answers a challenge.</summary>
    public void SaslResponse(ReadOnlySpan<byte> response)
    {
        if (!Settings.IsListener && TakeStep(SaslStep.Response, SaslStep.ServerAnswer))
        {
            WriteSasl(new SaslResponse { Response = response.ToArray() });
        }
    }

    /// <summary>Listener: asks the client for more.</summary>
    public void SaslChallenge(ReadOnlySpan<byte> challenge)
    {
        if (TakeStep(SaslStep.OurAnswer, SaslStep.Response))
        {
            WriteSasl(new SaslChallenge { Challenge = challenge.ToArray() });
        }
    }

    /// <summary>Listener: ends the exchange. With a code other than 0 the engine is closed.</summary>
    public void SaslOutcome(byte code, ReadOnlySpan<byte> additionalData = default)
    {
        if (!TakeStep(SaslStep.OurAnswer, SaslStep.Done))
        {
            return;
        }

        WriteSasl(new SaslOutcome { Code = code, AdditionalData = additionalData.IsEmpty ? null : additionalData.ToArray() });
        _saslDone = code == SaslOk;
        if (_saslDone)
        {
            Phase = EnginePhase.Header;
        }
        else
        {
            Stop(EnginePhase.Closed);
        }
    }

    private void StartSasl()
    {
        Phase = EnginePhase.Sasl;
        if (!Settings.IsListener)
        {
            _sasl = SaslStep.Mechanisms;
            return;
        }

        _sasl = SaslStep.Init;
        WriteHeader(FrameWriter.SaslHeader);
        WriteSasl(new SaslMechanisms { Mechanisms = Settings.SaslMechanisms });
    }

    /// <summary>Acts on SASL performatives only: an open inside a SASL frame is never an open (CVE-2026-114230).</summary>
    private void DispatchSasl(ulong code, ReadOnlySpan<byte> body)
    {
        AmqpReader reader = new(body);
        switch (code)
        {
            case Codes.SaslInit when Settings.IsListener && _sasl == SaslStep.Init:
                OnSaslInit(Read<SaslInit>(ref reader));
                break;
            case Codes.SaslResponse when Settings.IsListener && _sasl == SaslStep.Response:
                SaslResponse response = Read<SaslResponse>(ref reader);
                _sasl = SaslStep.OurAnswer;
                _events.OnSaslResponse(response.Response);
                break;
            case Codes.SaslMechanisms when _sasl == SaslStep.Mechanisms:
                SaslMechanisms mechanisms = Read<SaslMechanisms>(ref reader);
                _sasl = SaslStep.Init;
                _events.OnSaslMechanisms(mechanisms.Mechanisms);
                break;
            case Codes.SaslChallenge when _sasl == SaslStep.ServerAnswer:
                SaslChallenge challenge = Read<SaslChallenge>(ref reader);
                _sasl = SaslStep.Response;
                _events.OnSaslChallenge(challenge.Challenge);
                break;
            case Codes.SaslOutcome when _sasl == SaslStep.ServerAnswer:
                OnSaslOutcome(Read<SaslOutcome>(ref reader));
                break;
            default:
                FailSasl("A frame that the SASL exchange does not allow here.");
                break;
        }
    }

    private void OnSaslInit(in SaslInit init)
    {
        _sasl = SaslStep.OurAnswer;
        if (!Settings.SaslMechanisms.AsSpan().Contains(init.Mechanism))
        {
            FailSasl("The client chose a SASL mechanism that was not offered.");
            return;
        }

        _events.OnSaslInit(in init);
    }

    private void OnSaslOutcome(in SaslOutcome outcome)
    {
        _sasl = SaslStep.Done;
        if (outcome.Code != SaslOk)
        {
            Stop(EnginePhase.Closed);
        }

        _events.OnSaslOutcome(outcome.Code, outcome.AdditionalData);
        if (IsClosed)
        {
            return;
        }

        // The open is pipelined behind the header (2.4.2): one round trip less.
        _saslDone = true;
        Phase = EnginePhase.Header;
        WriteHeader(FrameWriter.AmqpHeader);
        WriteOpen();
    }

    /// <summary>A listener tells the client "auth" (5.3.3.6); then the transport is to be closed.</summary>
    private void FailSasl(string description)
    {
        if (Settings.IsListener)
        {
            WriteSasl(new SaslOutcome { Code = SaslAuth });
            Fail(new AmqpError(ErrorCondition.UnauthorizedAccess, description));
            return;
        }

        Fail(EngineErrors.Framing(description));
    }

    private bool TakeStep(SaslStep from, SaslStep to)
    {
        if (_sasl != from || Phase != EnginePhase.Sasl)
        {
            return false;
        }

        _sasl = to;
        return true;
    }

    private void WriteSasl<T>(in T performative)
        where T : struct, IComposite
    {
        FrameWriter.Write(Output, FrameHeader.SaslType, 0, in performative);
        _lastSent = _now;
        Trace(outgoing: true, 0, in performative);
    }
}
