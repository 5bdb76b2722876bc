namespace Messaging.Client;

/// <summary>The end of a connection that takes its time: no more messages come in, and what is under way may finish.</summary>
internal sealed class GracefulClose(Connection connection)
{
    private static readonly TimeSpan Handshake = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time = connection.Loop.Settings.TimeProvider;

    public async ValueTask<CloseReport> RunAsync(TimeSpan deadline, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(deadline, TimeSpan.Zero);
        long started = _time.GetTimestamp();
        Connection[] all = [connection, .. connection.Redirected];
        LinkEndpoint[][] links = await Task.WhenAll(all.Select(LinksAsync)).ConfigureAwait(false);
        using (var timeout = new CancellationTokenSource(deadline, _time))
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken))
        {
            await Task.WhenAll(links.SelectMany(static own => own).Select(link => StopAsync(link, both.Token))).ConfigureAwait(false);
        }

        LinkRemains[] remains = [.. (await Task.WhenAll(all.Zip(links, RemainsAsync)).ConfigureAwait(false)).SelectMany(static own => own)];
        using var handshake = new CancellationTokenSource(Handshake, _time);
        try
        {
            await connection.CloseAsync(error: null, waits: false, handshake.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The peer does not answer the close: the loop was told to stop at once.
        }

        return new CloseReport(
            remains.Sum(link => link.Unsent),
            remains.Sum(link => link.InDoubt),
            remains.Sum(link => link.Unsettled),
            remains.Sum(link => link.Released),
            _time.GetElapsedTime(started));
    }

    private static async Task StopAsync(LinkEndpoint link, CancellationToken cancellationToken)
    {
        try
        {
            await link.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or MessagingException)
        {
            // Its time is over, or it has ended: what is left of it stands in the report.
        }
    }

    /// <summary>The application's links of one connection, on which nothing new begins from here on.</summary>
    private static async Task<LinkEndpoint[]> LinksAsync(Connection connection)
    {
        try
        {
            return await connection.Loop.InvokeAsync(() =>
            {
                connection.IsStopping = true;
                return connection.Sessions.Where(static session => !session.IsInternal).SelectMany(static session => session.Links).ToArray();
            }).ConfigureAwait(false);
        }
        catch (MessagingException)
        {
            return []; // the connection has ended
        }
    }

    private static async Task<LinkRemains[]> RemainsAsync(Connection connection, LinkEndpoint[] links)
    {
        try
        {
            return await connection.Loop.InvokeAsync(() => links.Select(link => link.Remains).ToArray()).ConfigureAwait(false);
        }
        catch (MessagingException)
        {
            // The connection has ended meanwhile, and its links have counted what failed with it: nothing changes them any more.
            await connection.Loop.Stopped.ConfigureAwait(false);
            return [.. links.Select(link => link.Remains)];
        }
    }
}

/// <summary>What a link has not finished.</summary>
internal readonly record struct LinkRemains(int Unsent = 0, int InDoubt = 0, int Unsettled = 0, int Released = 0);
