using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Storage.Cache;

/// <summary>What is kept of a version beside its key and its body.</summary>
internal readonly record struct EntryHead(long Sid, long Owner, long LastUpdated, int Version, byte Method);

/// <summary>
/// Versions one behind the other in one array, which costs no object each and which the garbage collector does not look into. When room is needed
/// the oldest goes, unless it was found since it was put in: then it goes to the front once more. Used by one thread at a time.
/// </summary>
internal sealed class EntryRing(int capacity)
{
    /// <summary>How many found ones go to the front while room is made for one entry: nobody waits for a whole round.</summary>
    private const int MostSpared = 8;

    private static readonly int HeaderSize = Unsafe.SizeOf<Header>();

    // A hash met by two keys keeps one of them.
    private readonly Dictionary<int, int> places = [];
    private byte[] ring = [];
    private int head;
    private int tail;
    private int end;
    private int used;

    private enum State : byte
    {
        Kept,
        Found,
        Gone,
    }

    public void Put(int hash, ResourceKey key, in EntryHead entry, ReadOnlySpan<byte> body)
    {
        Remove(hash);
        var length = (HeaderSize + key.Id.Length + body.Length + 7) & ~7;
        if (length > capacity / 4)
            return;
        if (ring.Length == 0)
            Reset(GC.AllocateUninitializedArray<byte>(capacity));

        MakeRoom(length, MostSpared);
        var to = Append(hash, length);
        ref var header = ref HeaderAt(to);
        header = new Header
        {
            Entry = entry,
            Length = length,
            Hash = hash,
            BodyLength = body.Length,
            Type = (short)ResourceTypes.NumberOf(key.Type),
            IdLength = (byte)key.Id.Length,
        };
        Encoding.ASCII.GetBytes(key.Id, IdOf(to));
        body.CopyTo(BodyOf(to));
    }

    /// <summary>A copy of the body in a rented array; null when the key is not here.</summary>
    public byte[]? Find(int hash, ResourceKey key, out EntryHead entry, out int length)
    {
        (entry, length) = (default, 0);
        if (!places.TryGetValue(hash, out var at))
            return null;
        ref var header = ref HeaderAt(at);
        if (header.Type != ResourceTypes.NumberOf(key.Type) || !Ascii.Equals(IdOf(at), key.Id))
            return null;

        header.State = State.Found;
        (entry, length) = (header.Entry, header.BodyLength);
        var copy = ArrayPool<byte>.Shared.Rent(length);
        BodyOf(at).CopyTo(copy);
        return copy;
    }

    /// <summary>Takes out what has this hash, whichever key it is.</summary>
    public void Remove(int hash)
    {
        if (places.Remove(hash, out var at))
            HeaderAt(at).State = State.Gone;
    }

    public void Clear()
    {
        places.Clear();
        Reset(ring);
    }

    private void Reset(byte[] array)
    {
        ring = array;
        (head, tail, end, used) = (0, 0, array.Length, 0);
    }

    private int Append(int hash, int length)
    {
        var at = head;
        head += length;
        used += length;
        places[hash] = at;
        return at;
    }

    /// <summary>Sees to it that so much is free in one piece at the head, beginning again at the start of the array where the end is too short.</summary>
    private void MakeRoom(int length, int spared)
    {
        while (true)
        {
            var rest = ring.Length - head;
            var isTooShort = rest < length;
            if (used + length + (isTooShort ? rest : 0) <= ring.Length)
            {
                if (isTooShort)
                {
                    end = head;
                    used += rest;
                    head = 0;
                }

                return;
            }

            DropOldest(ref spared);
        }
    }

    private void DropOldest(ref int spared)
    {
        if (tail == end)
        {
            used -= ring.Length - end;
            (tail, end) = (0, ring.Length);
        }

        ref var oldest = ref HeaderAt(tail);
        var (from, length, hash, state) = (tail, oldest.Length, oldest.Hash, oldest.State);
        tail += length;
        used -= length;
        if (state == State.Gone)
            return;

        places.Remove(hash);
        if (state == State.Kept || spared <= 0)
            return;

        // What was freed just now is room enough for it; it is copied aside because the new place may overlap the old.
        spared--;
        var copy = ArrayPool<byte>.Shared.Rent(length);
        ring.AsSpan(from, length).CopyTo(copy);
        MakeRoom(length, 0);
        var to = Append(hash, length);
        copy.AsSpan(0, length).CopyTo(ring.AsSpan(to));
        ArrayPool<byte>.Shared.Return(copy);
        HeaderAt(to).State = State.Kept;
    }

    private ref Header HeaderAt(int at) => ref MemoryMarshal.AsRef<Header>(ring.AsSpan(at, HeaderSize));

    private Span<byte> IdOf(int at) => ring.AsSpan(at + HeaderSize, HeaderAt(at).IdLength);

    private Span<byte> BodyOf(int at) => ring.AsSpan(at + HeaderSize + HeaderAt(at).IdLength, HeaderAt(at).BodyLength);

    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public EntryHead Entry;
        public int Length;
        public int Hash;
        public int BodyLength;
        public short Type;
        public byte IdLength;
        public State State;
    }
}
