namespace Messaging.Testing.Interleaving;

/// <summary>What runs between the steps of an interleaving, and by which clock.</summary>
public interface ISchedule
{
    TimeProvider Time { get; }

    /// <summary>Begins a call, in the surroundings that its continuations are to have.</summary>
    void Begin(Action call);

    /// <summary>Lets others run.</summary>
    /// <param name="turns">For how long.</param>
    /// <param name="until">No longer than until this has ended.</param>
    Task TurnsAsync(int turns, Task? until = null);

    /// <summary>Lets others run until this has ended.</summary>
    /// <exception cref="TimeoutException">It has not, by the clock.</exception>
    Task UntilAsync(Task end, TimeSpan bound);

    /// <summary>Tells what happened, in its order.</summary>
    void Note(string what);
}
