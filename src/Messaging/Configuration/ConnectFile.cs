using Microsoft.Extensions.Logging;

namespace Messaging.Configuration;

/// <summary>The connection options of the deployment: those of the first connect.json that is found, else the defaults of its table. Read anew each time, so that a changed file counts.</summary>
internal sealed class ConnectFile(ConnectFilePlaces places, ILogger logger)
{
    private const int MostBytes = 1024 * 1024;

    /// <exception cref="FileNotFoundException">The environment names a file that does not exist.</exception>
    /// <exception cref="FormatException">The file is too large, is not JSON, or has a wrong key or value.</exception>
    public async ValueTask<ConnectionOptions> ReadOptionsAsync(CancellationToken cancellationToken)
    {
        if (places.Find() is not { } file)
        {
            ConnectFileLog.NoFile(logger, ConnectionSettings.DefaultUrl);
            return new ConnectionSettings().ToOptions();
        }

        byte[] content = await ReadAsync(file, cancellationToken).ConfigureAwait(false);
        ConnectionOptions options = ConnectFileReader.Read(file, content);
        ConnectFileLog.Read(logger, file);
        return options;
    }

    private static async ValueTask<byte[]> ReadAsync(string file, CancellationToken cancellationToken)
    {
        var stream = new FileStream(file, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan, Share = FileShare.ReadWrite | FileShare.Delete });
        await using (stream.ConfigureAwait(false))
        {
            using var content = new MemoryStream();
            byte[] chunk = new byte[8192];
            int count;
            while ((count = await stream.ReadAsync(chunk, cancellationToken).ConfigureAwait(false)) > 0)
            {
                if (content.Length + count > MostBytes)
                    throw new FormatException($"The file '{file}' is larger than {MostBytes} bytes: a connect.json file is not.");
                content.Write(chunk, 0, count);
            }

            return content.ToArray();
        }
    }
}
