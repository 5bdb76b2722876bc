using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Messaging.Amqp.Engine;

/// <summary>
/// The unsettled deliveries of a session in one direction, by delivery-id. Ids come mostly in sequence, so a power-of-two table addressed by the low bits
/// has next to no collisions and no per-entry allocation. Collisions are kept in the order of their home slots (Robin Hood probing): a search or a
/// deletion ends at the first entry that is at home, and not only behind the one long run that ids in sequence make. A peer that picks its ids so that they
/// collide gets a table whose homes are a secret.
/// </summary>
internal sealed class DeliveryMap<T>
    where T : class
{
    private const int MinCapacity = 16;

    /// <summary>So many entries are never passed or moved by an insertion of ids that come mostly in sequence.</summary>
    private const int MaxSteps = 64;

    private Entry[] _entries = new Entry[MinCapacity];
    private uint _secret; // 0: the low bits of an id are its home

    public int Count { get; private set; }

    /// <summary>Whether the homes are a secret.</summary>
    internal bool IsScattered => _secret != 0;

    /// <summary>Adds an entry; <see langword="false"/> when the id is taken.</summary>
    public bool TryAdd(uint id, T value)
    {
        if (Find(id) >= 0)
        {
            return false;
        }

        if (++Count * 2 > _entries.Length)
        {
            Resize(_entries.Length * 2);
        }

        if (Insert(new Entry(id, value)) > MaxSteps && !IsScattered)
        {
            Scatter();
        }

        return true;
    }

    public bool TryGet(uint id, [NotNullWhen(true)] out T? value)
    {
        int slot = Find(id);
        value = slot < 0 ? null : _entries[slot].Value;
        return value is not null;
    }

    public bool Remove(uint id)
    {
        int slot = Find(id);
        if (slot < 0)
        {
            return false;
        }

        CloseGap(slot);
        Count--;
        return true;
    }

    public void Clear()
    {
        Array.Clear(_entries);
        Count = 0;
    }

    /// <summary>
    /// The ids between <paramref name="first"/> and <paramref name="last"/> that are in the map, in order, in <paramref name="buffer"/> (grown as
    /// needed). The work follows the entries, never the width of the range: a peer may name 2^31 ids (CVE-2026-66276). A range that runs backwards is empty.
    /// </summary>
    public int Collect(uint first, uint last, ref uint[] buffer)
    {
        if (Count == 0 || SerialNumber.Distance(first, last) < 0)
        {
            return 0;
        }

        Reserve(ref buffer);
        uint width = unchecked(last - first);
        return width < (uint)Count ? CollectByIds(first, width, buffer) : CollectByEntries(first, width, buffer);
    }

    /// <summary>All ids in the map, in no order.</summary>
    public int CollectAll(ref uint[] buffer)
    {
        Reserve(ref buffer);
        return Scan(0, uint.MaxValue, buffer);
    }

    private int CollectByIds(uint first, uint width, uint[] buffer)
    {
        int found = 0;
        for (uint offset = 0; offset <= width; offset++)
        {
            uint id = unchecked(first + offset);
            if (Find(id) >= 0)
            {
                buffer[found++] = id;
            }
        }

        return found;
    }

    private int CollectByEntries(uint first, uint width, uint[] buffer)
    {
        if (Count * 16 < _entries.Length)
        {
            Resize(_entries.Length / 8); // after a burst: the scan is to cost what is in the map, not what once was
        }

        int found = Scan(first, width, buffer);
        Span<uint> ids = buffer.AsSpan(0, found);
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = unchecked(ids[i] - first); // sorted as distances: the range may wrap
        }

        ids.Sort();
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = unchecked(ids[i] + first);
        }

        return found;
    }

    private int Scan(uint first, uint width, uint[] buffer)
    {
        int found = 0;
        foreach (ref readonly Entry entry in _entries.AsSpan())
        {
            if (entry.Value is not null && unchecked(entry.Id - first) <= width)
            {
                buffer[found++] = entry.Id;
            }
        }

        return found;
    }

    private void Reserve(ref uint[] buffer)
    {
        if (buffer.Length < Count)
        {
            buffer = new uint[_entries.Length];
        }
    }

    /// <summary>The slot of the id, or -1.</summary>
    private int Find(uint id)
    {
        Entry[] entries = _entries;
        int mask = entries.Length - 1;
        int slot = Home(id) & mask;
        for (int distance = 0; entries[slot].Value is not null && FromHome(in entries[slot], slot, mask) >= distance; distance++)
        {
            if (entries[slot].Id == id)
            {
                return slot;
            }

            slot = (slot + 1) & mask;
        }

        return -1;
    }

    /// <summary>Puts the entry where it belongs; an entry that is nearer to its home makes room and moves on.</summary>
    /// <returns>How many entries were in the way.</returns>
    private int Insert(Entry entry)
    {
        int steps = 0;
        Entry[] entries = _entries;
        int mask = entries.Length - 1;
        int slot = Home(entry.Id) & mask;
        for (int distance = 0; entries[slot].Value is not null; distance++, steps++)
        {
            int other = FromHome(in entries[slot], slot, mask);
            if (other < distance)
            {
                (entry, entries[slot]) = (entries[slot], entry);
                distance = other;
            }

            slot = (slot + 1) & mask;
        }

        entries[slot] = entry;
        return steps;
    }

    /// <summary>Moves the entries behind the gap back, as far as they are away from home.</summary>
    private void CloseGap(int gap)
    {
        Entry[] entries = _entries;
        int mask = entries.Length - 1;
        int next = (gap + 1) & mask;
        while (entries[next].Value is not null && FromHome(in entries[next], next, mask) > 0)
        {
            entries[gap] = entries[next];
            gap = next;
            next = (next + 1) & mask;
        }

        entries[gap] = default;
    }

    private int FromHome(in Entry entry, int slot, int mask) => (slot - Home(entry.Id)) & mask;

    private int Home(uint id) => (int)(_secret == 0 ? id : Mix(id ^ _secret));

    /// <summary>Every bit of the id reaches every bit of the result (the finalizer of MurmurHash3).</summary>
    private static uint Mix(uint id)
    {
        id = unchecked((id ^ (id >> 16)) * 0x85EB_CA6B);
        id = unchecked((id ^ (id >> 13)) * 0xC2B2_AE35);
        return id ^ (id >> 16);
    }

    private void Scatter()
    {
        _secret = (uint)Random.Shared.Next(1, int.MaxValue);
        Resize(_entries.Length);
    }

    private void Resize(int capacity)
    {
        Entry[] old = _entries;
        _entries = new Entry[Math.Max(capacity, MinCapacity)];
        foreach (ref readonly Entry entry in old.AsSpan())
        {
            if (entry.Value is not null)
            {
                Insert(entry);
            }
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly struct Entry(uint id, T value)
    {
        public readonly uint Id = id;
        public readonly T? Value = value;
    }
}
