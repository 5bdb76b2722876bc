namespace Messaging.Client;

/// <summary>Who opens the lines of a connection, one after the other.</summary>
internal interface ISupervisor
{
    /// <summary>Whether an open connection that ended for this reason is to be opened anew. Runs on the loop.</summary>
    bool ShouldRecover(CloseReason reason);

    /// <summary>A line is open. Runs on the loop.</summary>
    void OnOpened();

    /// <summary>Opens a new line, again and again; returns at once. Runs on the loop.</summary>
    void Recover(CloseReason reason);

    /// <summary>Where the delays of one link or session begin; null when nothing is recovered.</summary>
    Recovery.BackOff? CreateBackOff();

    /// <summary>The room for sends while there is no connection.</summary>
    Recovery.OfflineRoom CreateRoom();

    /// <summary>How often a link that is being created may be redirected.</summary>
    int MaxRedirects { get; }

    /// <summary>The connection on which a redirected link is to be attached; null when the redirect is not to be followed.</summary>
    /// <exception cref="LinkException">The server cannot be reached.</exception>
    ValueTask<Connection?> FollowAsync(Messaging.Amqp.AmqpError error, CancellationToken cancellationToken);

    /// <summary>The connections that redirected links have led to. From any thread.</summary>
    IReadOnlyCollection<Connection> Redirected { get; }

    /// <summary>Closes the connections that redirected links have led to. Never throws.</summary>
    /// <param name="waits">Whether sends in flight may finish.</param>
    Task CloseRedirectsAsync(bool waits);

    /// <summary>The application closes the connection: attempts end. From any thread.</summary>
    void Stop();
}
