using System.Globalization;
using FhirEmr.BillingBridge.Kpis;
using Microsoft.Data.Sqlite;

namespace FhirEmr.FhirServer.Billing.Kpis;

/// <summary>What the KPIs have read so far and how far that is, in one file of this node. All of it can be read again from the records: deleting the file does that.</summary>
/// <remarks>A node's own, whatever engine the records are on: each node counts what it has read, and no statement of the records' database carries the counting.</remarks>
internal sealed class KpiStore : IDisposable
{
    public const string FileName = "kpis.db";

    private readonly SqliteConnection connection;

    private KpiStore(SqliteConnection connection) => this.connection = connection;

    /// <summary>Which kind of parts a row has.</summary>
    public enum Kind
    {
        Claim = 1,
        Encounter = 2,
        Visit = 3,

        /// <summary>By the reference of the patient.</summary>
        Eligibility = 4,
    }

    /// <summary>Opens the file; one that another version of the program wrote, or that is damaged, is begun anew.</summary>
    public static KpiStore Open(string folder)
    {
        var path = Path.Combine(folder, FileName);
        Directory.CreateDirectory(folder);
        try
        {
            return Begin(path);
        }
        catch (SqliteException)
        {
            Delete(path);
            return Begin(path);
        }
    }

    /// <summary>The last change of the feed that is counted, and what it was about; 0 at the beginning.</summary>
    public (long Sequence, string About) Position
    {
        get
        {
            using var command = Command("SELECT value, about FROM mark WHERE name = 'position'");
            using var row = command.ExecuteReader();
            return row.Read() ? (row.GetInt64(0), row.GetString(1)) : (0, "");
        }
    }

    public byte[]? Read(Kind kind, string id)
    {
        using var command = Command("SELECT body FROM part WHERE kind = $kind AND id = $id", ("$kind", (int)kind), ("$id", id));
        return command.ExecuteScalar() as byte[];
    }

    public IEnumerable<(string Id, byte[] Body)> All(Kind kind)
    {
        using var command = Command("SELECT id, body FROM part WHERE kind = $kind", ("$kind", (int)kind));
        using var row = command.ExecuteReader();
        while (row.Read())
            yield return (row.GetString(0), (byte[])row[1]);
    }

    /// <summary>Parts (null: gone) and the position they belong to, all or nothing.</summary>
    public void Write(IReadOnlyCollection<(Kind Kind, string Id, byte[]? Body)> parts, long sequence, string about)
    {
        using var transaction = connection.BeginTransaction();
        using var write = Command("INSERT INTO part (kind, id, body) VALUES ($kind, $id, $body) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body");
        using var remove = Command("DELETE FROM part WHERE kind = $kind AND id = $id");
        var (kind, id, body) = (write.Parameters.Add("$kind", SqliteType.Integer), write.Parameters.Add("$id", SqliteType.Text), write.Parameters.Add("$body", SqliteType.Blob));
        var (goneKind, goneId) = (remove.Parameters.Add("$kind", SqliteType.Integer), remove.Parameters.Add("$id", SqliteType.Text));
        foreach (var part in parts)
        {
            if (part.Body is null)
            {
                (goneKind.Value, goneId.Value) = ((int)part.Kind, part.Id);
                remove.ExecuteNonQuery();
                continue;
            }

            (kind.Value, id.Value, body.Value) = ((int)part.Kind, part.Id, part.Body);
            write.ExecuteNonQuery();
        }

        using var mark = Command("INSERT INTO mark (name, value, about) VALUES ('position', $value, $about) ON CONFLICT (name) DO UPDATE SET value = excluded.value, about = excluded.about",
            ("$value", sequence), ("$about", about));
        mark.ExecuteNonQuery();
        transaction.Commit();
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        using var command = Command("DELETE FROM part; DELETE FROM mark;");
        command.ExecuteNonQuery();
    }

    public void Dispose() => connection.Dispose();

    private static KpiStore Begin(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            var store = new KpiStore(connection);
            // FULL is not needed: what a power cut takes is read again.
            using (var settings = store.Command("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"))
                settings.ExecuteNonQuery();
            using var read = store.Command("PRAGMA user_version");
            if (Convert.ToInt32(read.ExecuteScalar(), CultureInfo.InvariantCulture) != PartsCodec.Version)
            {
                using var begin = store.Command($"""
                    DROP TABLE IF EXISTS part;
                    DROP TABLE IF EXISTS mark;
                    CREATE TABLE part (kind INTEGER NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
                    CREATE TABLE mark (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL, about TEXT NOT NULL);
                    PRAGMA user_version = {PartsCodec.Version};
                    """);
                begin.ExecuteNonQuery();
            }

            return store;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Delete(string path)
    {
        foreach (var file in (string[])[path, path + "-wal", path + "-shm"])
            File.Delete(file);
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> arguments)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // the texts are this file's own
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in arguments)
            command.Parameters.AddWithValue(name, value);
        return command;
    }
}
