using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using Npgsql;

namespace FhirEmr.FhirServer.Storage.Postgres;

/// <summary>A current version as its row has it.</summary>
internal sealed record PointRow(long Sid, long Owner, int Version, long LastUpdated, bool IsDeleted, short Method, byte[] Body)
{
    public StoredResource Read(ResourceKey key, BodyCodec codec) => new(
        Sid, key, Version, DateTimeOffset.FromUnixTimeMilliseconds(LastUpdated), IsDeleted, HttpVerb.NameOf(Method), IsDeleted ? default : codec.Decompress(Body));
}

/// <summary>Reads by key for many callers: what is asked for while a round trip is on its way goes together in the next one.</summary>
/// <remarks>
/// A round trip costs the two processes many times what finding one row costs. Nothing waits for company: a read that finds fewer than
/// <see cref="MostTrips"/> trips on their way begins its own. Every trip begins after the reads it carries, so each sees all that was acknowledged before it.
/// </remarks>
internal sealed class PostgresPointReads(NpgsqlDataSource source, int timeoutSeconds)
{
    private const int MostKeys = 64;
    private const string Sql =
        "SELECT u.n, r.Sid, r.Owner, r.Version, r.LastUpdated, r.Deleted, r.Method, r.Body "
        + "FROM unnest($1, $2) WITH ORDINALITY AS u (t, i, n) JOIN Resource r ON r.Type = u.t AND r.Id = u.i WHERE r.Version > 0";

    private static readonly int MostTrips = Math.Clamp(Environment.ProcessorCount, 2, 8);

    private readonly Queue<Asked> queue = new();
    private int trips;

    /// <summary>Null when there is no such resource.</summary>
    public Task<PointRow?> FindAsync(ResourceKey key, CancellationToken ct)
    {
        var asked = new Asked(key);
        lock (queue)
        {
            queue.Enqueue(asked);
            if (trips == MostTrips)
                return asked.Task.WaitAsync(ct);
            trips++;
        }

        _ = TravelAsync();
        return asked.Task.WaitAsync(ct);
    }

    /// <summary>Goes until nobody waits any more.</summary>
    private async Task TravelAsync()
    {
        while (Next() is { } together)
            try
            {
                var rows = await AskAsync(together);
                for (var i = 0; i < together.Count; i++)
                    together[i].TrySetResult(rows[i]);
            }
            catch (NpgsqlException e) when (e.InnerException is TimeoutException)
            {
                Fail(together, new StorageTimeoutException("A statement ran longer than it may.", e));
            }
            catch (Exception e)
            {
                Fail(together, e);
            }
    }

    private List<Asked>? Next()
    {
        lock (queue)
        {
            if (queue.Count == 0)
            {
                trips--;
                return null;
            }

            var together = new List<Asked>(Math.Min(queue.Count, MostKeys));
            while (together.Count < MostKeys && queue.TryDequeue(out var asked))
                together.Add(asked);
            return together;
        }
    }

    private async Task<PointRow?[]> AskAsync(List<Asked> together)
    {
        var (types, ids, rows) = (new short[together.Count], new string[together.Count], new PointRow?[together.Count]);
        for (var i = 0; i < rows.Length; i++)
            (types[i], ids[i]) = ((short)ResourceTypes.NumberOf(together[i].Key.Type), together[i].Key.Id);

        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(Sql, connection) { CommandTimeout = timeoutSeconds };
        command.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = types });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = ids });
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            rows[reader.GetInt64(0) - 1] = new(
                reader.GetInt64(1), reader.GetInt64(2), reader.GetInt32(3), reader.GetInt64(4), reader.GetInt16(5) != 0, reader.GetInt16(6), reader.GetFieldValue<byte[]>(7));
        return rows;
    }

    private static void Fail(List<Asked> together, Exception e)
    {
        foreach (var asked in together)
            asked.TrySetException(e);
    }

    private sealed class Asked(ResourceKey key) : TaskCompletionSource<PointRow?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public ResourceKey Key { get; } = key;
    }
}
