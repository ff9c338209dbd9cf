namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>The current row of a result, whatever the engine.</summary>
internal interface IRow
{
    long Int64(int column);

    bool IsNull(int column);

    string Text(int column);

    /// <summary>Valid until the next row.</summary>
    ReadOnlySpan<byte> Blob(int column);
}
