using FhirEmr.FhirServer.Documents;
using FhirEmr.FhirServer.Documents.Ccda;
using FhirEmr.FhirServer.Documents.Ccda.Export;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Documents;

/// <summary><c>DocumentReference/$docref</c>: documents of a patient that are stored, and the CCD, made when it is asked for.</summary>
/// <remarks>
/// US Core 6.1, OperationDefinition-docref. Parameters <c>patient</c>, <c>start</c>, <c>end</c>, <c>type</c>, <c>on-demand</c>, <c>profile</c>. A GET
/// writes nothing: its CCD is a DocumentReference that leads to <c>$ccd</c>. A POST by who may create DocumentReference and Binary stores the CCD,
/// once for as long as the record does not change; unless something in it bears a security label. Of stored documents without a range the newest of each type. Answers 200, 400.
/// </remarks>
internal sealed class DocRefOperation(IResourceStore store, SearchParser parser, CcdWriting writing, Lazy<FhirInteractions> interactions, TimeProvider clock)
{
    private const string Definition = "http://hl7.org/fhir/us/core/OperationDefinition/docref";
    private const string Loinc = "http://loinc.org";
    private const string Profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-documentreference";
    private const int PageSize = 500;

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        yield return new("docref", Definition, ["DocumentReference"], true, false, false, (r, ct) => services.GetRequiredService<DocRefOperation>().HandleAsync(r, ct)) { Right = null };
    }

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "patient", "start", "end", "type", "on-demand", "profile");
        var (from, until, wrong) = CcdWriting.Days(input["start"], input["end"]);
        fault ??= wrong;
        var id = input["patient"] is { } given && given.StartsWith("Patient/", StringComparison.Ordinal) ? given["Patient/".Length..] : input["patient"];
        if (fault is null && (id is null || !ResourceKey.IsId(id)))
            fault = FhirFault.Of(FaultKind.Invalid, "$docref needs patient: the id of the patient whose documents are meant.", code: "required");
        if (fault is null && input["on-demand"] is not (null or "true" or "false"))
            fault = FhirFault.Of(FaultKind.Invalid, $"on-demand={input["on-demand"]} is neither true nor false.", code: "value");
        if (fault is not null)
            return FhirReply.Refuse(fault);

        var patient = new ResourceKey("Patient", id!);
        var (system, code) = Type(input);
        var entries = new List<(string Url, ReadOnlyMemory<byte> Json)>();
        CcdEntryAnswer? made = null;
        if ((code is null || (code == CcdWriter.Code && system is null or Loinc)) && (input["profile"] is not { } profile || profile.Split('|')[0] == Profile))
        {
            var (answer, refused) = await CcdAsync(request, patient, from, until, ct);
            if (refused is not null)
                return FhirReply.Refuse(refused);
            made = answer;
        }

        if (made is { } ccd)
            entries.Add((ccd.Url, ccd.Json));
        if (input["on-demand"] != "true")
            foreach (var stored in await StoredAsync(patient, system, code, input["profile"], from, until, request.Caller.Access, ct))
                if (entries.TrueForAll(e => e.Url != $"{request.BaseUrl}/{stored.Key}"))
                    entries.Add(($"{request.BaseUrl}/{stored.Key}", stored.Json));

        using var bundle = new BundleWriter("searchset", clock.GetUtcNow(), entries.Count);
        bundle.Links(("self", $"{request.BaseUrl}/DocumentReference/$docref"));
        foreach (var (url, json) in entries)
            bundle.Entry(url, json, "match");
        return new FhirReply(200) { Body = bundle.Finish() };
    }

    private sealed record CcdEntryAnswer(string Url, ReadOnlyMemory<byte> Json);

    /// <summary>The CCD as of now; null when the patient is not there for the caller (US Core: then an empty Bundle).</summary>
    private async Task<(CcdEntryAnswer? Answer, FhirFault? Fault)> CcdAsync(FhirRequest request, ResourceKey patient, string? from, string? until, CancellationToken ct)
    {
        var access = request.Caller.Access;
        var (ccd, fault) = await writing.WriteAsync(patient, from, until, access, ct);
        if (ccd is null)
            return fault is { Kind: FaultKind.NotFound or FaultKind.Deleted } ? (null, null) : (null, fault);

        var days = $"{(from is null ? "" : $"start={from}")}{(from is not null && until is not null ? "&" : "")}{(until is null ? "" : $"end={until}")}";
        var reference = new DocumentReference
        {
            Meta = new() { Profile = [Profile] },
            MasterIdentifier = new("urn:ietf:rfc:3986", "urn:uuid:" + ccd.Id),
            Identifier = [new("urn:ietf:rfc:3986", "urn:uuid:" + ccd.Id)],
            Status = DocumentReferenceStatus.Current,
            Type = new(Loinc, CcdWriter.Code, "Summary of episode note"),
            Category = [new("http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note", "Clinical Note")],
            Subject = new(patient.ToString()),
            Date = ccd.At,
            Author = [new() { Display = "FhirEmr" }],
            Description = "Continuity of Care Document",
            Content =
            [
                new()
                {
                    Attachment = new() { ContentType = Cda.MediaType, Url = $"{request.BaseUrl}/{patient}/$ccd{(days.Length == 0 ? "" : "?" + days)}", Title = "Continuity of Care Document" },
                    Format = new("http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode", "urn:hl7-org:sdwg:ccda-structuredBody:2.1"),
                },
            ],
        };
        if (from is not null || until is not null)
            reference.Context = new() { Period = new() { Start = from, End = until } };
        // A stored copy would show what is labelled to whoever may see documents: of such a record there is only the CCD that is made for who asks.
        var mayStore = request is { Method: "POST", IsReadOnly: false } && !ccd.Record.All.Any(r => r.IsLabelled)
            && access.Of("DocumentReference").Allows(Interaction.Create) && access.Of("Binary").Allows(Interaction.Create);
        if (!mayStore)
            return (new("urn:uuid:" + ccd.Id, FhirFormats.ToJson(reference)), null);

        var key = new ResourceKey("DocumentReference", StableId.Of("ccd", ccd.Id.ToString()));
        if (await store.ReadAsync(key, access, ct) is { IsDeleted: false } there)
            return (new($"{request.BaseUrl}/{key}", there.Json), null);
        var binary = new Binary { Id = StableId.Of("ccd", "Binary", ccd.Id.ToString()), ContentType = Cda.MediaType, Data = ccd.Xml, SecurityContext = new(patient.ToString()) };
        (reference.Id, reference.Content[0].Attachment.Url) = (key.Id, "Binary/" + binary.Id);
        return await interactions.Value.CommitAsync(request, ((Resource[])[binary, reference]).Select(r => new Bundle.EntryComponent { Resource = r, Request = new() { Method = Bundle.HTTPVerb.PUT, Url = $"{r.TypeName}/{r.Id}" } }), ct)
            is { } refused ? (null, refused)
            : (new($"{request.BaseUrl}/{key}", (await store.ReadAsync(key, access, ct))?.Json ?? FhirFormats.ToJson(reference)), null);
    }

    private async Task<IReadOnlyList<StoredResource>> StoredAsync(
        ResourceKey patient, string? system, string? code, string? profile, string? from, string? until, AccessPlan access, CancellationToken ct)
    {
        var criteria = new List<KeyValuePair<string, string>> { new("patient", patient.ToString()), new("status", "current"), new("_sort", "-date") };
        if (code is not null)
            criteria.Add(new("type", system is null ? code : $"{system}|{code}"));
        if (profile is not null)
            criteria.Add(new("_profile", profile.Split('|')[0]));
        if (await parser.ParseAsync("DocumentReference", criteria, SearchHandling.Strict, null, ct) is not SearchParse.Parsed parsed)
            return [];
        var (found, types) = (new List<StoredResource>(), new HashSet<string>(StringComparer.Ordinal));
        for (PagePosition? after = null; ;)
        {
            var page = await store.SearchAsync(parsed.Query with { Count = PageSize, After = after }, access, ct);
            foreach (var match in page.Matches)
            {
                var root = RecordReader.Parsed(match).Root;
                if (from is null && until is null ? types.Add(root.Child("type").Words() ?? "") : IsWithin(root, from, until))
                    found.Add(match);
            }

            if ((after = page.Next) is null)
                return found;
        }
    }

    /// <summary>The range is of care: the period that the document is about, else its date.</summary>
    private static bool IsWithin(FhirNode document, string? from, string? until)
    {
        var (start, end) = (document.Say("context", "period", "start") ?? document.TextOf("date"), document.Say("context", "period", "end") ?? document.Say("context", "period", "start") ?? document.TextOf("date"));
        return (from is null || end is null || string.CompareOrdinal(end[..Math.Min(end.Length, 10)], from) >= 0) && (until is null || start is null || string.CompareOrdinal(start[..Math.Min(start.Length, 10)], until) <= 0);
    }

    private static (string? System, string? Code) Type(OperationInput input)
    {
        if (input.Codings.TryGetValue("type", out var coding))
            return coding;
        return input["type"]?.Split('|', 2) switch
        {
            null => (null, null),
            [var code] => (null, code),
            [var system, var code] => (system.Length == 0 ? null : system, code),
            _ => (null, null),
        };
    }
}
