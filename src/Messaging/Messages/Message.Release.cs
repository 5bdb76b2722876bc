namespace Messaging;

/// <content>The end of a received message's hold on pooled memory.</content>
public sealed partial class Message
{
    /// <summary>The stream advanced, the delivery was disposed, or the message was never handed out. Later calls do nothing; never throws.</summary>
    /// <param name="taken">Whether the application ever got the message.</param>
    /// <remarks>
    /// Not taken: the block goes back. Taken and the body was read, or only viewed: the other sections are kept and the block goes back. Taken and
    /// neither: the block is left to the garbage collector, and everything stays readable.
    /// </remarks>
    internal void Release(bool taken)
    {
        Enter();
        try
        {
            _sections?.View?.Expire();
            if (_source is PayloadBlock block)
                ReleaseLocked(block, taken);
        }
        finally
        {
            Exit();
        }
    }

    private void ReleaseLocked(PayloadBlock block, bool taken)
    {
        if (!taken)
        {
            _source = null;
            _state |= MessageState.BodyGone;
            block.Return();
        }
        else if (!Has(MessageState.BodyDecoded) && _sections?.View is null)
        {
            _source = block.Detach();
        }
        else
        {
            KeepSectionsLocked(block);
            _state |= MessageState.BodyGone;
            block.Return();
        }
    }

    // Bytes instead of objects: nothing is decoded that nobody may read, and nothing can fail here.
    private void KeepSectionsLocked(PayloadBlock block)
    {
        const MessageState Others = MessageState.HeadDecoded | MessageState.TailDecoded;
        if (_map.HeadLength + _map.TailLength == 0)
            _state |= Others;
        if ((_state & Others) == Others)
        {
            _source = null;
            return;
        }

        byte[] kept = new byte[_map.HeadLength + _map.TailLength];
        block.Array.AsSpan(_map.Start, _map.BodyStart - _map.Start).CopyTo(kept);
        block.Array.AsSpan(_map.BodyEnd, _map.End - _map.BodyEnd).CopyTo(kept.AsSpan(_map.BodyStart - _map.Start));
        _source = kept;
        _map = _map.WithoutBody();
    }
}
