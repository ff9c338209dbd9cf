using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.FhirServer.Imports.Mapping;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Imports.Kinds;

/// <summary>Insurance: the patient, the payer (found by its id or name, or made), the member id.</summary>
internal sealed class CoverageRows() : ImportKind("coverages",
[
    .. PatientOfRow.Fields,
    new("payerId", FieldForm.Text, "electronicpayerid", "edipayerid", "insurancepayerid", "naic", "payercode", "clearinghousepayerid", "carrierid", "insuranceid"),
    new("payerName", FieldForm.Text, "payer", "insurance", "insurancename", "insurancecompany", "carrier", "carriername", "insco", "insurer", "healthplan", "primaryinsurance", "insurancecarrier", "company"),
    new("memberId", FieldForm.Text, "memberid", "member", "membernumber", "policynumber", "policyno", "policy", "policyid", "subscriberid", "subscriberno", "insuredid", "insuredidnumber", "certificatenumber", "idnumber", "insurancepolicynumber"),
    new("groupNumber", FieldForm.Text, "group", "groupno", "groupid", "groupnum", "policygroup", "grp", "insurancegroupnumber"),
    new("planName", FieldForm.Text, "plan", "insuranceplan", "planid", "product"),
    new("relationship", FieldForm.Relationship, "relation", "relationtosubscriber", "relationshiptosubscriber", "relationshiptoinsured", "patientrelationship", "insuredrelationship", "rel"),
    new("subscriberName", FieldForm.Text, "subscriber", "insuredname", "insured", "policyholder", "policyholdername"),
    new("startDate", FieldForm.Date, "effectivedate", "effective", "start", "effdate", "policystartdate", "coveragestart", "begindate", "from", "startdate"),
    new("endDate", FieldForm.Date, "terminationdate", "termdate", "end", "expirationdate", "expdate", "policyenddate", "coverageend", "to", "enddate"),
    new("rank", FieldForm.Rank, "priority", "order", "sequence", "coveragetype", "insurancetype", "cob", "filingorder", "insuranceorder", "level", "responsibility"),
])
{
    private const string SubscriberRelationship = "http://terminology.hl7.org/CodeSystem/subscriber-relationship";
    private const string CoverageClass = "http://terminology.hl7.org/CodeSystem/coverage-class";

    public override IReadOnlyList<string[]> Needs { get; } = [PatientOfRow.Needed, ["payerId", "payerName"], ["memberId"]];

    public override void Check(MappedRow row)
    {
        PatientOfRow.Check(row);
        row.Needed("memberId");
        if (row["payerId"] is null && row["payerName"] is null)
            row.Fault("payerName", "Expected the payer's name or its id at the clearinghouse.");
        if (row["startDate"] is { } start && row["endDate"] is { } end && string.CompareOrdinal(start, end) > 0)
            row.Fault("endDate", "Expected a day on or after the first.");
    }

    public override IEnumerable<string> Keys(MappedRow row)
    {
        yield return $"coverage {row["patientId"]}|{row["patientLastName"]}{row["patientFirstName"]}{row["patientName"]}{row["patientBirthDate"]}|{row["payerId"] ?? row["payerName"]}|{row["memberId"]}|{row["startDate"]}".ToUpperInvariant();
    }

    public override Task PrepareAsync(IReadOnlyList<MappedRow> rows, ImportScope scope, CancellationToken ct) => PatientOfRow.PrepareAsync(rows, scope, ct);

    public override async Task<RowPlan> PlanAsync(MappedRow row, ImportScope scope, CancellationToken ct)
    {
        if (await PatientOfRow.FindAsync(row, scope, ct) is not { } patient || await PayerAsync(row, scope, ct) is not var (payer, name, made))
            return RowPlan.Reject("");
        var (proposed, subscriber, _) = Lay(row, new Coverage { Status = FinancialResourceStatusCodes.Active, Beneficiary = new ResourceReference(patient), Payor = [new ResourceReference(payer, name)] }, patient, scope);
        var same = (await scope.FindAsync("Coverage", ct, ("beneficiary", patient))).Select(s => (Stored: s, Coverage: ImportScope.Parsed<Coverage>(s)))
            .Where(c => c.Coverage.SubscriberId == row["memberId"] && c.Coverage.Payor.Exists(p => p.Reference == payer) && (row["startDate"] is null || c.Coverage.Period?.Start is null || c.Coverage.Period.Start == row["startDate"])).ToList();
        if (same.Count == 0)
        {
            // Rows name a payer by its id or by its name: that two of them are one coverage is known only now.
            if (scope.LineBefore(row.Line, $"coverage {patient}|{payer}|{row["memberId"]}|{row["startDate"]}") is { } before)
                return RowPlan.Reject($"Line {before} is about the same coverage, and says otherwise: leave one of the two.");
            proposed.Id = scope.IdOfRow("Coverage", row.Line.ToString(CultureInfo.InvariantCulture));
            return RowPlan.Store([.. new[] { made, subscriber, new PlannedWrite(proposed, 0) }.OfType<PlannedWrite>()]);
        }

        if (subscriber is not null)
            proposed.Subscriber = new ResourceReference { Display = row["subscriberName"] }; // where a person decides, nobody is made for it
        if (scope.OnDuplicate == OnDuplicate.Task || (same.Count > 1 && scope.OnDuplicate == OnDuplicate.Update))
            return await scope.ReviewAsync(row.Line, $"The patient has {(same.Count == 1 ? "this coverage already" : $"{same.Count} coverages like this")}.", proposed, patient, same.Select(s => (s.Stored.Key.ToString(), (string?)null)), ct);
        if (scope.OnDuplicate == OnDuplicate.Skip)
            return RowPlan.Skip($"In the record already: {same[0].Stored.Key}.");
        (var after, subscriber, var other) = Lay(row, ImportScope.Parsed<Coverage>(same[0].Stored), patient, scope);
        if (other is not null) // whoever it is here may have been completed since
            return await scope.ReviewAsync(row.Line, $"The insurance is {other}'s in {same[0].Stored.Key}, and the row names somebody else.", proposed, patient, [(same[0].Stored.Key.ToString(), null)], ct);
        return after.IsExactly(same[0].Coverage) ? RowPlan.Skip($"In the record already, the same: {same[0].Stored.Key}.")
            : RowPlan.Update([.. new[] { made, subscriber, new PlannedWrite(after, same[0].Stored.Version) }.OfType<PlannedWrite>()]);
    }

    /// <returns>The coverage, whoever has it in the place of the patient when the row names somebody new, and the name of who has it when the row names another.</returns>
    internal static (Coverage Coverage, PlannedWrite? Subscriber, string? Other) Lay(MappedRow row, Coverage coverage, string patient, ImportScope scope)
    {
        var (made, other) = ((PlannedWrite?)null, (string?)null);
        coverage.SubscriberId = row["memberId"];
        if (row["relationship"] is { } relationship || coverage.Relationship is null)
            coverage.Relationship = new CodeableConcept(SubscriberRelationship, row["relationship"] ?? "self");
        if (coverage.Relationship.Coding.Exists(c => c.Code == "self"))
        {
            if (coverage.Subscriber?.Reference != patient)
                coverage.Subscriber = new ResourceReference(patient);
        }
        else
        {
            if (coverage.Subscriber?.Reference == patient)
                coverage.Subscriber = null;
            var text = row["subscriberName"];
            if (text is not null && coverage.Subscriber is { } known)
            {
                other = known.Display is { } display && !IsSameName(display, text) ? display : null;
            }
            else if (text is not null)
            {
                made = new PlannedWrite(SubscriberOf(text, row["relationship"], patient, scope.IdOfRow("RelatedPerson", row.Line.ToString(CultureInfo.InvariantCulture))), 0);
                coverage.Subscriber = new ResourceReference(made.Url, text);
            }
        }

        if (row["startDate"] is not null || row["endDate"] is not null)
            coverage.Period = new Period { Start = row["startDate"] ?? coverage.Period?.Start, End = row["endDate"] ?? coverage.Period?.End };
        if (row["rank"] is { } rank)
            coverage.Order = int.Parse(rank, CultureInfo.InvariantCulture);
        Class("group", row["groupNumber"]);
        Class("plan", row["planName"]);
        return (coverage, made, other);

        void Class(string code, string? value)
        {
            if (value is null || coverage.Class.Exists(c => c.Type.Coding.Exists(t => t.Code == code) && c.Value == value))
                return;
            coverage.Class.RemoveAll(c => c.Type.Coding.Exists(t => t.Code == code));
            coverage.Class.Add(new() { Type = new CodeableConcept(CoverageClass, code), Value = value });
        }
    }

    /// <summary>"Smith, John Adam" is John Smith.</summary>
    private static bool IsSameName(string one, string other)
    {
        if (StringFolding.Fold(one) == StringFolding.Fold(other))
            return true;
        return FullName.Of(one) is { } a && FullName.Of(other) is { } b && StringFolding.Fold(a.Last) == StringFolding.Fold(b.Last) && StringFolding.Fold(a.First) == StringFolding.Fold(b.First)
            && (a.Middle is null || b.Middle is null || StringFolding.Fold(a.Middle)[..1] == StringFolding.Fold(b.Middle)[..1]);
    }

    /// <summary>Claims take the insured from here. What they are to the patient, which is the row's word seen from the other side.</summary>
    private static RelatedPerson SubscriberOf(string text, string? relationship, string patient, string id)
    {
        var role = relationship switch { "child" => "PRN", "parent" => "CHILD", "spouse" => "SPS", "common" => "DOMPART", _ => null };
        return new()
        {
            Id = id,
            Active = true,
            Patient = new ResourceReference(patient),
            Relationship = role is null ? [] : [new CodeableConcept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", role)],
            Name = [FullName.Of(text) is { } name ? new HumanName { Family = name.Last, Given = name.Middle is null ? [name.First] : [name.First, name.Middle] } : new HumanName { Text = text }],
        };
    }

    /// <summary>A payer that was known by its name gets the id that a row says, so that it is known by that from now on.</summary>
    private static PlannedWrite? Numbered(StoredResource payer, string? id, ImportScope scope)
    {
        if (id is null)
            return null;
        if (scope.Shared.TryGetValue(payer.Key.ToString(), out var planned))
            return planned;
        var organization = ImportScope.Parsed<Organization>(payer);
        if (organization.Identifier.Exists(i => i.System == BillingUrls.PayerId) || !scope.Caller.Access.Of("Organization").Allows(Interaction.Update))
            return null;
        organization.Identifier.Add(new Identifier(BillingUrls.PayerId, id));
        return scope.Shared[payer.Key.ToString()] = new PlannedWrite(organization, payer.Version);
    }

    /// <summary>The payer of the row: by its id, then by its name as written; one that nobody knows is made, once.</summary>
    private static async Task<(string Reference, string Name, PlannedWrite? Made)?> PayerAsync(MappedRow row, ImportScope scope, CancellationToken ct)
    {
        var (id, name) = (row["payerId"], row["payerName"]);
        var found = id is null ? [] : await scope.WithIdentifierAsync("Organization", BillingUrls.PayerId, id, ct);
        if (found.Count == 0 && name is not null)
        {
            found = [.. (await scope.FindAsync("Organization", ct, ("name", SearchText.Escape(name))))
                .Where(o => ImportScope.Parsed<Organization>(o) is var organization && organization.Alias.Prepend(organization.Name).Any(n => n is not null && StringFolding.Fold(n) == StringFolding.Fold(name))
                    && (id is null || !organization.Identifier.Exists(i => i.System == BillingUrls.PayerId)))];
        }

        if (found.Count > 1)
        {
            row.Fault(id is null ? "payerName" : "payerId", $"{found.Count} organizations are called this: give the payer's id, or merge them first.");
            return null;
        }

        if (found.Count == 1)
            return (found[0].Key.ToString(), ImportScope.Parsed<Organization>(found[0]).Name ?? name ?? id!, Numbered(found[0], id, scope));
        if (name is null)
        {
            row.Fault("payerId", "No payer has this id: give its name too, and it is made.");
            return null;
        }

        var (byId, byName) = ($"payer id {id}", $"payer {StringFolding.Fold(name)}");
        if (scope.Shared.TryGetValue(id is null ? byName : byId, out var made))
            return (made.Url, name, made);
        if (id is not null && scope.Shared.TryGetValue(byName, out made) && made.Resource is Organization { Identifier.Count: 0 } unnumbered)
        {
            unnumbered.Identifier.Add(new Identifier(BillingUrls.PayerId, id)); // as with those in the record: a payer without an id may be the one
        }
        else
        {
            made = new PlannedWrite(new Organization
            {
                Id = scope.IdOfRow("Organization", id is null ? byName : byId),
                Active = true,
                Name = name,
                Type = [new CodeableConcept("http://terminology.hl7.org/CodeSystem/organization-type", "pay")],
                Identifier = id is null ? [] : [new Identifier(BillingUrls.PayerId, id)],
            }, 0);
            scope.Shared.TryAdd(byName, made);
        }

        if (id is not null)
            scope.Shared[byId] = made;
        return (made.Url, name, made);
    }
}
