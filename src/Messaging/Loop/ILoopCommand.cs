namespace Messaging.Loop;

/// <summary>What a caller wants from the loop: an intent, never bytes.</summary>
internal interface ILoopCommand
{
    /// <summary>Runs on the loop, as the only code that touches the engine at that moment.</summary>
    void Execute();

    /// <summary>The loop has stopped before it came to this command. May run on any thread.</summary>
    void Abandon(MessagingException reason);
}
