using System.Buffers;

namespace Messaging;

/// <summary>Memory over a pooled array that can be taken back: later use throws, also through sequences and memories that were handed out before.</summary>
/// <remarks>Only a span or a pin taken before <see cref="Expire"/> and used after it escapes the check, as with every pooled memory.</remarks>
internal sealed class PayloadView(byte[] array, int length) : MemoryManager<byte>
{
    private volatile byte[]? _array = array;

    public bool IsExpired => _array is null;

    public void Expire() => _array = null;

    public override Span<byte> GetSpan() => Live().AsSpan(0, length);

    public override MemoryHandle Pin(int elementIndex = 0) => Live().AsMemory(0, length)[elementIndex..].Pin();

    public override void Unpin()
    {
        // The handle that Pin gave out unpins the array by itself.
    }

    protected override void Dispose(bool disposing) => Expire();

    private byte[] Live() => _array ?? throw MessageErrors.ViewExpired();
}
