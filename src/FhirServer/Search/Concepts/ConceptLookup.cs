using FhirEmr.Terminology;
using FhirEmr.Terminology.Operations;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.FhirServer.Search.Concepts;

/// <summary>What searches ask about the meaning of codes: value sets for <c>:in</c>, hierarchies for <c>:below</c> and <c>:above</c>.</summary>
internal sealed class ConceptLookup(TerminologyService terminology, IDefinitions definitions, TimeProvider clock)
{
    /// <summary>Most codes one question may come to.</summary>
    public const int MaxCodes = 20_000;

    private DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    /// <summary>The codes of a value set by canonical URL, <c>ValueSet/id</c>, or implicit as <c>[system]?fhir_vs</c>.</summary>
    public async ValueTask<ConceptAnswer> InAsync(string canonical, CancellationToken ct)
    {
        var kept = await KeptDefinitions.OfValueSetAsync(canonical, definitions, terminology.Resources, ct);
        return Answer(terminology.SearchedBy(kept).In(canonical, Today, MaxCodes));
    }

    /// <summary>The code and all below it, or above it.</summary>
    public async ValueTask<ConceptAnswer> AroundAsync(string system, string code, bool above, CancellationToken ct)
    {
        var kept = await KeptDefinitions.OfSystemAsync(system, definitions, terminology.Resources, ct);
        return Answer(terminology.SearchedBy(kept).Around(system, code, above, Today, MaxCodes));
    }

    private static ConceptAnswer Answer((IReadOnlyDictionary<string, SystemCodes>? Codes, Refusal? Refusal) answer) =>
        answer.Codes is { } codes ? new ConceptAnswer.Found(codes) : new ConceptAnswer.Unknown(answer.Refusal!.Code, answer.Refusal.Text);
}
