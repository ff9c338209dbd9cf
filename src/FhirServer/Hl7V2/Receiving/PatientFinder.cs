using System.Collections.Concurrent;
using FhirEmr.FhirServer.Hl7V2.Messages;
using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Receiving;

/// <summary>The patient of a message: by the number of the record first, else by what <c>$match</c> says; never by a guess.</summary>
/// <remarks>
/// A number that is known settles who it is only when the rest does not contradict it: the same number with another birth date or given name is somebody else's
/// message, or a mistake, and goes to a person. Every look is under the caller's plan.
/// </remarks>
internal sealed class PatientFinder(IResourceStore store, SearchParser parser, CandidateSearch candidates)
{
    /// <summary>Why a number means nobody who could be written to.</summary>
    public const string Replaced = "The number is that of a record that was merged into another, which is not here or not to be read by whoever sends this.";

    private const int MostCandidates = 5;
    private const int MostRemembered = 100_000;
    private const int RememberedMilliseconds = 5_000;

    /// <summary>
    /// Where a number was last found, so that results one after the other need no search; the record itself is read and compared each time. Not for longer than plans are
    /// (reliability R-53): the number may become another patient's, too.
    /// </summary>
    private readonly ConcurrentDictionary<(string Plan, string System, string Value), (ResourceKey Patient, long Until)> remembered = new();

    public async Task<PatientFinding> FindAsync(Patient described, AccessPlan access, CancellationToken ct)
    {
        var numbers = PatientSegments.RecordNumbers(described).Where(n => n.System is not null).Select(n => new RecordNumber(n.System!, n.Value!)).ToList();
        var asked = PatientTraits.Of(FhirFormats.ToJson(described));
        var (found, isReplaced) = await OfNumbersAsync(numbers, access, ct);
        if (isReplaced)
            return new PatientFinding.Uncertain(Replaced, [.. found.Select(f => (f.Key, 1.0)).Take(MostCandidates)]);
        if (found.Count > 1)
            return new PatientFinding.Uncertain("Numbers of the message belong to several patients here.", [.. found.Select(f => (f.Key, 1.0)).Take(MostCandidates)]);
        if (found is [var one])
        {
            var stored = PatientTraits.Of(one.Json);
            return PatientCandidates.Contradiction(asked, stored) is { } why ? new PatientFinding.Uncertain(why, [(one.Key, MatchScore.Of(asked, stored).Value)]) : new PatientFinding.Known(one);
        }

        return await LikeAsync(asked, access, ct);
    }

    /// <summary>The patients with such a number: in good order one, or none; and whether one was replaced by a record that the caller cannot see.</summary>
    public Task<(List<StoredResource> Found, bool IsReplaced)> OfNumbersAsync(IReadOnlyList<Identifier> numbers, AccessPlan access, CancellationToken ct) =>
        OfNumbersAsync([.. numbers.Where(n => n is { System: not null, Value: not null }).Select(n => new RecordNumber(n.System!, n.Value!))], access, ct);

    private async Task<(List<StoredResource> Found, bool IsReplaced)> OfNumbersAsync(IReadOnlyList<RecordNumber> numbers, AccessPlan access, CancellationToken ct)
    {
        if (numbers.Count == 0)
            return ([], false);
        if (numbers is [var only] && remembered.TryGetValue((access.Key, only.System, only.Value), out var last))
        {
            if (last.Until > Environment.TickCount64 && await store.ReadAsync(last.Patient, access, ct) is { IsDeleted: false } known && Has(known, only))
                return ([known], false);
            remembered.TryRemove((access.Key, only.System, only.Value), out _);
        }

        var query = string.Join(',', numbers.Select(n => $"{SearchText.Escape(n.System)}|{SearchText.Escape(n.Value)}"));
        if (await parser.ParseAsync("Patient", [new("identifier", query)], SearchHandling.Strict, null, ct) is not SearchParse.Parsed parsed)
            return ([], false);
        var page = await store.SearchAsync(parsed.Query with { Count = MostCandidates + 1 }, access, ct);
        var (found, isReplaced) = (new Dictionary<ResourceKey, StoredResource>(), false);
        foreach (var match in page.Matches)
            if (await PatientCandidates.SurvivorAsync(store, match, access, ct) is { } survivor)
                found[survivor.Key] = survivor;
            else
                isReplaced = true;
        if (!isReplaced && numbers is [var single] && found.Count == 1 && Has(found.Values.First(), single))
        {
            if (remembered.Count >= MostRemembered)
                remembered.Clear();
            remembered[(access.Key, single.System, single.Value)] = (found.Keys.First(), Environment.TickCount64 + RememberedMilliseconds);
        }

        return ([.. found.Values], isReplaced);
    }

    /// <summary>Who a reference means today: of a record that was merged away, the one that replaced it; null when it means nobody.</summary>
    public async Task<ResourceKey?> SurvivorAsync(string reference, AccessPlan access, CancellationToken ct) =>
        ResourceKey.TryParseRelative(reference, out var key, out _) && await store.ReadAsync(key, access, ct) is { IsDeleted: false } patient ? (await PatientCandidates.SurvivorAsync(store, patient, access, ct))?.Key : null;

    private async Task<PatientFinding> LikeAsync(PatientTraits asked, AccessPlan access, CancellationToken ct)
    {
        if (!CandidateSearch.Blocks(asked).Any())
            return new PatientFinding.Uncertain("Nothing in the message tells who the patient is.", []);
        var like = await candidates.LikeAsync(asked, access, ct);
        return like switch
        {
            { Certain: { } certain } => new PatientFinding.Known(certain),
            { Doubt: { } why } => new PatientFinding.Uncertain(why, [.. like.Candidates.Take(MostCandidates).Select(c => (c.Patient.Key, c.Score.Value))]),
            _ => new PatientFinding.Nobody(),
        };
    }

    private static bool Has(StoredResource patient, RecordNumber number)
    {
        var traits = FhirJsonReader.Read(patient.Json, out _)!.Root;
        if (PatientTraits.Of(traits).ReplacedBy is not null)
            return false;
        foreach (var child in traits.Children)
            if (FhirNames.Name(child.NameId) == "identifier" && child.TextOf("system") == number.System && child.TextOf("value") == number.Value)
                return true;
        return false;
    }

    private readonly record struct RecordNumber(string System, string Value);
}
