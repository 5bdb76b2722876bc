using CsCheck;

namespace Messaging.Amqp.Tests.Types;

public class RoundTripTests
{
    [Fact]
    public void ReadValue_AnyScalar_GivesTheCanonicalValue() => ValueGen.Scalars.Sample(AssertRoundTrip, iter: 20_000);

    [Fact]
    public void ReadValue_AnyNestedValue_GivesTheCanonicalValue() => ValueGen.Values.Sample(AssertRoundTrip, iter: 4_000);

    [Fact]
    public void WriteValue_CanonicalValue_GivesTheSameBytesAgain() => ValueGen.Values.Sample(
        value =>
        {
            byte[] first = Codec.Encode(Codec.Decode(Codec.Encode(value)));

            byte[] second = Codec.Encode(Codec.Decode(first));

            Assert.Equal(first, second);
        },
        iter: 2_000);

    [Fact]
    public void Skip_AnyValue_StopsBehindIt() => ValueGen.Values.Sample(
        value =>
        {
            byte[] bytes = [.. Codec.Encode(value), FormatCode.Null];
            AmqpReader reader = new(bytes);

            reader.Skip();

            Assert.Equal(1, reader.Remaining);
        },
        iter: 2_000);

    [Fact]
    public void ReadValue_EveryTruncation_IsRefusedWithDecodeError() => ValueGen.Values.Sample(
        value =>
        {
            byte[] bytes = Codec.Encode(value);
            for (int length = 0; length < bytes.Length; length += bytes.Length > 600 ? 1 + (length % 37) : 1)
            {
                byte[] part = bytes[..length];

                Codec.Refuses(part);
                Assert.Throws<AmqpCodecException>(() => new AmqpReader(part).Skip());
            }
        },
        iter: 300);

    private static void AssertRoundTrip(object? value)
    {
        string expected = ValueText.Of(Canonical.Of(value));

        string actual = ValueText.Of(Codec.Decode(Codec.Encode(value)));

        Assert.Equal(expected, actual);
    }
}
