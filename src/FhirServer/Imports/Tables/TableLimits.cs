namespace FhirEmr.FhirServer.Imports.Tables;

/// <summary>What a file may come to (security.md S-75 for workbooks, which are archives).</summary>
internal static class TableLimits
{
    public const int MostBytes = 64 * 1024 * 1024;
    public const int MostRows = 500_000;
    public const int MostColumns = 500;

    /// <summary>Values in all, the empty ones too: each costs memory, however little of the file it takes.</summary>
    public const int MostCells = 10_000_000;

    /// <summary>As in Excel.</summary>
    public const int LongestValue = 32_767;

    public const int MostEntries = 10_000;
    public const long MostUnpacked = 200L * 1024 * 1024;
    public const int MostRatio = 100;
}
