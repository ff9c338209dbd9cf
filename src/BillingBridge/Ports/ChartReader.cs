using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ports;

/// <summary>Reads an <see cref="EncounterChart"/> with plain searches and reads, so that every implementation of the port puts the same things into it.</summary>
/// <param name="records">Where from.</param>
/// <param name="read">Follows a relative reference; null when nothing of that name can be read.</param>
public sealed class ChartReader(IFhirRecords records, Func<string, CancellationToken, Task<Resource?>> read)
{
    public async Task<EncounterChart?> ReadAsync(string encounterId, CancellationToken ct)
    {
        if (await records.ReadAsync<Encounter>(encounterId, ct) is not { } encounter
            || encounter.Subject?.Reference is not { } subject || await read(subject, ct) is not Patient patient)
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
        await AddAsync<DeviceUseStatement>($"patient=Patient/{patient.Id}");
        await AddAsync<Claim>($"encounter={of}");
        await AddAsync<Coverage>($"beneficiary=Patient/{patient.Id}");
        await AddAsync<Encounter>($"patient=Patient/{patient.Id}&status=finished");
        related.Remove(of);
        foreach (var immunization in related.Values.OfType<Immunization>().ToArray())
            if (immunization.Encounter?.Reference is { } other && other != of)
                related.Remove($"Immunization/{immunization.Id}");

        // The statements have no encounter of their own: those of this one derive from something of it.
        foreach (var use in related.Values.OfType<DeviceUseStatement>().ToArray())
            if (!use.DerivedFrom.Exists(d => d.Reference is { } from && (from == of || related.ContainsKey(from))))
                related.Remove($"DeviceUseStatement/{use.Id}");
            else
                await FollowAsync([use.Device, .. use.BasedOn]);

        await FollowAsync(
            [
                .. encounter.Participant.Select(p => p.Individual), encounter.ServiceProvider,
                .. encounter.Location.Select(l => l.Location), .. encounter.Diagnosis.Select(d => d.Condition),
            ]);
        // An account may name a coverage of its own for an injury, and the visit or a charge may belong to it.
        await FollowAsync([.. encounter.Account, .. related.Values.OfType<ChargeItem>().SelectMany(c => c.Account)]);
        foreach (var account in related.Values.OfType<Account>().ToArray())
            await FollowAsync(account.Coverage.Select(c => c.Coverage));
        foreach (var coverage in related.Values.OfType<Coverage>().ToArray())
            await FollowAsync([.. coverage.Payor, coverage.Subscriber, coverage.PolicyHolder]);
        foreach (var request in related.Values.OfType<ServiceRequest>().ToArray())
            await FollowAsync([request.Requester]);
        foreach (var procedure in related.Values.OfType<Procedure>().ToArray())
            await FollowAsync([.. procedure.Performer.Select(p => p.Actor), procedure.Location, .. procedure.UsedReference]);
        // Deliveries have no encounter either: those of a device that was used here may say how many there were.
        if (related.Values.OfType<Device>().Any())
            await AddAsync<SupplyDelivery>($"patient=Patient/{patient.Id}");
        foreach (var delivery in related.Values.OfType<SupplyDelivery>().ToArray())
            if (!((delivery.SuppliedItem?.Item as ResourceReference)?.Reference is { } item && related.ContainsKey(item)))
                related.Remove($"SupplyDelivery/{delivery.Id}");
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
            await foreach (var found in records.SearchAsync<T>(query, ct))
                related[$"{found.TypeName}/{found.Id}"] = found;
        }

        async Task FollowAsync(IEnumerable<ResourceReference?> references)
        {
            foreach (var reference in references)
                if (reference?.Reference is { } text && text != of && !related.ContainsKey(text) && await read(text, ct) is { } found)
                    related[text] = found;
        }
    }

    private static string Day(Encounter encounter) => encounter.Period?.Start is { Length: >= 10 } start ? start[..10] : "ge0001";
}
