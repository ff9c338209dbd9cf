using FhirEmr.FhirServer.Storage.Commit;
using Microsoft.Data.SqlClient;

namespace FhirEmr.FhirServer.Storage.SqlServer;

/// <summary>The contents of Binary resources as commands of a commit's batch.</summary>
internal static class SqlServerContents
{
    /// <param name="mustChange">Takes the commands that must find a row.</param>
    public static void Add(SqlBatch batch, IReadOnlyList<ContentWrite> writes, List<SqlBatchCommand> mustChange)
    {
        foreach (var write in writes)
        {
            var command = write switch
            {
                ContentWrite.Begin b => SqlServerCommit.Add(batch, SqlServerStatements.BeginContent, b.Content, b.Created),
                ContentWrite.Piece p => SqlServerCommit.Add(batch, SqlServerStatements.AddPiece, p.Content, p.Ordinal, p.Data),
                ContentWrite.Close c => SqlServerCommit.Add(batch, SqlServerStatements.CloseContent, c.Content, c.Size, c.Digest),
                ContentWrite.Refer => SqlServerCommit.Add(batch, SqlServerStatements.ReferToContent, write.Content),
                ContentWrite.Purge => SqlServerCommit.Add(batch, SqlServerStatements.PurgeContent, write.Content),
                _ => SqlServerCommit.Add(batch, SqlServerStatements.DropContent, write.Content),
            };
            if (write.MustFind is not null)
                mustChange.Add(command);
            if (write.TakesPieces)
                SqlServerCommit.Add(batch, SqlServerStatements.DropPieces, write.Content);
        }
    }
}
