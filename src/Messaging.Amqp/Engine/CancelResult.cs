namespace Messaging.Amqp.Engine;

/// <summary>What became of a delivery that was cancelled.</summary>
internal enum CancelResult : byte
{
    /// <summary>No frame of it was written; it is out of the queue.</summary>
    NotSent,

    /// <summary>It was partly written and is aborted (2.6.14): the receiver never sees it.</summary>
    Aborted,

    /// <summary>Its last frame was written already (or it was never enqueued): nothing changed.</summary>
    TooLate,
}
