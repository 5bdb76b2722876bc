using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Framing;

/// <summary>What the tests do alike with every composite.</summary>
internal abstract class CompositeCase
{
    public static readonly IReadOnlyList<CompositeCase> All =
    [
        new CompositeCase<Open>(), new CompositeCase<Begin>(), new CompositeCase<Attach>(), new CompositeCase<Flow>(), new CompositeCase<Transfer>(),
        new CompositeCase<Disposition>(), new CompositeCase<Detach>(), new CompositeCase<End>(), new CompositeCase<Close>(),
        new CompositeCase<SaslMechanisms>(), new CompositeCase<SaslInit>(), new CompositeCase<SaslChallenge>(), new CompositeCase<SaslResponse>(), new CompositeCase<SaslOutcome>(),
        new CompositeCase<ErrorFields>(), new CompositeCase<SourceFields>(), new CompositeCase<TargetFields>(), new CompositeCase<CoordinatorFields>(),
        new CompositeCase<ReceivedFields>(), new CompositeCase<AcceptedFields>(), new CompositeCase<RejectedFields>(), new CompositeCase<ReleasedFields>(),
        new CompositeCase<ModifiedFields>(), new CompositeCase<DeclaredFields>(), new CompositeCase<TransactionalStateFields>(),
        new CompositeCase<MessageHeader>(), new CompositeCase<MessageProperties>(),
    ];

    public static CompositeCase Of(string name) => All.Single(c => c.ShortName == name);

    public string ShortName => DescriptorNames.Short(Name);

    public abstract Symbol Name { get; }

    public abstract ulong Code { get; }

    public abstract IReadOnlyList<(string Name, bool Mandatory)> Fields { get; }

    /// <summary>A random composite, encoded; and as a trace shows it.</summary>
    public abstract byte[] Random(Random random, out string printed);

    /// <summary>Reads and prints the input, which may have bytes behind the composite.</summary>
    public abstract void Read(ReadOnlySpan<byte> encoded);

    /// <summary>Reads the whole input and writes what was read.</summary>
    public abstract byte[] Rewrite(ReadOnlySpan<byte> encoded, out string printed);
}

internal sealed class CompositeCase<T> : CompositeCase
    where T : struct, IComposite, allows ref struct
{
    public override Symbol Name => T.Name;

    public override ulong Code => T.Code;

    public override IReadOnlyList<(string Name, bool Mandatory)> Fields { get; } = FieldCatalog.Of<T>();

    public override byte[] Random(Random random, out string printed)
    {
        T value = RandomFields.Create<T>(random);
        printed = Composite.Print(value);
        return Encode(value);
    }

    public override void Read(ReadOnlySpan<byte> encoded)
    {
        AmqpReader reader = new(encoded);
        T value = Composite.Read<T>(ref reader);
        Assert.NotEmpty(Composite.Print(value));
    }

    public override byte[] Rewrite(ReadOnlySpan<byte> encoded, out string printed)
    {
        AmqpReader reader = new(encoded);
        T value = Composite.Read<T>(ref reader);
        Assert.True(reader.End);
        printed = Composite.Print(value);
        return Encode(value);
    }

    private static byte[] Encode(in T value)
    {
        using AmqpWriter writer = new();
        Composite.Write(writer, value);
        return writer.WrittenSpan.ToArray();
    }
}
