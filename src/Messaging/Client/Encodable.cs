using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging.Client;

/// <summary>Finds what AMQP cannot express (types, lone surrogates, too much nesting) at the call that brings it: on the loop it would end the connection.</summary>
/// <remarks>It is encoded once, within the frame that will carry it: only there is a value as deep as it will be.</remarks>
internal static class Encodable
{
    /// <summary>Checks a state; those without an error and without a map are always right.</summary>
    /// <returns>The bytes of the largest frame that settles one delivery, or a range of them, with it; 0 where every frame holds it.</returns>
    /// <exception cref="ArgumentException">It cannot be written.</exception>
    public static int Require(DeliveryState state) => state is Rejected { Error: not null } or Modified { MessageAnnotations: not null } or TransactionalState
        ? FrameHeader.Length + Write(new Disposition { Role = true, First = uint.MaxValue, Last = uint.MaxValue, Settled = true, State = state })
        : 0;

    /// <summary>Checks an error.</summary>
    /// <exception cref="ArgumentException">It cannot be written.</exception>
    public static void Require(AmqpError? error)
    {
        if (error is not null)
            Write(new Detach { Handle = 0, Closed = true, Error = error });
    }

    /// <summary>Checks an option of a link, by the attach that it goes into.</summary>
    /// <returns>The attach as the peer will read it: nothing in it is the application's any more, however deep.</returns>
    /// <exception cref="ArgumentException">It cannot be written.</exception>
    public static Attach RequireOption(string option, Attach attach)
    {
        attach.Name ??= "";
        return RequireOption<Attach>(option, in attach);
    }

    /// <summary>Checks an option of a connection, by the open that it goes into.</summary>
    /// <returns>The open as the peer will read it: nothing in it is the application's any more, however deep.</returns>
    /// <exception cref="ArgumentException">It cannot be written.</exception>
    public static Open RequireOption(string option, Open open)
    {
        open.ContainerId ??= "";
        return RequireOption<Open>(option, in open);
    }

    private static T RequireOption<T>(string option, in T performative)
        where T : struct, IComposite
    {
        try
        {
            using var writer = new AmqpWriter();
            Composite.Write(writer, in performative);
            var reader = new AmqpReader(writer.WrittenSpan);
            return Composite.Read<T>(ref reader);
        }
        catch (Exception exception) // also what a map of the application throws while it is read
        {
            throw new ArgumentException($"{option} cannot be sent: {exception.Message}", option, exception);
        }
    }

    private static int Write<T>(in T performative)
        where T : struct, IComposite
    {
        using var writer = new AmqpWriter();
        Composite.Write(writer, in performative);
        return writer.Length;
    }
}
