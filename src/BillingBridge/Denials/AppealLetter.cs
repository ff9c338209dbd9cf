using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>A letter of appeal, drafted from a template and the facts of claim and chart; a person reads it before it goes.</summary>
/// <remarks>Paragraphs are parted by an empty line. A part of the template for which there is no fact is left out.</remarks>
internal static partial class AppealLetter
{
    private const int MostNoteCharacters = 900;
    private const int MostResults = 12;

    private static readonly Dictionary<string, string> Templates = ReadTemplates();

    public static string Draft(AppealFacts facts)
    {
        var body = Templates[Template(facts.Category)]
            .Replace("{denied}", Denied(facts), StringComparison.Ordinal)
            .Replace("{diagnoses}", Diagnoses(facts), StringComparison.Ordinal)
            .Replace("{note}", Notes(facts), StringComparison.Ordinal)
            .Replace("{results}", Results(facts), StringComparison.Ordinal)
            .Replace("{trail}", Trail(facts), StringComparison.Ordinal);
        string[] paragraphs =
        [
            Address(facts.Practice?.Name, facts.Practice?.Address),
            DateOfService.Text(facts.Today),
            Address(facts.Payor?.Name ?? "To the payer", facts.Payor?.Address),
            $"Appeal, level {facts.Level.ToString(CultureInfo.InvariantCulture)}\n{Reference(facts)}",
            facts.GoodCause is { Length: > 0 } cause ? $"This appeal comes after its limit, for good cause: {cause}" : "",
            facts.Basis is { Length: > 0 } basis ? $"Reason: {basis}" : "",
            .. body.Split("\n\n"),
            facts.Enclosures.Count > 0 ? $"Enclosed:\n{string.Join('\n', facts.Enclosures.Select(e => $"- {e}"))}" : "",
            $"For {facts.Practice?.Name ?? "the practice"}\n\n\n______________________________",
        ];
        return string.Join("\n\n", paragraphs.Select(p => p.Trim('\n', ' ')).Where(p => p.Length > 0)) + "\n";
    }

    private static string Template(string category) => category switch
    {
        "bundling" or "coding" or "duplicate" => "coding",
        _ when Templates.ContainsKey(category) => category,
        _ => "general",
    };

    private static string Reference(AppealFacts facts)
    {
        var icn = facts.Response?.Identifier.Concat(facts.Claim.Identifier).FirstOrDefault(i => i.System?.StartsWith("urn:fhiremr:icn:", StringComparison.Ordinal) == true)?.Value;
        var days = facts.Claim.Item.Select((item, i) => new ScrubLine(i, item).From).OfType<DateOnly>().Order().ToList();
        string?[] lines =
        [
            facts.Patient is { } patient ? $"Patient: {Name(PatientNames.Of(patient))}, born {patient.BirthDate}" : null,
            facts.Coverage?.SubscriberId is { Length: > 0 } member ? $"Member id: {member}" : null,
            icn is null ? null : $"Your claim number: {icn}",
            facts.Claim.PatientControlNumber() is { } pcn ? $"Our claim number: {pcn}" : null,
            days.Count > 0 ? $"Date of service: {DateOfService.Text(days[0])}{(days[^1] > days[0] ? $" to {DateOfService.Text(days[^1])}" : "")}" : null,
            facts.Rendering is { } person ? $"Rendered by: {Name(person.Name.FirstOrDefault())}{(person.Identifier.Find(i => i.System == BillingUrls.Npi)?.Value is { } npi ? $", NPI {npi}" : "")}" : null,
            facts.Response?.Payment?.Date is { } date ? $"Your decision: {date}" : null,
        ];
        return string.Join('\n', lines.OfType<string>());
    }

    private static string Denied(AppealFacts facts) => string.Join('\n', facts.Denied.Select(d => $"- {d}"));

    private static string Diagnoses(AppealFacts facts)
    {
        var lines = facts.Claim.WrittenDiagnoses().Select(d => (d.Diagnosis as CodeableConcept)!).Select(c =>
        {
            var coding = c.Coding.First(x => x.Code is { Length: > 0 });
            return (coding.Display ?? c.Text) is { Length: > 0 } words ? $"- {coding.Code} {words}" : $"- {coding.Code}";
        }).ToList();
        return lines.Count == 0 ? "" : $"Diagnoses billed:\n{string.Join('\n', lines)}";
    }

