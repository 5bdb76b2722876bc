namespace Messaging.Client;

/// <summary>Names for links that the application does not name: unique, so that two senders to one address never steal each other's link.</summary>
internal static class LinkNames
{
    public static string Next() => $"link-{Guid.NewGuid():N}";
}
