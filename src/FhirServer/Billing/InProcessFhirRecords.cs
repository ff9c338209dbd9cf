using System.Runtime.CompilerServices;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>Billing's way to this server's own records: through the same door as HTTP, so access, checks, indexing and audit hold.</summary>
internal sealed class InProcessFhirRecords(FhirInteractions interactions) : IFhirRecords
{
    private const int PageSize = 200;

    public async Task<T?> ReadAsync<T>(string id, CancellationToken ct)
        where T : Resource
    {
        var type = ModelInfo.GetFhirTypeNameForType(typeof(T))!;
        return ResourceKey.IsId(id) ? await ReadAsync($"{type}/{id}", ct) as T : null;
    }

    public async IAsyncEnumerable<T> SearchAsync<T>(string query, [EnumeratorCancellation] CancellationToken ct)
        where T : Resource
    {
        var type = ModelInfo.GetFhirTypeNameForType(typeof(T))!;
        var parameters = QueryString.Parse(query).ToList();
        if (!parameters.Exists(p => p.Key == "_count"))
            parameters.Add(new("_count", PageSize.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        while (true)
        {
            var reply = await interactions.HandleAsync(Get(type, parameters), ct);
            if (reply.Fault is { } fault)
                throw new InvalidOperationException($"Billing's search {type}?{query} was refused: {fault.Issues[0].Text}");

            var bundle = FhirFormats.Parse<Bundle>(reply.Json.Span);
            foreach (var entry in bundle.Entry)
                if (entry.Search?.Mode == Bundle.SearchEntryMode.Match && entry.Resource is T match)
                    yield return match;

            if (bundle.NextLink is null)
                yield break;
            // Links are relative here: there is no address in process.
            var next = bundle.NextLink.OriginalString;
            parameters = [.. QueryString.Parse(next[(next.IndexOf('?', StringComparison.Ordinal) + 1)..])];
        }
    }

    public async Task<CommitOutcome> CommitAsync(Bundle transaction, CancellationToken ct)
    {
        var tree = FhirJsonReader.Read(FhirFormats.ToJson(transaction), out var issues);
        if (tree is null || issues.Count > 0)
            return new CommitOutcome.Refused(FhirFault.Structure(issues).ToOutcome());

        var reply = await interactions.HandleAsync(new("POST", FhirTarget.Parse("", out _)!, Caller.System) { Body = tree.Root, BaseUrl = "" }, ct);
        return reply.Fault is not { } fault ? new CommitOutcome.Committed(FhirFormats.Parse<Bundle>(reply.Json.Span))
            : reply.Status is 409 or 412 ? new CommitOutcome.Conflict(fault.ToOutcome())
            : new CommitOutcome.Refused(fault.ToOutcome());
    }

    public async Task<EncounterChart?> ReadChartAsync(string encounterId, CancellationToken ct)
    {
        if (await ReadAsync<Encounter>(encounterId, ct) is not { } encounter
            || await ReadAsync(encounter.Subject?.Reference, ct) is not Patient patient)
            return null;

        var related = new Dictionary<string, Resource>();
        var of = $"Encounter/{encounterId}";
        await AddAsync<Condition>($"encounter={of}");
        await AddAsync<Procedure>($"encounter={of}");
        await AddAsync<Immunization>($"patient=Patient/{patient.Id}&date=" + Day(encounter));
        await AddAsync<Observation>($"encounter={of}");
        await AddAsync<DiagnosticReport>($"encounter={of}");
        await AddAsync<MedicationAdministration>($"context={of}");
        await AddAsync<ServiceRequest>($"encounter={of}");
        await AddAsync<Composition>($"encounter={of}");
        await AddAsync<DocumentReference>($"encounter={of}");
        await AddAsync<ChargeItem>($"context={of}");
        await AddAsync<Claim>($"encounter={of}");
        await AddAsync<Coverage>($"beneficiary=Patient/{patient.Id}");
        await AddAsync<Encounter>($"patient=Patient/{patient.Id}&status=finished");
        related.Remove(of);
        foreach (var immunization in related.Values.OfType<Immunization>().ToArray())
            if (immunization.Encounter?.Reference is { } other && other != of)
                related.Remove($"Immunization/{immunization.Id}");

        await FollowAsync(
            [
                .. encounter.Participant.Select(p => p.Individual), encounter.ServiceProvider,
                .. encounter.Location.Select(l => l.Location), .. encounter.Diagnosis.Select(d => d.Condition),
            ]);
        foreach (var coverage in related.Values.OfType<Coverage>().ToArray())
            await FollowAsync([.. coverage.Payor, coverage.Subscriber, coverage.PolicyHolder]);
        foreach (var request in related.Values.OfType<ServiceRequest>().ToArray())
            await FollowAsync([request.Requester]);
        foreach (var procedure in related.Values.OfType<Procedure>().ToArray())
            await FollowAsync([.. procedure.Performer.Select(p => p.Actor), procedure.Location]);
        foreach (var practitioner in related.Values.OfType<Practitioner>().ToArray())
            await AddAsync<PractitionerRole>($"practitioner=Practitioner/{practitioner.Id}");
        foreach (var role in related.Values.OfType<PractitionerRole>().ToArray())
            await FollowAsync([role.Organization, role.Practitioner]);
        foreach (var location in related.Values.OfType<Location>().ToArray())
            await FollowAsync([location.ManagingOrganization]);
        return new EncounterChart(encounter, patient, [.. related.Values]);

        async Task AddAsync<T>(string query)
            where T : Resource
        {
            await foreach (var found in SearchAsync<T>(query, ct))
                related[$"{found.TypeName}/{found.Id}"] = found;
        }

        async Task FollowAsync(IEnumerable<ResourceReference?> references)
        {
            foreach (var reference in references)
                if (reference?.Reference is { } text && text != of && !related.ContainsKey(text) && await ReadAsync(text, ct) is { } found)
                    related[text] = found;
        }
    }

    private async Task<Resource?> ReadAsync(string? reference, CancellationToken ct)
    {
        if (reference is null || !ResourceKey.TryParseRelative(reference, out var key, out _))
            return null;

        var reply = await interactions.HandleAsync(Get(key.ToString(), []), ct);
        return reply.Status == 200 ? FhirFormats.Parse(reply.Json.Span) : null;
    }

    private static string Day(Encounter encounter) => encounter.Period?.Start is { Length: >= 10 } start ? start[..10] : "ge0001";

    private static FhirRequest Get(string path, IReadOnlyList<KeyValuePair<string, string>> query) =>
        new("GET", FhirTarget.Parse(path, out _)!, Caller.System) { Query = query, BaseUrl = "" };
}
