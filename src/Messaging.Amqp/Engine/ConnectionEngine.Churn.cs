namespace Messaging.Amqp.Engine;

/// <content>A peer that opens and closes and never sends: it costs us more than itself, and no other limit stops it (HTTP/2's "rapid reset", CVE-2023-44487).</content>
internal sealed partial class ConnectionEngine
{
    /// <summary>Over how long the peer's sessions and links that came and went are counted, in milliseconds.</summary>
    internal const long ChurnPeriod = 10_000;

    /// <summary>Sessions and links that one message excuses: a peer may open a session and links for each, not thousands.</summary>
    private const uint PaidByAMessage = 16;

    private uint _churn;
    private long _churnEnd;

    /// <summary>The peer has ended a session or link that it had begun itself.</summary>
    internal void CountChurn()
    {
        if (_now >= _churnEnd)
        {
            _churn = 0;
            _churnEnd = _now + ChurnPeriod;
        }

        _churn++;
        if (Settings.MaxChurn != 0 && _churn > Settings.MaxChurn)
        {
            Fail(new AmqpError(
                ErrorCondition.ResourceLimitExceeded,
                $"More than {Settings.MaxChurn} sessions and links were begun and ended within {ChurnPeriod / 1000} seconds without messages."));
        }
    }

    /// <summary>A message in either direction: the peer works.</summary>
    internal void ForgiveChurn() => _churn -= Math.Min(_churn, PaidByAMessage);
}