    private static string Notes(AppealFacts facts) => string.Join("\n\n", facts.Notes.Select(note =>
    {
        var text = string.Join(' ', Assessments(note.Section).Select(s => Plain(s.Text?.Div ?? "")).Where(t => t.Length > 0));
        if (text.Length == 0)
            return "";
        var cut = text.Length > MostNoteCharacters ? $"{text[..MostNoteCharacters].TrimEnd()} …" : text;
        return $"From the signed note of {note.Date?[..Math.Min(10, note.Date.Length)]}: \"{cut}\"";
    }).Where(t => t.Length > 0));

    private static IEnumerable<Composition.SectionComponent> Assessments(IEnumerable<Composition.SectionComponent> sections) =>
        sections.SelectMany(s => AssessmentTitle().IsMatch(s.Title ?? s.Code?.Text ?? "") ? [s] : Assessments(s.Section));

    private static string Results(AppealFacts facts)
    {
        var lines = facts.Results.Select(Result).OfType<string>().Distinct().Take(MostResults).ToList();
        return lines.Count == 0 ? "" : $"Measured on the day:\n{string.Join('\n', lines)}";
    }

    private static string? Result(Observation observation)
    {
        var name = observation.Code?.Text ?? observation.Code?.Coding.Find(c => c.Display is { Length: > 0 })?.Display;
        var value = observation.Value switch
        {
            Quantity { Value: { } number } q => $"{number.ToString("0.####", CultureInfo.InvariantCulture)} {q.Unit ?? q.Code}".TrimEnd(),
            FhirString text => text.Value,
            CodeableConcept concept => concept.Text ?? concept.Coding.FirstOrDefault()?.Display,
            _ => null,
        };
        return name is { Length: > 0 } && value is { Length: > 0 } ? $"- {name}: {value}" : null;
    }

    private static string Trail(AppealFacts facts)
    {
        var lines = facts.Trail.Where(p => p.Activity?.Text is { } text && (text.EndsWith(ClaimStage.Submitted, StringComparison.Ordinal)
                || text.EndsWith(ClaimStage.Forwarded, StringComparison.Ordinal) || text.EndsWith(ClaimStage.Accepted, StringComparison.Ordinal)))
            .OrderBy(p => p.Recorded)
            .Select(p => $"- {p.Recorded?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}: {p.Activity!.Text!.Split(' ')[^1]}{(p.Reason.FirstOrDefault()?.Text is { } why ? $" ({why})" : "")}")
            .ToList();
        return lines.Count == 0 ? "- no acknowledgement is on file with this claim: add the clearinghouse's report before sending" : string.Join('\n', lines);
    }

    private static string Address(string? name, IEnumerable<Address>? addresses)
    {
        var address = addresses?.FirstOrDefault();
        var place = string.Join(' ', new[] { address?.City is { } city ? $"{city}," : null, address?.State, ZipCode.Written(address?.PostalCode) }.OfType<string>());
        return string.Join('\n', new[] { name }.Concat(address?.Line ?? []).Append(place).Where(l => l is { Length: > 0 }));
    }

    internal static string Name(HumanName? name) =>
        name?.Text ?? string.Join(' ', (name?.Given ?? []).Append(name?.Family).Where(p => p is { Length: > 0 }));

    /// <summary>The words of a narrative, in their own letters.</summary>
    internal static string Plain(string div) => Blanks().Replace(WebUtility.HtmlDecode(Tags().Replace(div, " ")), " ").Trim();

    private static Dictionary<string, string> ReadTemplates()
    {
        const string Resource = "FhirEmr.BillingBridge.Denials.Data.appeal-letters.txt";
        using var stream = typeof(AppealLetter).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"{Resource} is not in this build.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n").Split("=== ", StringSplitOptions.RemoveEmptyEntries)
            .Select(t => t.Split('\n', 2)).ToDictionary(t => t[0].Trim(), t => t[1].Trim(), StringComparer.Ordinal);
    }

    [GeneratedRegex("assessment|plan|impression|indication", RegexOptions.IgnoreCase)]
    private static partial Regex AssessmentTitle();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
