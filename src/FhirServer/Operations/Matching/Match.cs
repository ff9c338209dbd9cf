using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Matching;

/// <summary><c>Patient/$match</c>: who of the patients here may be the one described, how likely, and why.</summary>
/// <remarks>
/// patient-operation-match.html. Parameters <c>resource</c> (a Patient, as much of it as is known), <c>onlyCertainMatches</c>, <c>count</c>.
/// Entries by descending score, each with its grade and, in an extension, what every field says. Answers 200, 400, 422.
/// </remarks>
internal sealed class Match(CandidateSearch candidates, TimeProvider clock)
{
    public const string GradeUrl = "http://hl7.org/fhir/StructureDefinition/match-grade";
    public const string ReasonUrl = "urn:fhiremr:match-reason";

    private const int DefaultCount = 20;
    private const int MaxCount = 200;

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        yield return new("match", "http://hl7.org/fhir/OperationDefinition/Patient-match", ["Patient"], true, false, false,
            (r, ct) => services.GetRequiredService<Match>().HandleAsync(r, ct));
    }

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "resource", "onlyCertainMatches", "count");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        if (input["onlyCertainMatches"] is not (null or "true" or "false"))
            return Refuse($"onlyCertainMatches={input["onlyCertainMatches"]} cannot be read: write true or false.");
        var count = DefaultCount;
        if (input["count"] is { } given && (!int.TryParse(given, CultureInfo.InvariantCulture, out count) || count < 1))
            return Refuse($"count={given} cannot be read: write a number from 1.");
        if (Described(request.Body) is not { } patient)
            return Refuse("$match needs a Parameters resource with the parameter 'resource': a Patient with as much as is known.");

        var asked = PatientTraits.Of(patient);
        if (!CandidateSearch.Blocks(asked).Any())
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable,
                "Nothing here tells a patient: give an identifier, a name, a birth date with a name, a telephone or an e-mail.", "Parameters.parameter.where(name = 'resource').resource"));

        var (found, cut) = await candidates.FindAsync(asked, request.Caller.Access, ct);
        var graded = found.Select(c => (Candidate: c, Traits: PatientTraits.Of(Parsed(c))))
            .Select(c => (c.Candidate, c.Traits, Score: MatchScore.Of(asked, c.Traits)))
            .Where(c => c.Score.Grade != MatchScore.CertainlyNot)
            .OrderByDescending(c => c.Score.Value).ThenBy(c => c.Candidate.Sid).ToList();

        var notes = cut.Select(c => $"More than {CandidateSearch.MaxOfOne} patients share {c}: not all of them were compared. Describe the patient more closely.").ToList();
        if (input["onlyCertainMatches"] == "true")
        {
            graded.RemoveAll(c => c.Score.Grade != MatchScore.Certain);
            if (graded.Count > 1)
            {
                // patient-operation-match: with several candidates such a question has no answer.
                notes.Add($"{graded.Count} patients match with certainty, so none is answered: they may be duplicates. Ask again without onlyCertainMatches.");
                graded.Clear();
            }
        }

        if (graded.Count > Math.Min(count, MaxCount))
        {
            notes.Add($"{graded.Count - Math.Min(count, MaxCount)} less likely candidates are left out by count.");
            graded.RemoveRange(Math.Min(count, MaxCount), graded.Count - Math.Min(count, MaxCount));
        }

        using var bundle = new BundleWriter("searchset", clock.GetUtcNow(), graded.Count);
        bundle.Links(("self", $"{request.BaseUrl}/Patient/$match"));
        foreach (var (candidate, traits, score) in graded)
            bundle.EntryWithSearch($"{request.BaseUrl}/{candidate.Key}", candidate.Json, Search(score, traits));
        if (notes.Count > 0)
            bundle.Entry(null, Outcome(notes), "outcome");
        return new FhirReply(200) { Body = bundle.Finish() };
    }

    private static FhirNode? Described(FhirNode body)
    {
        if (!body.Exists)
            return null;
        foreach (var parameter in body.Children)
            if (FhirNames.Name(parameter.NameId) == "parameter" && parameter.TextOf("name") == "resource"
                && parameter.Child("resource") is { Exists: true } resource && resource.Type.Name == "Patient")
                return resource;
        return null;
    }

    private static FhirNode Parsed(StoredResource candidate) => FhirJsonReader.Read(candidate.Json, out _)?.Root
        ?? throw new InvalidDataException($"The stored body of {candidate.Key} cannot be read; run the doctor.");

    /// <summary><c>Bundle.entry.search</c> with grade and reasons.</summary>
    private static ReadOnlyMemory<byte> Search(MatchScore score, PatientTraits candidate)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer, new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteStartArray("extension");
        json.WriteStartObject();
        json.WriteString("url", GradeUrl);
        json.WriteString("valueCode", score.Grade);
        json.WriteEndObject();
        foreach (var field in score.Fields)
        {
            json.WriteStartObject();
            json.WriteStartArray("extension");
            Part("field", "valueCode", field.Field);
            json.WriteStartObject();
            json.WriteString("url", "weight");
            json.WriteNumber("valueDecimal", (decimal)field.Weight);
            json.WriteEndObject();
            Part("text", "valueString", field.Text);
            json.WriteEndArray();
            json.WriteString("url", ReasonUrl);
            json.WriteEndObject();
        }

        foreach (var text in new[] { score.Caution, candidate.ReplacedBy is { } other ? $"This record was replaced by {other}." : null })
        {
            if (text is null)
                continue;
            json.WriteStartObject();
            json.WriteStartArray("extension");
            Part("text", "valueString", text);
            json.WriteEndArray();
            json.WriteString("url", ReasonUrl);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("mode", "match");
        json.WriteNumber("score", (decimal)score.Value);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;

        void Part(string url, string type, string value)
        {
            json.WriteStartObject();
            json.WriteString("url", url);
            json.WriteString(type, value);
            json.WriteEndObject();
        }
    }

    private static byte[] Outcome(IReadOnlyList<string> notes)
    {
        var outcome = new OperationOutcome();
        outcome.Issue.AddRange(notes.Select(n => new FaultIssue("incomplete", n).ToComponent("incomplete", OperationOutcome.IssueSeverity.Warning)));
        return FhirFormats.ToJson(outcome);
    }

    private static FhirReply Refuse(string text) => FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, text, code: "value"));
}
