namespace Comparison;

/// <param name="Port">Where the peer listens on 127.0.0.1.</param>
/// <param name="BodySize">Bytes of the data section.</param>
/// <param name="Window">Sends in flight, or link credit.</param>
/// <param name="Duration">How long to measure.</param>
internal sealed record RoundSpec(int Port, int BodySize, int Window, TimeSpan Duration)
{
    public byte[] NewBody()
    {
        var body = new byte[BodySize];
        Array.Fill(body, (byte)'x');
        return body;
    }
}
