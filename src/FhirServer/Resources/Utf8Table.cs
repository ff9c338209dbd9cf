using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace FhirEmr.FhirServer.Resources;

/// <summary>A small read-mostly map keyed by UTF-8 bytes: property lookup without making strings.</summary>
internal sealed class Utf8Table<T>
    where T : class
{
    private byte[][] keys = new byte[8][];
    private T[] values = new T[8];
    private int count;

    public IEnumerable<KeyValuePair<string, T>> Entries =>
        keys.Zip(values).Where(p => p.First is not null).Select(p => KeyValuePair.Create(Encoding.UTF8.GetString(p.First), p.Second));

    public void Add(string key, T value)
    {
        if (count * 2 >= keys.Length)
            Grow();
        Insert(Encoding.UTF8.GetBytes(key), value);
    }

    public T? Find(ReadOnlySpan<byte> key)
    {
        var mask = keys.Length - 1;
        for (var i = Hash(key) & mask; keys[i] is { } candidate; i = (i + 1) & mask)
            if (key.SequenceEqual(candidate))
                return values[i];
        return null;
    }

    private void Grow()
    {
        var (oldKeys, oldValues) = (keys, values);
        (keys, values, count) = (new byte[oldKeys.Length * 2][], new T[oldKeys.Length * 2], 0);
        for (var i = 0; i < oldKeys.Length; i++)
            if (oldKeys[i] is { } key)
                Insert(key, oldValues[i]);
    }

    private void Insert(byte[] key, T value)
    {
        var mask = keys.Length - 1;
        var i = Hash(key) & mask;
        while (keys[i] is not null)
            i = (i + 1) & mask;
        (keys[i], values[i]) = (key, value);
        count++;
    }

    // Property names differ in length, first or last bytes; eight bytes from each end and the length tell them apart cheaply.
    private static int Hash(ReadOnlySpan<byte> key)
    {
        ulong head = 0, tail = 0;
        if (key.Length >= 8)
        {
            head = MemoryMarshal.Read<ulong>(key);
            tail = MemoryMarshal.Read<ulong>(key[^8..]);
        }
        else
        {
            foreach (var b in key)
                head = (head << 8) | b;
        }

        var mixed = (head ^ BitOperations.RotateLeft(tail, 29) ^ (ulong)key.Length) * 0x9E3779B97F4A7C15UL;
        return (int)(mixed >> 40);
    }
}
