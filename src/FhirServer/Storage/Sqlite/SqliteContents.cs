using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>Writes the contents of Binary resources on the writer's session.</summary>
internal sealed class SqliteContents(SqliteSession session)
{
    private readonly SqliteStatement begin = session.Keep("INSERT INTO BinaryHead (Content, Size, Created, State, Digest) VALUES (?1, 0, ?2, 0, '')");
    private readonly SqliteStatement piece = session.Keep("INSERT INTO BinaryPiece (Content, Ordinal, Data) VALUES (?1, ?2, ?3)");
    private readonly SqliteStatement close = session.Keep("UPDATE BinaryHead SET Size = ?2, Digest = ?3 WHERE Content = ?1");
    private readonly SqliteStatement refer = session.Keep("UPDATE BinaryHead SET State = 1 WHERE Content = ?1");
    private readonly SqliteStatement drop = session.Keep("DELETE FROM BinaryHead WHERE Content = ?1 AND State = 0");
    private readonly SqliteStatement purge = session.Keep("DELETE FROM BinaryHead WHERE Content = ?1");
    private readonly SqliteStatement dropPieces = session.Keep("DELETE FROM BinaryPiece WHERE Content = ?1");

    /// <summary>Null when done, else what is no longer so.</summary>
    public string? Execute(IReadOnlyList<ContentWrite> writes)
    {
        foreach (var write in writes)
            if (Run(write) == 0 && write.MustFind is { } what)
                return what;
        return null;
    }

    private int Run(ContentWrite write)
    {
        switch (write)
        {
            case ContentWrite.Begin b:
                begin.Bind(2, b.Created);
                return Run(begin, write);
            case ContentWrite.Piece p:
                piece.Bind(2, p.Ordinal);
                piece.Bind(3, p.Data);
                return Run(piece, write);
            case ContentWrite.Close c:
                close.Bind(2, c.Size);
                close.Bind(3, c.Digest);
                return Run(close, write);
            case ContentWrite.Refer:
                return Run(refer, write);
            default:
                var found = Run(write is ContentWrite.Purge ? purge : drop, write);
                if (found > 0)
                    Run(dropPieces, write);
                return found;
        }
    }

    private static int Run(SqliteStatement statement, ContentWrite write)
    {
        statement.Bind(1, write.Content);
        return statement.Run();
    }
}
