using FhirEmr.FhirServer.Storage.Commit;
using Npgsql;

namespace FhirEmr.FhirServer.Storage.Postgres;

/// <summary>The contents of Binary resources as commands of a commit's batch.</summary>
internal static class PostgresContents
{
    /// <param name="expected">Takes the commands that must find a row.</param>
    public static void Add(NpgsqlBatch batch, IReadOnlyList<ContentWrite> writes, List<(NpgsqlBatchCommand Command, int Rows, string What)> expected)
    {
        foreach (var write in writes)
        {
            var command = Command(write);
            batch.BatchCommands.Add(command);
            if (write.MustFind is { } what)
                expected.Add((command, 1, what));

            // Pieces after their head: whoever refers to the head at the same time holds its row, and then nothing is dropped.
            if (write.TakesPieces)
                batch.BatchCommands.Add(Of("DELETE FROM BinaryPiece WHERE Content = $1", write.Content));
        }
    }

    private static NpgsqlBatchCommand Command(ContentWrite write) => write switch
    {
        ContentWrite.Begin b => Of("INSERT INTO BinaryHead (Content, Size, Created, State, Digest) VALUES ($1, 0, $2, 0, '')", b.Content, b.Created),
        ContentWrite.Piece p => Of("INSERT INTO BinaryPiece (Content, Ordinal, Data) VALUES ($1, $2, $3)", p.Content, p.Ordinal, p.Data),
        ContentWrite.Close c => Of("UPDATE BinaryHead SET Size = $2, Digest = $3 WHERE Content = $1", c.Content, c.Size, c.Digest),
        ContentWrite.Refer => Of("UPDATE BinaryHead SET State = 1 WHERE Content = $1", write.Content),
        ContentWrite.Purge => Of("DELETE FROM BinaryHead WHERE Content = $1", write.Content),
        _ => Of("DELETE FROM BinaryHead WHERE Content = $1 AND State = 0", write.Content),
    };

    private static NpgsqlBatchCommand Of(string sql, params object[] arguments)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
        return command;
    }
}
