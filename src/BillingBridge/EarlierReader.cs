using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>Gathers the three years before a visit, for all who decide new against established.</summary>
internal sealed class EarlierReader(IFhirRecords records)
{
    public async Task<EarlierServices> ReadAsync(EncounterChart chart, DateOnly day, CancellationToken ct)
    {
        // A day more on either side: the store compares in UTC, the day is the facility's.
        var (patient, since) = ($"Patient/{chart.Patient.Id}", DateOfService.Text(day.AddYears(-3).AddDays(-1)));
        var earlier = new EarlierServices(await ListAsync<Encounter>($"patient={patient}&date=ge{since}&date=le{DateOfService.Text(day.AddDays(1))}&status=finished,in-progress", ct))
        {
            // Made after the service it bills, so that none of the window is left out.
            Claims = await ListAsync<Claim>($"patient={patient}&created=ge{since}", ct),
        };
        return earlier with { Roles = await RolesAsync(chart, earlier, ct) };
    }

    private async Task<IReadOnlyList<PractitionerRole>> RolesAsync(EncounterChart chart, EarlierServices earlier, CancellationToken ct)
    {
        var roles = new List<PractitionerRole>();
        var named = earlier.Encounters.Append(chart.Encounter).SelectMany(e => e.Participant).Select(p => p.Individual?.Reference)
            .Concat(earlier.Claims.SelectMany(c => c.CareTeam.Select(t => t.Provider?.Reference)))
            .OfType<string>().Distinct().ToList();
        foreach (var id in named.Select(n => FhirReferences.IdOf(n, "PractitionerRole")).OfType<string>())
            if (await records.ReadAsync<PractitionerRole>(id, ct) is { } role)
                roles.Add(role);
        var practitioners = named.Where(n => n.StartsWith("Practitioner/", StringComparison.Ordinal)).ToList();
        if (practitioners.Count > 0)
            roles.AddRange(await ListAsync<PractitionerRole>($"practitioner={string.Join(',', practitioners)}", ct));
        return [.. roles.DistinctBy(r => r.Id)];
    }

    private async Task<List<T>> ListAsync<T>(string query, CancellationToken ct)
        where T : Resource
    {
        var found = new List<T>();
        await foreach (var resource in records.SearchAsync<T>(query, ct))
            found.Add(resource);
        return found;
    }
}
