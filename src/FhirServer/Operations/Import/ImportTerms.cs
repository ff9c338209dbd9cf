namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>How an import treats what it brings, and what is there already.</summary>
/// <param name="Source">Base address of the server that the records come from: references that begin with it mean records of the import.</param>
/// <param name="KeepsIds">Records keep their ids; otherwise each gets a new one, and references among them follow.</param>
/// <param name="KeepsVersions">What is not here yet keeps the number and the time of its version.</param>
/// <param name="IsRehearsal">All is checked and nothing is written.</param>
internal sealed record ImportTerms(string? Source, bool KeepsIds, bool KeepsVersions, OnDuplicate OnDuplicate, bool IsRehearsal);

/// <summary>What becomes of a record whose id is taken.</summary>
internal enum OnDuplicate
{
    /// <summary>It becomes the next version, or none when nothing changes.</summary>
    Update,

    /// <summary>What is there stays.</summary>
    Skip,

    /// <summary>What is there stays, and the line is refused.</summary>
    Fail,
}
