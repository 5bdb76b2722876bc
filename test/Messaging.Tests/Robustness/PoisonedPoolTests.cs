using System.Buffers;
using Messaging.Amqp;
using Messaging.Tests.Support;

namespace Messaging.Tests.Robustness;

/// <summary>What the application still holds is its own: whoever gets the memory next, and whatever is written there, does not change it.</summary>
public sealed class PoisonedPoolTests
{
    private const int Count = 400;
    private static readonly int[] Sizes = [10, 1_000, 20_000, 70_000];

    [Fact]
    public async Task Messages_KeptAfterTheStream_DoNotChangeWhenTheirMemoryIsUsedAgain()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();
        Task sending = BoundedWaits.Run(async () =>
        {
            for (int i = 0; i < Count; i++)
                await sender.SendAsync(new Message(Content(i)) { Subject = $"subject {i}" }, BoundedWaits.Stop);
        });

        List<Message> kept = [];
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(Count, BoundedWaits.Stop))
        {
            Message message = delivery.Message;
            if (kept.Count % 4 == 0)
                _ = message.Body; // read in time
            else if (kept.Count % 4 == 1)
                _ = message.Subject; // the body is read later
            else if (kept.Count % 4 == 2)
                message = message.ToOwned();
            kept.Add(message);
        }

        await sending.Bounded();
        Poison();

        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(Content(i), (byte[])kept[i].Body!);
            Assert.Equal($"subject {i}", kept[i].Subject);
        }
    }

    private static byte[] Content(int i)
    {
        byte[] content = new byte[Sizes[i % Sizes.Length]];
        new Random(i).NextBytes(content);
        return content;
    }

    /// <summary>Overwrites everything that lies in the pools.</summary>
    private static void Poison()
    {
        foreach (ArrayPool<byte> pool in (ArrayPool<byte>[])[ArrayPool<byte>.Shared, BufferPool.Instance])
        {
            foreach (int size in (int[])[64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 65_536, 131_072, 262_144])
            {
                byte[][] rented = [.. Enumerable.Range(0, 64).Select(_ => pool.Rent(size))];
                foreach (byte[] array in rented)
                {
                    Array.Fill(array, (byte)0xDD);
                    pool.Return(array);
                }
            }
        }
    }
}
