namespace FhirEmr.FhirServer.Documents.Ips;

/// <summary>A section of the International Patient Summary: what belongs to it, and how people read it.</summary>
/// <param name="Code">LOINC.</param>
/// <param name="Absent">What stands in it when nothing is recorded; null for sections that are then left out.</param>
/// <param name="Select">Which resources of the record belong to it, in the order shown.</param>
/// <param name="Row">The cells of one resource.</param>
internal sealed record IpsSection(
    string Code, string Title, IpsAbsent? Absent, Func<PatientRecord, IEnumerable<RecordResource>> Select, string[] Columns, Func<PatientRecord, RecordResource, string?[]> Row);

/// <summary>Nothing is recorded: IPS wants that said with a code of its own, and not left to be guessed.</summary>
/// <param name="Type">The resource that says it.</param>
internal sealed record IpsAbsent(string Type, string Code, string Display);
