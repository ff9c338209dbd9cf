using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Validation;

/// <summary>The seam behind which a validator stands: bytes in, a list of findings out. Nothing else of the server knows how it is done.</summary>
internal interface IResourceValidator
{
    /// <summary>Never throws for what the input contains. Any number of threads may call it at once.</summary>
    ValidationReport Validate(ValidationInput input, ValidationOptions options, CancellationToken ct);
}

/// <param name="Json">FHIR JSON, as sent.</param>
/// <param name="Profiles">Profiles asked for, beside those that the resource claims itself.</param>
internal sealed record ValidationInput(ReadOnlyMemory<byte> Json, IReadOnlyList<string> Profiles)
{
    /// <summary>What stands where a report without it said that references lead; without a value where nothing does. Null: addresses only are judged.</summary>
    public IReadOnlyDictionary<ResourceKey, FhirNode>? Targets { get; init; }
}
