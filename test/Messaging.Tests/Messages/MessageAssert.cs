using System.Collections;

namespace Messaging.Tests.Messages;

/// <summary>Compares messages section by section.</summary>
internal static class MessageAssert
{
    public static void Same(Message expected, Message actual)
    {
        SameHead(expected, actual);
        SameBare(expected, actual);
    }

    public static void SameHead(Message expected, Message actual)
    {
        Assert.Equal(expected.Durable, actual.Durable);
        Assert.Equal(expected.Priority, actual.Priority);
        Assert.Equal(expected.TimeToLive, actual.TimeToLive);
        Assert.Equal(expected.FirstAcquirer, actual.FirstAcquirer);
        Assert.Equal(expected.DeliveryCount, actual.DeliveryCount);
        SameMap(expected.DeliveryAnnotations, actual.DeliveryAnnotations);
        SameMap(expected.MessageAnnotations, actual.MessageAnnotations);
    }

    public static void SameBare(Message expected, Message actual)
    {
        Assert.Equal(expected.MessageId, actual.MessageId);
        Assert.Equal(expected.UserId, actual.UserId);
        Assert.Equal(expected.To, actual.To);
        Assert.Equal(expected.Subject, actual.Subject);
        Assert.Equal(expected.ReplyTo, actual.ReplyTo);
        Assert.Equal(expected.CorrelationId, actual.CorrelationId);
        Assert.Equal(expected.ContentType, actual.ContentType);
        Assert.Equal(expected.ContentEncoding, actual.ContentEncoding);
        Assert.Equal(expected.AbsoluteExpiryTime, actual.AbsoluteExpiryTime);
        Assert.Equal(expected.CreationTime, actual.CreationTime);
        Assert.Equal(expected.GroupId, actual.GroupId);
        Assert.Equal(expected.GroupSequence, actual.GroupSequence);
        Assert.Equal(expected.ReplyToGroupId, actual.ReplyToGroupId);
        SameMap(expected.ApplicationProperties, actual.ApplicationProperties);
        SameMap(expected.Footer, actual.Footer);
        SameBody(expected, actual);
    }

    public static void SameBody(Message expected, Message actual)
    {
        Assert.Equal(expected.BodyKind, actual.BodyKind);
        if (expected.BodyKind == MessageBodyKind.Value)
            Wire.SameValue(expected.Body, actual.Body);
        Assert.Equal(ToHexString(expected), ToHexString(actual));
        Assert.Equal(expected.SequenceSections.Count, actual.SequenceSections.Count);
        foreach ((IList one, IList other) in expected.SequenceSections.Zip(actual.SequenceSections))
            Wire.SameValue(one.Cast<object?>().ToList(), other.Cast<object?>().ToList());
    }

    private static string ToHexString(Message message) => string.Join(' ', message.DataSections.Select(section => Convert.ToHexString(section.Span)));

    private static void SameMap<TKey>(IDictionary<TKey, object?> expected, IDictionary<TKey, object?> actual)
        where TKey : notnull
    {
        Assert.Equal(expected.Keys, actual.Keys);
        foreach ((TKey key, object? value) in expected)
            Wire.SameValue(value, actual[key]);
    }
}
