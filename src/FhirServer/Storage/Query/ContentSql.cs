namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Statements about the contents of Binary resources.</summary>
internal static class ContentSql
{
    public static SqlStatement Piece(SqlDialect dialect, long content, int ordinal) => new(
        $"SELECT p.Data FROM BinaryPiece p WHERE p.Content = {dialect.Argument(1)} AND p.Ordinal = {dialect.Argument(2)}", [content, (long)ordinal]);

    /// <summary>Uploads begun before an instant that no version came to refer to.</summary>
    public static SqlStatement Abandoned(SqlDialect dialect, DateTimeOffset before, int limit)
    {
        var count = dialect.Argument(2);
        return new(
            $"SELECT {dialect.Top(count)}h.Content FROM BinaryHead h WHERE h.State = 0 AND h.Created < {dialect.Argument(1)} ORDER BY h.Content{dialect.Limit(count)}",
            [before.ToUnixTimeMilliseconds(), (long)limit]);
    }
}
