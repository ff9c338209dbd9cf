namespace FhirEmr.FhirServer.Storage.Schema;

/// <summary>Compares the schema of a database with the one this program knows; migrations are named by their time.</summary>
internal static class SchemaVersion
{
    /// <summary>Whether the database is up to date; one that a newer program has migrated is refused (reliability R-50: no downgrade).</summary>
    /// <param name="found">Newest migration applied; null for none.</param>
    public static bool IsCurrent(string? found, string newest)
    {
        if (found is not null && string.CompareOrdinal(found, newest) > 0)
            throw new StorageRefusedException(
                $"The database has schema {found}, which is newer than this program knows ({newest}): start the newer version, or restore a backup from before the upgrade.");
        return found == newest;
    }
}
