namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>Index rows of one resource put right, as long as it is still at the version they were worked out from.</summary>
/// <param name="Version">Version it must be at; negative when there is no such resource.</param>
internal sealed record RowCorrection(long Sid, int Version, IReadOnlyList<ColumnRows> Removed, IReadOnlyList<ColumnRows> Added);
