using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Imports.Kinds;

/// <summary>What becomes of a row, and why where it is not plain.</summary>
/// <param name="Writes">Nothing for what is skipped or rejected.</param>
internal sealed record RowPlan(RowOutcome Outcome, string? Reason, IReadOnlyList<PlannedWrite> Writes)
{
    public static RowPlan Store(params IReadOnlyList<PlannedWrite> writes) => new(RowOutcome.Stored, null, writes);

    public static RowPlan Update(params IReadOnlyList<PlannedWrite> writes) => new(RowOutcome.Updated, null, writes);

    public static RowPlan Skip(string reason) => new(RowOutcome.Skipped, reason, []);

    public static RowPlan Reject(string reason) => new(RowOutcome.Rejected, reason, []);
}

internal enum RowOutcome
{
    Stored,
    Updated,
    Skipped,

    /// <summary>Skipped, with a Task for a person to decide.</summary>
    Review,
    Rejected,
}

/// <summary>One resource of a row.</summary>
/// <param name="Base">The version it was read at and goes on top of; 0 for a new one, whose id the import chose.</param>
internal sealed record PlannedWrite(Resource Resource, int Base)
{
    public string Url => $"{Resource.TypeName}/{Resource.Id}";

    /// <summary>The version the write makes: what Provenance names, and undo takes back.</summary>
    public string Version => $"{Url}/_history/{Base + 1}";
}
