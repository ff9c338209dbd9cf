using System.Text;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Operations.Integrity;

/// <summary>Sums of row hashes by resource: two sets of rows are the same when their sums are, in whatever order they came.</summary>
internal sealed class RowSums(ISymbols symbols)
{
    private readonly Dictionary<long, (long Sum, int Count)> sums = [];

    public void Add(ColumnRows rows)
    {
        var sid = rows.Columns.IndexOf("Sid");
        for (var i = 0; i < rows.Count; i++)
        {
            var hash = 17L;
            foreach (var column in rows.Values)
                hash = column switch
                {
                    long[] c => Mix(hash, c[i]),
                    int[] c => Mix(hash, c[i]),
                    short[] c => Mix(hash, c[i]),
                    _ => Mix(hash, symbols.Hash(Encoding.UTF8.GetBytes(((string[])column)[i]))),
                };
            Add(((long[])rows.Values[sid])[i], hash);
        }
    }

    /// <summary>A row as the database gives it, with the columns in the order of <paramref name="shape"/>.</summary>
    public void Add(IRow row, ColumnRows shape, int sid)
    {
        var hash = 17L;
        for (var c = 0; c < shape.Columns.Length; c++)
            hash = Mix(hash, shape.Values[c] is string[]? symbols.Hash(Encoding.UTF8.GetBytes(row.Text(c))) : row.Int64(c));
        Add(row.Int64(sid), hash);
    }

    /// <summary>Resources whose rows differ from the other's.</summary>
    public IEnumerable<long> Differing(RowSums other) =>
        sums.Keys.Union(other.sums.Keys).Where(sid => sums.GetValueOrDefault(sid) != other.sums.GetValueOrDefault(sid));

    private void Add(long sid, long hash)
    {
        var (sum, count) = sums.GetValueOrDefault(sid);
        sums[sid] = (unchecked(sum + hash), count + 1);
    }

    private static long Mix(long hash, long value)
    {
        var h = unchecked((ulong)hash ^ ((ulong)value * 0x9E3779B97F4A7C15));
        h ^= h >> 32;
        return unchecked((long)(h * 0xD6E8FEB86659FD93));
    }
}
