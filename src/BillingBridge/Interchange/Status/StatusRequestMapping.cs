using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Status;

/// <summary>A submitted claim → the levels of a 276 that asks what became of it.</summary>
internal static class StatusRequestMapping
{
    /// <param name="loops">The claim as an 837P holds it: what is asked is what was sent.</param>
    /// <param name="claim">For the numbers it has been given since.</param>
    /// <param name="options">Who asks.</param>
    /// <param name="trace">TRN02: comes back in the answer.</param>
    public static IReadOnlyList<HierarchyItem.Level> Map(Claim837PItem.Claim loops, Claim claim, InterchangeOptions options, string trace)
    {
        var payer = new HierarchyItem.Level(new Hl("1", null, "20", "1"), null, [loops.Subscriber.Payer!.Name]);
        var receiver = new HierarchyItem.Level(
            new Hl("2", "1", "21", "1"), payer, [Nm1.Organization("41", options.SubmitterName, "46", options.SenderId)]);
        var provider = new HierarchyItem.Level(new Hl("3", "2", "19", "1"), receiver, [loops.Billing.Provider!.Name with { EntityCode = "1P" }]);

        IX12Segment[] asked = [.. Claim(loops, claim, trace), .. loops.Body.Lines.SelectMany(Line)];
        var insured = loops.Subscriber.Insured!;
        var isSelf = loops.Patient is null;
        var subscriber = new HierarchyItem.Level(
            new Hl("4", "3", "22", isSelf ? "0" : "1"), provider, isSelf ? [.. Person(insured, "IL"), .. asked] : [insured.Name]);
        if (isSelf)
            return [payer, receiver, provider, subscriber];
        var dependent = new HierarchyItem.Level(new Hl("5", "4", "23", "0"), subscriber, [.. Person(loops.PatientParty!, "QC"), .. asked]);
        return [payer, receiver, provider, subscriber, dependent];
    }

    // The demographics stand before the name here, unlike in every other transaction.
    private static IEnumerable<IX12Segment> Person(PartyLoop party, string entity)
    {
        if (party.Find<Dmg>() is { } demographics)
            yield return demographics;
        yield return party.Name with { EntityCode = entity };
    }

    private static IEnumerable<IX12Segment> Claim(Claim837PItem.Claim loops, Claim claim, string trace)
    {
        yield return new Trn("1", trace, null, null);
        var icnSystem = BillingUrls.Icn(loops.Subscriber.Payer!.Name.Id ?? "unknown");
        if (claim.Identifier.FindLast(i => i.System == icnSystem)?.Value is { } icn)
            yield return new Ref("1K", icn);
        yield return new Ref("EJ", loops.Body.Clm.ControlNumber);
        if (claim.Identifier.FindLast(i => i.System == BillingUrls.Trace)?.Value is { } sent)
            yield return new Ref("D9", sent);
        yield return new Amt("T3", loops.Body.Clm.ChargeUsd);

        var days = loops.Body.Lines.Select(l => l.ServiceDate).OfType<Dtp>().ToList();
        yield return Dtp.Days("472", days.Min(d => d.Start)!.Value, days.Max(d => d.End ?? d.Start));
    }

    private static IEnumerable<IX12Segment> Line(LineLoop line)
    {
        var sv1 = line.Sv1!;
        yield return new StatusSvc(sv1.Procedure with { Description = null }, sv1.ChargeUsd, null, null, sv1.Units);
        if (line.Reference("6R") is { } number)
            yield return new Ref("FJ", number);
        yield return line.ServiceDate!;
    }
}
