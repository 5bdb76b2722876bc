namespace Messaging.Loop;

/// <summary>What a loop tells the connection it serves; always on the loop.</summary>
internal interface ILoopListener : Amqp.Engine.IEngineEvents
{
    /// <summary>What was written so far is being flushed.</summary>
    void OnFlushing();

    /// <summary>What was being flushed has reached the transport: pre-settled sends in it are done.</summary>
    void OnFlushed();

    /// <summary>Fails what has waited too long.</summary>
    /// <returns>The next deadline in milliseconds of the loop's clock, or <see cref="long.MaxValue"/>.</returns>
    long CheckDeadlines(long now);

    /// <summary>A line has ended.</summary>
    /// <returns>Whether the loop goes on without one, and waits for the next; else it stops for the same reason.</returns>
    bool OnLineEnded(CloseReason reason);

    /// <summary>The loop has ended; every pending operation ends with the reason.</summary>
    void OnStopped(CloseReason reason);
}
