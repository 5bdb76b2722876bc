using System.Collections.Frozen;

namespace Messaging.Amqp.Framing;

/// <summary>Maps the symbolic descriptors, which some peers send, to the numeric ones.</summary>
internal static class DescriptorNames
{
    private static readonly FrozenDictionary<Symbol, ulong> ByName = new Dictionary<Symbol, ulong>(
    [
        Of<Open>(), Of<Begin>(), Of<Attach>(), Of<Flow>(), Of<Transfer>(), Of<Disposition>(), Of<Detach>(), Of<End>(), Of<Close>(),
        Of<SaslMechanisms>(), Of<SaslInit>(), Of<SaslChallenge>(), Of<SaslResponse>(), Of<SaslOutcome>(),
        Of<ErrorFields>(), Of<ReceivedFields>(), Of<AcceptedFields>(), Of<RejectedFields>(), Of<ReleasedFields>(), Of<ModifiedFields>(),
        Of<DeclaredFields>(), Of<TransactionalStateFields>(), Of<SourceFields>(), Of<TargetFields>(), Of<CoordinatorFields>(),
        Of<MessageHeader>(), Of<MessageProperties>(),
        new("amqp:delivery-annotations:map", Codes.DeliveryAnnotations),
        new("amqp:message-annotations:map", Codes.MessageAnnotations),
        new("amqp:application-properties:map", Codes.ApplicationProperties),
        new("amqp:data:binary", Codes.Data),
        new("amqp:amqp-sequence:list", Codes.AmqpSequence),
        new("amqp:amqp-value:*", Codes.AmqpValue),
        new("amqp:footer:map", Codes.Footer),
        new("amqp:delete-on-close:list", Codes.DeleteOnClose),
        new("amqp:delete-on-no-links:list", Codes.DeleteOnNoLinks),
        new("amqp:delete-on-no-messages:list", Codes.DeleteOnNoMessages),
        new("amqp:delete-on-no-links-or-messages:list", Codes.DeleteOnNoLinksOrMessages),
        new("amqp:declare:list", Codes.Declare),
        new("amqp:discharge:list", Codes.Discharge),
    ]).ToFrozenDictionary();

    /// <summary>The numeric form of a descriptor. False for a symbolic one that the specification does not have.</summary>
    public static bool TryGetCode(in Descriptor descriptor, out ulong code)
    {
        if (descriptor.IsSymbolic)
            return ByName.TryGetValue(descriptor.Name, out code);

        code = descriptor.Code;
        return true;
    }

    /// <summary>The bare name: "open" of "amqp:open:list".</summary>
    public static string Short(Symbol name)
    {
        string[] parts = name.Value.Split(':');
        return parts.Length == 3 ? parts[1] : name.Value;
    }

    private static KeyValuePair<Symbol, ulong> Of<T>()
        where T : IComposite, allows ref struct => new(T.Name, T.Code);
}
