namespace Messaging.Amqp.Engine;

/// <summary>
/// RFC 1982 arithmetic for transfer-ids, delivery-ids and delivery-counts (AMQP 1.0 part 2, 2.8.10): they wrap at 2^32, and only values less than
/// 2^31 apart can be compared.
/// </summary>
internal static class SerialNumber
{
    /// <summary>How far <paramref name="to"/> is ahead of <paramref name="from"/>; negative when it is behind.</summary>
    public static int Distance(uint from, uint to) => unchecked((int)(to - from));
}
