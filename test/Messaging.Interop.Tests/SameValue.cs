using System.Collections;
using Messaging.Amqp;

namespace Messaging.Interop.Tests;

/// <summary>Equality of AMQP values: type and content, order of maps included.</summary>
internal static class SameValue
{
    public static void Assert(object? expected, object? actual)
    {
        Xunit.Assert.Equal(expected?.GetType(), actual?.GetType());
        switch (expected, actual)
        {
            case (Described e, Described a):
                Assert(e.Descriptor, a.Descriptor);
                Assert(e.Value, a.Value);
                break;
            case (IDictionary e, IDictionary a):
                AssertItems(e.Keys, a.Keys);
                AssertItems(e.Values, a.Values);
                break;
            case (AmqpArray e, AmqpArray a):
                Xunit.Assert.Equal(e.ElementFormatCode, a.ElementFormatCode);
                AssertItems(e.Descriptors, a.Descriptors);
                AssertItems(e, a);
                break;
            case (byte[] e, byte[] a):
                Xunit.Assert.Equal(e, a);
                break;
            case (IList e, IList a):
                AssertItems(e, a);
                break;
            default:
                Xunit.Assert.Equal(expected, actual);
                break;
        }
    }

    private static void AssertItems(IEnumerable expected, IEnumerable actual)
    {
        object?[] e = [.. expected.Cast<object?>()], a = [.. actual.Cast<object?>()];
        Xunit.Assert.Equal(e.Length, a.Length);
        for (var i = 0; i < e.Length; i++)
            Assert(e[i], a[i]);
    }
}
