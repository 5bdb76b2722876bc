namespace Messaging.Testing;

/// <summary>Calls on a connection that dies now and then.</summary>
internal static class Retries
{
    /// <summary>Creates a link: that is not retried by the SDK when its connection is lost on the way.</summary>
    public static async Task<T> CreateAsync<T>(Func<ValueTask<T>> create)
    {
        while (true)
        {
            try
            {
                return await create().Bounded();
            }
            catch (MessagingException exception) when (exception.IsTransient)
            {
                // The connection comes back.
            }
        }
    }
}
